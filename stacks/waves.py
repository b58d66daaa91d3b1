"""Waves: what may be replaced at the same time, in the order of a roll."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import App, TerraformStack

from cdktf_mesos import DockerHost, Preflight
from cdktf_mesos.preflight import MemberSet, declare_override
from stacks.settings import Cluster, Machine


class Wave:
    """The part of a roll that a machine is: two stacks, so that all is ready before a container is touched.

    `<cluster>-<phase>-<machine>-machine` has the images and the preflight, `…-members` the containers. `cdktf list`
    sorts by name, and so reads like the roll.

    Args:
        app: the application.
        cluster: the settings.
        phase: of the roll, `1-control`.
        machine: where it is; its name must stay, as it is part of the names of its states.
        after: the waves that must have succeeded before this one begins.
    """

    def __init__(self, app: App, cluster: Cluster, phase: str, machine: Machine, *, after: Sequence[Wave]) -> None:
        self._cluster = cluster
        self._machine_stack = TerraformStack(app, f"{cluster.name}-{phase}-{machine.name}-machine")
        self.stack = TerraformStack(app, f"{cluster.name}-{phase}-{machine.name}-members")
        self.stack.add_dependency(self._machine_stack)
        for wave in after:
            self._machine_stack.add_dependency(wave.stack)
        self._prepared, self.host = (
            DockerHost(
                stack,
                machine.name,
                address=machine.address,
                engine=machine.engine,
                ssh_options=cluster.ssh_options if machine.engine.startswith("ssh://") else (),
                data_dir=f"{cluster.data_dir}/{cluster.name}",
            )
            for stack in (self._machine_stack, self.stack)
        )
        declare_override(self.stack)

    def prepare(self, *sets: MemberSet) -> None:
        """Have the images of the sets' members here pulled, and the other members asked, before these are touched."""
        for each in sets:
            for image in each.images:
                self._prepared.pull(image)
        self._ask(sets, leaving=False)

    def take_out(self, *sets: MemberSet) -> None:
        """Have all members of the sets asked, before those here end, which are in the sets no longer."""
        self._ask(sets, leaving=True)

    def _ask(self, sets: Sequence[MemberSet], *, leaving: bool) -> None:
        Preflight(
            self._machine_stack,
            "preflight",
            host=self._prepared,
            sets=sets,
            name=f"{self._cluster.name}-preflight",
            patience_seconds=self._cluster.preflight_seconds,
            leaving=leaving,
        )
