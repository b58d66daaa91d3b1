"""What Terraform gets for apps on Marathon."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import (
    DockerHost,
    Marathon,
    MarathonApp,
    MarathonApps,
    MarathonFramework,
)
from cdktf_mesos.cdk import App, TerraformStack
from tests.unit.conftest import ClosedMasters, source_text
from tests.unit.marathon.app.conftest import APP, DOCKER

Synth = Callable[[], dict[str, Any]]
WATCH = "marathon-app.shop"


def data(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The `terraform_data` at a path of the stack."""
    found = document["resource"]["terraform_data"].values()
    (resource,) = (each for each in found if each["//"]["metadata"]["path"] == f"stack/{path}")
    return dict(resource)


def test_an_app_is_deployed_over_ssh_after_marathon_and_its_watch(apps: MarathonApps, synth: Synth) -> None:
    MarathonApp(apps, "shop", app={**APP, "cmd": "echo '${HOME}'"}, wait_seconds=60)
    document = synth()
    deployed, watch = data(document, "apps/shop/deployed"), document["containers"][WATCH]
    assert deployed["triggers_replace"] == {"app": {**APP, "cmd": "echo '$${HOME}'"}}
    (provisioner,) = deployed["provisioner"]
    environment = provisioner["local-exec"]["environment"]
    assert environment["DESTINATION"] == "ssh://ops@10.20.30.11"
    assert "ControlMaster=auto" in environment["OPTIONS"].splitlines()
    exports, words = environment["SETTINGS"].split("\n", 1)
    assert exports == "export INSTANCES=10.20.30.11:8080 AUTHORIZATION=''"
    assert words.startswith("set -- /shop '{") and words.endswith(" 60")
    assert environment["SCRIPT_THERE"].endswith('deploy "$@"')
    assert (watch["restart"], watch["init"], watch["healthcheck"]["test"]) == ("on-failure", True, ["NONE"])
    names = {kind: set(found) for kind, found in document["resource"].items()}
    (name,) = (name for name in names["docker_container"] if name.startswith("apps_shop_watch"))
    assert deployed["lifecycle"]["replace_triggered_by"] == [f"docker_container.{name}"]
    assert f"docker_container.{name}" in deployed["depends_on"]
    (marathon,) = (name for name in names["docker_container"] if name.startswith("host-1_marathon"))
    assert data(document, "apps/removal_of_apps")["depends_on"] == [f"docker_container.{marathon}"]


def test_an_app_is_removed_by_a_resource_that_stays_in_the_program(apps: MarathonApps, synth: Synth) -> None:
    MarathonApp(apps, "shop", app=APP)
    MarathonApp(apps, "cart", app={**APP, "id": "shop/cart"})
    removal = data(synth(), "apps/removal_of_apps")
    assert removal["for_each"] == {"/shop": "/shop", "/shop/cart": "/shop/cart"}
    assert removal["input"]["SETTINGS"].endswith("set -- ${each.key} 120")
    (provisioner,) = removal["provisioner"]
    assert provisioner["local-exec"]["when"] == "destroy"
    environment = provisioner["local-exec"]["environment"]
    assert environment["SETTINGS"] == "${self.input.SETTINGS}"
    assert environment["SCRIPT_THERE"].endswith('remove "$@"')


def test_without_apps_the_removal_is_still_there(apps: MarathonApps, synth: Synth) -> None:
    assert data(synth(), "apps/removal_of_apps")["for_each"] == {}


def test_only_a_changed_definition_replaces_the_watch(apps: MarathonApps, synth: Synth) -> None:
    MarathonApp(apps, "shop", app=APP)
    MarathonApp(apps, "other", app={**APP, "id": "/other"})
    MarathonApp(apps, "same", app={"id": "/same", **{name: APP[name] for name in ("cmd", "container")}})
    containers = synth()["containers"]
    label = {name: containers[f"marathon-app.{name}"]["labels"] for name in ("shop", "other")}
    assert label["shop"] != label["other"]
    assert containers[WATCH]["lifecycle"]["ignore_changes"] == ["entrypoint", "env", "log_opts"]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (APP, r"stack/apps/second: app\['id'\] is invalid: '/shop'\. Use another id: another app of the program has"),
        (
            {**APP, "id": "/b", "portDefinitions": [{"port": 8080}]},
            r"app: service port is invalid: 8080\. Use another service port: the app /shop has this one",
        ),
    ],
)
def test_two_apps_may_not_share_an_id_or_a_service_port(apps: MarathonApps, second: Any, message: str) -> None:
    MarathonApp(apps, "first", app={**APP, "ports": [8080]})
    with pytest.raises(ValueError, match=message):
        MarathonApp(apps, "second", app=second)


def test_all_apps_of_a_marathon_are_compared(apps: MarathonApps, stack: TerraformStack) -> None:
    MarathonApp(apps, "first", app={**APP, "ports": [8080]})
    others = MarathonApps(stack, "others", marathon=apps.marathon)
    with pytest.raises(ValueError, match="Use another id"):
        MarathonApp(others, "same", app=APP)
    with pytest.raises(ValueError, match="Use another service port: the app /shop has this one"):
        MarathonApp(others, "other", app={**APP, "id": "/other", "ports": [8080]})


def test_the_login_of_a_closed_cluster_is_in_files_and_not_in_the_state(
    app: App,
    stack: TerraformStack,
    host: DockerHost,
    closed_masters: ClosedMasters,
    secrets: Path,
    synth: Synth,
) -> None:
    masters = closed_masters("required")
    marathon = Marathon(stack, "m1", hosts=[host], masters=masters, image="mesosphere/marathon:v1.11.24")
    MarathonApp(MarathonApps(stack, "apps", marathon=marathon), "shop", app=APP)
    document = synth()
    assert marathon.login
    watch = document["containers"]["m1-app.shop"]
    (upload,) = watch["upload"]
    assert (upload["file"], upload["source_hash"]) == (marathon.login.path, marathon.login.digest)
    assert f"LOGIN_FILE={marathon.login.path}" in watch["env"]
    source = data(document, "apps/removal_of_apps")["input"]["LOGIN_FILE"]
    assert source_text(app, {"source": source}) == marathon.login.text
    text = json.dumps(document)
    for each in secrets.iterdir():
        if each.is_file() and not each.name.startswith("."):
            assert each.read_text() not in text
    assert marathon.login.text not in text


def test_the_machine_of_apps_must_be_one_of_marathon(
    stack: TerraformStack, marathon: Marathon, hosts: Callable[[int], list[DockerHost]]
) -> None:
    other = DockerHost(stack, "other", address="10.20.30.99")
    with pytest.raises(ValueError, match=r"host is invalid: '10.20.30.99'\. Use a machine of Marathon: 10.20.30.11"):
        MarathonApps(stack, "apps", marathon=marathon, host=other)


def test_the_machine_of_apps_must_be_in_their_stack(stack: TerraformStack, marathon: Marathon) -> None:
    other = TerraformStack(stack.node.root, "other")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Use a DockerHost of the stack that the apps are in"):
        MarathonApps(other, "apps", marathon=marathon)


def test_name_servers_are_for_docker_containers_on_the_network_of_the_host(apps: MarathonApps) -> None:
    def parameters(name: str, app: dict[str, Any]) -> Any:
        made = MarathonApp(apps, name, app={"id": f"/{name}", **app}, dns=["10.20.30.11", "10.20.30.12"])
        return made.definition["container"].get("docker", {}).get("parameters")

    own = {"parameters": [{"key": "dns", "value": "1.1.1.1"}]}
    other = {"parameters": [{"key": "label", "value": "a=b"}]}
    servers = [{"key": "dns", "value": "10.20.30.11"}, {"key": "dns", "value": "10.20.30.12"}]
    servers.append({"key": "dns-opt", "value": "timeout:3"})
    assert parameters("host", {"container": DOCKER}) == servers
    assert parameters("more", {"container": {"docker": {"image": "a", **other}}}) == [*other["parameters"], *servers]
    assert parameters("own", {"container": {"docker": {"image": "a", **own}}}) == own["parameters"]
    assert parameters("bridge", {"container": {"docker": {"image": "a", "network": "BRIDGE"}}}) is None
    assert parameters("mesos", {"container": {"type": "MESOS", "docker": {"image": "a"}}}) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"wait_seconds": 0}, r"wait_seconds is invalid: 0\. Use a whole number, 1 or more"),
        ({"dns": ["ns1.example.com"]}, r"dns is invalid: 'ns1.example.com'\. Use IPv4 addresses"),
        ({"app": {**APP, "labels": {"a": "b" * 60_000}}}, "Use a smaller definition: .* it may have 100000 bytes"),
    ],
)
def test_arguments_that_cannot_work_are_refused(apps: MarathonApps, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MarathonApp(apps, "shop", **{"app": APP, **arguments})


def test_a_framework_is_reached_by_masters_and_never_runs_twice(apps: MarathonApps) -> None:
    framework = MarathonFramework(
        apps, "chronos", app_id="/chronos", image="chronos:2", command="exec bin/chronos", env={"A": "b"}
    )
    assert framework.definition.pop("cmd").splitlines()[-2:] == [
        'export LIBPROCESS_PORT="$PORT1"',
        "exec bin/chronos",
    ]
    assert framework.definition == {
        "id": "/chronos",
        "cpus": 0.5,
        "mem": 512,
        "env": {"A": "b"},
        "instances": 1,
        "upgradeStrategy": {"minimumHealthCapacity": 0, "maximumOverCapacity": 0},
        "networks": [{"mode": "host"}],
        "container": {"type": "DOCKER", "docker": {"image": "chronos:2"}},
        "portDefinitions": [{"port": 0}] * 2,
    }


@pytest.mark.parametrize(
    ("agent", "path", "address"),
    [("10.20.30.21", "/none", "10.20.30.21"), ("localhost", "/usr/bin:/bin", "127.0.0.1"), ("localhost", "/none", "")],
)
def test_a_framework_says_its_agents_address_also_if_the_agent_has_a_host_name(
    apps: MarathonApps, agent: str, path: str, address: str
) -> None:
    command = 'echo "${LIBPROCESS_IP-} $LIBPROCESS_PORT"'
    framework = MarathonFramework(apps, "f", app_id="/f", image="i", command=command)
    environment = {"PATH": path, "HOST": agent, "PORT0": "31000", "PORT1": "31001"}
    done = subprocess.run(
        ["/bin/sh", "-c", framework.definition["cmd"]], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{address} 31001\n"


def test_a_framework_takes_further_fields_but_not_those_that_it_sets(apps: MarathonApps) -> None:
    docker = {"forcePullImage": True}
    more: dict[str, Any] = {"app_id": "/f", "image": "i", "command": "c"}
    framework = MarathonFramework(apps, "f", **more, app={"container": {"docker": docker}, "labels": {"a": "b"}})
    assert framework.definition["container"]["docker"] == {"image": "i", **docker}
    assert framework.definition["labels"] == {"a": "b"}
    for name, app, message in (
        ("g", {"instances": 2}, r"stack/apps/g: app\['instances'\] is invalid: 2\. Remove it"),
        # On a bridge it would register, but get no offers.
        ("h", {"container": {"docker": {"network": "BRIDGE"}}}, r"\['docker'\]\['network'\] is invalid: 'BRIDGE'"),
        ("i", {"container": {"portMappings": []}}, r"app\['container'\]\['portMappings'\] is invalid"),
        ("j", {"env": {"PASSWORD": "secret"}}, r"app\['env'\] is invalid: '…'"),
        ("k", {"container": 1}, r"app\['container'\] is invalid: 1\. Use an object"),
    ):
        with pytest.raises(ValueError, match=message):
            MarathonFramework(apps, name, **more, app=app)
    with pytest.raises(ValueError, match=r"stack/apps/l: ports is invalid: 1\. Use 2 or more"):
        MarathonFramework(apps, "l", **more, ports=1)
