"""The demo's live view when its output is not a terminal."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from sandbox.demo.live import LiveView
from sandbox.watch import Poller


def test_output_to_a_pipe_has_only_changes(capsys: pytest.CaptureFixture[str]) -> None:
    watched = Poller({})
    with LiveView("demo", {}, watched, Mock()) as view:
        watched.samples.append((view.begin + 1, {"master hs1": "leader"}))
        watched.samples.append((view.begin + 2, {"master hs1": "leader"}))
        watched.samples.append((view.begin + 3, {"master hs1": "down"}))
        watched.samples.append((view.begin + 4.5, {"master hs1": "leader"}))
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == [
        "3.0 s  master hs1  leader -> down",
        "4.5 s  master hs1  down -> leader",
    ]


def test_a_wave_begins_with_the_first_change_in_its_stacks(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveView("demo", {}, Poller({}), Mock()) as view:
        for line in (
            "demo-2-agent-rack-b-machine  Initializing the backend...\n",
            "demo-1-control-hs1-machine  docker_image.hs1_image: Refreshing state...\n",
            "                            docker_image.hs1_image: Creating...\n",
            "\n",
            "demo-1-control-hs1-members  docker_container.hs1: Destroying...\n",
            "demo-2-agent-rack-b-machine  Apply complete! Resources: 0 added, 0 changed, 0 destroyed.\n",
            "demo-4-load-balancer-hs4-members  docker_container.hs4: Creating...\n",
        ):
            view.line(line)
    assert [wave for _, wave in view.waves] == ["control hs1", "agent rack-b", "load-balancer hs4"]
    assert capsys.readouterr().out.count("deploying") == 3
