from __future__ import annotations

from typing import Any

import pytest
from constructs import Construct

from cdktf_mesos import DockerHost
from cdktf_mesos.mesos.agent.resources import attributes_text, resources_text


@pytest.fixture
def pool(host: DockerHost) -> Construct:
    return host


def test_resources_become_the_text_that_mesos_reads(pool: Construct) -> None:
    text = resources_text(
        pool,
        {
            "cpus": 4,
            "mem": 2048.0,
            "disk": "1000",
            "ports": "[31000-32000, 33000-34000]",
            "cpus(web)": 0.5,
            "x": "{a, b}",
        },
    )
    assert text == "cpus:4;mem:2048;disk:1000;ports:[31000-32000,33000-34000];cpus(web):0.5;x:{a,b}"


def test_attributes_become_the_text_that_mesos_reads(pool: Construct) -> None:
    assert attributes_text(pool, {"rack": "a", "level": 3, "span": "[1-9]"}) == "rack:a;level:3;span:[1-9]"


@pytest.mark.parametrize(
    "resources",
    [
        {"cpus": -1},
        {"cpus": "four"},
        {"cpus": "[1-4]"},
        {"mem": "{a}"},
        {"gpus": 0.5},
        {"ports": 31000},
        {"ports": "31000-32000"},
        {"ports": "[32000-31000]"},
        {"ports": "[31000]"},
        {"": 1},
        {"a b": 1},
        {"cpus(": 1},
        {"cpus(a/..b c)": 1},
        {"cpus": True},
        {"cpus": float("nan")},
        {"cpus": 0.0001},
        {"ports": "[31000-70000]"},
        {"x": "{}"},
        {"x": "{a,a}"},
        {"x": "some text"},
    ],
)
def test_resources_that_mesos_would_refuse_are_refused(pool: Construct, resources: dict[str, Any]) -> None:
    ((name, value),) = resources.items()
    with pytest.raises(ValueError, match="stack/host-1: resources") as error:
        resources_text(pool, resources)
    assert f"resources[{name!r}] is invalid: {value!r}. " in str(error.value)


@pytest.mark.parametrize(
    "attributes",
    [
        {"rack": ""},
        {"rack": "a;b"},
        {"rack": "a:b"},
        {"ra:ck": "a"},
        {"": "a"},
        {"s": "{a,b}"},
        {"rack": " a"},
        {"rack": "a b"},
        {"rack": "a(b"},
        {"rack": "nan"},
        {"r": "[9-1]"},
    ],
)
def test_attributes_that_mesos_would_refuse_are_refused(pool: Construct, attributes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="stack/host-1: attributes"):
        attributes_text(pool, attributes)
