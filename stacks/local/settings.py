"""The settings of the platform `local`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import field

from cdktf_mesos.errors import invalid
from cdktf_mesos.host.host import DATA_DIR, OWN_ENGINE
from stacks.dns.settings import refuse_machines
from stacks.platform import PlatformSettings
from stacks.pools import NumberedPool, all_settings

if TYPE_CHECKING:
    from cdktf_mesos.cdk import App
    from stacks.settings import Cluster

# Each agent offers a thousand ports, from 31000 to 64999.
MAX_AGENTS = 34


class LocalPool(NumberedPool):
    """A pool on the platform `local`.

    Args:
        first: the number of its first agent; it must stay. The agents in no pool begin with 1. Agent n has the port
            5050 + n and offers the thousand ports that begin with 30000 + 1000n.
    """

    @property
    def numbers(self) -> range:
        """The numbers of its agents."""
        return range(self.first, self.first + self.agents)


class Local(PlatformSettings, tag_field="kind", tag="local"):
    """The platform `local`: one engine, with one member of each component and any number of agents up to 34.

    Args:
        engine: the engine's endpoint, as `DockerHost` takes it; by default this machine's own,
            `unix:///var/run/docker.sock`.
        address: the host's IPv4 address; members listen on it. By default 127.0.0.1.
        hostname: the name that members have in URLs; by default the address.
        data_dir: the directory on the host for data that must outlive the containers; by default
            `/var/lib/cdktf-mesos`.
        tls_directory: the directory with ca.pem, cert.pem and key.pem for a `tcp://` engine; by default there is none.
        agents: number of agents in no pool, 0 to 34; by default 1.
        pools: pools of further agents; by default there are none.
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
            remedy = f"Use 0 to {MAX_AGENTS}: each agent needs a thousand ports"
            raise invalid("Local", "agents", self.agents, remedy)
        taken = dict.fromkeys(range(1, self.agents + 1), "an agent in no pool")
        for pool in self.pools:
            for number in pool.numbers:
                if number in taken or number > MAX_AGENTS:
                    why = f"{taken[number]} has {number}" if number in taken else f"the largest is {MAX_AGENTS}"
                    free = [each for each in range(1, MAX_AGENTS + 1) if each not in taken]
                    remedy = f"Use another number: {why}. These are free: {', '.join(map(str, free))}"
                    raise invalid(f"Pool {pool.name}", "first", pool.first, remedy)
                taken[number] = f"the pool {pool.name}"

    def check(self, cluster: Cluster) -> None:
        """Refuse a digest that only the machine check would use, and names of machines: it has neither."""
        refuse_machines(cluster.dns)
        balancer = cluster.load_balancer
        for argument in ("machines", "leaving"):
            if balancer and (names := getattr(balancer, argument)):
                remedy = "Remove it: the platform 'local' has only one machine"
                raise invalid("LoadBalancerSettings", argument, names, remedy)
        for where, settings in all_settings(self.pools, cluster.agents):
            if settings.docker_cli_sha256 is not None:
                remedy = "Remove it: the platform 'local' does not check machines"
                raise invalid(where, "docker_cli_sha256", settings.docker_cli_sha256, remedy)

    def add_stacks(self, app: App, cluster: Cluster) -> None:
        """Add the stack of the cluster."""
        from stacks.local.stacks import LocalCluster

        LocalCluster(app, cluster, self)
