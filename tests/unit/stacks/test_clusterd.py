"""The application with images of Clusterd."""

from __future__ import annotations

import pytest

from cdktf_mesos.cdk import App
from stacks import AgentsSettings, Cluster, Local, MastersSettings, add_cluster

PINS = {"zookeeper_version": "3.9.4", "mesos_version": "1.11.0-0.9.0", "marathon_version": "v1.11.24"}
OWN = "our/clusterd"


def cluster(masters: MastersSettings, agents: AgentsSettings) -> Cluster:
    return Cluster(
        name="dev",
        platform=Local(),
        mesos_family="clusterd",
        masters=masters,
        agents=agents,
        **PINS,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("masters", "agents", "where"),
    [(None, None, "Cluster: masters"), (OWN, None, "Cluster: agents"), (None, OWN, "Cluster: masters")],
)
def test_masters_and_agents_need_images_of_the_user(
    app: App, masters: str | None, agents: str | None, where: str
) -> None:
    with pytest.raises(ValueError, match=f"{where}: image is invalid: None. Set it: there are no public images"):
        add_cluster(app, cluster(MastersSettings(image=masters), AgentsSettings(image=agents)))


def test_with_images_of_the_user_the_cluster_is_like_any_other(app: App) -> None:
    add_cluster(app, cluster(MastersSettings(image=OWN), AgentsSettings(image=OWN, docker_mesos_image=OWN)))
