from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from cdktf_mesos import DockerHost, Image, Marathon, MesosAgentPool, MesosMasterSet, Pin, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack

Synth = Callable[[], dict[str, Any]]
DIGEST = "sha256:" + "0123456789abcdef" * 4


def accepts(variable: dict[str, Any], value: str) -> bool:
    """Whether Terraform would accept the value. RE2 and Python read these expressions alike."""
    return all(fulfils(rule["condition"], value) for rule in variable["validation"])


def fulfils(condition: str, value: str) -> bool:
    """Whether a value fulfils a condition of a pin's variable: it matches a pattern, or it is not a bare digest."""
    if re.fullmatch(r'\${!startswith\(var\.\w+, "sha256:"\)}', condition):
        return not value.startswith("sha256:")
    pattern = re.search(r'regex\("(.*)", var', condition)
    assert pattern, condition
    return re.search(pattern[1], value) is not None


def masters_of(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, pin: Pin, **more: Any
) -> MesosMasterSet:
    image = Image("mesosphere/mesos-master", pin)
    return MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image, **more)


def test_a_pin_is_one_variable_on_each_stack_that_uses_it(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    mesos = masters_of(stack, host, zookeeper, Pin("mesos_version", "1.9.0"))
    MesosAgentPool(stack, "agents", hosts=[host], masters=mesos)
    document = synth()
    assert list(document["variable"]) == ["mesos_version"]
    assert document["variable"]["mesos_version"]["default"] == "1.9.0"
    names = {image["name"] for image in document["resource"]["docker_image"].values()}
    assert names == {
        "zookeeper:3.9.4",
        '${join(startswith(var.mesos_version, "sha256:") ? "@" : ":", ["mesosphere/mesos-master", var.mesos_version])}',
        # The digest is that of the masters' image, so the other images use the tag.
        *(
            f'${{join(":", ["mesosphere/{name}", split("@", var.mesos_version)[0]])}}'
            for name in ("mesos-slave", "mesos")
        ),
    }


def test_two_pins_with_one_variable_and_two_defaults_on_a_stack_are_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble
) -> None:
    mesos = masters_of(stack, host, zookeeper, Pin("mesos_version", "1.9.0"))
    with pytest.raises(ValueError, match=r"stack: mesos_version is invalid: '1\.10\.0'\. Use one default"):
        MesosAgentPool(
            stack,
            "agents",
            hosts=[host],
            masters=mesos,
            image=Image("mesosphere/mesos-slave", Pin("mesos_version", "1.10.0")),
        )


@pytest.mark.parametrize("default", ["", "1.0 0", ":1.0", "-1.0", "sha256:abc", "1.0@sha256:abc", "a" * 129, "1.0/2"])
def test_a_default_that_is_neither_tag_nor_digest_is_refused(default: str) -> None:
    with pytest.raises(ValueError, match="Pin mesos_version: default is invalid: ") as error:
        Pin("mesos_version", default, release="1.0")
    assert repr(default) in str(error.value)


@pytest.mark.parametrize("default", ["latest", "stable", DIGEST])
def test_a_pin_whose_default_does_not_begin_with_a_release_needs_one(default: str) -> None:
    with pytest.raises(ValueError, match=r"Pin mesos_version: default is invalid: .*\. .*release='1.11.0'"):
        Pin("mesos_version", default)
    release = Pin("mesos_version", default, release="1.11.0").parsed_release()
    assert (release.major, release.minor) == (1, 11)


@pytest.mark.parametrize("default", ["0.28.1", f"0.28.1@{DIGEST}", "v0.28-ours"])
def test_a_release_that_contradicts_the_tag_is_refused(default: str) -> None:
    remedy = rf"Remove it, or use 0\.28: default='{default}' begins with that"
    with pytest.raises(ValueError, match=rf"Pin mesos_version: release is invalid: '1\.11\.0'\. {remedy}"):
        Pin("mesos_version", default, release="1.11.0")
    assert Pin("mesos_version", default, release="0.28").parsed_release().minor == 28


def test_a_malformed_release_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Pin mesos_version: release is invalid: 'new'\. Use the release of this"):
        Pin("mesos_version", DIGEST, release="new")


def test_the_variable_accepts_every_tag_of_a_release_with_the_same_flags(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    mesos = masters_of(stack, host, zookeeper, Pin("mesos_version", "1.4.0-rc5"))
    MesosAgentPool(stack, "agents", hosts=[host], masters=mesos)
    variable = synth()["variable"]["mesos_version"]
    for value in ("1.4.0-rc5", "1.11.0", f"1.11.0@{DIGEST}", "1.1.01.1.0-2.0.107.ubuntu1404", "1.10.1-rc1"):
        assert accepts(variable, value), value
    # The image of the agents' executors is pulled by the tag, so a bare digest is refused.
    for value in ("", "latest", "1", "1.x", "1.110.0", "2.1.0", "1.11.0 ", "sha256:123", DIGEST):
        assert not accepts(variable, value), value


def test_the_variable_of_a_single_image_accepts_a_bare_digest(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    masters_of(stack, host, zookeeper, Pin("mesos_version", "1.11.0"))
    variable = synth()["variable"]["mesos_version"]
    assert accepts(variable, DIGEST)
    assert accepts(variable, f"1.11.0@{DIGEST}")


def test_the_variable_refuses_a_release_with_other_flags(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    mesos = masters_of(stack, host, zookeeper, Pin("mesos_version", "1.11.0"))
    MesosAgentPool(stack, "agents", hosts=[host], masters=mesos)
    variable = synth()["variable"]["mesos_version"]
    # 1.1 is the first release with the agent's flag runtime_dir.
    assert not accepts(variable, "1.0.1-2.0.93.ubuntu1404")
    assert not accepts(variable, "0.28.0-2.0.16.ubuntu1404")
    messages = " ".join(rule["error_message"] for rule in variable["validation"])
    assert "agents was synthesised with the flags of releases 1.1 to 1.11" in messages
    assert "change the pin in the program (main.py)" in messages


def test_the_variable_refuses_releases_that_do_not_have_a_flag_of_the_user(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    masters_of(stack, host, zookeeper, Pin("mesos_version", "1.11.0"), flags={"require_agent_domain": True})
    variable = synth()["variable"]["mesos_version"]
    assert accepts(variable, "1.5.0")
    assert not accepts(variable, "1.4.0")


def test_the_variable_accepts_its_default_when_that_is_a_custom_tag(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    masters_of(stack, host, zookeeper, Pin("mesos_version", "our-build.7", release="1.11.0"))
    assert accepts(synth()["variable"]["mesos_version"], "our-build.7")


@pytest.mark.parametrize(
    ("settings", "good", "bad"),
    [
        ({}, ["3.6.4", "3.9.4", "3.9", "3.9.4-jre-17"], ["3.4.14", "3.5.4-beta", "4.0.0"]),
        ({"maxSessionTimeout": 60000}, ["3.6.4", "3.9.4"], ["3.4.14", "3.5.4-beta"]),
    ],
)
def test_the_variable_accepts_only_zookeeper_releases_with_the_same_configuration(
    stack: TerraformStack, host: DockerHost, synth: Synth, settings: dict[str, int], good: list[str], bad: list[str]
) -> None:
    image = Image("zookeeper", Pin("zookeeper_version", "3.8.4"))
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=image, settings=settings)
    variable = synth()["variable"]["zookeeper_version"]
    assert all(accepts(variable, value) for value in good)
    assert not any(accepts(variable, value) for value in bad)


def test_the_variable_accepts_only_patch_releases_with_the_same_configuration(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    image = Image("zookeeper", Pin("zookeeper_version", "3.5.10"))
    settings = {"maxSessionTimeout": 60000}
    other = DockerHost(stack, "other", address="10.20.30.40")
    ZookeeperEnsemble(stack, "settings", hosts=[other], image=image, settings=settings)
    mesos = masters_of(stack, host, zookeeper, Pin("mesos_version", "0.27.0"))
    MesosAgentPool(stack, "agents", hosts=[host], masters=mesos, docker_cli="/opt/docker")
    variables = synth()["variable"]
    # 3.5.9 is the first image that takes settings, 0.27.1 the first release with systemd_enable_support.
    assert accepts(variables["zookeeper_version"], "3.5.9")
    assert not accepts(variables["zookeeper_version"], "3.5.4-beta")
    assert accepts(variables["mesos_version"], "0.27.0-0.2.190.ubuntu1404")
    assert not accepts(variables["mesos_version"], "0.27.1-2.0.226.ubuntu1404")


@pytest.mark.parametrize("variable", ["version", "count", "Mesos", "1st", ""])
def test_a_name_that_terraform_does_not_accept_for_a_variable_is_refused(variable: str) -> None:
    with pytest.raises(ValueError, match="Pin: variable is invalid: ") as error:
        Pin(variable, "1.11.0")
    assert repr(variable) in str(error.value)


def test_the_variable_accepts_release_candidates_of_marathon(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    image = Image("mesosphere/marathon", Pin("marathon_version", "v1.11.24"))
    Marathon(stack, "marathon", hosts=[host], masters=masters, image=image)
    variable = synth()["variable"]["marathon_version"]
    assert accepts(variable, "v1.4.0-RC9")
    assert accepts(variable, "v0.8.2")
    assert not accepts(variable, "v2.0.0")


def test_the_variable_refuses_releases_of_marathon_that_removed_a_flag_of_the_user(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    image = Image("mesosphere/marathon", Pin("marathon_version", "v1.4.0-RC9"))
    flags = {"event_subscriber": "http_callback"}
    Marathon(stack, "marathon", hosts=[host], masters=masters, image=image, flags=flags)
    variable = synth()["variable"]["marathon_version"]
    assert accepts(variable, "v1.3.14")
    assert not accepts(variable, "v1.5.0")
