"""The security of a cluster: how far it is closed, and where its secrets are."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

from cdktf_mesos.errors import check_one_of
from cdktf_mesos.security.directory import FRAMEWORK, read_secrets, versions_of
from cdktf_mesos.security.files import SecretFile

Stage = Literal["prepared", "used", "required"]

STAGES: tuple[str, ...] = ("open", *get_args(Stage))
"""The stages of a cluster in their order. A cluster without security is open."""

LOGIN = "/etc/cdktf-mesos.probe"
"""The file in each container with the login of the probes, as HTTP sends it: the base64 of `probe:<secret>`. It is
directly in a directory that every image has: an engine makes missing ones, with a mode of its own choice."""


@dataclass(frozen=True)
class Credential:
    """A principal with its secret.

    Args:
        principal: the principal, which is the name of its file.
        secret: the secret.
    """

    principal: str
    secret: str

    def __repr__(self) -> str:
        """The principal only, so that no message shows the secret."""
        return f"Credential({self.principal!r})"


@dataclass(frozen=True)
class Security:
    """How far a cluster is closed, and where its secrets are. docs/security.md says what each stage does.

    The stages go one at a time, and each is a roll of the whole cluster: `prepared`: masters know all principals;
    `used`: agents and frameworks authenticate; `required`: nobody else is let in. The same way leads back.

    Args:
        stage: `prepared`, `used` or `required`. A cluster without `Security` is open.
        secrets: the directory with the secrets, which `cdktf-mesos secrets` makes. Use a path relative to cdktf.json:
            so the synthesised files are the same for every operator.

    Raises:
        ValueError: an unknown stage; a directory or file of the secrets that is missing, malformed or readable by
            others.
    """

    stage: Stage
    secrets: str

    def __post_init__(self) -> None:
        check_one_of("Security", "stage", self.stage, get_args(Stage), "leave out security for an open cluster")
        # Read now, so that a mistake in the directory is found before anything is written.
        _ = self._secrets

    def reaches(self, stage: Stage) -> bool:
        """Whether the cluster is at this stage or after it."""
        return STAGES.index(self.stage) >= STAGES.index(stage)

    def newest(self, principal: str) -> Credential:
        """The newest credential of a principal, such as `agent-2` if there are `agent` and `agent-2`."""
        return self.all_of(principal)[-1]

    def oldest(self, principal: str) -> Credential:
        """The oldest credential of a principal, such as `probe` if there are `probe` and `probe-2`."""
        return self.all_of(principal)[0]

    def all_of(self, *principals: str) -> list[Credential]:
        """All credentials of the principals, the oldest of each first."""
        return [
            Credential(name, self._secrets[name])
            for principal in principals
            for name in versions_of(principal, self._secrets)
        ]

    def frameworks(self) -> list[Credential]:
        """The credentials of Marathon and of further frameworks."""
        further = [Credential(name, secret) for name, secret in self._secrets.items() if name.startswith(FRAMEWORK)]
        return [*self.all_of("marathon"), *further]

    def login(self, mode: str = "0400") -> SecretFile:
        """The file with the login of the probes, for each container that asks a member.

        It has the oldest secret of `probe`: so a new one is known everywhere before anybody sends it.

        Args:
            mode: the mode in the container, where root owns the file; by default only root may read it.
        """
        probe = self.oldest("probe")
        login = b64encode(f"{probe.principal}:{probe.secret}".encode()).decode()
        return self.file(LOGIN, "login", login, mode=mode)

    def file(self, path: str, name: str, text: str, *, mode: str = "0400") -> SecretFile:
        """A file for a container that has secrets.

        Its name on the operator's machine ends with a digest, so that roles with different texts have different files:
        Terraform reads them at a deploy, when all are written.

        Args:
            path: the absolute path in the container.
            name: the begin of the file's name in the directory `rendered` of the secrets.
            text: the content.
            mode: the mode in the container, where root owns the file; by default only root may read it.
        """
        digest = sha256(text.encode()).hexdigest()[:12]
        return SecretFile(path, str(Path(self.secrets) / "rendered" / f"{name}-{digest}"), text, mode)

    @cached_property
    def _secrets(self) -> Mapping[str, str]:
        return read_secrets(self.secrets)
