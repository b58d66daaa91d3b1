"""What can be said about a cluster on machines that exist already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import field

from cdktf_mesos.host.host import DATA_DIR
from cdktf_mesos.roll.machine import Machine
from stacks.platform import AGENTS, CONTROL, MARATHON, MachinesSettings
from stacks.pools import Pool, check_least
from stacks.static.checks import check_control_plane, check_machines

if TYPE_CHECKING:
    from cdktf_mesos.cdk import App
    from cdktf_mesos.roll import Dropped
    from stacks.settings import Cluster


class StaticPool(Pool):
    """A pool on the platform `static`.

    Args:
        machines: in the order in which they are rolled; none by default.
        batch: how many may be replaced at the same time; by default 1.
    """

    machines: list[Machine] = field(default_factory=list)
    batch: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least(f"Pool {self.name}", self, {"batch": 1})


class Static(MachinesSettings, tag_field="kind", tag="static"):
    """The platform `static`: machines that exist already, rolled one after the other.

    Args:
        control_plane: 1, 3 or 5 machines for ZooKeeper, masters and Marathon, in the order in which they are rolled. It
            grows, two at a time, and shrinks at its end, by two at the most.
        agents: the machines of the agents, in the order in which they are rolled; none by default.
        pools: further agents, each pool with machines of its own. They are rolled in this order, before the other
            agents: a pool with a release candidate is the first to fail. None by default.
        data_dir: the directory on the machines that keeps what outlives the containers; by default
            `/var/lib/cdktf-mesos`.
        tls_directory: with `tcp://` engines: the directory with ca.pem, cert.pem and key.pem, the same for all; none by
            default.
    """

    control_plane: list[Machine]
    agents: list[Machine] = field(default_factory=list)
    pools: list[StaticPool] = field(default_factory=list)
    data_dir: str = DATA_DIR
    tls_directory: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_control_plane(self.control_plane)
        check_machines(self)

    def add_stacks(self, app: App, cluster: Cluster) -> None:
        """Add the stacks of all waves, chained in the order of a roll."""
        from stacks.static.stacks import add_static_cluster

        add_static_cluster(app, cluster, self)

    @property
    def members_data_dir(self) -> str:
        """The directory on the machines that keeps what outlives the containers."""
        return self.data_dir

    @property
    def certificates(self) -> str | None:
        """The directory with the certificates for `tcp://` engines."""
        return self.tls_directory

    def put_back(self, dropped: Dropped) -> str:
        """What to do first where a machine has gone from the program though its members run."""
        machine = dropped.wave.removeprefix(f"{CONTROL}-").removeprefix(f"{AGENTS}-").removeprefix(f"{MARATHON}-")
        what = f"{machine!r} is gone, and its members run (the state of {dropped.stack})"
        if dropped.wave.startswith(AGENTS):
            right = "put it back with leaving=True, drain it, cdktf deploy '*', then drop it"
            states = f"terraform.{dropped.cluster}-{dropped.wave}"
            lost = f"see that it stays off, and remove {states}-machine.tfstate* and {states}-members.tfstate*"
            return f"Static: agents: {what}: {right}. If it is lost for good: {lost}"
        right = "put it back at the end of the list with leaving=True, cdktf deploy '*', then drop it"
        # The state stays: its addresses have the machine's name, so that Terraform asks the new engine, finds nothing
        # there, and makes all anew; it never asks the old one.
        lost = (
            "see that it stays off, and put it back at its place, with the address and engine of the machine in its "
            f"stead; cdktf deploy '{dropped.cluster}-{CONTROL}-{machine}-*' --ignore-missing-stack-dependencies "
            "--parallelism 1, and only then cdktf deploy '*'"
        )
        return f"Static: control_plane: {what}: {right}. If it is lost for good: {lost}"
