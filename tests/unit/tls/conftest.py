"""Masters with TLS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cdktf_mesos import ContainerOptions, DockerHost, MesosMasterSet, Tls, ZookeeperEnsemble
from cdktf_mesos.cdk import TerraformStack
from cdktf_mesos.tls.tls import Stage

Masters = Callable[..., MesosMasterSet]


@pytest.fixture
def masters(stack: TerraformStack, host: DockerHost, zookeeper: ZookeeperEnsemble, certificates: Path) -> Masters:
    """Makes masters of a cluster at a stage of TLS."""

    def make(
        stage: Stage | None, *, image: str = "mesosphere/mesos-master:1.11.0", verify: bool = True, **environment: str
    ) -> MesosMasterSet:
        return MesosMasterSet(
            stack,
            "mesos",
            hosts=[host],
            zookeeper=zookeeper,
            cluster="cluster7",
            image=image,
            tls=Tls(stage, str(certificates), verify) if stage else None,
            options=ContainerOptions(environment=environment),
        )

    return make
