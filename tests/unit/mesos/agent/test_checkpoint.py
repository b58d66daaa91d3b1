"""The comparison of an agent's info with its predecessor's checkpoint. The tests run the real script with bash."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import ContainerOptions, Disk, DockerHost, MesosAgentPool, MesosMasterSet
from cdktf_mesos.cdk import TerraformStack, TerraformVariable
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.scripts import words
from tests.unit.mesos.agent import slave_info as info

RESOURCES = {"cpus": 4, "mem": 2048, "disk": 10240, "ports": "[31000-31999]"}
WANTED: dict[str, Any] = {"attributes": {"rack": "a", "level": 3}, "resources": RESOURCES}
OWN = [
    info.hostname("10.0.0.21"),
    info.resource("cpus", 4.0),
    info.resource("mem", 2048.0),
    info.resource("disk", 10240.0),
    info.resource("ports", [(31000, 31999)]),
    info.attribute("rack", "a"),
    info.attribute("level", 3.0),
    info.rest(),
    info.port(5051),
]
DISKS = [info.resource("disk", 1024.0, disk="/mnt/a"), info.resource("disk", 7.125, "web", mount="/mnt/b")]
DOMAIN = '{"fault_domain":{"region":{"name":"eu"},"zone":{"name":"a"}}}'
ADVERTISED = ContainerOptions(environment={"LIBPROCESS_ADVERTISE_PORT": "5099"})
BOOT = Path("/proc/sys/kernel/random/boot_id")


def refusal(
    stack: TerraformStack, masters: MesosMasterSet, folder: Path, written: list[bytes], **wanted: Any
) -> str | None:
    """The differences that the check prints; None if the agent's container may be replaced."""
    host = DockerHost(stack, "a1", address="10.0.0.21", data_dir=str(folder))
    pool = MesosAgentPool(stack, "agents", hosts=[host], masters=masters, **wanted)
    slaves = folder / "agents/work/meta/slaves"
    (slaves / "S0").mkdir(parents=True, exist_ok=True)
    (slaves / "latest").symlink_to(slaves / "S0")
    (slaves / "S0/slave.info").write_bytes(info.checkpoint(*written))
    boot = slaves.parent / "boot_id"
    if not boot.exists():
        boot.write_text(BOOT.read_text().strip())
    check = pool.members[0].host_check
    assert check is not None
    command = words("asking", ASK, check.script, "find_limit && settled")
    environment = dict(check.environment)
    environment["PATH"] = os.environ["PATH"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode == 0) is (result.stdout == ""), result
    assert result.stderr == ""
    if not result.stdout:
        return None
    assert "Undo the change. Or, if the change only adds something and the agent is of 1.5 or later" in result.stdout
    before, _, rest = result.stdout.partition("reported something else: ")
    assert f"would exit at once, as its predecessor in {folder}/agents/work " in before
    return rest.partition(". Undo the change")[0]


def changed(**values: Any) -> dict[str, Any]:
    """The arguments of the pool, with some resources, attributes or other arguments changed."""
    return {
        "attributes": {**WANTED["attributes"], **values.get("attributes", {})},
        "resources": {**RESOURCES, **values.get("resources", {})},
        **{name: value for name, value in values.items() if name not in ("attributes", "resources")},
    }


ROLES = [
    info.hostname("10.0.0.21"),
    *(info.resource(name, value, "web") for name, value in (("cpus", 4.0), ("mem", 2048.0), ("disk", 10240.0))),
    info.resource("ports", [(31000, 31499), (31500, 31999)], None, reserved="web"),
    info.attribute("rack", "a"),
    info.attribute("level", 3.0),
]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (OWN, WANTED),
        # An agent leaves the default port out of its checkpoint.
        (OWN[:-1], WANTED),
        (ROLES, changed(flags={"default_role": "web"})),
        (ROLES, changed(options=ContainerOptions(environment={"MESOS_DEFAULT_ROLE": "web"}))),
        # Resources that Mesos finds itself are not compared.
        (OWN, {**WANTED, "resources": {"cpus": 4}}),
        (OWN, {"attributes": WANTED["attributes"]}),
        ([*OWN, info.resource("gpus", 2.0)], WANTED),
        # A resource of zero is left out. Parts of one resource are added.
        (OWN, changed(resources={"gpus": 0})),
        (ROLES, changed(resources={"cpus": 3.5, "cpus(web)": 0.5}, flags={"default_role": "web"})),
        ([*OWN, info.resource("bananas", {"b", "a"})], changed(resources={"bananas": "{b, a}"})),
        ([*OWN, DISKS[0]], changed(disks=[Disk("/mnt/a", 1024)])),
        ([*OWN, info.domain("eu", "a")], changed(flags={"domain": DOMAIN})),
        ([*OWN, info.domain("eu", "a")], changed(flags={"domain": "file:///etc/domain.json"})),
        ([*OWN[:-1], info.port(5099)], changed(options=ADVERTISED)),
        ([*OWN, info.attribute("odd", 1000.0)], changed(attributes={"odd": "1e3"})),
        # A file that cannot be read is left to the agent.
        ([b"\xff\xff\xff"], WANTED),
        ([], WANTED),
    ],
)
def test_an_agent_that_will_report_the_same_may_be_replaced(
    stack: TerraformStack, masters: MesosMasterSet, tmp_path: Path, written: list[bytes], wanted: dict[str, Any]
) -> None:
    assert refusal(stack, masters, tmp_path, written, **wanted) is None


@pytest.mark.parametrize(
    ("written", "wanted", "differs"),
    [
        (OWN, changed(attributes={"rack": "b"}), "attribute rack: text:a -> text:b"),
        (OWN, changed(attributes={"level": 4}), "attribute level: scalar:3 -> scalar:4"),
        (OWN, changed(attributes={"zone": "x"}), "attribute zone: none -> text:x"),
        ([*OWN, info.attribute("zone", "x")], WANTED, "attribute zone: text:x -> none"),
        (OWN, changed(resources={"cpus": 3.5}), "resource cpus(*): scalar:4 -> scalar:3.5"),
        (OWN, changed(resources={"ports": "[1-2]"}), "resource ports(*): ranges:31000-31999 -> ranges:1-2"),
        ([*OWN, info.resource("bananas", 2.0)], WANTED, "resource bananas(*): scalar:2 -> none"),
        (OWN, changed(port=5052), "port: 5051 -> 5052"),
        ([info.hostname("a1.example"), *OWN[1:]], WANTED, "hostname: a1.example -> 10.0.0.21"),
        ([*OWN, info.domain("eu", "a")], WANTED, "domain: eu/a -> none"),
        # With a default role, all resources are reserved for another role than before.
        (
            OWN,
            {"resources": {"cpus": 4}, "attributes": WANTED["attributes"], "flags": {"default_role": "web"}},
            "resource cpus(*): scalar:4 -> none; resource cpus(web): none -> scalar:4",
        ),
        (OWN, changed(resources={"mem": 2048.001}), "resource mem(*): scalar:2048 -> scalar:2048.001"),
        (
            [*OWN, *DISKS],
            changed(disks=[Disk("/mnt/a", 1024), Disk("/mnt/b", 8, "MOUNT", "db")]),
            "resource disk(db)@/mnt/b: none -> scalar:8; resource disk(web)@/mnt/b: scalar:7.125 -> none",
        ),
    ],
)
def test_an_agent_that_would_report_something_else_is_not_replaced(
    stack: TerraformStack,
    masters: MesosMasterSet,
    tmp_path: Path,
    written: list[bytes],
    wanted: dict[str, Any],
    differs: str,
) -> None:
    assert refusal(stack, masters, tmp_path, written, **wanted) == differs


KEPT: dict[str, Any] = {"attributes": {"spans": "[1-5]"}, "resources": {"bananas": "{a}"}}
MORE = [
    *OWN,
    info.resource("bananas", {"a"}),
    info.attribute("spans", [(1, 5)]),
]


@pytest.mark.parametrize(
    ("wanted", "differs"),
    [
        (KEPT, None),
        (
            {
                "attributes": {"zone": "x", "spans": "[1-9]"},
                "resources": {"cpus": 8, "bananas": "{b,a}", "apples": 1, "ports": "[30000-32999]"},
            },
            None,
        ),
        ({**KEPT, "attributes": {"spans": "[1-5]", "rack": "b"}}, "attribute rack: text:a -> text:b"),
        ({**KEPT, "resources": {"bananas": "{b}"}}, "resource bananas(*): set:a -> set:b"),
        (
            {"attributes": {"spans": "[2-5]"}, "resources": {"bananas": "{a}", "mem": 1024}},
            "attribute spans: ranges:1-5 -> ranges:2-5; resource mem(*): scalar:2048 -> scalar:1024",
        ),
        ({**KEPT, "port": 5052}, "port: 5051 -> 5052"),
    ],
)
def test_an_agent_with_the_policy_additive_may_add_to_what_its_predecessor_reported(
    stack: TerraformStack, masters: MesosMasterSet, tmp_path: Path, wanted: dict[str, Any], differs: str | None
) -> None:
    wanted = changed(**wanted, flags={"reconfiguration_policy": "additive"})
    assert refusal(stack, masters, tmp_path, MORE, **wanted) == differs


def test_an_agent_may_report_something_else_after_a_restart_of_its_machine(
    stack: TerraformStack, masters: MesosMasterSet, tmp_path: Path
) -> None:
    (tmp_path / "agents/work/meta").mkdir(parents=True)
    (tmp_path / "agents/work/meta/boot_id").write_text("d3b07384-d9a0-4c9b-8f6c-0d6a8f1e2b3c")
    assert refusal(stack, masters, tmp_path, OWN, **changed(attributes={"rack": "b"})) is None


def test_values_that_only_terraform_knows_are_not_compared(
    stack: TerraformStack, masters: MesosMasterSet, tmp_path: Path
) -> None:
    variable = TerraformVariable(stack, "rack", type="string").string_value
    wanted = changed(attributes={"rack": variable, "level": 4}, resources={"cpus": variable})
    wanted["flags"] = {"default_role": variable}
    assert refusal(stack, masters, tmp_path, OWN, **wanted) == "attribute level: scalar:3 -> scalar:4"
