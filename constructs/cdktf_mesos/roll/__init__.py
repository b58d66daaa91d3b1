"""A rolling upgrade: its order, and the checks before each step."""

from cdktf_mesos.roll.dropped import Dropped
from cdktf_mesos.roll.machine import Machine
from cdktf_mesos.roll.machine_check import MachineCheck
from cdktf_mesos.roll.old_images import OldImages
from cdktf_mesos.roll.preflight import Preflight
from cdktf_mesos.roll.redeploy import check_redeploy
from cdktf_mesos.roll.roll import Batch, Phase, Roll, hosts_of, leaving_of
from cdktf_mesos.roll.wave import Wave

__all__ = [
    "Batch",
    "Dropped",
    "Machine",
    "MachineCheck",
    "OldImages",
    "Phase",
    "Preflight",
    "Roll",
    "Wave",
    "check_redeploy",
    "hosts_of",
    "leaving_of",
]
