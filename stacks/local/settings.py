"""What can be said about a cluster on one engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import field

from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DATA_DIR, OWN_ENGINE
from stacks.platform import PlatformSettings
from stacks.pools import NumberedPool, all_settings

if TYPE_CHECKING:
    from cdktf_mesos.cdk import App
    from stacks.settings import Cluster

# Agents offer the ports from 31000 to 64999, a thousand each.
MAX_AGENTS = 34


class LocalPool(NumberedPool):
    """A pool on the platform `local`.

    Args:
        first: the number of the first one, which must stay. The agents of no pool begin with 1. The agent n has the
            port 5050 + n and offers the thousand ports from 30000 + 1000n.
    """

    @property
    def numbers(self) -> range:
        """Those of its agents."""
        return range(self.first, self.first + self.agents)


class Local(PlatformSettings, tag_field="kind", tag="local"):
    """The platform `local`: one engine, with one of each component and as many agents as wanted.

    Args:
        engine: as `DockerHost` takes it; by default this machine's own, `unix:///var/run/docker.sock`.
        address: IPv4, of the host; members listen on it. By default 127.0.0.1.
        hostname: what members call themselves in URLs; by default the address.
        data_dir: the directory on the host that keeps what outlives the containers; by default
            `/var/lib/cdktf-mesos`.
        tls_directory: with a `tcp://` engine: the directory with ca.pem, cert.pem and key.pem; none by default.
        agents: how many agents there are beside those of pools, 0 to 34; by default 1.
        pools: further agents, each pool with a number of them; none by default.
    """

    engine: str = OWN_ENGINE
    address: str = "127.0.0.1"
    hostname: str | None = None
    data_dir: str = DATA_DIR
    tls_directory: str | None = None
    agents: int = 1
    pools: list[LocalPool] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.agents <= MAX_AGENTS:
            right = f"0 to {MAX_AGENTS}, as each has a thousand ports"
            raise invalid("Local", "agents", self.agents, right)
        taken = dict.fromkeys(range(1, self.agents + 1), "an agent of no pool")
        for pool in self.pools:
            for number in pool.numbers:
                if number in taken or number > MAX_AGENTS:
                    why = f"{number} is of {taken[number]}" if number in taken else f"there are {MAX_AGENTS} at most"
                    free = [each for each in range(1, MAX_AGENTS + 1) if each not in taken]
                    right = f"another one, as {why}; free: {', '.join(map(str, free))}"
                    raise invalid(f"Pool {pool.name}", "first", pool.first, right)
                taken[number] = f"the pool {pool.name}"

    def check(self, cluster: Cluster) -> None:
        """Refuse what only a check of machines would use."""
        for where, settings in all_settings(self.pools, cluster.agents):
            if settings.docker_cli_sha256 is not None:
                right = "left out, as the platform 'local' checks no machines"
                raise invalid(where, "docker_cli_sha256", settings.docker_cli_sha256, right)

    def add_stacks(self, app: App, cluster: Cluster) -> None:
        """Add the stack of the cluster."""
        from stacks.local.stacks import LocalCluster

        LocalCluster(app, cluster, self)
