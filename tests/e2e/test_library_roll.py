"""The README's shortest program, in a foreign project that uses the wheel, rolls safely on real engines."""

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

# The application's rolls (test_roll.py) are made by the same code, and are part of `make test`.
pytestmark = pytest.mark.full

OLD, NEW = {"zookeeper": "3.8.4", "mesos-master": "1.10.0"}, {"zookeeper": "3.9.4", "mesos-master": "1.11.0"}
ROLES = ("zookeeper", "mesos", "agents", "marathon")

# A program whose states may be anywhere, as far as the library can see; in fact they stay where they are.
ELSEWHERE = """
def elsewhere(name):
    stack = TerraformStack(app, name)
    LocalBackend(stack, path=f"{os.getcwd()}/terraform.{name}.tfstate")
    return stack

roll = Roll(app, "cluster7", new_stack=elsewhere)
"""


class Foreign:
    """A CDKTF project with the README's program, on hosts of the sandbox.

    Args:
        directory: the project's directory.
        hosts: the hosts.
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
            versions: the tag of each image.
            machines: how many of the hosts to use.
            first: the index of the host that begins the list; those before it come last.
            rack: the value of the agents' attribute.
            elsewhere: whether the states may be anywhere, so that the library does not read them.
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
        """The ids of the members' containers, by host and name."""
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
    assert re.search(f"'[a-z]+-({dropped})' is missing, but its members still run", output)


def test_a_forbidden_change_of_release_is_rejected(foreign: Foreign) -> None:
    foreign.write({**NEW, "zookeeper": "3.4.14"})
    code, output = foreign.project.cdktf("deploy", "*", "--auto-approve")
    foreign.write(NEW)
    assert code != 0
    assert "ZooKeeper cannot go back from 3.5 or later to 3.4" in output


def test_a_change_that_would_end_an_agent_is_rejected_even_without_the_states(
    foreign: Foreign, control: list[Host]
) -> None:
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


def test_the_data_of_another_server_id_stop_the_deploy_before_the_server_starts(
    foreign: Foreign, control: list[Host]
) -> None:
    foreign.project.destroy()
    foreign.write(NEW, first=1)
    code, output = foreign.project.cdktf("deploy", "*", "--auto-approve")
    log = log_of(control[1], "cluster7-preflight-zookeeper")
    foreign.project.destroy()
    foreign.write(NEW)
    assert code != 0
    assert "every_other_zookeeper_is_healthy" in output[output.index("Error:") :]
    assert "has the data of server 2, but this host is to run server 1" in log
