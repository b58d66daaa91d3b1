from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cdktf_mesos import ContainerOptions, DockerHost, Image, Mount, ZookeeperEnsemble
from cdktf_mesos.cdk import App, TerraformStack, TerraformVariable, Testing
from tests.unit.compatibility.test_check import warnings

Synth = Callable[[], dict[str, Any]]
Hosts = Callable[[int], list[DockerHost]]


def environment(container: dict[str, Any]) -> dict[str, str]:
    return dict(item.split("=", 1) for item in container["env"])


def test_three_hosts_make_an_ensemble_of_three(stack: TerraformStack, hosts: Hosts, synth: Synth) -> None:
    ensemble = ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(3), image="zookeeper:3.9.4")
    containers = list(synth()["resource"]["docker_container"].values())
    assert [environment(c)["ZOO_MY_ID"] for c in containers] == ["1", "2", "3"]
    assert {c["provider"] for c in containers} == {"docker.host-1", "docker.host-2", "docker.host-3"}
    assert environment(containers[1])["ZOO_SERVERS"] == (
        "server.1=10.20.30.11:2888:3888;10.20.30.11:2181 "
        "server.2=10.20.30.12:2888:3888;10.20.30.12:2181 "
        "server.3=10.20.30.13:2888:3888;10.20.30.13:2181"
    )
    assert ensemble.url("/mesos") == "zk://10.20.30.11:2181,10.20.30.12:2181,10.20.30.13:2181/mesos"


def test_each_member_is_in_the_stack_of_its_host(app: App) -> None:
    stacks = [TerraformStack(app, f"host-{i}") for i in range(3)]
    hosts = [DockerHost(stack, "host", address=f"10.0.0.{i + 1}") for i, stack in enumerate(stacks)]
    ZookeeperEnsemble(TerraformStack(app, "cluster"), "zookeeper", hosts=hosts, image="zookeeper:3.9.4")
    for stack in stacks:
        document = json.loads(Testing.synth(stack))
        (container,) = document["resource"]["docker_container"].values()
        assert container["provider"] == "docker.host"
        assert document["terraform"]["required_providers"]["docker"]["version"] == "~> 4.6"


def test_hosts_on_several_stacks_need_addresses_that_the_program_knows(app: App) -> None:
    stacks = [TerraformStack(app, f"host-{i}") for i in range(3)]
    addresses = [TerraformVariable(stack, "address", type="string").string_value for stack in stacks]
    hosts = [DockerHost(stack, "host", address=address) for stack, address in zip(stacks, addresses, strict=True)]
    with pytest.raises(ValueError, match=r"cluster/zookeeper: hosts is invalid: 'host-0/host'\. .*address"):
        ZookeeperEnsemble(TerraformStack(app, "cluster"), "zookeeper", hosts=hosts, image="zookeeper:3.9.4")


def test_data_are_on_the_host_and_the_container_gets_time_to_stop(zookeeper: ZookeeperEnsemble, synth: Synth) -> None:
    container = synth()["containers"]["zookeeper"]
    assert {v["container_path"]: v["host_path"] for v in container["volumes"]} == {
        "/data": "/var/lib/cdktf-mesos/zookeeper/data",
        "/datalog": "/var/lib/cdktf-mesos/zookeeper/datalog",
        "/logs": "/var/lib/cdktf-mesos/zookeeper/logs",
    }
    assert container["destroy_grace_seconds"] == 30
    assert container["init"] is True
    assert container["restart"] == "unless-stopped"
    assert container["log_opts"] == {"max-size": "10m", "max-file": "3"}
    assert (container["wait"], container["wait_timeout"], container["network_mode"]) == (True, 120, "host")


def test_the_admin_server_is_off_so_that_marathon_can_have_its_port(zookeeper: ZookeeperEnsemble, synth: Synth) -> None:
    assert environment(synth()["containers"]["zookeeper"])["ZOO_ADMINSERVER_ENABLED"] == "false"


def test_server_lines_of_release_3_4_have_no_client_port(stack: TerraformStack, host: DockerHost, synth: Synth) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.4.14")
    env = environment(synth()["containers"]["zookeeper"])
    assert env["ZOO_SERVERS"] == "server.1=10.20.30.11:2888:3888"
    assert "ZOO_ADMINSERVER_ENABLED" not in env


def test_another_log_driver_gets_no_options_of_the_default_driver(
    stack: TerraformStack, host: DockerHost, synth: Synth
) -> None:
    options = ContainerOptions(log_driver="journald")
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", options=options)
    container = synth()["containers"]["zookeeper"]
    assert container["log_driver"] == "journald"
    assert "log_opts" not in container


@pytest.mark.parametrize(
    ("options", "label"),
    [
        (None, None),
        ({}, "e3b0c44298fc"),
        ({"max-size": "1m", "max-file": "9"}, "46ef33882bad"),
    ],
)
def test_a_change_of_log_options_is_seen_by_a_label_as_the_engine_adds_options_of_its_own(
    stack: TerraformStack, host: DockerHost, synth: Synth, options: Mapping[str, str] | None, label: str | None
) -> None:
    given = ContainerOptions(log_options=options)
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", options=given)
    container = synth()["containers"]["zookeeper"]
    assert container["lifecycle"] == {"ignore_changes": ["log_opts"]}
    assert {each["label"]: each["value"] for each in container["labels"]}.get("cdktf-mesos.log") == label


def test_repositories_that_differ_only_in_slashes_are_two_images(
    stack: TerraformStack, host: DockerHost, synth: Synth
) -> None:
    ports: dict[str, Any] = {"client_port": 2182, "peer_port": 2889, "election_port": 3889}
    ZookeeperEnsemble(stack, "one", hosts=[host], image=Image("our/zoo-keeper", "3.9.4", family="zookeeper"))
    image = Image("our-zoo/keeper", "3.9.4", family="zookeeper")
    ZookeeperEnsemble(stack, "two", hosts=[host], image=image, **ports)
    names = {image["name"] for image in synth()["resource"]["docker_image"].values()}
    assert names == {"our/zoo-keeper:3.9.4", "our-zoo/keeper:3.9.4"}


def test_four_letter_words_of_the_user_are_added_to_those_that_health_checks_need(
    stack: TerraformStack, host: DockerHost, synth: Synth
) -> None:
    ports: dict[str, Any] = {"client_port": 2182, "peer_port": 2889, "election_port": 3889}
    settings = {"4lw.commands.whitelist": "stat,mntr"}
    ZookeeperEnsemble(stack, "new", hosts=[host], image="zookeeper:3.9.4", settings=settings)
    ZookeeperEnsemble(stack, "old", hosts=[host], image="zookeeper:3.5.4-beta", settings=settings, **ports)
    containers = synth()["containers"]
    for name in ("new", "old"):
        assert environment(containers[name])["ZOO_4LW_COMMANDS_WHITELIST"] == "srvr,mntr,ruok,conf,stat"
        assert "ZOO_CFG_EXTRA" not in environment(containers[name])


@pytest.mark.parametrize(
    ("version", "flags"),
    [
        ("3.4.14", "-Djute.maxbuffer=4194304"),
        ("3.5.10", "-Dzookeeper.admin.enableServer=false -Djute.maxbuffer=4194304"),
        ("3.9.4", "-Djute.maxbuffer=4194304"),
    ],
)
def test_java_properties_are_passed_to_the_virtual_machine(
    stack: TerraformStack, host: DockerHost, synth: Synth, version: str, flags: str
) -> None:
    properties = {"jute.maxbuffer": 4194304}
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=f"zookeeper:{version}", java_properties=properties)
    assert environment(synth()["containers"]["zookeeper"])["JVMFLAGS"] == flags


def test_settings_are_passed_to_the_entrypoint(stack: TerraformStack, host: DockerHost, synth: Synth) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", settings={"maxSessionTimeout": 60000})
    assert environment(synth()["containers"]["zookeeper"])["ZOO_CFG_EXTRA"] == "maxSessionTimeout=60000"


def test_servers_of_containersol_join_the_first_one(stack: TerraformStack, hosts: Hosts, synth: Synth) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(3), image=Image("containersol/zookeeper", "3.5.4"))
    commands = [c["command"] for c in synth()["resource"]["docker_container"].values()]
    assert commands == [["1"], ["2", "10.20.30.11"], ["3", "10.20.30.11"]]


def test_a_family_selects_the_revision_of_containersol_that_takes_no_id(
    stack: TerraformStack, hosts: Hosts, synth: Synth
) -> None:
    image = Image("containersol/zookeeper", "3.5.1-rc2", family="containersol-first-node")
    ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(3), image=image)
    document = synth()
    containers = list(document["resource"]["docker_container"].values())
    assert [container.get("command") for container in containers] == [None, ["10.20.30.11"], ["10.20.30.11"]]
    # A server takes the next free id, so the servers must start one after another, beginning with the first.
    assert [len(container.get("depends_on", [])) for container in containers] == [0, 1, 2]


def test_the_image_of_containersol_is_warned_of_as_it_loses_data(stack: TerraformStack, host: DockerHost) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="containersol/zookeeper:3.5.1-rc2")
    (warning,) = warnings(host)
    assert "wipes its data at every start" in warning
    assert "eth0" in warning


@pytest.mark.parametrize(
    ("tag", "warned"),
    [("3.4.10", True), ("3.4.11", False), ("3.5.3-beta", True), ("3.5.4-beta", False), ("3.9", False)],
)
def test_official_images_that_never_delete_snapshots_are_warned_of(
    stack: TerraformStack, host: DockerHost, tag: str, warned: bool
) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=f"zookeeper:{tag}")
    assert [f"the image of {tag} never deletes snapshots" in each for each in warnings(host)] == [True] * warned


ALWAYS = {"ZOO_MY_ID", "ZOO_SERVERS", "ZOO_AUTOPURGE_PURGEINTERVAL", "ZOO_AUTOPURGE_SNAPRETAINCOUNT", "SERVER_JVMFLAGS"}
FROM_3_5 = {"ZOO_ADMINSERVER_ENABLED", "ZOO_4LW_COMMANDS_WHITELIST"}


@pytest.mark.parametrize("digest", ["", "@sha256:" + "0123456789abcdef" * 4])
@pytest.mark.parametrize(
    ("tag", "suffixed", "variables"),
    [
        # What the entrypoint of the release reads (31z4/zookeeper-docker). From 3.5 on, server lines name a port.
        ("3.4.14", False, set()),
        ("3.5.4-beta", True, {*FROM_3_5, "JVMFLAGS"}),
        ("3.5.10", True, {*FROM_3_5, "JVMFLAGS"}),
        *((tag, True, FROM_3_5) for tag in ("3.6.4", "3.7.2-jre11", "3.8.4", "3.9.2-alpine")),
    ],
)
def test_each_release_of_the_official_image_gets_the_variables_that_its_entrypoint_reads(
    stack: TerraformStack, host: DockerHost, synth: Synth, tag: str, digest: str, suffixed: bool, variables: set[str]
) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=f"zookeeper:{tag}{digest}")
    document = synth()
    assert [image["name"] for image in document["resource"]["docker_image"].values()] == [f"zookeeper:{tag}{digest}"]
    container = document["containers"]["zookeeper"]
    env = environment(container)
    assert env["ZOO_SERVERS"].endswith(";10.20.30.11:2181") is suffixed
    assert set(env) == ALWAYS | variables
    assert {volume["container_path"] for volume in container["volumes"]} == {"/data", "/datalog", "/logs"}


@pytest.mark.parametrize(
    "image",
    [
        "registry.example.com:5000/zookeeper:3.8.4",
        "localhost/zookeeper:3.8.4",
        "registry.example.com/hub/library/zookeeper:3.8.4",
        Image("registry.example.com:5000/our/zk", "3.8.4", family="zookeeper"),
    ],
)
def test_the_official_image_is_known_in_every_registry_and_other_images_by_their_family(
    stack: TerraformStack, host: DockerHost, synth: Synth, image: str | Image
) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=image)
    assert environment(synth()["containers"]["zookeeper"])["ZOO_MY_ID"] == "1"


@pytest.mark.parametrize("repository", ["mesoscloud/zookeeper", "jplock/zookeeper", "quay.io/bitnami/zookeeper"])
def test_an_image_of_an_unknown_family_is_refused(stack: TerraformStack, host: DockerHost, repository: str) -> None:
    image = rf"stack/zookeeper: image is invalid: '{repository}:3\.4\.8'\."
    with pytest.raises(ValueError, match=rf"{image} Use a known repository \(containersol/.*\), or name the family"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=f"{repository}:3.4.8")


@pytest.mark.parametrize("count", [2, 4])
def test_an_even_number_of_servers_is_refused_with_the_reason(stack: TerraformStack, hosts: Hosts, count: int) -> None:
    with pytest.raises(ValueError, match=rf"stack/zookeeper: hosts is invalid: '{count} hosts'\. .*odd number.*quorum"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(count), image="zookeeper:3.9.4")


def test_an_ensemble_without_hosts_is_refused(stack: TerraformStack) -> None:
    with pytest.raises(ValueError, match=r"stack/zookeeper: hosts is invalid: \[\]\. .*at least one DockerHost"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[], image="zookeeper:3.9.4")


def test_a_host_that_is_in_the_list_twice_is_refused(stack: TerraformStack, hosts: Hosts) -> None:
    first, second, _ = hosts(3)
    with pytest.raises(ValueError, match=r"stack/zookeeper: hosts is invalid: 'stack/host-1'\. .*each host once"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[first, second, first], image="zookeeper:3.9.4")


def test_two_hosts_with_one_address_are_refused(stack: TerraformStack, hosts: Hosts) -> None:
    twin = DockerHost(stack, "twin", address="10.20.30.11")
    message = r"stack/zookeeper: hosts is invalid: 'stack/twin'\. .*stack/host-1 .*has 10\.20\.30\.11"
    with pytest.raises(ValueError, match=message):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[*hosts(2), twin], image="zookeeper:3.9.4")


@pytest.mark.parametrize("chroot", ["mesos", "/", "/mesos/", "", "//a", "/a b", "/zookeeper", "/zookeeper/x", "/../a"])
def test_a_malformed_or_reserved_chroot_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, chroot: str
) -> None:
    with pytest.raises(ValueError, match="stack/zookeeper: chroot is invalid: ") as error:
        zookeeper.url_of(zookeeper, chroot)
    assert repr(chroot) in str(error.value)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"settings": {"dataDir": "/x"}}, r"settings is invalid: 'dataDir'\. Remove it: the construct decides"),
        ({"settings": {"server.4": "x"}}, r"settings is invalid: 'server\.4'\. Remove it"),
        (
            {"settings": {"tickTime": "9"}, "image": "zookeeper:3.5.4-beta"},
            r"settings is invalid: \{'tickTime': '9'\}\. Remove them: images before 3\.5\.9",
        ),
        ({"settings": {"tickTime": "b c"}}, r"settings\['tickTime'\] is invalid: 'b c'\. .*without white space"),
        (
            {"settings": {"ssl.keyStore.password": "b c"}},
            r"settings\['ssl.keyStore.password'\] is invalid: '…'\. .*without white space",
        ),
        ({"settings": {"jute.maxbuffer": 9}}, r"settings is invalid: 'jute.maxbuffer'\. Put it into java_properties"),
        (
            {"settings": {"admin.serverPort": 9}},
            r"settings is invalid: 'admin.serverPort'\. .*no effect, .*AdminServer",
        ),
        ({"settings": {"dynamicConfigFile": "/x"}}, r"settings is invalid: 'dynamicConfigFile'\. Remove it"),
        (
            {"settings": {"maxSesionTimeout": 9}},
            r"settings is invalid: 'maxSesionTimeout'\. .*\. Did you mean 'maxSessionTimeout'\?",
        ),
        ({"settings": {"requestThrottleLimit": 9}}, r".*\. Did you mean 'request_throttle_max_requests'\?"),
        ({"settings": {"zookeeper.snapCount": 9}}, r".*\. Did you mean 'snapCount'\?"),
        (
            {"settings": {"4lw.commands.whitelist": "stat,quit"}},
            r"settings\['4lw.commands.whitelist'\] is invalid: 'stat,quit'\. Use '\*', or words with commas between",
        ),
        (
            {"settings": {"4lw.commands.whitelist": "stat"}, "image": "zookeeper:3.4.14"},
            r"settings\['4lw.commands.whitelist'\] is invalid: 'stat'\. Remove it: servers before 3\.5",
        ),
        (
            {"java_properties": {"-Dx": 9}},
            r"java_properties is invalid: '-Dx'\. Use the name of a Java property, without -D",
        ),
        ({"java_properties": {"x": "a b"}}, r"java_properties\['x'\] is invalid: 'a b'\. .*without white space"),
        (
            {"java_properties": {"zookeeper.tickTime": 9}},
            r"java_properties is invalid: 'zookeeper.tickTime'\. Use settings\['tickTime'\]",
        ),
        (
            {"java_properties": {"zookeeper.admin.enableServer": "true"}},
            r"java_properties is invalid: 'zookeeper.admin.enableServer'\.",
        ),
        (
            {"java_properties": {"x": 9}, "image": "containersol/zookeeper:3.5.0-alpha"},
            r"java_properties is invalid: \{'x': '9'\}\. Remove them: this image",
        ),
        ({"image": "zookeeper"}, r"Image: image is invalid: 'zookeeper'\. Use a repository with a tag"),
        ({"client_port": "2181"}, r"client_port is invalid: '2181'\. .*port from 1 to 65535"),
        (
            {"options": ContainerOptions(environment={"ZOO_DATA_DIR": "/x"})},
            r"options.environment is invalid: 'ZOO_DATA_DIR'\. Remove it: the construct sets",
        ),
        ({"options": ContainerOptions(environment={"A B": "x"})}, r"options.environment is invalid: 'A B'\."),
        (
            {"options": ContainerOptions(mounts=[Mount("/a"), Mount("/b", "/a")])},
            r"options.mounts is invalid: '/a'\. .*another path",
        ),
        ({"options": ContainerOptions(restart="sometimes")}, r"options.restart is invalid: 'sometimes'\. .*'no' or"),  # type: ignore[arg-type]
        ({"client_port": 0}, r"client_port is invalid: 0\. .*port from 1 to 65535"),
        ({"client_port": 2888}, r"peer_port is invalid: 2888\. .*another port.* stack/zookeeper has"),
        (
            {"container_name": "mesos-zookeeper"},
            r"container_name is invalid: 'mesos-zookeeper'\. .*orphaned tasks",
        ),
        ({"container_name": "z" * 64}, r"container_name is invalid: 'z{64}'\. .*2 to 63"),
        (
            {"image": Image("our/zk", "3.9.4", family="ours")},
            r"image.family is invalid: 'ours'\. Use one of containersol, .*, zookeeper",
        ),
        ({"image": "zookeeper:3.3.6"}, r"image is invalid: 'zookeeper:3.3.6'\. .*release 3.4 or later"),
        (
            {"options": ContainerOptions(environment={"ZOO_MY_ID": "7"})},
            r"options.environment is invalid: 'ZOO_MY_ID'\. Remove it: the construct sets",
        ),
        (
            {"options": ContainerOptions(labels={"cdktf-mesos.role": "x"})},
            r"options.labels is invalid: 'cdktf-mesos.role'\.",
        ),
        (
            {"options": ContainerOptions(wait_seconds=0)},
            r"options.wait_seconds is invalid: 0\. .*whole number, 1 or more",
        ),
        (
            {"options": ContainerOptions(health_interval_seconds=120)},
            r"options.health_interval_seconds is invalid: 120\. .*less than wait_seconds",
        ),
    ],
)
def test_an_invalid_argument_is_refused_with_what_to_do(
    stack: TerraformStack, host: DockerHost, more: dict[str, Any], message: str
) -> None:
    arguments = {"image": "zookeeper:3.9.4", **more}
    with pytest.raises(ValueError, match=f"stack/zookeeper: ({message})"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[host], **arguments)
