from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cdktf_mesos import (
    ContainerOptions,
    DockerHost,
    Image,
    Marathon,
    MesosAgentPool,
    MesosMasterSet,
    Mount,
    ZookeeperEnsemble,
)
from cdktf_mesos.cdk import TerraformStack

Synth = Callable[[], dict[str, Any]]
Hosts = Callable[[int], list[DockerHost]]


def environment(container: dict[str, Any]) -> dict[str, str]:
    return dict(item.split("=", 1) for item in container["env"])


@pytest.mark.parametrize(("count", "quorum"), [(1, "1"), (3, "2"), (5, "3")])
def test_the_quorum_follows_from_the_number_of_hosts(
    stack: TerraformStack, hosts: Hosts, synth: Synth, count: int, quorum: str
) -> None:
    machines = hosts(count)
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=machines, image="zookeeper:3.9.4")
    image = "mesosphere/mesos-master:1.11.0"
    MesosMasterSet(stack, "mesos", hosts=machines, zookeeper=zookeeper, cluster="c", image=image)
    masters = [c for c in synth()["resource"]["docker_container"].values() if c["name"] == "mesos"]
    assert [environment(c)["MESOS_QUORUM"] for c in masters] == [quorum] * count


def test_a_master_gets_its_flags_as_variables_and_the_registry_as_an_argument(
    masters: MesosMasterSet, synth: Synth
) -> None:
    container = synth()["containers"]["mesos"]
    assert environment(container) == {
        "MESOS_ZK": "zk://10.20.30.11:2181/mesos",
        "MESOS_QUORUM": "1",
        "MESOS_CLUSTER": "cluster7",
        "MESOS_IP": "10.20.30.11",
        "MESOS_HOSTNAME": "10.20.30.11",
        "MESOS_PORT": "5050",
        "MESOS_WORK_DIR": "/var/lib/mesos",
    }
    # Without a command, mesosphere's image runs with --registry=in_memory.
    assert container["command"] == ["--registry=replicated_log"]
    assert {v["container_path"]: v["host_path"] for v in container["volumes"]} == {
        "/var/lib/mesos": "/var/lib/cdktf-mesos/mesos/work-of-one",
    }


def test_log_files_are_kept_on_the_host_if_the_flag_log_dir_is_set(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    image = "mesosphere/mesos-master:1.11.0"
    flags = {"log_dir": "/var/log/own"}
    MesosMasterSet(stack, "own", hosts=[host], zookeeper=zookeeper, cluster="c", image=image, flags=flags)
    container = synth()["containers"]["own"]
    assert container["command"][-1] == "--log_dir=/var/log/own"
    paths = {volume["container_path"]: volume["host_path"] for volume in container["volumes"]}
    assert paths["/var/log/own"] == "/var/lib/cdktf-mesos/own/log"


@pytest.mark.parametrize("own_mount", [False, True])
def test_log_files_are_in_the_users_mount_if_there_is_one_at_log_dir(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth, own_mount: bool
) -> None:
    MesosMasterSet(
        stack,
        "mesos",
        hosts=[host],
        zookeeper=zookeeper,
        cluster="c",
        image="mesosphere/mesos-master:1.11.0",
        options=ContainerOptions(
            environment={"MESOS_LOG_DIR": "/logs"}, mounts=[Mount("/srv/logs", "/logs")] if own_mount else []
        ),
    )
    paths = {each["container_path"]: each["host_path"] for each in synth()["containers"]["mesos"]["volumes"]}
    assert paths["/logs"] == ("/srv/logs" if own_mount else "/var/lib/cdktf-mesos/mesos/log")


def test_a_log_dir_that_is_no_absolute_path_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble
) -> None:
    image, flags = "mesosphere/mesos-master:1.11.0", {"log_dir": "logs"}
    with pytest.raises(ValueError, match=r"stack/mesos: flags\['log_dir'\] is invalid: 'logs'\. .*absolute path"):
        MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image, flags=flags)


def test_the_command_of_mesosclouds_image_begins_with_the_program(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    image = "mesoscloud/mesos-master:0.28.1-ubuntu-14.04"
    MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image)
    assert synth()["containers"]["mesos"]["command"] == ["mesos-master", "--registry=replicated_log"]


def test_flags_environment_labels_mounts_and_limits_of_the_user_are_added(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    MesosMasterSet(
        stack,
        "mesos",
        hosts=[host],
        zookeeper=zookeeper,
        cluster="c",
        image="mesosphere/mesos-master:1.11.0",
        flags={"offer_timeout": "30secs", "authenticate_agents": False},
        options=ContainerOptions(
            environment={"GLOG_v": "1"},
            labels={"team": "data"},
            mounts=[Mount("/etc/mesos", read_only=True)],
            memory_mib=512,
            cpu_shares=512,
        ),
    )
    container = synth()["containers"]["mesos"]
    assert container["command"][1:] == ["--offer_timeout=30secs", "--authenticate_agents=false"]
    assert "GLOG_v=1" in container["env"]
    assert {"label": "team", "value": "data"} in container["labels"]
    assert {"host_path": "/etc/mesos", "container_path": "/etc/mesos", "read_only": True} in container["volumes"]
    # Without memory_swap the provider plans a change for ever.
    assert (container["memory"], container["memory_swap"], container["cpu_shares"]) == (512, 512, 512)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"flags": {"quorum": 2}}, r"flags\['quorum'\] is invalid: 2\. Use the arguments of the construct"),
        ({"flags": {"registry": "in_memory"}}, r"flags\['registry'\] is invalid: 'in_memory'\."),
        ({"flags": {"isolator": "x"}}, r"flags\['isolator'\] is invalid: 'x'\. Use a flag of mesos-master 1\.11\.0\."),
        ({"flags": {"registry_strict": True}}, r"flags\['registry_strict'\] is invalid: True\. .*0\.28"),
        ({"image": "mesosphere/mesos-master:1.4.0-rc5", "flags": {"require_agent_domain": True}}, r"flags.*1\.5"),
        (
            {"image": "mesosphere/mesos-master:0.21.1"},
            r"image is invalid: 'mesosphere/mesos-master:0.21.1'\. .*release 0.22 or later",
        ),
        ({"image": Image("our/master", "1.11.0", family="ours")}, r"image.family is invalid: 'ours'\. Use one of "),
        (
            {"flags": {"authenticate_slaves": True, "authenticate_agents": True}},
            r"flags\['authenticate_slaves'\] is invalid: True\. Set the flag only once, .*'authenticate_agents'",
        ),
        ({"chroot": "mesos"}, r"chroot is invalid: 'mesos'\. Use a path that begins with '/'"),
        ({"cluster": " "}, r"cluster is invalid: ' '\. Use a name"),
        ({"port": 2181}, r"port is invalid: 2181\. .*another port.* stack/zookeeper has this one"),
        ({"port": 70000}, r"port is invalid: 70000\. .*port from 1 to 65535"),
        ({"container_name": "mesos-master"}, r"container_name is invalid: 'mesos-master'\. .*begin with 'mesos-'"),
        (
            {"container_name": "zookeeper"},
            r"container_name is invalid: 'zookeeper'\. .*another container name.* stack/zookeeper has",
        ),
        (
            {"options": ContainerOptions(environment={"MESOS_REGISTRY": "in_memory"})},
            r"options.environment is invalid: 'MESOS_REGISTRY'\.",
        ),
        (
            {"options": ContainerOptions(mounts=[Mount("/tmp/x", "/var/lib/mesos")])},
            r"options.mounts is invalid: '/var/lib/mesos'\.",
        ),
        (
            {"options": ContainerOptions(mounts=[Mount("x")])},
            r"options.mounts.host_path is invalid: 'x'\. .*absolute path",
        ),
    ],
)
def test_an_invalid_argument_is_refused_with_what_to_do(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, more: dict[str, Any], message: str
) -> None:
    arguments = {"cluster": "c", "image": "mesosphere/mesos-master:1.11.0", **more}
    with pytest.raises(ValueError, match=f"stack/mesos: {message}"):
        MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, **arguments)


def test_an_even_number_of_masters_is_refused_with_the_reason(stack: TerraformStack, hosts: Hosts) -> None:
    machines = hosts(3)
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=machines, image="zookeeper:3.9.4")
    image = "mesosphere/mesos-master:1.11.0"
    with pytest.raises(ValueError, match=r"stack/mesos: hosts is invalid: '2 hosts'\. .*odd number.*quorum of 2"):
        MesosMasterSet(stack, "mesos", hosts=machines[:2], zookeeper=zookeeper, cluster="c", image=image)


def test_two_roles_on_one_ensemble_cannot_have_the_same_chroot(stack: TerraformStack, hosts: Hosts) -> None:
    first, second, third = hosts(3)
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=[first], image="zookeeper:3.9.4")
    image = "mesosphere/mesos-master:1.11.0"
    masters = MesosMasterSet(stack, "ma", hosts=[first], zookeeper=zookeeper, cluster="a", image=image)
    message = r"stack/mb: chroot is invalid: '/mesos'\. Use another path: stack/ma uses this one"
    with pytest.raises(ValueError, match=message):
        MesosMasterSet(stack, "mb", hosts=[second], zookeeper=zookeeper, cluster="b", image=image)
    MesosMasterSet(stack, "mc", hosts=[second], zookeeper=zookeeper, cluster="c", image=image, chroot="/other")
    Marathon(stack, "marathon", hosts=[first], masters=masters, image="mesosphere/marathon:v1.11.24")
    message = r"stack/another: chroot is invalid: '/marathon'\. Use another path: stack/marathon uses this one"
    with pytest.raises(ValueError, match=message):
        Marathon(stack, "another", hosts=[third], masters=masters, image="mesosphere/marathon:v1.11.24")


def test_flags_that_are_set_as_variables_change_the_policy_of_agents(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet
) -> None:
    additive = ContainerOptions(environment={"MESOS_RECONFIGURATION_POLICY": "additive"})
    assert MesosAgentPool(stack, "agents", hosts=[host], masters=masters, options=additive).additive
