from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos.aws import Ports


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        (("bastion", "agents", 22, 22, "x"), "Ports: to is invalid: 'bastion'. Use one of control, agents"),
        (("agents", "world", 22, 22, "x"), "Ports: source is invalid: 'world'. Use one of control, agents, bastion"),
        (("agents", "agents", 0, 22, "x"), r"Ports: first, last is invalid: \(0, 22\). Use a range of ports from 1"),
        (("agents", "agents", 23, 22, "x"), r"Ports: first, last is invalid: \(23, 22\)"),
        (("agents", "agents", 22, 65536, "x"), r"Ports: first, last is invalid: \(22, 65536\)"),
        (("agents", "agents", 22, 22, "café"), "Ports: why is invalid: 'café'. Use up to 255 letters"),
    ],
)
def test_invalid_ports_are_refused(ports: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Ports(*ports)
