"""The base classes of platforms. A platform is where the hosts of a cluster come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import field

from cdktf_mesos.host.host import DATA_DIR
from cdktf_mesos.roll.dropped import Dropped, put_back
from cdktf_mesos.roll.machine_check import MIN_FREE_MIB
from cdktf_mesos.roll.old_images import KEEP_IMAGES
from cdktf_mesos.roll.preflight import PATIENCE_SECONDS
from stacks.model import Settings
from stacks.pools import check_least

if TYPE_CHECKING:
    from cdktf_mesos.cdk import App, TerraformStack
    from stacks.settings import Cluster

# The phases of a roll: parts of the names of stacks, and so of states. They sort in the order of the roll, as `cdktf
# list` shows them.
CONTROL, DNS, AGENTS, MARATHON = "1-control", "1-dns", "2-agent", "3-marathon"
LOAD_BALANCERS = "4-load-balancer"
# The stack of the apps is no phase: it is deployed when the roll is done.
APPS = "5-apps"

# Numbers of machines in a control plane. Five survive the loss of two. With more, each write waits for more machines,
# and nobody has tried it.
CONTROL_PLANES = (1, 3, 5)
# How many machines may leave the control plane at once, as from five to three. If more left, the rest might not be a
# majority of the old set.
LEAVE_AT_ONCE = 2
# The smallest control plane after machines have left. With fewer, one failure while members leave would end the quorum.
MIN_SHRUNK = 3


class PlatformSettings(Settings):
    """Settings of every platform.

    Args:
        ssh_options: further words of the ssh command, for `ssh://` engines; by default there are none.
        keep_images: how many versions of each image stay on a machine after a deploy; images that containers use always
            stay. `null` keeps all. By default 2: the version that runs and the one before it.
    """

    # A new platform is a folder with a subclass of this, and its name in `stacks/platforms.py`. Each subclass also has
    # `pools`, a list of subclasses of `Pool`.

    ssh_options: list[str] = field(default_factory=list)
    keep_images: int | None = KEEP_IMAGES

    def __post_init__(self) -> None:
        if self.keep_images is not None:
            check_least(type(self).__name__, self, {"keep_images": 1})

    def add_stacks(self, app: App, cluster: Cluster) -> None:
        """Add the stacks of a cluster to the application."""
        raise NotImplementedError

    @property
    def resolvers(self) -> list[str] | None:
        """The name servers of the machines' network; None if the platform does not know them."""
        return None

    def check(self, cluster: Cluster) -> None:
        """Refuse settings of the cluster that the platform does not support."""

    def keep_state(self, stack: TerraformStack, key: str) -> None:
        """Give a stack a backend; by default it has none, and its state is in the working directory.

        Args:
            stack: the stack.
            key: the name of the state, such as `prod/1-control-c1-members.tfstate`.
        """


class MachinesSettings(PlatformSettings):
    """Settings of the roll, on platforms with several machines.

    Args:
        agent_batch: how many agents may be replaced at the same time; by default 1.
        preflight_seconds: how long a preflight waits for the other members of a set to serve, in seconds; by default
            60. If it is more than 60, the machine check may take as long.
        min_free_mib: free space that the disks of the members' data and of the engine's images must have before a
            member is replaced, in MiB; by default 2048.
    """

    agent_batch: int = 1
    preflight_seconds: int = PATIENCE_SECONDS
    min_free_mib: int = MIN_FREE_MIB

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least(type(self).__name__, self, {"agent_batch": 1, "preflight_seconds": 1, "min_free_mib": 0})

    @property
    def members_data_dir(self) -> str:
        """The directory on the machines for data that must outlive the containers."""
        return DATA_DIR

    @property
    def certificates(self) -> str | None:
        """The directory with the certificates for `tcp://` engines; None without such engines."""
        return None

    @property
    def roll_ssh_options(self) -> list[str]:
        """Words of the ssh command to all machines."""
        return self.ssh_options

    def put_back(self, dropped: Dropped) -> str:
        """The message of the error for a machine that was dropped while its members still run."""
        return put_back(dropped)
