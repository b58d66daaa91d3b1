"""Yelp's task_processing, in Python: it starts tasks for other programs, such as PaaSTA and Tron."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from task_processing.task_processor import TaskProcessor  # type: ignore[import-not-found]

from cdktf_mesos.testing.cluster import MesosCluster
from tests.frameworks.tasks import COMMAND, IMAGE, frameworks, other, running

SECONDS = 90


@pytest.fixture
def executor(mesos_cluster: MesosCluster) -> Iterator[Any]:
    """Its executor, registered with the master."""
    processor = TaskProcessor()
    processor.load_plugin(provider_module="task_processing.plugins.mesos")
    settings = {"mesos_address": mesos_cluster.zk, "role": "*", "principal": None, "framework_name": "taskproc"}
    executor = processor.executor_from_config(provider="mesos_task", provider_config=settings)
    try:
        mesos_cluster.wait_for(lambda: frameworks(mesos_cluster))
        yield executor
    finally:
        executor.stop()


def test_tasks_outlive_an_upgrade_of_master_and_agents(mesos_cluster: MesosCluster, executor: Any) -> None:
    def start() -> str:
        config = executor.TASK_CONFIG_INTERFACE(image=IMAGE, cmd=COMMAND, offer_timeout=SECONDS)
        executor.run(config)
        return str(config.task_id)

    first = start()
    before = mesos_cluster.wait_for(lambda: running(mesos_cluster, 1), SECONDS)
    assert list(before) == [first]
    registered = frameworks(mesos_cluster)

    mesos_cluster.upgrade(other(mesos_cluster.mesos))
    mesos_cluster.wait_for(lambda: frameworks(mesos_cluster) == registered, SECONDS)
    assert running(mesos_cluster, 1) == before

    # It also goes on: it starts another task, and ends the first one.
    second = start()
    assert set(mesos_cluster.wait_for(lambda: running(mesos_cluster, 2), SECONDS)) == {first, second}
    executor.kill(first)
    assert list(mesos_cluster.wait_for(lambda: running(mesos_cluster, 1), SECONDS)) == [second]
