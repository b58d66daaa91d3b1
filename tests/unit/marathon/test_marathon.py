from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cdktf_mesos import ContainerOptions, DockerHost, Image, Marathon, MesosMasterSet
from cdktf_mesos.cdk import TerraformStack

Synth = Callable[[], dict[str, Any]]
IMAGE = "mesosphere/marathon:v1.11.24"


def test_marathon_gets_its_flags_as_arguments(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, synth: Synth
) -> None:
    marathon = Marathon(
        stack,
        "marathon",
        hosts=[host],
        masters=masters,
        image=IMAGE,
        flags={"failover_timeout": 86400, "checkpoint": True, "maintenance_mode": False},
    )
    container = synth()["containers"]["marathon"]
    words = container["command"]
    assert dict(zip(words[:12:2], words[1:12:2], strict=True)) == {
        "--master": "zk://10.20.30.11:2181/mesos",
        "--zk": "zk://10.20.30.11:2181/marathon",
        "--hostname": "10.20.30.11",
        "--http_address": "10.20.30.11",
        "--http_port": "8080",
        "--mesos_user": "root",
    }
    assert words[12:] == ["--failover_timeout", "86400", "--checkpoint", "--disable_maintenance_mode"]
    assert [each.partition("=")[::2] for each in container["env"] if not each.startswith("JAVA_OPTS=")] == [
        ("LIBPROCESS_IP", "10.20.30.11"),
        ("LIBPROCESS_PORT", "15101"),
    ]
    assert marathon.urls == ["http://10.20.30.11:8080"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"hosts": []}, r"hosts is invalid: \[\]\."),
        ({"chroot": "marathon"}, r"chroot is invalid: 'marathon'\. Use a path that begins with '/'"),
        ({"chroot": "/mesos"}, r"chroot is invalid: '/mesos'\. Use another path: stack/mesos uses this one"),
        (
            {"image": "our/marathon:v1.11.24"},
            r"image is invalid: 'our/marathon:v1.11.24'\. Use a known repository \(mesosphere/",
        ),
        (
            {"image": Image("our/marathon", "v1.11.24", family="ours")},
            r"image.family is invalid: 'ours'\. Use one of mesosphere",
        ),
        ({"port": 5050}, r"port is invalid: 5050\. .*another port.* stack/mesos has this one"),
        ({"libprocess_port": 8080}, r"libprocess_port is invalid: 8080\. .*another port"),
        ({"flags": {"zk": "zk://x/y"}}, r"flags\['zk'\] is invalid: 'zk://x/y'\. Use the arguments of the construct"),
        (
            {"flags": {"--event_subscriber": "x"}},
            r"flags\['--event_subscriber'\] is invalid: 'x'\. Use the name of a flag",
        ),
        (
            {"image": "mesosphere/marathon:v0.7.6"},
            r"image is invalid: 'mesosphere/marathon:v0.7.6'\. .*release 0.8 or later",
        ),
        (
            {"image": "mesosphere/marathon:latest"},
            r"Image mesosphere/marathon: version is invalid: 'latest'\. .*release=",
        ),
        (
            {"flags": {"event_subscriber": "x"}},
            r"flags\['event_subscriber'\] is invalid: 'x'\. .*exists up to 1\.4, and later",
        ),
        ({"flags": {"new_thing": 1, "metrics_statsd": True}, "image": "mesosphere/marathon:v1.6.322"}, "flags.*1\\.7"),
        ({"flags": {"disable_zk": True}}, r"flags\['disable_zk'\] is invalid: True\. Use the arguments"),
        (
            {"options": ContainerOptions(environment={"MARATHON_ZK": "x"})},
            r"options.environment is invalid: 'MARATHON_ZK'\. Remove it",
        ),
        ({"flags": {"zk": "zk://user:pw@x/y"}}, r"flags\['zk'\] is invalid: '…'\. Use the arguments of the construct"),
        (
            {"flags": {"http-credentials": "user:pw"}},
            r"flags\['http-credentials'\] is invalid: '…'\. Use the name of a flag of Marathon, in",
        ),
        # With these, nobody could ask it.
        ({"flags": {"http_credentials": "user:pw"}}, r"flags\['http_credentials'\] is invalid: '…'\. Use security"),
        (
            {"options": ContainerOptions(environment={"MESOSPHERE_HTTP_CREDENTIALS": "a:b"})},
            r"options.environment is invalid: 'MESOSPHERE_HTTP_CREDENTIALS'\. Use security",
        ),
        ({"principal": " "}, r"principal is invalid: ' '\. Use a name that is not blank"),
        ({"principal": "m", "image": "mesosphere/marathon:v1.0.0"}, r"principal is invalid: 'm'\. Use release 1\.1"),
        (
            {"principal": "m", "flags": {"mesos_authentication_principal": "n"}},
            r"flags\['mesos_authentication_principal'\] is invalid: 'n'\. Remove it",
        ),
        (
            {"flags": {"mesos_authentication_secret": 1.5}, "image": "mesosphere/marathon:v1.1.1"},
            r"flags.*secret'. is invalid: '…'\. Use a flag of Marathon v1\.1\.1",
        ),
    ],
)
def test_an_invalid_argument_is_refused_with_what_to_do(
    stack: TerraformStack, host: DockerHost, masters: MesosMasterSet, more: dict[str, Any], message: str
) -> None:
    arguments = {"hosts": [host], "image": IMAGE, **more}
    with pytest.raises(ValueError, match=f"stack/marathon: {message}"):
        Marathon(stack, "marathon", masters=masters, **arguments)
