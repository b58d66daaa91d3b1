from __future__ import annotations

from typing import Any

import pytest

from cdktf_mesos.aws import Ports


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        (("bastion", "agents", 22, 22, "x"), "Ports: to='bastion': one of control, agents"),
        (("agents", "world", 22, 22, "x"), "Ports: source='world': one of control, agents, bastion"),
        (("agents", "agents", 0, 22, "x"), r"Ports: first, last=\(0, 22\): a range of ports, 1 to 65535"),
        (("agents", "agents", 23, 22, "x"), r"Ports: first, last=\(23, 22\)"),
        (("agents", "agents", 22, 65536, "x"), r"Ports: first, last=\(22, 65536\)"),
        (("agents", "agents", 22, 22, "café"), "Ports: why='café': up to 255 letters"),
    ],
)
def test_ports_that_cannot_be_are_refused(ports: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Ports(*ports)
