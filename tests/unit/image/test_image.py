from __future__ import annotations

import pytest

from cdktf_mesos import Image, Pin
from cdktf_mesos.cdk import TerraformOutput, TerraformStack
from tests.unit.conftest import Synth

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "repository", "version"),
    [
        ("zookeeper:3.9.4", "zookeeper", "3.9.4"),
        (
            "mesosphere/mesos-master:1.0.1-1.0.90.rc1.ubuntu1404",
            "mesosphere/mesos-master",
            "1.0.1-1.0.90.rc1.ubuntu1404",
        ),
        ("registry.example.com:5000/our/mesos-master:1.11.0", "registry.example.com:5000/our/mesos-master", "1.11.0"),
        (f"zookeeper:3.9.4@{DIGEST}", "zookeeper", f"3.9.4@{DIGEST}"),
    ],
)
def test_an_image_with_repository_and_version_is_pulled_as_it_is_written(
    stack: TerraformStack, text: str, repository: str, version: str
) -> None:
    image = Image.of(text)
    assert (image.repository, image.version) == (repository, version)
    assert image.reference(stack) == text


def test_a_bare_digest_needs_its_release(stack: TerraformStack) -> None:
    with pytest.raises(ValueError, match=r"Image zookeeper: version is invalid: 'sha256:.*\. .*release="):
        Image.of(f"zookeeper@{DIGEST}")
    assert Image("zookeeper", DIGEST, release="3.9.4").reference(stack) == f"zookeeper@{DIGEST}"


def test_a_release_that_contradicts_the_tag_is_refused() -> None:
    message = (
        r"Image zookeeper: release is invalid: '3.9.4'\. Remove it, or use 3\.8: version='3\.8\.4' begins with that"
    )
    with pytest.raises(ValueError, match=message):
        Image("zookeeper", "3.8.4", release="3.9.4")


@pytest.mark.parametrize("text", ["zookeeper", "zookeeper:", ":3.9.4", "", "zookeeper:3.9.4@sha256:12"])
def test_an_image_without_a_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Image: image is invalid: ") as error:
        Image.of(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize("repository", ["Zookeeper", "zookeeper/", "a b", "zookeeper:3.9.4", ""])
def test_a_malformed_repository_is_refused(repository: str) -> None:
    with pytest.raises(ValueError, match="Image: repository is invalid: "):
        Image(repository, "3.9.4")


def test_another_image_of_the_same_version_comes_from_the_same_registry() -> None:
    master = Image.of("mirror.example.com/hub/mesosphere/mesos-master:1.7.1")
    assert master.with_repository("mesosphere/mesos") == Image("mirror.example.com/hub/mesosphere/mesos", "1.7.1")


def test_another_image_of_the_same_version_gets_the_tag_but_not_the_digest(stack: TerraformStack, synth: Synth) -> None:
    agent = Image.of(f"mesosphere/mesos-slave:1.7.1@{DIGEST}")
    assert str(agent.with_repository("mesosphere/mesos")) == "mesosphere/mesos:1.7.1"
    # The same repository is the same image.
    assert str(agent.with_repository("mesosphere/mesos-slave")) == f"mesosphere/mesos-slave:1.7.1@{DIGEST}"
    pinned = Image("mesosphere/mesos-slave", Pin("mesos_agent_version", f"1.7.1@{DIGEST}")).with_repository(
        "mesosphere/mesos"
    )
    assert str(pinned) == "mesosphere/mesos:1.7.1"
    TerraformOutput(stack, "found", value=[pinned.reference(stack), pinned.shown_version(stack)])
    assert synth()["output"]["found"]["value"] == [
        '${join(":", ["mesosphere/mesos", split("@", var.mesos_agent_version)[0]])}',
        '${split("@", var.mesos_agent_version)[0]}',
    ]


@pytest.mark.parametrize("version", [DIGEST, Pin("mesos_agent_version", DIGEST, "1.7.1")])
def test_no_other_image_of_the_same_version_is_known_for_a_bare_digest(version: str | Pin) -> None:
    message = (
        r"Image mesosphere/mesos-slave: version is invalid: 'sha256:.*\. Use a tag, or tag@digest: mesosphere/mesos,"
    )
    with pytest.raises(ValueError, match=message):
        Image("mesosphere/mesos-slave", version, release="1.7.1").with_repository("mesosphere/mesos")
