"""The settings of the platform `static`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import field

from cdktf_mesos.host.host import DATA_DIR
from cdktf_mesos.roll.machine import Machine
from stacks.dns.settings import PUT_BACK
from stacks.platform import AGENTS, CONTROL, DNS, MARATHON, MachinesSettings
from stacks.pools import Pool, check_least
from stacks.static.checks import check_control_plane, check_machines

if TYPE_CHECKING:
    from cdktf_mesos.cdk import App
    from cdktf_mesos.roll import Dropped
    from stacks.settings import Cluster


class StaticPool(Pool):
    """A pool on the platform `static`.

    Args:
        machines: its machines, in the order in which they are rolled; by default there are none.
        batch: how many of its agents may be replaced at the same time; by default 1.
    """

    machines: list[Machine] = field(default_factory=list)
    batch: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least(f"Pool {self.name}", self, {"batch": 1})


class Static(MachinesSettings, tag_field="kind", tag="static"):
    """The platform `static`: existing machines, rolled one after the other.

    Args:
        control_plane: 1, 3 or 5 machines for ZooKeeper, masters and Marathon, in the order in which they are rolled.
            Add machines at the end of the list, two at a time. Machines leave from its end, at most two at a time.
        agents: the machines of the agents in no pool, in the order in which they are rolled; by default there are none.
        pools: pools of further agents, each with its own machines. They are rolled in this order, before the other
            agents: so a pool with a release candidate is the first to fail. By default there are none.
        data_dir: the directory on the machines for data that must outlive the containers; by default
            `/var/lib/cdktf-mesos`.
        tls_directory: the directory with ca.pem, cert.pem and key.pem for all `tcp://` engines; needed with these. By
            default there is none.
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
        """The directory on the machines for data that must outlive the containers."""
        return self.data_dir

    @property
    def certificates(self) -> str | None:
        """The directory with the certificates for `tcp://` engines; None without such engines."""
        return self.tls_directory

    def put_back(self, dropped: Dropped) -> str:
        """The message of the error for a machine that was dropped while its members still run."""
        machine = (
            dropped.wave.removeprefix(f"{CONTROL}-")
            .removeprefix(f"{AGENTS}-")
            .removeprefix(f"{MARATHON}-")
            .removeprefix(f"{DNS}-")
        )
        problem = f"{machine!r} is missing, but its members still run (the state of {dropped.stack})"
        if dropped.wave.startswith(AGENTS):
            remedy = "Put it back with leaving=True, drain it, run cdktf deploy '*', then drop it"
            states = f"terraform.{dropped.cluster}-{dropped.wave}"
            if_lost = f"make sure that it stays off, and remove {states}-machine.tfstate* and {states}-members.tfstate*"
            return f"Static: agents: {problem}. {remedy}. If it is lost for good, {if_lost}"
        if dropped.wave.startswith(DNS):
            return f"Cluster: dns: {problem}. {PUT_BACK}"
        remedy = "Put it back at the end of the list with leaving=True, run cdktf deploy '*', then drop it"
        # The state stays. Addresses in it have the machine's name, so Terraform contacts the new engine, finds no
        # containers there, and makes them. It never contacts the old engine.
        if_lost = (
            "make sure that it stays off, and put it back at its place in the list, with the address and engine of the "
            f"machine that replaces it. Run cdktf deploy '{dropped.cluster}-{CONTROL}-{machine}-*' "
            "--ignore-missing-stack-dependencies --parallelism 1, and only then cdktf deploy '*'"
        )
        return f"Static: control_plane: {problem}. {remedy}. If it is lost for good, {if_lost}"
