"""The settings of a cluster, for `main.py` and for the context of `cdktf.json`."""

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
from cdktf_mesos.security.security import Security
from cdktf_mesos.tls.tls import Tls
from stacks.apps import AppsSettings
from stacks.backup import BackupSettings
from stacks.components import AgentsSettings, MarathonSettings, MastersSettings, ZookeeperSettings
from stacks.dns.settings import DnsSettings
from stacks.load_balancers import LoadBalancerSettings, check_domain
from stacks.local.settings import Local
from stacks.model import Settings
from stacks.monitoring import MonitoringSettings
from stacks.platforms import Platform
from stacks.pools import all_settings, check_pools


class Cluster(Settings):
    """A cluster.

    Args:
        name: the cluster's name. The names of its stacks and containers begin with it.
        platform: where the hosts come from: `Local(…)` (the default) is one engine, `Static(…)` is a list of machines,
            `Aws(…)` makes machines.
        zookeeper_version: the pinned version of ZooKeeper's image.
        mesos_version: the pinned version of Mesos's images; a tag.
        marathon_version: the pinned version of Marathon's image.
        zookeeper: settings of the ZooKeeper ensemble.
        masters: settings of the Mesos masters.
        agents: settings of the Mesos agents.
        marathon: settings of Marathon.
        dns: settings of Mesos-DNS; by default there is none.
        load_balancer: settings of the load balancers for Marathon's apps; by default there are none.
        apps: the apps and frameworks on Marathon. By default there are none.
        monitoring: the metrics for Prometheus; by default there are none.
        backup: settings of backups by a timer; by default there are none.
        security: how far the cluster is closed, and where its secrets are, such as
            `{"stage": "prepared", "secrets": "secrets"}`. By default it is open: everybody who reaches its ports
            controls it.
        tls: TLS of masters and agents: how far it is, and where its certificates are, such as
            `{"stage": "used", "certificates": "certificates"}`. By default they have none.
        mesos_family: the family of Mesos images: `mesosphere` (the default), `redjack`, `mesoscloud`, `containersol` or
            `clusterd`. Give it for images of your own: it decides how they are configured.
        mesos_release: the Mesos release of the masters' and agents' images. Set it if their tags do not begin with a
            release; by default it is read from the tags. A pool has its own `release`.
        registry: the registry of all images, such as `registry.example.com:5000`. It must have them under their names
            on Docker Hub. By default Docker Hub.
        registry_login: whether the registry needs a login. User name and password are then the Terraform variables
            `registry_username` and `registry_password`, which are sensitive and have no default. By default false.
        registry_login_ephemeral: whether plans, like states, omit the login; by default true, which needs Terraform
            1.10 or OpenTofu 1.11. With an older version use false: then the plans in `cdktf.out` contain the login.
        gate_image: needed only if images of ZooKeeper, masters or Marathon have no shell: an image with bash, grep and
            coreutils, in which their checks run; by default they run in the components' own images.
        wait_seconds: how long a new container may take to serve before the deploy fails, in seconds; by default 120.
        allow_bump: whether a change of release that the component's project forbids is only a warning; by default it is
            an error. Set it for one deploy, and only if you know that the change is safe.

    Raises:
        ValueError: a setting is invalid.
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
    dns: DnsSettings | None = None
    load_balancer: LoadBalancerSettings | None = None
    apps: AppsSettings | None = None
    monitoring: MonitoringSettings | None = None
    backup: BackupSettings | None = None
    security: Security | None = None
    tls: Tls | None = None
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
        "pools": "pools of the platform, such as Local(pools=…)",
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
            remedy = f"Use one of {', '.join(sorted(FAMILIES))}"
            raise invalid("Cluster", "mesos_family", self.mesos_family, remedy)
        if self.registry is not None:
            check_registry("Cluster", "registry", self.registry)
        elif self.registry_login:
            raise invalid("Cluster", "registry_login", True, "Set registry as well, to log in to")
        self._check_mesos_pins()
        check_pools(self.platform.pools)
        for where, agents in all_settings(self.platform.pools, self.agents):
            if agents.docker_cli_sha256 is not None and agents.docker_cli is None:
                remedy = "Set docker_cli as well: this is the digest of that file"
                raise invalid(where, "docker_cli_sha256", agents.docker_cli_sha256, remedy)
        check_domain(self.load_balancer, self.dns)
        self.platform.check(self)

    def _check_mesos_pins(self) -> None:
        """Refuse one digest for two images, and a release that nothing uses because all versions have their own."""
        if "sha256:" in self.mesos_version and None in (self.masters.version, self.agents.version):
            remedy = "Use a tag, or set masters.version and agents.version: a digest is that of only one image"
            raise invalid("Cluster", "mesos_version", self.mesos_version, remedy)
        versions = [each or self.mesos_version for each in (self.masters.version, self.agents.version)]
        known = [said_release(version) for version in versions]
        if self.mesos_release is not None and None not in known and said_release(self.mesos_release) not in known:
            remedy = f"Remove it: the versions say their release themselves, {', '.join(dict.fromkeys(versions))}"
            raise invalid("Cluster", "mesos_release", self.mesos_release, remedy)
