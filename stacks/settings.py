"""What can be said about a cluster, in `main.py` or in the context of `cdktf.json`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from msgspec import field

from cdktf_mesos.container.options import WAIT_SECONDS
from cdktf_mesos.errors import invalid
from cdktf_mesos.host.registry import check_registry
from cdktf_mesos.image.pin import said_release
from cdktf_mesos.mesos.families import FAMILIES
from cdktf_mesos.roll.machine import NAME, NAME_REMEDY
from stacks.components import AgentsSettings, MarathonSettings, MastersSettings, ZookeeperSettings
from stacks.local.settings import Local
from stacks.model import Settings
from stacks.platforms import Platform
from stacks.pools import all_settings, check_pools


class Cluster(Settings):
    """A cluster.

    Args:
        name: the cluster's name, the stack's, and what the names of its containers begin with.
        platform: where hosts come from: `Local(…)` (the default) is one engine, `Static(…)` is a list of machines,
            `Aws(…)` makes them.
        zookeeper_version: the pin of ZooKeeper's image.
        mesos_version: the pin of Mesos's images, a tag.
        marathon_version: the pin of Marathon's image.
        zookeeper: the ZooKeeper ensemble.
        masters: the Mesos masters.
        agents: the Mesos agents.
        marathon: Marathon.
        mesos_family: whose Mesos images: `mesosphere` (the default), `redjack`, `mesoscloud` or `containersol`. It must
            be given for images of your own, as it says how they want to be configured.
        mesos_release: the release that Mesos's pins are, but pools', where their tags do not say so; by default read
            from them.
        registry: that all images come from, `registry.example.com:5000`, which has them under their names on Docker
            Hub; by default Docker Hub.
        registry_login: whether it wants a user name and password; they are Terraform variables then,
            `registry_username` and `registry_password`, which are sensitive and have no default. By default not.
        registry_login_ephemeral: whether they are left out of plans, too; by default they are, which takes Terraform
            1.10 or OpenTofu 1.11. With an older one, `False`, the plans in `cdktf.out` have them.
        gate_image: for images of ZooKeeper, masters or Marathon without a shell: one with bash, grep and coreutils,
            in which it is asked whether these serve; by default that is asked in their own images.
        wait_seconds: how long a new container may take to serve before the deploy fails, in seconds; by default 120.
        allow_bump: whether changes of release that their project forbids are only warned of; by default they are
            refused. For one deploy, by those who know better.

    Raises:
        ValueError: what cannot be right.
    """

    name: str
    zookeeper_version: str
    mesos_version: str
    marathon_version: str
    platform: Platform = field(default_factory=Local)
    zookeeper: ZookeeperSettings = field(default_factory=ZookeeperSettings)
    masters: MastersSettings = field(default_factory=MastersSettings)
    agents: AgentsSettings = field(default_factory=AgentsSettings)
    marathon: MarathonSettings = field(default_factory=MarathonSettings)
    mesos_family: str | None = None
    mesos_release: str | None = None
    registry: str | None = None
    registry_login: bool = False
    registry_login_ephemeral: bool = True
    gate_image: str | None = None
    wait_seconds: int = WAIT_SECONDS
    allow_bump: bool = False

    moved: ClassVar[Mapping[str, str]] = {
        "platform": "Local(…), Static(…) or Aws(…)",
        "agents": "AgentsSettings(…); how many there are is a setting of the platform, Local(agents=…)",
        "control_plane": "platform=Static(control_plane=…)",
        "agent_machines": "platform=Static(agents=…)",
        "pools": "pools of the platform: Local(pools=…), Static(pools=…), Aws(pools=…)",
        "engine": "platform=Local(engine=…)",
        "address": "platform=Local(address=…)",
        "aws": "platform=Aws(…)",
        "agent_batch": "agent_batch of the platform",
        "preflight_seconds": "preflight_seconds of the platform",
        "ssh_options": "ssh_options of the platform",
        "data_dir": "data_dir of the platform",
        "mesos_master_version": "masters=MastersSettings(version=…)",
        "mesos_agent_version": "agents=AgentsSettings(version=…)",
        "agent_cpus": "agents=AgentsSettings(cpus=…)",
        "agent_memory_mib": "agents=AgentsSettings(mem_mib=…)",
        "agent_disk_mib": "agents=AgentsSettings(disk_mib=…)",
    }

    def __post_init__(self) -> None:
        if not re.fullmatch(NAME, self.name):
            raise invalid("Cluster", "name", self.name, NAME_REMEDY)
        if self.mesos_family is not None and self.mesos_family not in FAMILIES:
            raise invalid("Cluster", "mesos_family", self.mesos_family, f"one of {', '.join(sorted(FAMILIES))}")
        if self.registry is not None:
            check_registry("Cluster", "registry", self.registry)
        elif self.registry_login:
            raise invalid("Cluster", "registry_login", True, "a registry besides, to log in to")
        self._check_mesos_pins()
        check_pools(self.platform.pools)
        for where, agents in all_settings(self.platform.pools, self.agents):
            if agents.docker_cli_sha256 is not None and agents.docker_cli is None:
                raise invalid(where, "docker_cli_sha256", agents.docker_cli_sha256, "docker_cli besides")
        self.platform.check(self)

    def _check_mesos_pins(self) -> None:
        """Refuse a digest for two images, and a release that no pin takes, as all say theirs."""
        if "sha256:" in self.mesos_version and None in (self.masters.version, self.agents.version):
            right = "a tag; a digest is one image's, so masters.version and agents.version take one each"
            raise invalid("Cluster", "mesos_version", self.mesos_version, right)
        versions = [each or self.mesos_version for each in (self.masters.version, self.agents.version)]
        said = [said_release(version) for version in versions]
        if self.mesos_release is not None and None not in said and said_release(self.mesos_release) not in said:
            right = f"left out, as the pins say what they are: {', '.join(dict.fromkeys(versions))}"
            raise invalid("Cluster", "mesos_release", self.mesos_release, right)
