from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cdktf_mesos import (
    ContainerDns,
    ContainerOptions,
    DockerHost,
    Image,
    MesosAgentPool,
    MesosMasterSet,
    ZookeeperEnsemble,
)
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.mesos.agent.info import AgentInfo, judge_change

Synth = Callable[[], dict[str, Any]]
SHARED: dict[str, int | float | str] = {"cpus": 1, "mem": 512, "disk": 1024, "ports": "[31000-31999]"}
OTHER = {**SHARED, "ports": "[32000-32999]"}


def environment(container: dict[str, Any]) -> dict[str, str]:
    return dict(item.split("=", 1) for item in container["env"])


def test_an_agent_gets_its_flags_as_variables(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    MesosAgentPool(
        stack, "agents", hosts=[host], masters=masters, attributes={"rack": "a"}, resources={"ports": "[31000-32000]"}
    )
    container = synth()["containers"]["agents"]
    assert container["image"].startswith("${docker_image.host-1_image-mesosphere-mesos-slave-")
    env = environment(container)
    assert env == {
        "MESOS_MASTER": "zk://10.20.30.11:2181/mesos",
        "MESOS_IP": "10.20.30.11",
        "MESOS_HOSTNAME": "10.20.30.11",
        "MESOS_PORT": "5051",
        "MESOS_WORK_DIR": "/var/lib/cdktf-mesos/agents/work",
        "MESOS_RUNTIME_DIR": "/var/run/cdktf-mesos/agents",
        "MESOS_ISOLATION": "cgroups/cpu,cgroups/mem,cgroups/devices",
        "MESOS_CONTAINERIZERS": "docker,mesos",
        "MESOS_EXECUTOR_REGISTRATION_TIMEOUT": "5mins",
        "MESOS_DOCKER_SOCKET": "/var/run/docker.sock",
        "MESOS_SYSTEMD_ENABLE_SUPPORT": "false",
        "MESOS_DOCKER_MESOS_IMAGE": "mesosphere/mesos:1.11.0",
        "MESOS_ATTRIBUTES": "rack:a",
        "MESOS_RESOURCES": "ports:[31000-32000]",
    }


def test_an_agent_has_one_capability_more_than_dockers_default_and_those_that_the_user_adds(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    other_host = DockerHost(stack, "host-2", address="10.20.30.12", engine="ssh://ops@10.20.30.12")
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    MesosAgentPool(
        stack, "more", hosts=[other_host], masters=masters, isolation="posix/cpu", capabilities=["CAP_NET_ADMIN"]
    )
    containers = synth()["containers"]
    container = containers["agents"]
    assert container["capabilities"]["add"] == ["CAP_SYS_ADMIN"]
    assert containers["more"]["capabilities"]["add"] == ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"]
    assert "MESOS_ISOLATION=posix/cpu" in containers["more"]["env"]
    # The engine adds the last option for pid_mode=host. If it were missing, every plan would replace the container.
    assert container["security_opts"] == ["apparmor=unconfined", "seccomp=unconfined", "label=disable"]
    assert container["depends_on"][0].startswith("docker_container.host-1_mesos_")


def test_agents_need_an_image_if_the_masters_repository_is_unknown(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble
) -> None:
    image = Image("our/master", "1.11.0", family="mesosphere")
    masters = MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image)
    message = r"stack/agents: image is invalid: None\. Set the agents' image: none is known .*our/master"
    with pytest.raises(ValueError, match=message):
        MesosAgentPool(stack, "agents", hosts=[host], masters=masters)


def test_two_pools_cannot_offer_the_same_ports_on_one_machine(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet
) -> None:
    MesosAgentPool(stack, "agent-1", hosts=[host], masters=masters, shares_engine=True, resources=SHARED)
    overlapping = {**SHARED, "ports": "[31500-32500]"}
    message = r"stack/agent-2: resources\['ports'\] is invalid: '\[31500-32500\]'\. .*stack/agent-1 offers"
    with pytest.raises(ValueError, match=message):
        MesosAgentPool(
            stack, "agent-2", hosts=[host], masters=masters, shares_engine=True, resources=overlapping, port=5052
        )


def test_an_agent_is_not_privileged_and_has_what_it_needs_to_find_its_tasks_again(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    container = synth()["containers"]["agents"]
    assert "privileged" not in container
    # Without the prefix, each plan of the provider would show a change.
    assert all(capability.startswith("CAP_") for capability in container["capabilities"]["add"])
    assert container["pid_mode"] == "host"
    same = {v["host_path"] for v in container["volumes"] if v["host_path"] == v["container_path"]}
    (shared,) = container["mounts"]
    assert shared["source"] == shared["target"] == "/var/lib/cdktf-mesos"
    assert environment(container)["MESOS_WORK_DIR"].startswith("/var/lib/cdktf-mesos/")
    assert shared["type"] == "bind"
    assert shared["bind_options"] == {"propagation": "rshared"}
    assert same == {
        "/sys/fs/cgroup",
        "/var/run/docker.sock",
        "/var/run/cdktf-mesos/agents",
    }


def test_one_definition_of_the_container_is_right_for_cgroup_v1_and_v2(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    container = synth()["containers"]["agents"]
    assert container["cgroupns_mode"] == "host"
    assert environment(container)["MESOS_ISOLATION"] == "cgroups/cpu,cgroups/mem,cgroups/devices"
    assert "MESOS_LAUNCHER" not in environment(container)
    assert "MESOS_LAUNCHER=posix MESOS_ISOLATION=posix/cpu,posix/mem" in container["entrypoint"]


@pytest.mark.parametrize(("has_data_dir", "made"), [(False, True), (True, False)])
def test_the_data_directory_is_created_on_a_machine_that_has_only_an_agent(
    stack: TerraformStack, masters: MesosMasterSet, synth: Synth, has_data_dir: bool, made: bool
) -> None:
    host = DockerHost(stack, "alone", address="10.0.0.21", engine="ssh://ops@10.0.0.21", has_data_dir=has_data_dir)
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    containers = synth()["containers"]
    assert ("agents-directories" in containers) is made
    if made:
        (volume,) = containers["agents-directories"]["volumes"]
        assert volume["host_path"] == "/var/lib/cdktf-mesos"
        assert any("agents-directories" in each for each in containers["agents"]["depends_on"])


def test_an_agent_on_a_masters_host_needs_no_container_that_creates_the_data_directory(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    assert "agents-directories" not in synth()["containers"]


def test_flags_that_a_release_does_not_have_are_left_out(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
    image = "mesosphere/mesos-master:0.22.1-1.0.ubuntu1404"
    masters = MesosMasterSet(stack, "mesos", hosts=[host], zookeeper=zookeeper, cluster="c", image=image)
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters, docker_cli="/opt/docker-1.7/docker")
    container = synth()["containers"]["agents"]
    env = environment(container)
    assert "MESOS_RUNTIME_DIR" not in env
    assert "MESOS_DOCKER_MESOS_IMAGE" not in env
    cli = {"host_path": "/opt/docker-1.7/docker", "container_path": "/usr/bin/docker", "read_only": True}
    assert cli in container["volumes"]
    # An image that only docker_mesos_image names is not pulled, either.
    assert not [name for name in synth()["resource"]["docker_image"] if "image-mesosphere-mesos-022" in name]


def test_containers_of_tasks_get_name_servers_and_the_agent_reports_the_same_as_before(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    dns = ContainerDns(["10.20.30.11", "10.20.30.12"], search=["marathon.mesos"], options=["timeout:1"])
    other_host = DockerHost(stack, "host-2", address="10.20.30.12", engine="ssh://ops@10.20.30.12")
    arguments: dict[str, Any] = {"masters": masters, "container_name": "agent", "attributes": {"rack": "a"}}
    without = MesosAgentPool(stack, "without", hosts=[other_host], **arguments)
    pool = MesosAgentPool(stack, "agents", hosts=[host], default_container_dns=dns, **arguments)
    value = {"nameservers": ["10.20.30.11", "10.20.30.12"], "search": ["marathon.mesos"], "options": ["timeout:1"]}
    assert json.loads(pool.members[0].environment["MESOS_DEFAULT_CONTAINER_DNS"]) == {
        "docker": [{"network_mode": "BRIDGE", "dns": value}, {"network_mode": "USER", "dns": value}],
        "mesos": [{"network_mode": "CNI", "dns": value}],
    }
    assert pool.name_servers == ["10.20.30.11", "10.20.30.12"]
    # It is not part of what an agent reports: an agent that has it takes the place of one that has not.
    before = {**without.members[0].environment, "MESOS_HOSTNAME": host.hostname}
    assert judge_change(AgentInfo(before, False), AgentInfo(pool.members[0].environment, False), pool.release) is None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"image": "mesosphere/mesos-slave:1.3.2"},
            r"agents have it from 1\.4 on\. Give apps the Docker parameter 'dns'",
        ),
        ({"flags": {"default_container_dns": "{}"}}, r"Remove it, or the flag 'default_container_dns'"),
        ({"dns": ContainerDns([])}, r"Give one name server or more"),
        ({"dns": ContainerDns(["ns1.mesos"])}, r"'ns1\.mesos'\. Use IPv4 addresses"),
        ({"dns": ContainerDns(["127.0.0.1"])}, r"'127\.0\.0\.1'\. Use an address that containers reach"),
    ],
)
def test_name_servers_that_containers_cannot_have_are_refused(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, more: dict[str, Any], message: str
) -> None:
    dns = more.pop("dns", ContainerDns(["10.20.30.11"]))
    with pytest.raises(ValueError, match=f"^stack/agents: default_container_dns is invalid: .*{message}"):
        MesosAgentPool(stack, "agents", hosts=[host], masters=masters, default_container_dns=dns, **more)


def test_agents_may_have_another_release_than_the_masters(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters, image="mesosphere/mesos-slave:1.10.0")
    names = {image["name"] for image in synth()["resource"]["docker_image"].values()}
    assert {"mesosphere/mesos-slave:1.10.0", "mesosphere/mesos:1.10.0", "mesosphere/mesos-master:1.11.0"} <= names


def test_two_agents_with_shares_engine_have_different_directories_ports_and_roots_of_cgroups(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    MesosAgentPool(stack, "agent-1", hosts=[host], masters=masters, shares_engine=True, resources=SHARED)
    MesosAgentPool(stack, "agent-2", hosts=[host], masters=masters, shares_engine=True, resources=OTHER, port=5052)
    containers = synth()["containers"]
    first, second = (environment(containers[name]) for name in ("agent-1", "agent-2"))
    assert first["MESOS_DOCKER_KILL_ORPHANS"] == second["MESOS_DOCKER_KILL_ORPHANS"] == "false"
    for own in ("MESOS_WORK_DIR", "MESOS_RUNTIME_DIR", "MESOS_RESOURCES", "MESOS_PORT"):
        assert first[own] != second[own]
    for name in ("agent-1", "agent-2"):
        assert containers[name]["entrypoint"][-3:] == ["/sys/fs/cgroup", f"mesos-{name}", "mesos-slave"]


def test_an_agent_that_shares_its_engine_with_nobody_has_mesos_default_root_of_cgroups(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters)
    assert synth()["containers"]["agents"]["entrypoint"][-2:] == ["", "mesos-slave"]


def test_the_work_directory_is_a_separate_mount_for_an_isolator_that_mounts_it_itself(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    MesosAgentPool(stack, "agents", hosts=[host], masters=masters, isolation="filesystem/linux,cgroups/cpu")
    container = synth()["containers"]["agents"]
    assert "mounts" not in container
    assert "/var/lib/cdktf-mesos/agents/work" in {volume["host_path"] for volume in container["volumes"]}


def test_log_files_are_kept_on_the_host_if_the_flag_log_dir_is_set(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    MesosAgentPool(stack, "own", hosts=[host], masters=masters, flags={"log_dir": "/var/log/own"})
    container = synth()["containers"]["own"]
    assert container["command"][-1] == "--log_dir=/var/log/own"
    paths = {volume["container_path"]: volume["host_path"] for volume in container["volumes"]}
    assert paths["/var/log/own"] == "/var/lib/cdktf-mesos/own/log"


def test_two_agents_on_an_engine_cannot_have_the_same_root_of_cgroups(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    def pool(name: str, ports: dict[str, int | float | str], port: int, root: str) -> None:
        MesosAgentPool(
            stack,
            name,
            hosts=[host],
            masters=masters,
            shares_engine=True,
            resources=ports,
            port=port,
            flags={"cgroups_root": root},
        )

    pool("agent-1", SHARED, 5051, "own")
    message = r"agent-2: flags\['cgroups_root'\] is invalid: 'own'\. .*another root of cgroups.* stack/agent-1"
    with pytest.raises(ValueError, match=message):
        pool("agent-2", OTHER, 5052, "own")
    container = synth()["containers"]["agent-1"]
    assert container["entrypoint"][-2:] == ["", "mesos-slave"]
    assert container["command"] == ["--cgroups_root=own"]


@pytest.mark.parametrize(("first", "second"), [(False, False), (True, False), (False, True)])
def test_two_pools_on_a_host_are_refused_unless_both_have_shares_engine(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, first: bool, second: bool
) -> None:
    MesosAgentPool(stack, "agent-1", hosts=[host], masters=masters, shares_engine=first, resources=SHARED)
    with pytest.raises(ValueError, match=rf"stack/agent-2: shares_engine is invalid: {second}\. .*stack/agent-1"):
        MesosAgentPool(
            stack, "agent-2", hosts=[host], masters=masters, shares_engine=second, resources=OTHER, port=5052
        )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"hosts": []}, r"hosts is invalid: \[\]\. .*at least one DockerHost"),
        ({"shares_engine": True}, r"resources is invalid: None\. Add cpus: the pool shares its engine"),
        ({"shares_engine": True, "resources": {"cpus": 1, "mem": 1, "disk": 1}}, r"resources is .*\. Add ports"),
        (
            {"resources": {"ports": "[5000-6000]"}},
            r"resources\['ports'\] is invalid: '\[5000-6000\]'\. .*stack/mesos .*5050",
        ),
        ({"resources": {"cpus": None}}, r"resources\['cpus'\] is invalid: None\. Use a number"),
        (
            {"flags": {"attributes": "a b c"}},
            r"flags\['attributes'\] is invalid: 'a b c'\. Use the arguments of the construct",
        ),
        (
            {"flags": {"docker_mesos_image": "x"}},
            r"flags\['docker_mesos_image'\] is invalid: 'x'\. Use the arguments of the construct",
        ),
        ({"flags": {"launcher": "posix"}}, r"flags\['launcher'\] is invalid: 'posix'\. Use 'linux'"),
        (
            {"flags": {"hostname_lookup": False}},
            r"flags\['hostname_lookup'\] is invalid: False\. .* no effect together with --hostname",
        ),
        (
            {"flags": {"ip_discovery_command": "x"}},
            r"flags\['ip_discovery_command'\] is invalid: 'x'\. .* exits if it gets this flag and --ip",
        ),
        (
            {"flags": {"master_detector": "x"}},
            r"flags\['master_detector'\] is invalid: 'x'\. Remove it: Mesos exits if",
        ),
        ({"options": ContainerOptions(environment={"MESOS_SYSTEMD_RUNTIME_DIRECTORY": "x"})}, ".*without systemd"),
        ({"options": ContainerOptions(gate_image="debian:12")}, r"options.gate_image is invalid: .*\. Remove it"),
        ({"flags": {"strict": None}}, r"flags\['strict'\] is invalid: None\. Use text, a number"),
        ({"capabilities": ["NET_ADMIN"]}, r"capabilities is invalid: 'NET_ADMIN'\. Use the name of a capability"),
        ({"containerizers": "dokcer"}, r"containerizers is invalid: 'dokcer'\. Use 'docker', 'mesos'"),
        (
            {"executor_registration_timeout": "five"},
            r"executor_registration_timeout is invalid: 'five'\. Use a duration",
        ),
        (
            {"executor_registration_timeout": "1.2.3mins"},
            r"executor_registration_timeout is invalid: '1.2.3mins'\. Use a duration",
        ),
        (
            {"executor_registration_timeout": ".mins"},
            r"executor_registration_timeout is invalid: '.mins'\. Use a duration",
        ),
        (
            {"options": ContainerOptions(environment={"MESOS_ISOLATOR": "x"})},
            r"options.environment is invalid: 'MESOS_ISOLATOR'\. .*Use 'isolation' instead",
        ),
        (
            {"options": ContainerOptions(environment={"MESOS_RESOURCES": "x"})},
            r"options.environment is invalid: 'MESOS_RESOURCES'\.",
        ),
        ({"port": 5050}, r"port is invalid: 5050\. .*another port.* stack/mesos has this one"),
        ({"flags": {"work_dir": "/x"}}, r"flags\['work_dir'\] is invalid: '/x'\. Use the arguments of the construct"),
        (
            {"flags": {"isolator": "x"}},
            r"flags\['isolator'\] is invalid: 'x'\. Use a flag of mesos-agent 1\.11\.0\. Use 'isolation' instead",
        ),
        ({"image": "mesosphere/mesos-slave:1.4.1", "flags": {"reconfiguration_policy": "additive"}}, r"flags.*1\.5"),
        (
            {"image": "redjack/mesos-slave:1.0.0"},
            r"docker_cli is invalid: None\. Set it to the path of a static docker command",
        ),
        ({"docker_socket": "docker.sock"}, r"docker_socket is invalid: 'docker.sock'\. .*absolute path"),
        ({"docker_socket": "/run/a b"}, r"docker_socket is invalid: '/run/a b'\. .*path without blanks"),
        (
            {"docker_cli": "/opt/docker cli/docker"},
            r"docker_cli is invalid: '/opt/docker cli/docker'\. .*path without blanks",
        ),
        ({"docker_cli": "/opt/docker\n"}, r"docker_cli is invalid: '/opt/docker\\n'\. .*path without blanks"),
        ({"image": Image("our/agent", "1.11.0", family="ours")}, r"image.family is invalid: 'ours'\. Use one of"),
        ({"container_name": "mesos-agent"}, r"container_name is invalid: 'mesos-agent'\."),
    ],
)
def test_an_invalid_argument_is_refused_with_what_to_do(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, more: dict[str, Any], message: str
) -> None:
    arguments = {"hosts": [host], **more}
    with pytest.raises(ValueError, match=f"stack/agents: {message}"):
        MesosAgentPool(stack, "agents", masters=masters, **arguments)
