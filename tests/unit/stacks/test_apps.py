"""The apps of a cluster, on the platforms `local` and `static`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos.cdk import App
from stacks import AppsSettings, Cluster, DnsSettings, Framework, add_cluster
from tests.unit.aws_app import cluster
from tests.unit.stacks import test_static
from tests.unit.synthesised import synthesise, synthesised

APP: dict[str, Any] = {"id": "/shop/cart", "cmd": "sleep 1", "container": {"docker": {"image": "busybox"}}}
PINS: dict[str, Any] = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0", "marathon_version": "v1.11.24"}


def local(**more: Any) -> Cluster:
    return Cluster(name="dev", **PINS, **more)


def removal(document: dict[str, Any]) -> dict[str, Any]:
    (found,) = (each for name, each in document["resource"]["terraform_data"].items() if "removal" in name)
    return dict(found)


def test_on_one_engine_apps_are_in_the_stack_of_the_cluster() -> None:
    scheduler = Framework(id="/chronos", image="chronos:2", command="bin/chronos")
    document = synthesised(local(apps=AppsSettings(definitions=[APP], frameworks=[scheduler]))).documents["dev"]
    assert set(removal(document)["for_each"]) == {"/shop/cart", "/chronos"}
    assert removal(document)["input"]["DESTINATION"] == ""
    containers = document["resource"]["docker_container"]
    after = {containers[each.partition(".")[2]]["name"] for each in removal(document)["depends_on"]}
    assert after == {"dev-marathon", "dev-agent-1"}
    names = {each["name"] for each in containers.values()}
    assert {"dev-marathon-app.shop.cart", "dev-marathon-app.chronos"} <= names


def test_an_app_may_have_any_id() -> None:
    ids = ["/removal", "/apps", "/a.b"]
    document = synthesised(local(apps=AppsSettings(definitions=[{**APP, "id": each} for each in ids]))).documents["dev"]
    (removal,) = (name for name in document["resource"]["terraform_data"] if name.startswith("apps_removal_of_apps_"))
    assert set(document["resource"]["terraform_data"][removal]["for_each"]) == set(ids)


def test_on_several_machines_apps_have_a_stack_of_their_own_after_the_roll() -> None:
    found = synthesised(test_static.cluster(machines=[], apps=AppsSettings(definitions=[APP])))
    assert found.dependencies["prod-5-apps"] == ["prod-3-marathon-c3-members"]
    document = found.documents["prod-5-apps"]
    assert set(removal(document)["for_each"]) == {"/shop/cart"}
    settings = removal(document)["input"]
    assert settings["DESTINATION"] == "ssh://ops@10.0.0.11"
    assert "INSTANCES='10.0.0.11:8080 10.0.0.12:8080 10.0.0.13:8080'" in settings["SETTINGS"]


@pytest.mark.parametrize(
    ("masters", "dns", "servers"),
    [
        (1, None, set()),
        (3, {}, {"10.0.0.11", "10.0.0.12", "10.0.0.13"}),
        (1, {"container_dns": False}, set()),
        (1, {"port": 5300}, set()),
    ],
)
def test_apps_on_the_hosts_network_ask_mesos_dns_if_there_is_one(
    masters: int, dns: dict[str, Any] | None, servers: set[str]
) -> None:
    settings = dns if dns is None else DnsSettings(version="v0.9.4", resolvers=["10.0.0.2"], **dns)
    control = test_static.machines("c", 11, masters)
    what = test_static.small(control_plane=control, apps=AppsSettings(definitions=[APP]), dns=settings)
    text = json.dumps(synthesised(what).documents["prod-5-apps"]["resource"])
    assert set(re.findall(r"key\W+dns\W+value\W+([0-9.]+)", text)) == servers


def test_without_the_setting_there_is_no_stack_for_apps() -> None:
    assert not any("apps" in name for name in synthesised(test_static.small()).documents)


def test_apps_may_be_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cart.json").write_text(json.dumps(APP))
    document = synthesise(tmp_path / "out", local(apps=AppsSettings(files=["cart.json"]))).documents["dev"]
    assert set(removal(document)["for_each"]) == {"/shop/cart"}


@pytest.mark.parametrize(
    ("apps", "message"),
    [
        ({"files": ["none.json"]}, "AppsSettings: files is invalid: 'none.json'. Use a file with the JSON of one app"),
        ({"definitions": [{"cmd": "x"}]}, "AppsSettings: definitions[0]: app['id'] is invalid: None. Use names of"),
        (
            {"definitions": [{**APP, "id": "/"}]},
            "AppsSettings: definitions[0]: app['id'] is invalid: '/'. Use names",
        ),
        ({"definitions": [APP, APP]}, "AppsSettings: definitions[1]: id is invalid: '/shop/cart'. Use another id"),
        (
            {"definitions": [APP], "frameworks": [Framework(id="shop/cart", image="i", command="c")]},
            "AppsSettings: frameworks[0]: id is invalid: 'shop/cart'. Use another id",
        ),
        ({"definitions": [{**APP, "cpu": 1}]}, "dev/apps/shop_cart: app['cpu'] is invalid: 1. Remove it: no release"),
    ],
)
def test_apps_that_marathon_would_refuse_are_refused(app: App, apps: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        add_cluster(app, local(apps=AppsSettings(**apps)))


def test_the_setting_may_be_dropped_only_when_no_app_is_left(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    resource: dict[str, Any] = {"type": "terraform_data", "name": "apps_removal_of_apps_0F24EB44", "instances": []}
    state = tmp_path / "terraform.dev.tfstate"
    state.write_text(json.dumps({"resources": [resource]}))
    add_cluster(app, local())
    resource["instances"] = [{"index_key": "/shop/cart", "attributes": {}}]
    state.write_text(json.dumps({"resources": [resource]}))
    with pytest.raises(ValueError, match="apps is missing, but the apps /shop/cart still run"):
        add_cluster(App(outdir=str(tmp_path / "other")), local())


def test_on_aws_apps_are_reached_through_the_bastion() -> None:
    base = cluster(control_plane=1, agents=0)
    settings = {name: getattr(base, name) for name in ("name", "platform", *PINS)}
    made = synthesised(Cluster(**settings, apps=AppsSettings(definitions=[APP])))
    assert made.dependencies["prod-5-apps"][0] == "prod-3-marathon-1-members"
    document = made.documents["prod-5-apps"]
    settings = removal(document)["input"]
    assert re.fullmatch(r"ssh://admin@10\.20\.\d+\.\d+", settings["DESTINATION"])
    assert any(word.startswith("ProxyCommand=ssh -W %h:%p") for word in settings["OPTIONS"].splitlines())
    (provider,) = document["provider"]["docker"]
    assert settings["OPTIONS"].splitlines() == provider["ssh_opts"]
