"""An app on Marathon."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path
from typing import Any

from constructs import Construct

from cdktf_mesos import bindings, scripts
from cdktf_mesos.cdk import TerraformResourceLifecycle, Token
from cdktf_mesos.container.names import ADDED_BY_ENGINE, APP, APP_LABEL
from cdktf_mesos.container.options import ContainerOptions
from cdktf_mesos.errors import check_whole, invalid
from cdktf_mesos.expressions import digest, shell_word
from cdktf_mesos.marathon.app.apps import REQUESTS, RUN, VALUES, MarathonApps
from cdktf_mesos.marathon.app.checks import service_ports
from cdktf_mesos.marathon.app.form import lines_of, written
from cdktf_mesos.mesos.agent import container_dns
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.security.files import secret_uploads
from cdktf_mesos.terraform_data import TerraformData, run_here

_HERE = Path(__file__).parent
_DEPLOY, _WATCH = _HERE / "deploy.sh", _HERE / "watch.sh"

WAIT_SECONDS = 300
"""How long the deployment of an app may take, in seconds."""

# How often the watch asks Marathon, in seconds.
_WATCH_SECONDS = 10
# The most that the script's arguments may take, in bytes: the definition, and the lines of its values. They are in one
# variable, which Linux limits to 128 KiB (execve(2)).
_LARGEST = 100_000


class MarathonApp(Construct):
    """An app on Marathon: created after Marathon serves, changed with the program, and removed with it.

    A deploy sends the definition to Marathon and waits until the deployment is done. If Marathon refuses the app, or if
    the deployment is not done in time, the deploy fails with Marathon's reason, and the deployment is undone.

    A small container on the machine of `MarathonApps`, the watch, compares the app with the program's definition. It
    ends when somebody has changed the app by hand. Then Terraform's plan starts it again and deploys the app again.

    Args:
        scope: the apps that it belongs to.
        id_: unique in the scope.
        app: the app's definition, as an object or as JSON, in the form of Marathon's API. Fields of old releases that
            this release would answer in a new form (`uris`, `ports`, Docker's `network`) are written in the new one.
        wait_seconds: how long the deployment may take, in seconds; by default 300.
        dns: addresses of name servers for a Docker container on the host's network, which gets none by the agents'
            `default_container_dns`. An app with its own `dns` parameters keeps these. By default there are none.

    Raises:
        ValueError: Marathon's release would refuse the definition, or ignore a part of it; another app of the program
            has its id or one of its service ports.
    """

    def __init__(
        self,
        scope: MarathonApps,
        id_: str,
        *,
        app: Mapping[str, Any] | str,
        wait_seconds: int = WAIT_SECONDS,
        dns: Sequence[str] = (),
    ) -> None:
        super().__init__(scope, id_)
        check_whole(self, "wait_seconds", wait_seconds)
        self.apps = scope
        self.definition = written(self, app, scope.marathon.release)
        _add_dns(self, self.definition, dns)
        self.app_id: str = self.definition["id"]
        text = json.dumps(self.definition, ensure_ascii=False)
        words = [self.app_id, text, lines_of(self.definition), str(wait_seconds)]
        arguments = " ".join(map(shell_word, words))
        if len(arguments.encode()) > _LARGEST:
            remedy = f"Use a smaller definition: with its values, line by line, it may have {_LARGEST} bytes"
            raise invalid(self, "app", f"{text[:40]}…", remedy)
        scope.add(self, self.app_id, service_ports(self.definition))
        self.watch = self._watch(text)
        there = {"SCRIPT_THERE": scripts.joined(ASK, REQUESTS, VALUES, _DEPLOY)}
        self.deployed = TerraformData(
            self,
            "deployed",
            triggers_replace={"app": self.definition},
            lifecycle=TerraformResourceLifecycle(
                replace_triggered_by=[f"{self.watch.terraform_resource_type}.{self.watch.friendly_unique_id}"]
            ),
            provisioners=[run_here(RUN, {**scope.way(arguments), **there})],
            depends_on=[scope.removal, self.watch],
        )

    def _watch(self, definition: str) -> bindings.Container:
        apps, host = self.apps, self.apps.host
        name = f"{apps.marathon.container_name}{APP}{self.app_id.replace('/', '.')}"
        host.claims.take("container name", name, self, "app['id']")
        arguments = [self.app_id, lines_of(self.definition), str(_WATCH_SECONDS)]
        login = apps.marathon.login
        matters = f"{definition}\n{apps.instances}\n{login.digest if login else ''}{apps.authority or ''}"
        return bindings.Container(
            self,
            "watch",
            provider=host.provider,
            name=name,
            image=host.pull(apps.marathon.image_for_checks).name,
            entrypoint=scripts.words("watch", ASK, REQUESTS, VALUES, _WATCH, arguments=arguments),
            env=[
                f"INSTANCES={apps.instances}",
                "AUTHORIZATION=",
                *([f"LOGIN_FILE={login.path}"] if login else []),
                *([f"AUTHORITY={apps.authority}"] if apps.authority else []),
            ],
            upload=secret_uploads(apps.stack, [login]) if login else None,
            labels=[
                bindings.ContainerLabels(label=APP_LABEL, value=digest(matters, 12)),
            ],
            network_mode="host",
            init=True,
            log_driver="json-file",
            log_opts=ContainerOptions().log_limits(),
            # It ends with 0 when the app was changed, and must not start then. After a reboot it must.
            restart="on-failure",
            healthcheck=bindings.ContainerHealthcheck(test=["NONE"]),
            # The label changes with what matters in these.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["entrypoint", "env", *ADDED_BY_ENGINE]),
            depends_on=[apps.removal],
        )


def _add_dns(construct: Construct, definition: dict[str, Any], servers: Sequence[str]) -> None:
    """Add the name servers to a Docker container on the host's network, unless it has its own."""
    for server in servers:
        if not (Token.is_unresolved(server) or _is_address(server)):
            raise invalid(construct, "dns", server, "Use IPv4 addresses, such as '10.20.30.11'")
    container = definition.get("container", {})
    docker = container.get("docker")
    network = (docker or {}).get("network", "HOST")
    on_host = network == "HOST" and definition.get("networks", [{"mode": "host"}]) == [{"mode": "host"}]
    if not servers or docker is None or container.get("type", "DOCKER") != "DOCKER" or not on_host:
        return
    parameters = docker.get("parameters", [])
    if not any(parameter["key"] == "dns" for parameter in parameters):
        added = [*(("dns", server) for server in servers), *(("dns-opt", option) for option in container_dns.OPTIONS)]
        docker["parameters"] = [*parameters, *({"key": key, "value": value} for key, value in added)]


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True
