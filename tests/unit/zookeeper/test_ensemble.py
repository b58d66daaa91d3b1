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


def test_hosts_in_stacks_of_their_own_get_their_members_there(app: App) -> None:
    stacks = [TerraformStack(app, f"host-{i}") for i in range(3)]
    hosts = [DockerHost(stack, "host", address=f"10.0.0.{i + 1}") for i, stack in enumerate(stacks)]
    ZookeeperEnsemble(TerraformStack(app, "cluster"), "zookeeper", hosts=hosts, image="zookeeper:3.9.4")
    for stack in stacks:
        document = json.loads(Testing.synth(stack))
        (container,) = document["resource"]["docker_container"].values()
        assert container["provider"] == "docker.host"
        assert document["terraform"]["required_providers"]["docker"]["version"] == "~> 4.6"


def test_addresses_that_only_terraform_knows_are_refused_on_several_stacks(app: App) -> None:
    stacks = [TerraformStack(app, f"host-{i}") for i in range(3)]
    addresses = [TerraformVariable(stack, "address", type="string").string_value for stack in stacks]
    hosts = [DockerHost(stack, "host", address=address) for stack, address in zip(stacks, addresses, strict=True)]
    with pytest.raises(ValueError, match="cluster/zookeeper: hosts='host-0/host': an address known to the program"):
        ZookeeperEnsemble(TerraformStack(app, "cluster"), "zookeeper", hosts=hosts, image="zookeeper:3.9.4")


def test_data_outlives_the_container_and_the_container_gets_time_to_stop(
    zookeeper: ZookeeperEnsemble, synth: Synth
) -> None:
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


def test_the_admin_server_leaves_its_port_to_marathon(zookeeper: ZookeeperEnsemble, synth: Synth) -> None:
    assert environment(synth()["containers"]["zookeeper"])["ZOO_ADMINSERVER_ENABLED"] == "false"


def test_release_3_4_has_the_old_form_of_a_server_line(stack: TerraformStack, host: DockerHost, synth: Synth) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.4.14")
    env = environment(synth()["containers"]["zookeeper"])
    assert env["ZOO_SERVERS"] == "server.1=10.20.30.11:2888:3888"
    assert "ZOO_ADMINSERVER_ENABLED" not in env


def test_another_log_driver_has_options_of_its_own(stack: TerraformStack, host: DockerHost, synth: Synth) -> None:
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
def test_the_users_log_options_are_in_a_label_as_the_engine_adds_its_own_to_them(
    stack: TerraformStack, host: DockerHost, synth: Synth, options: Mapping[str, str] | None, label: str | None
) -> None:
    given = ContainerOptions(log_options=options)
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", options=given)
    container = synth()["containers"]["zookeeper"]
    assert container["lifecycle"] == {"ignore_changes": ["log_opts"]}
    assert {each["label"]: each["value"] for each in container["labels"]}.get("cdktf-mesos.log") == label


def test_two_repositories_that_read_alike_stay_two_images(
    stack: TerraformStack, host: DockerHost, synth: Synth
) -> None:
    ports: dict[str, Any] = {"client_port": 2182, "peer_port": 2889, "election_port": 3889}
    ZookeeperEnsemble(stack, "one", hosts=[host], image=Image("our/zoo-keeper", "3.9.4", family="zookeeper"))
    image = Image("our-zoo/keeper", "3.9.4", family="zookeeper")
    ZookeeperEnsemble(stack, "two", hosts=[host], image=image, **ports)
    names = {image["name"] for image in synth()["resource"]["docker_image"].values()}
    assert names == {"our/zoo-keeper:3.9.4", "our-zoo/keeper:3.9.4"}


def test_four_letter_words_are_added_to_those_that_are_asked(
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
def test_java_properties_reach_the_virtual_machine(
    stack: TerraformStack, host: DockerHost, synth: Synth, version: str, flags: str
) -> None:
    properties = {"jute.maxbuffer": 4194304}
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=f"zookeeper:{version}", java_properties=properties)
    assert environment(synth()["containers"]["zookeeper"])["JVMFLAGS"] == flags


def test_settings_reach_the_configuration(stack: TerraformStack, host: DockerHost, synth: Synth) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.9.4", settings={"maxSessionTimeout": 60000})
    assert environment(synth()["containers"]["zookeeper"])["ZOO_CFG_EXTRA"] == "maxSessionTimeout=60000"


def test_containersol_starts_alone_and_is_joined_by_the_others(
    stack: TerraformStack, hosts: Hosts, synth: Synth
) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(3), image=Image("containersol/zookeeper", "3.5.4"))
    commands = [c["command"] for c in synth()["resource"]["docker_container"].values()]
    assert commands == [["1"], ["2", "10.20.30.11"], ["3", "10.20.30.11"]]


def test_the_revision_of_containersol_that_takes_no_id_is_selected_by_its_family(
    stack: TerraformStack, hosts: Hosts, synth: Synth
) -> None:
    image = Image("containersol/zookeeper", "3.5.1-rc2", family="containersol-first-node")
    ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(3), image=image)
    document = synth()
    containers = list(document["resource"]["docker_container"].values())
    assert [container.get("command") for container in containers] == [None, ["10.20.30.11"], ["10.20.30.11"]]
    # A server takes the id after the last, so none may start beside another, nor before the first.
    assert [len(container.get("depends_on", [])) for container in containers] == [0, 1, 2]


def test_whoever_has_containersol_is_told_what_it_loses(stack: TerraformStack, host: DockerHost) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="containersol/zookeeper:3.5.1-rc2")
    (warning,) = warnings(host)
    assert "wipes its data at every start" in warning
    assert "eth0" in warning


@pytest.mark.parametrize(
    ("tag", "warned"),
    [("3.4.10", True), ("3.4.11", False), ("3.5.3-beta", True), ("3.5.4-beta", False), ("3.9", False)],
)
def test_the_first_official_images_never_delete_snapshots(
    stack: TerraformStack, host: DockerHost, tag: str, warned: bool
) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=f"zookeeper:{tag}")
    assert [f"the image of {tag} never deletes snapshots" in each for each in warnings(host)] == [True] * warned


ALWAYS = {"ZOO_MY_ID", "ZOO_SERVERS", "ZOO_AUTOPURGE_PURGEINTERVAL", "ZOO_AUTOPURGE_SNAPRETAINCOUNT"}
FROM_3_5 = {"ZOO_ADMINSERVER_ENABLED", "ZOO_4LW_COMMANDS_WHITELIST"}


@pytest.mark.parametrize("digest", ["", "@sha256:" + "0123456789abcdef" * 4])
@pytest.mark.parametrize(
    ("tag", "suffixed", "variables"),
    [
        # What the entrypoint of the release reads (31z4/zookeeper-docker): from 3.5 the client port is the servers'.
        ("3.4.14", False, set()),
        ("3.5.4-beta", True, {*FROM_3_5, "JVMFLAGS"}),
        ("3.5.10", True, {*FROM_3_5, "JVMFLAGS"}),
        *((tag, True, FROM_3_5) for tag in ("3.6.4", "3.7.2-jre11", "3.8.4", "3.9.2-alpine")),
    ],
)
def test_each_release_of_the_official_image_is_told_what_its_entrypoint_reads(
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
def test_the_official_image_is_known_in_every_registry_and_others_by_their_family(
    stack: TerraformStack, host: DockerHost, synth: Synth, image: str | Image
) -> None:
    ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=image)
    assert environment(synth()["containers"]["zookeeper"])["ZOO_MY_ID"] == "1"


@pytest.mark.parametrize("repository", ["mesoscloud/zookeeper", "jplock/zookeeper", "quay.io/bitnami/zookeeper"])
def test_an_image_of_no_known_family_is_refused_as_it_may_not_read_its_configuration(
    stack: TerraformStack, host: DockerHost, repository: str
) -> None:
    message = f"stack/zookeeper: image='{repository}:3.4.8': a repository that is known, containersol/.*, or the family"
    with pytest.raises(ValueError, match=message):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image=f"{repository}:3.4.8")


@pytest.mark.parametrize("count", [2, 4])
def test_an_even_ensemble_is_refused_with_the_reason(stack: TerraformStack, hosts: Hosts, count: int) -> None:
    with pytest.raises(ValueError, match=f"stack/zookeeper: hosts='{count} hosts': an odd number: .*quorum"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=hosts(count), image="zookeeper:3.9.4")


def test_an_empty_ensemble_is_refused(stack: TerraformStack) -> None:
    with pytest.raises(ValueError, match=r"stack/zookeeper: hosts=\[\]: a list of at least one DockerHost"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[], image="zookeeper:3.9.4")


def test_a_host_twice_is_refused(stack: TerraformStack, hosts: Hosts) -> None:
    first, second, _ = hosts(3)
    with pytest.raises(ValueError, match="stack/zookeeper: hosts='stack/host-1': each host once"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[first, second, first], image="zookeeper:3.9.4")


def test_two_hosts_of_one_address_are_refused(stack: TerraformStack, hosts: Hosts) -> None:
    twin = DockerHost(stack, "twin", address="10.20.30.11")
    with pytest.raises(ValueError, match=r"stack/zookeeper: hosts='stack/twin': .*stack/host-1 has 10\.20\.30\.11"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[*hosts(2), twin], image="zookeeper:3.9.4")


@pytest.mark.parametrize("chroot", ["mesos", "/", "/mesos/", "", "//a", "/a b", "/zookeeper", "/zookeeper/x", "/../a"])
def test_a_chroot_that_zookeeper_would_not_take_is_refused(
    stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, chroot: str
) -> None:
    with pytest.raises(ValueError, match="stack/zookeeper: chroot=") as error:
        zookeeper.url_of(zookeeper, chroot)
    assert repr(chroot) in str(error.value)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"settings": {"dataDir": "/x"}}, r"settings='dataDir': another setting"),
        ({"settings": {"server.4": "x"}}, r"settings='server\.4'"),
        (
            {"settings": {"tickTime": "9"}, "image": "zookeeper:3.5.4-beta"},
            r"settings=\{'tickTime': '9'\}: none before 3\.5\.9",
        ),
        ({"settings": {"tickTime": "b c"}}, r"settings\['tickTime'\]='b c': a value without white space"),
        ({"settings": {"ssl.keyStore.password": "b c"}}, r"settings\['ssl.keyStore.password'\]='…': a value without"),
        ({"settings": {"jute.maxbuffer": 9}}, "settings='jute.maxbuffer': an entry of java_properties"),
        ({"settings": {"admin.serverPort": 9}}, "settings='admin.serverPort': .* no effect, .*AdminServer"),
        ({"settings": {"dynamicConfigFile": "/x"}}, "settings='dynamicConfigFile': another setting"),
        ({"settings": {"maxSesionTimeout": 9}}, "settings='maxSesionTimeout': .*; 'maxSessionTimeout' may be meant"),
        ({"settings": {"requestThrottleLimit": 9}}, ".*; 'request_throttle_max_requests' may be meant"),
        ({"settings": {"zookeeper.snapCount": 9}}, ".*; 'snapCount' may be meant"),
        ({"settings": {"4lw.commands.whitelist": "stat,quit"}}, r"settings\['4lw.commands.whitelist'\]='stat,quit'"),
        (
            {"settings": {"4lw.commands.whitelist": "stat"}, "image": "zookeeper:3.4.14"},
            r"settings\['4lw.commands.whitelist'\]='stat': none before 3\.5",
        ),
        ({"java_properties": {"-Dx": 9}}, "java_properties='-Dx': the name of a Java property, without -D"),
        ({"java_properties": {"x": "a b"}}, r"java_properties\['x'\]='a b': a value without white space"),
        (
            {"java_properties": {"zookeeper.tickTime": 9}},
            r"java_properties='zookeeper.tickTime': settings\['tickTime'\]",
        ),
        (
            {"java_properties": {"zookeeper.admin.enableServer": "true"}},
            "java_properties='zookeeper.admin.enableServer'",
        ),
        (
            {"java_properties": {"x": 9}, "image": "containersol/zookeeper:3.5.0-alpha"},
            r"java_properties=\{'x': '9'\}: none in this image",
        ),
        ({"image": "zookeeper"}, "Image: image='zookeeper': a repository with a tag"),
        ({"client_port": "2181"}, "client_port='2181': a port from 1 to 65535"),
        ({"options": ContainerOptions(environment={"ZOO_DATA_DIR": "/x"})}, "options.environment='ZOO_DATA_DIR'"),
        ({"options": ContainerOptions(environment={"A B": "x"})}, "options.environment='A B': the name of a variable"),
        ({"options": ContainerOptions(mounts=[Mount("/a"), Mount("/b", "/a")])}, "options.mounts='/a': another path"),
        ({"options": ContainerOptions(restart="sometimes")}, "options.restart='sometimes': 'no' or"),  # type: ignore[arg-type]
        ({"client_port": 0}, "client_port=0: a port from 1 to 65535"),
        ({"client_port": 2888}, "peer_port=2888: another port; stack/zookeeper has"),
        ({"container_name": "mesos-zookeeper"}, "container_name='mesos-zookeeper': .*orphaned tasks"),
        ({"container_name": "z" * 64}, "container_name='z{64}': 2 to 63"),
        (
            {"image": Image("our/zk", "3.9.4", family="ours")},
            "image.family='ours': one of containersol, .*, zookeeper",
        ),
        ({"image": "zookeeper:3.3.6"}, "image='zookeeper:3.3.6': release 3.4 or later"),
        ({"options": ContainerOptions(environment={"ZOO_MY_ID": "7"})}, "options.environment='ZOO_MY_ID'"),
        ({"options": ContainerOptions(labels={"cdktf-mesos.role": "x"})}, "options.labels='cdktf-mesos.role'"),
        ({"options": ContainerOptions(wait_seconds=0)}, "options.wait_seconds=0: a whole number, 1 or more"),
        (
            {"options": ContainerOptions(health_interval_seconds=120)},
            "options.health_interval_seconds=120: less than wait_seconds=120",
        ),
    ],
)
def test_bad_input_names_construct_argument_and_value(
    stack: TerraformStack, host: DockerHost, more: dict[str, Any], message: str
) -> None:
    arguments = {"image": "zookeeper:3.9.4", **more}
    with pytest.raises(ValueError, match=f"stack/zookeeper: ({message})"):
        ZookeeperEnsemble(stack, "zookeeper", hosts=[host], **arguments)
