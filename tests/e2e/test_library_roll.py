"""The README's shortest program, as somebody else's project with the wheel: it rolls safely on real engines."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.hosts import Host
from sandbox.project import Project
from sandbox.static import PATIENCE, log_of, poller
from sandbox.watch import Writer
from tests.terraform.wheel import installed
from tests.unit.test_docs import programs

OLD, NEW = {"zookeeper": "3.8.4", "mesos-master": "1.10.0"}, {"zookeeper": "3.9.4", "mesos-master": "1.11.0"}
ROLES = ("zookeeper", "mesos", "agents", "marathon")

# The states stay where they are, and the program says that they may be anywhere.
ELSEWHERE = """
def elsewhere(name):
    stack = TerraformStack(app, name)
    LocalBackend(stack, path=f"{os.getcwd()}/terraform.{name}.tfstate")
    return stack

roll = Roll(app, "cluster7", new_stack=elsewhere)
"""


class Foreign:
    """A CDKTF project with the README's program, on machines of the sandbox.

    Args:
        directory: of the project.
        hosts: the machines.
    """

    def __init__(self, directory: Path, hosts: list[Host]) -> None:
        python, self._program, self.hosts = installed(directory / "wheel", "cdktf"), directory / "program.py", hosts
        command = f"{shlex.quote(str(python))} {shlex.quote(str(self._program))}"
        self.project = Project(directory, None, command, name="cluster7")

    def write(
        self, versions: dict[str, str], *, machines: int = 3, first: int = 0, rack: str = "a", elsewhere: bool = False
    ) -> None:
        """Write the program.

        Args:
            versions: of images.
            machines: on how many machines.
            first: the machine that is the first of the list; those before it come last.
            rack: the agents' attribute.
            elsewhere: whether its states may be anywhere, so that they are not read.
        """
        (text,) = programs(Path("README.md"))
        machine = [
            f'Machine("{host.name}", "{host.address}", "{host.ssh_engine}", ssh_options={host.ssh_opts!r})'
            for host in [*self.hosts[first:], *self.hosts[:first]][:machines]
        ]
        text = re.sub(r"machines = .*", f"machines = [{', '.join(machine)}]", text)
        text = text.replace('{"rack": "a"}', f'{{"rack": "{rack}"}}')
        if elsewhere:
            text = text.replace(
                "from cdktf import App", "import os\nfrom cdktf import App, LocalBackend, TerraformStack"
            )
            text = text.replace('roll = Roll(app, "cluster7")', ELSEWHERE)
        for name, version in versions.items():
            text = re.sub(f"{name}:[0-9.]+", f"{name}:{version}", text)
        self._program.write_text(text)

    def containers(self) -> dict[tuple[str, str], str]:
        """The ids of the members' containers, by machine and name."""
        found: dict[tuple[str, str], str] = {}
        for host in self.hosts:
            client = host.docker()
            found |= {(host.name, role): str(client.containers.get(role).id) for role in ROLES}
            client.close()
        return found


@pytest.fixture(scope="module")
def foreign(control: list[Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    foreign = Foreign(tmp_path_factory.mktemp("foreign"), control)
    foreign.write(OLD)
    try:
        foreign.project.deploy()
        yield foreign
    finally:
        foreign.write(OLD)
        foreign.project.destroy()
        for host in control:
            host.run("rm", "-rf", *(f"/var/lib/cdktf-mesos/{role}" for role in ROLES))


def test_a_bump_is_rolled_and_no_write_is_lost(foreign: Foreign, control: list[Host]) -> None:
    before = foreign.containers()
    foreign.write(NEW)
    connect_string = ",".join(f"{host.address}:2181" for host in control)
    with Writer(connect_string, "/writer") as writer, poller(control, control) as watched:
        foreign.project.deploy()
    after = foreign.containers()
    replaced = {(machine, role) for (machine, role), identity in before.items() if after[machine, role] != identity}
    assert replaced == {(host.name, role) for host in control for role in ROLES if role != "marathon"}
    assert len(writer.acknowledged) > 100
    assert writer.lost() == set()
    assert writer.longest_stall() < PATIENCE
    assert watched.fewest("master") >= 2


def test_a_machine_is_not_dropped_while_its_members_run(foreign: Foreign, control: list[Host]) -> None:
    foreign.write(NEW, machines=1)
    code, output = foreign.project.cdktf("deploy", "*", "--auto-approve")
    foreign.write(NEW)
    assert code != 0
    dropped = "|".join(host.name for host in control[1:])
    assert re.search(f"'[a-z]+-({dropped})' is gone, and its members run", output)


def test_a_forbidden_change_of_release_is_refused(foreign: Foreign) -> None:
    foreign.write({**NEW, "zookeeper": "3.4.14"})
    code, output = foreign.project.cdktf("deploy", "*", "--auto-approve")
    foreign.write(NEW)
    assert code != 0
    assert "ZooKeeper cannot go back from 3.5 or later to 3.4" in output


def test_an_agent_that_would_end_at_once_is_refused_wherever_states_are(foreign: Foreign, control: list[Host]) -> None:
    before = foreign.containers()
    foreign.write(NEW, rack="b", elsewhere=True)
    code, output = foreign.project.cdktf("deploy", "*", "--auto-approve")
    foreign.write(NEW)
    assert code != 0
    assert "every_other_agent_is_healthy" in output[output.index("Error:") :]
    assert "reported something else: attribute rack: text:a -> text:b. Undo the change" in log_of(
        control[0], "cluster7-preflight-agent"
    )
    assert foreign.containers() == before


@pytest.mark.full
def test_data_of_another_place_in_the_list_are_recognised_before_the_server_starts(
    foreign: Foreign, control: list[Host]
) -> None:
    foreign.project.destroy()
    foreign.write(NEW, first=1)
    code, output = foreign.project.cdktf("deploy", "*", "--auto-approve")
    said = log_of(control[1], "cluster7-preflight-zookeeper")
    foreign.project.destroy()
    foreign.write(NEW)
    assert code != 0
    assert "every_other_zookeeper_is_healthy" in output[output.index("Error:") :]
    assert "has the data of server 2, but this host is to run server 1" in said
