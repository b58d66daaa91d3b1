from __future__ import annotations

import re
import socketserver
import subprocess
import threading
from typing import Any

import pytest

from cdktf_mesos.throwaway.program import synthesise
from tests.unit.throwaway.conftest import NewCluster


def containers(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in document["resource"]["docker_container"].values()}


def test_a_cluster_is_a_master_a_zookeeper_and_agents_with_ports_directories_and_cgroups_of_their_own(
    new: NewCluster,
) -> None:
    cluster = new("pr-1", agents=2, marathon="v1.11.24", blocks=(20000, 20100, 20300))
    document = synthesise(cluster, "machine:/home", {"cgroup_version": 1})
    found = containers(document)
    assert set(found) == {"pr-1-zookeeper", "pr-1-master", "pr-1-marathon", "pr-1-agent-1", "pr-1-agent-2"}
    for number, first in ((1, 20100), (2, 20300)):
        agent = found[f"pr-1-agent-{number}"]
        environment = dict(each.split("=", 1) for each in agent["env"])
        assert environment["MESOS_PORT"] == str(20005 + number)
        assert f"ports:[{first}-{first + 99}]" in environment["MESOS_RESOURCES"]
        assert environment["MESOS_WORK_DIR"] == f"/var/lib/cdktf-mesos/throwaway/pr-1/pr-1-agent-{number}/work"
        assert f"mesos-pr-1-agent-{number}" in agent["entrypoint"]
        assert not agent.get("privileged")
    for container in found.values():
        labels = {each["label"]: each["value"] for each in container["labels"]}
        assert labels["cdktf-mesos-throwaway"] == "pr-1"
        assert labels["cdktf-mesos-throwaway-home"] == "machine:/home"
        assert labels["cdktf-mesos-throwaway-ports"] == "20000 20100 20300"
    # A group that no other member has.
    assert found["pr-1-agent-2"]["group_add"] == ["20007"]
    assert len({each["group_add"][0] for each in found.values()}) == len(found)


def test_terraform_waits_for_no_member_and_needs_no_init_for_a_backend(new: NewCluster) -> None:
    document = synthesise(new(), "machine:/home", {})
    assert {each["wait"] for each in containers(document).values()} == {False}
    assert "backend" not in document["terraform"]


def test_masters_and_agents_start_when_zookeeper_serves(new: NewCluster) -> None:
    found = containers(synthesise(new(marathon="v1.11.24"), "machine:/home", {}))
    # What Terraform reads as an expression is escaped.
    assert not re.search("(?<![$])[$]{", str(found["one-master"]["entrypoint"]))
    *script, _ = master = [word.replace("$${", "${") for word in found["one-master"]["entrypoint"]]
    assert master[3:] == ["after-zookeeper", "127.0.0.1", "20000", "10", "mesos-master"]
    assert found["one-agent-1"]["entrypoint"][3:9] == [*master[3:7], "bash", "-c"]
    assert not any(
        "after-zookeeper" in found[f"one-{name}"].get("entrypoint", []) for name in ("zookeeper", "marathon")
    )

    modes = ["", "", "Mode: standalone\n"]

    class Server(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            assert self.request.recv(100) == b"srvr\n"
            self.request.sendall(f"Zookeeper version: 3.9.4\n{modes.pop(0)}".encode())

    with socketserver.TCPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        words = [*script[:5], str(server.server_address[1]), "60", "echo", "started"]
        assert subprocess.run(words, capture_output=True, text=True, check=True, timeout=90).stdout == "started\n"
        server.shutdown()
    assert modes == []
    # Without ZooKeeper, it starts nevertheless.
    words = [*script[:5], "1", "0", "echo", "started"]
    assert subprocess.run(words, capture_output=True, text=True, check=True, timeout=90).stdout == "started\n"


def test_all_members_are_made_at_once_but_after_the_one_for_which_the_engine_makes_the_data_directory(
    new: NewCluster,
) -> None:
    document = synthesise(new(marathon="v1.11.24"), "machine:/home", {})
    keys = {each["name"]: f"docker_container.{key}" for key, each in document["resource"]["docker_container"].items()}
    for name, container in containers(document).items():
        assert container.get("depends_on", []) == ([] if name == "one-zookeeper" else [keys["one-zookeeper"]])


def test_the_master_and_the_agents_may_have_different_versions(new: NewCluster) -> None:
    document = synthesise(new(mesos="1.11.0", agents_mesos="1.10.0"), "machine:/home", {})
    images = {each["name"] for each in document["resource"]["docker_image"].values()}
    assert {"mesosphere/mesos-master:1.11.0", "mesosphere/mesos-slave:1.10.0"} < images


def test_flags_and_attributes_are_those_of_the_user(new: NewCluster) -> None:
    cluster = new(
        agents=3,
        blocks=(20000, 20100, 20200, 20300),
        master_flags={"allocation_interval": "100ms"},
        agent_flags={"executor_reregistration_timeout": "15secs", "registration_backoff_factor": "1secs"},
        attributes=["rack:a;level:3", "rack:b"],
    )
    found = containers(synthesise(cluster, "machine:/home", {}))
    assert "--allocation_interval=100ms" in found["one-master"]["command"]
    agents = [found[f"one-agent-{number}"] for number in (1, 2, 3)]
    flags = {"--executor_reregistration_timeout=15secs", "--registration_backoff_factor=1secs"}
    assert all(flags <= set(" ".join(each["command"]).split()) for each in agents)
    attributes = [text for each in agents for text in each["env"] if text.startswith("MESOS_ATTRIBUTES=")]
    assert attributes == [f"MESOS_ATTRIBUTES={text}" for text in ("rack:a;level:3", "rack:b", "rack:a;level:3")]
    with pytest.raises(ValueError, match=r"one/masters: flags\['alocation_interval'\] .* Did you mean"):
        synthesise(new(master_flags={"alocation_interval": "1secs"}), "machine:/home", {})


def test_a_version_that_says_no_release_is_refused(new: NewCluster) -> None:
    with pytest.raises(ValueError, match="latest"):
        synthesise(new(mesos="latest"), "machine:/home", {})
