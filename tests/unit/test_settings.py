from __future__ import annotations

from typing import Any

import pytest

from stacks import Cluster

CLUSTER = Cluster(name="dev", zookeeper_version="3.9.4", mesos_version="1.7.1", marathon_version="v1.11.24")


def test_the_context_of_cdktf_json_overrides_what_main_py_says() -> None:
    changed = CLUSTER.overridden({"agents": 2, "mesos_version": "1.11.0", "mesos_agent_version": "1.10.0"})
    assert (changed.agents, changed.mesos_version, changed.mesos_agent_version) == (2, "1.11.0", "1.10.0")
    assert changed.zookeeper_version == "3.9.4"
    assert CLUSTER.overridden(None) is CLUSTER


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"agent": 2}, r"context\.cluster\.agent=2: no setting; meant: agents\?"),
        ({"agents": "2"}, "Cluster: agents='2': a whole number"),
        ({"agents": True}, "Cluster: agents=True: a whole number"),
        ({"agents": -1}, "Cluster: agents=-1: 0 to 34"),
        ({"agents": 35}, "Cluster: agents=35: 0 to 34"),
        ({"agent_docker_cli_sha256": "0" * 64}, "agent_docker_cli_sha256='0+': an agent_docker_cli besides"),
        ({"name": "a b"}, "Cluster: name='a b': up to 40 letters"),
        (
            {"platform": "aws", "agent_machines": [{"name": "a", "address": "10.0.0.1", "engine": "ssh://a@10.0.0.1"}]},
            "Cluster: control_plane, agent_machines: none on the platform 'aws'",
        ),
        ({"platform": "azure"}, "Cluster: platform='azure': 'local'"),
        ({"mesos_agent_version": 1.11}, "Cluster: mesos_agent_version=1.11: text or nothing"),
        ({"agent_cpus": "2"}, "Cluster: agent_cpus='2': a number"),
        ({"ssh_options": "-v"}, "Cluster: ssh_options='-v': a list, each text"),
        ({"pools": [{"first": 2}]}, r"context\.cluster\.pools={'first': 2}: an object with name$"),
        ({"pools": "canary"}, "Cluster: pools='canary': a list, each an object with name$"),
        ([1], r"context\.cluster=\[1\]: an object"),
    ],
)
def test_a_setting_that_is_none_or_of_the_wrong_type_is_refused(context: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CLUSTER.overridden(context)
