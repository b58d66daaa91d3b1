from __future__ import annotations

import pytest

from cdktf_mesos.operations.backup import copying
from tests.unit.operations.engines import Engine
from tests.unit.operations.servers import MODES, data, give_data


@pytest.fixture
def ensemble(engines: dict[str, Engine], monkeypatch: pytest.MonkeyPatch) -> dict[str, Engine]:
    """The engines; their ZooKeeper servers have applied the transaction 8."""
    monkeypatch.setattr(copying, "_PAUSE_SECONDS", 0.01)
    for name, mode in MODES.items():
        give_data(engines[name], mode, 8, data())
    return engines
