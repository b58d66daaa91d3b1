"""The settings of backups by a timer."""

from __future__ import annotations

from cdktf_mesos.zookeeper.backups import INTERVAL_MINUTES, KEEP
from stacks.model import Settings


class BackupSettings(Settings):
    """Backups by a timer: on each machine of the control plane, an archive of its ZooKeeper server.

    Args:
        directory: the directory of the archives on each machine, an absolute path. Use a file system of another
            machine, or copy the archives elsewhere: they must outlive the machines.
        interval_minutes: the time between two archives, in minutes; by default 60.
        keep: how many archives of a machine are kept; by default 24.
        before_roll: whether a roll first makes an archive if it changes ZooKeeper or Marathon, and stops if it cannot
            make one; by default it does. On the platform `local` there is no roll, and so no such archive.
    """

    directory: str
    interval_minutes: int = INTERVAL_MINUTES
    keep: int = KEEP
    before_roll: bool = True
