"""Backups of a ZooKeeper ensemble by a timer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from constructs import Construct

from cdktf_mesos import bindings, scripts
from cdktf_mesos.cdk import TerraformResourceLifecycle
from cdktf_mesos.container.member import Member, check_name
from cdktf_mesos.container.names import ADDED_BY_ENGINE, BACKUPS_LABEL
from cdktf_mesos.container.options import ContainerOptions, Mount, volumes_of
from cdktf_mesos.errors import check_whole, invalid
from cdktf_mesos.host.host import DockerHost, absolute_path
from cdktf_mesos.role.probe import ASK
from cdktf_mesos.zookeeper.ensemble import ZookeeperEnsemble

INTERVAL_MINUTES, KEEP = 60, 24

# Where a container has the archives. Its data are where the server's container has them.
_ARCHIVES = "/backups"

_HERE = Path(__file__).parent
_SCRIPT, _AGE = _HERE / "backups.sh", _HERE / "backup_age.sh"

# In the container: why there is no archive.
_REASON = "/tmp/no-backup"

ARCHIVE = (ASK, *(_HERE / name for name in ("questions.sh", "position.sh", "archive.sh")))
"""The scripts that make one archive."""


class ZookeeperBackups(Construct):
    """Makes archives of an ensemble by a timer: on each of its hosts, of the server there.

    It is a container of the ensemble's image on each host. It reads the server's data directories, and writes an
    archive that `cdktf-mesos restore` takes. Such an archive has what its own server had applied, without Terraform's
    states. The deploy does not wait for it. `cdktf-mesos status` shows how old the last good archive of each host is.

    Args:
        scope: where the construct lives; its containers live in the scopes of the hosts.
        id_: unique in the scope.
        ensemble: the ensemble. Its family must be `zookeeper`, which keeps its data on the hosts.
        cluster: the cluster's name, which `restore` compares: that of the masters.
        directory: the directory of the archives on each host. The archives must outlive the hosts: let it be a file
            system of another machine, or copy them elsewhere.
        interval_minutes: the time between two archives, in minutes; by default 60.
        keep: how many archives of a host are kept; by default 24.
        container_name: name of the containers; by default the ensemble's container name and `-backups`.

    Raises:
        ValueError: a number is too small; the directory is not an absolute path; the ensemble keeps its data in its
            containers; another container has the name.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ensemble: ZookeeperEnsemble,
        cluster: str,
        directory: str,
        interval_minutes: int = INTERVAL_MINUTES,
        keep: int = KEEP,
        container_name: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        for argument, value, least in (("interval_minutes", interval_minutes, 2), ("keep", keep, 1)):
            check_whole(self, argument, value, least)
        self.directory = absolute_path(self, "directory", directory)
        self.ensemble, self._cluster = ensemble, cluster
        self._minutes, self._keep = interval_minutes, keep
        self._name = check_name(self, "container_name", container_name or f"{ensemble.container_name}-backups")
        self.containers = [self._container(member) for member in ensemble.members]

    def arguments(self, host: DockerHost) -> list[str]:
        """The first arguments of a script that makes an archive on a host."""
        return [host.address, str(self.ensemble.client_port), "/data", "/datalog", _ARCHIVES]

    def environment(self, host: DockerHost) -> Mapping[str, str]:
        """The variables of a script that makes an archive on a host."""
        return {
            "CLUSTER": self._cluster,
            "ENSEMBLE": self.ensemble.node.path,
            "NAME": host.node.id,
            "SERVERS": self.ensemble.connect_string.replace(",", " "),
        }

    def mounts(self, host: DockerHost) -> Sequence[Mount]:
        """The directories of a host that an archive is made of, and the one that it is put into.

        Raises:
            ValueError: the ensemble keeps its data in its containers.
        """
        ensemble = self.ensemble
        member = ensemble.members_on(host.address)[0]
        places = {mount.target: mount.host_path for mount in ensemble.container(member.host, ensemble.release).mounts}
        if "/data" not in places:
            remedy = (
                "Use an ensemble of the family 'zookeeper': the images of this one keep their data in the container"
            )
            raise invalid(self, "ensemble", str(ensemble.image), remedy)
        data = [Mount(places[path], path, read_only=True) for path in ("/data", "/datalog")]
        return [*data, Mount(self.directory, _ARCHIVES)]

    def _container(self, member: Member) -> bindings.Container:
        host, ensemble = member.host, self.ensemble
        host.claims.take("container name", self._name, self, "container_name")
        mounts = self.mounts(host)
        arguments = [*self.arguments(host), _REASON, str(self._minutes), str(self._keep)]
        # The last one may be one interval and its own making old. After the second one was missed, something is wrong.
        oldest = str(2 * self._minutes + 5)
        age = scripts.words("age", _AGE, arguments=[_ARCHIVES, f"{self._cluster}-{host.node.id}", oldest, _REASON])
        return bindings.Container(
            host,
            self._name,
            provider=host.provider,
            name=self._name,
            image=host.pull(ensemble.image_for_checks).name,
            entrypoint=scripts.words("backups", *ARCHIVE, _SCRIPT, arguments=arguments),
            env=[f"{name}={value}" for name, value in self.environment(host).items()],
            labels=[bindings.ContainerLabels(label=BACKUPS_LABEL, value=self.directory)],
            volumes=volumes_of(mounts),
            network_mode="host",
            # The server's files and the archives are only for their owners.
            user="0:0",
            init=True,
            log_driver="json-file",
            log_opts=ContainerOptions().log_limits(),
            restart="unless-stopped",
            healthcheck=bindings.ContainerHealthcheck(
                test=["CMD", *age], interval="1m0s", timeout="10s", retries=1, start_period="5m0s"
            ),
            lifecycle=TerraformResourceLifecycle(ignore_changes=list(ADDED_BY_ENGINE)),
        )
