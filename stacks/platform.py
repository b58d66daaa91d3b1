"""What every platform is: where the hosts of a cluster come from, and what is made of them."""

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

# The phases of a roll: parts of the names of stacks and so of states. `cdktf list` sorts by name, like the roll.
CONTROL, AGENTS, MARATHON = "1-control", "2-agent", "3-marathon"

# A majority of five outlives two losses. More are more that each write waits for, and nobody has tried them.
CONTROL_PLANES = (1, 3, 5)
# From five to three; what is left of more at once might be no majority of those that were.
LEAVE_AT_ONCE = 2
# Below, one machine more that fails, while members leave, ends the set.
MIN_SHRUNK = 3


class PlatformSettings(Settings):
    """A platform. A new one is a folder with a subclass of this, and its name in `stacks/platforms.py`.

    A subclass has `pools`, a list of subclasses of `Pool`.

    Args:
        ssh_options: further words for ssh, with `ssh://` engines; none by default.
        keep_images: how many versions of each image stay on a machine after a deploy, beside what containers use; with
            `null` all stay. By default 2, the one that runs and the one before it.
    """

    ssh_options: list[str] = field(default_factory=list)
    keep_images: int | None = KEEP_IMAGES

    def __post_init__(self) -> None:
        if self.keep_images is not None:
            check_least(type(self).__name__, self, {"keep_images": 1})

    def add_stacks(self, app: App, cluster: Cluster) -> None:
        """Add the stacks of a cluster to the application."""
        raise NotImplementedError

    def check(self, cluster: Cluster) -> None:
        """Refuse what other settings of the cluster say and the platform does not have."""

    def keep_state(self, stack: TerraformStack, key: str) -> None:
        """Say where the state of a stack is, if that is not the directory of the program.

        Args:
            stack: the stack.
            key: names the state, `prod/1-control-c1-members.tfstate`.
        """


class MachinesSettings(PlatformSettings):
    """What platforms with several machines have in common: a roll.

    Args:
        agent_batch: how many agents may be replaced at the same time; by default 1.
        preflight_seconds: how long the other members of a set may take to serve before one is replaced; by default 60.
        min_free_mib: what must be free where the members' data and the engine's images are before a member is replaced,
            in MiB; by default 2048.
    """

    agent_batch: int = 1
    preflight_seconds: int = PATIENCE_SECONDS
    min_free_mib: int = MIN_FREE_MIB

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least(type(self).__name__, self, {"agent_batch": 1, "preflight_seconds": 1, "min_free_mib": 0})

    @property
    def members_data_dir(self) -> str:
        """The directory on the machines that keeps what outlives the containers."""
        return DATA_DIR

    @property
    def certificates(self) -> str | None:
        """The directory with the certificates for `tcp://` engines."""
        return None

    @property
    def roll_ssh_options(self) -> list[str]:
        """Words for ssh to all machines."""
        return self.ssh_options

    def put_back(self, dropped: Dropped) -> str:
        """What to do first where a machine has gone from the program though its members run; in general words."""
        return put_back(dropped)
