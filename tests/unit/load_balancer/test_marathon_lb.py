from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import (
    ContainerOptions,
    DockerHost,
    Image,
    Marathon,
    MarathonApp,
    MarathonApps,
    MarathonLb,
    MesosAgentPool,
    MesosMasterSet,
    Mount,
    ZookeeperEnsemble,
)
from cdktf_mesos.cdk import App, TerraformStack
from tests.unit.conftest import ClosedMasters, source_text

Synth = Callable[[], dict[str, Any]]
IMAGE = "mesosphere/marathon-lb:v1.15.0"


@pytest.fixture
def edges(stack: TerraformStack) -> list[DockerHost]:
    """Hosts beside that of Marathon, which has the number 1."""
    return [
        DockerHost(stack, f"lb-{i}", address=f"10.20.30.{20 + i}", engine=f"ssh://o@10.20.30.{20 + i}") for i in (1, 2)
    ]


@pytest.fixture
def marathon(stack: TerraformStack, host: DockerHost, masters: MesosMasterSet) -> Marathon:
    return Marathon(stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.11.24")


def balancer(stack: TerraformStack, edges: list[DockerHost], marathon: Marathon, **more: Any) -> MarathonLb:
    given = {"image": IMAGE, "groups": ["external"], "domain": "apps.example.com", **more}
    return MarathonLb(stack, "lb", hosts=edges, marathon=marathon, **given)


def test_it_gets_marathons_addresses_its_groups_and_the_options_of_its_release(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon, synth: Synth
) -> None:
    balancer(stack, edges, marathon, groups=["external", "internal"], flags={"strict-mode": True, "log-level": "debug"})
    container = synth()["containers"]["lb"]
    assert container["command"][:4] == ["20", "30", "-", "-"]
    assert container["command"][4:] == [
        *("sse", "--marathon", "http://10.20.30.11:8080", "--group", "external", "--group", "internal"),
        *("--health-check", "--max-backoff", "10", "--strict-mode", "--log-level", "debug"),
    ]
    assert container["env"] == ["PORTS=80,443,9090,9091"]
    assert container["destroy_grace_seconds"] > 20 + 30


def test_old_releases_get_no_option_that_they_do_not_have(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon, synth: Synth
) -> None:
    balancer(stack, edges, marathon, image="mesosphere/marathon-lb:v1.12.3")
    assert "--max-backoff" not in synth()["containers"]["lb"]["command"]


def test_a_marathon_without_a_stream_of_events_is_polled(
    stack: TerraformStack, edges: list[DockerHost], host: DockerHost, synth: Synth
) -> None:
    zookeeper = ZookeeperEnsemble(stack, "zookeeper", hosts=[host], image="zookeeper:3.4.14")
    masters = MesosMasterSet(
        stack, "masters", hosts=[host], zookeeper=zookeeper, cluster="c", image="mesosphere/mesos-master:0.22.1"
    )
    old = Marathon(stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v0.10.0")
    balancer(stack, edges, old)
    container = synth()["containers"]["lb"]
    assert container["command"][4] == "poll" and "POLL_INTERVAL=10" in container["env"]


def test_names_of_apps_are_in_the_templates_only_with_a_domain(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon, synth: Synth
) -> None:
    balancer(stack, edges[:1], marathon)
    MarathonLb(stack, "labels", hosts=edges[1:], marathon=marathon, image=IMAGE, groups=["a"], http_port=8000)
    made = synth()["containers"]
    files = {name: {each["file"]: each["content"] for each in made[name]["upload"]} for name in ("lb", "labels")}
    head = "/marathon-lb/templates/HAPROXY_HTTP_FRONTEND_HEAD"
    assert "backend_by_name(apps.example.com)" in files["lb"][head] and "/marathon-lb/by_name.lua" in files["lb"]
    assert "lua" not in files["labels"][head] and "bind *:8000\n" in files["labels"][head]
    assert set(files["labels"]) == {head, head.replace("HTTP_", "HTTPS_")}


def test_images_with_a_newer_haproxy_get_templates_that_it_knows(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon, synth: Synth
) -> None:
    balancer(stack, edges, marathon, image="avhost/marathon-lb:v1.17.0-4")
    files = {each["file"] for each in synth()["containers"]["lb"]["upload"]}
    assert "/marathon-lb/templates/HAPROXY_BACKEND_HSTS_OPTIONS" in files


def test_certificates_and_the_login_are_files_of_the_host_and_not_in_the_state(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon, synth: Synth
) -> None:
    lb = balancer(stack, edges, marathon, certificates="/srv/certificates", credentials_file="/srv/login/marathon")
    container = synth()["containers"]["lb"]
    assert {(each["host_path"], each["container_path"], each["read_only"]) for each in container["volumes"]} == {
        ("/srv/certificates", "/etc/marathon-lb/certificates", True),
        ("/srv/login/marathon", "/etc/marathon-lb/login", True),
    }
    words = container["command"]
    assert words[words.index("--ssl-certs") + 1] == "/etc/marathon-lb/certificates"
    assert words[words.index("--marathon-auth-credential-file") + 1] == "/etc/marathon-lb/login"
    check = lb.members[0].host_check
    # The folder of the file: for a file that is missing, the engine would make a folder of that name.
    assert check and [mount.host_path for mount in check.mounts] == ["/srv/certificates", "/srv/login"]


@pytest.mark.parametrize(
    ("id_", "url"),
    [
        ("/web", "http://web.apps.example.com"),
        ("/shop/cart", "http://cart.shop.apps.example.com"),
    ],
)
def test_the_url_of_an_app_is_its_name_in_the_domain(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon, id_: str, url: str
) -> None:
    assert balancer(stack, edges, marathon).url_of(id_) == url


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"groups": []}, r"groups is invalid: \[\]. Use names of groups as apps have them"),
        ({"groups": ""}, "groups is invalid: ''. Use names"),
        ({"groups": ["a,b"]}, r"groups is invalid: \['a,b'\]. Use names"),
        ({"groups": ["--sse"]}, "groups is invalid"),
        ({"domain": "example com"}, "domain is invalid: 'example com'. Use a domain such as 'apps.example.com'"),
        ({"domain": "*.example.com"}, "domain is invalid: .* without a wildcard"),
        ({"domain": "10.20.30.1"}, "domain is invalid: '10.20.30.1'"),
        ({"domain": "example.com."}, "domain is invalid"),
        ({"domain": ""}, "domain is invalid: ''"),
        ({"certificates": "certs"}, "certificates is invalid: 'certs'. Use an absolute path"),
        ({"credentials_file": "login"}, "credentials_file is invalid: 'login'"),
        ({"drain_seconds": -1}, "drain_seconds is invalid: -1. Use a whole number, 0 or more"),
        ({"hard_stop_seconds": 0}, "hard_stop_seconds is invalid: 0"),
        ({"http_port": 9090}, "stats_port is invalid: 9090. .*stack/lb has this one"),
        ({"http_port": 443}, "https_port is invalid: 443"),
        ({"flags": {"sse": True}}, r"flags\['sse'\] is invalid: True. Use the arguments of the construct"),
        ({"flags": {"auth-credentials": "a:b"}}, r"flags\['auth-credentials'\] is invalid: '…'. Use credentials_file"),
        ({"flags": {"nonsense": 1}}, r"flags\['nonsense'\] is invalid: 1. Use an option of marathon-lb"),
        ({"flags": {"strict-mode": "yes"}}, "Use True or False: this option has no value"),
        ({"flags": {"log-level": True}}, "Use text or a number"),
        ({"flags": {"dont-bind-http-https": True}}, "Remove it, or domain: nothing would listen for names of apps"),
        ({"flags": {"haproxy-map": True}}, "Remove it, or domain"),
        (
            {"flags": {"max-backoff": 5}, "image": "mesosphere/marathon-lb:v1.12.3"},
            "marathon-lb has it from 1.13 on, and this is v1.12.3",
        ),
        ({"image": "mesosphere/marathon-lb:v1.11.5"}, "image is invalid: .*Use release 1.12 or later"),
        ({"image": "mesosphere/marathon-lb:v1.12.1"}, "image is invalid: .*marathon-lb-follows-no-redirect"),
        ({"image": "our/balancer:v1.15.0"}, r"image is invalid: .*known repository \(avhost/marathon-lb, mesosphere"),
        ({"image": Image("our/balancer", "v1.15.0", family="x")}, "image.family is invalid: 'x'"),
        (
            {"options": ContainerOptions(environment={"MARATHON_PASSWORD": "x"})},
            "options.environment is invalid: 'MARATHON_PASSWORD'. Remove it: it would be in the state and in the log",
        ),
        ({"options": ContainerOptions(environment={"HAPROXY_SSL_CERT3": "x"})}, "'HAPROXY_SSL_CERT3'"),
        ({"options": ContainerOptions(environment={"HAPROXY_FRONTEND_HEAD": "x"})}, "the construct sets this template"),
        (
            {"options": ContainerOptions(mounts=[Mount("/srv/x", "/marathon-lb/templates")])},
            "options.mounts is invalid: '/marathon-lb/templates'. Mount single files",
        ),
    ],
)
def test_an_invalid_argument_is_refused_with_what_to_do(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        balancer(stack, edges, marathon, **more)


def test_a_load_balancer_of_a_closed_cluster_logs_in_by_itself(
    app: App,
    stack: TerraformStack,
    edges: list[DockerHost],
    host: DockerHost,
    closed_masters: ClosedMasters,
    secrets: Path,
    synth: Synth,
) -> None:
    masters = closed_masters("required")
    marathon = Marathon(stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.11.24")
    with pytest.raises(ValueError, match=r"credentials_file is invalid: '/srv/login'\. Remove it"):
        balancer(stack, edges, marathon, credentials_file="/srv/login")
    stack.node.try_remove_child("lb")
    balancer(stack, edges, marathon)
    container = synth()["containers"]["lb"]
    words = container["command"]
    path = words[words.index("--marathon-auth-credential-file") + 1]
    (upload,) = (each for each in container["upload"] if each["file"] == path)
    assert source_text(app, upload) == f"operator:{(secrets / 'operator').read_text()}"
    # The script that starts it looks at the file as well.
    assert words[3] == path


def test_a_port_of_another_member_on_its_host_is_refused(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon
) -> None:
    balancer(stack, edges, marathon)
    with pytest.raises(ValueError, match="http_port is invalid: 80. Use another port: stack/lb has this one"):
        MarathonLb(stack, "lb2", hosts=edges[:1], marathon=marathon, image=IMAGE, groups=["*"])


def test_service_ports_that_an_agent_on_its_host_offers_are_refused(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon, masters: MesosMasterSet
) -> None:
    MesosAgentPool(stack, "agents", hosts=edges[:1], masters=masters, resources={"ports": "[9000-12000]"})
    with pytest.raises(ValueError, match="(9090.*stack/agents offers 9000-12000|service ports 10000-20000)"):
        balancer(stack, edges, marathon)


def test_an_app_before_it_may_not_have_a_service_port_of_its_machines(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon
) -> None:
    app = {"id": "/web", "cmd": "exec sleep 1", "ports": [9090]}
    MarathonApp(MarathonApps(stack, "apps", marathon=marathon), "web", app=app)
    with pytest.raises(ValueError, match="'service port 9090 of /web'. Use another .* stack/lb listens on it"):
        balancer(stack, edges, marathon)


def test_service_ports_are_those_of_marathons_flags(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet
) -> None:
    flags = {"local_port_min": 15000, "local_port_max": 15100}
    marathon = Marathon(
        stack, "marathon", hosts=[host], masters=masters, image="mesosphere/marathon:v1.11.24", flags=flags
    )
    assert marathon.service_ports == (15000, 15100)
    # Marathon's own port for the masters is 15101.
    balancer(stack, [host], marathon)


def test_an_agent_that_offers_service_ports_later_is_refused(
    stack: TerraformStack, edges: list[DockerHost], marathon: Marathon, masters: MesosMasterSet
) -> None:
    balancer(stack, edges, marathon)
    with pytest.raises(ValueError, match="stack/lb listens on 10000-20000 on the same machine"):
        MesosAgentPool(stack, "agents", hosts=edges[:1], masters=masters, resources={"ports": "[19000-21000]"})
