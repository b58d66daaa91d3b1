"""Probes: how to find out whether the members of a set serve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos import scripts
from cdktf_mesos.security.files import SecretFile

_HERE = Path(__file__).parent

# Stands for an argument that is left out: the Docker provider does not take an empty word in a command.
_NOTHING = "-"

# The functions that ask a member over the network, with a time limit. They come before the component's questions.
ASK = _HERE / "ask.sh"

# The functions that ask all members of a set about the set. They come after the component's questions.
SURVEY = _HERE / "survey.sh"

_HEALTH, _MAY_BE_REPLACED = (_HERE / name for name in ("health.sh", "may_be_replaced.sh"))
_LOGIN, _RUN, _RUN_EXPLAINED = (_HERE / name for name in ("login.sh", "run_health.sh", "run_health_explained.sh"))
_EXPLAINED, _STATUS = _HERE / "explained.sh", _HERE / "status.sh"

TLS, TLS_OR_PLAIN, TLS_OWN = (_HERE / f"{name}.sh" for name in ("tls", "tls_or_plain", "tls_own"))
"""Scripts: requests use TLS; they are sent again without it if a member has none; but a health check's own member must
have it."""

# The function that checks whether a release may follow the one that a member runs. It comes after the component's
# questions.
MAY_FOLLOW = _HERE / "may_follow.sh"

# Waits until a set can do without a member. It comes after the files of `Probe.may_be_replaced`.
OTHERS_SERVE = _HERE / "others_serve.sh"


def others_serve_script(status_script: str) -> str:
    """The script that asks whether a set can do without a member; its arguments are those of role/others_serve.sh.

    It is made from the script for the status, which has the component's questions: so synthesised output has them once.
    """
    questions = status_script.removesuffix(scripts.text_of(_STATUS))
    return scripts.joined(questions, SURVEY, _MAY_BE_REPLACED, OTHERS_SERVE)


@dataclass(frozen=True)
class Probe:
    """How to find out whether a member serves, and which members it believes to be in its set.

    Args:
        port: the port that a member listens on as soon as it runs.
        questions: a bash file with the functions that ask a member; role/ask.sh lists them.
        path: what the questions ask for, in HTTP_PATH: for `role/http_questions.sh` the path of the HTTP request. By
            default nothing.
        forms_with: for a set of the given size, how many members must be there before the first of them can serve;
            None if each member serves alone. While fewer listen and none serves, the set is being formed: then a member
            that only listens counts as healthy. Checks of the set as a whole run only if this is given.
        waits: whether a member of a set that grows serves only after a majority of the new set has the new list of
            members. Until then a member that only listens counts as healthy. By default False.
        release_path: the path of an HTTP request whose answer is JSON with the member's release, `"version": "1.2.3"`.
            Before the member is replaced, the role's rules (`Role.bumps`) compare its release with the new one. By
            default they do not.
        status: a bash file with further functions for `cdktf-mesos status`: `standing` prints the member's role in its
            set, such as `leader`; `leading` is true for the leader; `overview` prints more. By default status shows
            only whether the member serves.
        login: the file with the login that its questions send over HTTP, for a component that may be closed. Every
            container that asks needs it. By default they send none.
        ca: the certificate of the authority, for members with TLS. Every container that sends them requests needs it.
            By default requests do not use TLS.
        may_be_plain: whether a request to another member may be sent again without TLS, if it did not answer over TLS.
            By default it may not.
        further: further bash, as files or text, which comes after the questions; by default there is none.
    """

    port: int
    questions: Path
    path: str = _NOTHING
    forms_with: Callable[[int], int] | None = None
    waits: bool = False
    release_path: str | None = None
    status: Path | None = None
    login: SecretFile | None = None
    ca: SecretFile | None = None
    may_be_plain: bool = False
    further: Sequence[Path | str] = ()

    @classmethod
    def http(
        cls,
        port: int,
        path: str,
        *,
        forms_with: Callable[[int], int] | None = None,
        release_path: str | None = None,
    ) -> Probe:
        """A probe for members that serve while a GET request for the path on the port gets the status 200."""
        return cls(port, _HERE / "http_questions.sh", path, forms_with, release_path=release_path)

    @property
    def asks(self) -> list[Path | str]:
        """The files, and further bash, with the functions that ask a member."""
        login, explained = [_LOGIN] if self.login else [], [_EXPLAINED] if self.explains else []
        tls = [TLS, *([TLS_OR_PLAIN] if self.may_be_plain else [])] if self.ca else []
        return [ASK, *login, *explained, self.questions, *self.further, *tls]

    @property
    def asks_itself(self) -> list[Path | str]:
        """The files with which a member's health check asks: `asks`, but the member itself must have TLS."""
        return [*self.asks, *([TLS_OWN] if self.ca and self.may_be_plain else [])]

    @property
    def explains(self) -> bool:
        """Whether a health check says why a member refuses its questions."""
        return self.login is not None or self.ca is not None

    @property
    def secrets(self) -> list[SecretFile]:
        """The files that a container needs to ask a member."""
        return [file for file in (self.login, self.ca) if file]

    def health_test(self, address: str, members: Sequence[str], data: str | None = None) -> list[str]:
        """The health check of a member, in Docker's form.

        Args:
            address: the member's address.
            members: the addresses of all members, in the order of the set.
            data: a directory of the container that must exist once the member serves. It is missing if an image keeps
                its data elsewhere, where they are lost with the container. By default no directory is checked.
        """
        arguments = [*self._arguments(address, len(members)), data or _NOTHING, *members]
        run = _RUN_EXPLAINED if self.explains else _RUN
        return ["CMD", *scripts.words("health", *self.asks_itself, SURVEY, _HEALTH, run, arguments=arguments)]

    def status_script(self) -> str:
        """The script with which `cdktf-mesos status` asks a member; role/status.sh says what it prints."""
        return scripts.joined(*self.asks, *([self.status] if self.status else []), _STATUS)

    def status_arguments(self, address: str) -> list[str]:
        """The script's arguments for the member at an address."""
        return [address, str(self.port), self.path, self.release_path or _NOTHING]

    def may_be_replaced(
        self, address: str, members: Sequence[str], release: str | None = None
    ) -> tuple[list[Path | str], list[str]]:
        """The files that define the bash function `may_be_replaced`, and its arguments.

        It succeeds while the set can do without the member at the address; otherwise it prints the reason.

        Args:
            address: the member's address. A member that leaves is not in `members`, and then all of these must serve.
            members: the addresses of all members, in the order of the set.
            release: the new release, as `running_release` prints it. If the set changes, it must be the release that
                runs. By default it may be any.
        """
        arguments = [*self._arguments(address, len(members)), release or _NOTHING, *members]
        return [*self.asks, SURVEY, _MAY_BE_REPLACED], arguments

    def _arguments(self, address: str, count: int) -> list[str]:
        forms_with = self.forms_with(count) if self.forms_with else 0
        return [address, str(self.port), self.path, str(forms_with), "yes" if self.waits else "no"]
