"""How the members of a set are asked whether they serve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf_mesos import scripts

_HERE = Path(__file__).parent

# In place of an argument that a script does not need: the Docker provider wants no empty words.
_NOTHING = "-"

# How scripts ask, with a limit for the time; before the component's questions.
ASK = _HERE / "ask.sh"

_SURVEY, _HEALTH, _MAY_BE_REPLACED = (_HERE / name for name in ("survey.sh", "health.sh", "may_be_replaced.sh"))
_STATUS = _HERE / "status.sh"

# Whether a release may follow the one that a member runs; after the component's questions.
MAY_FOLLOW = _HERE / "may_follow.sh"


@dataclass(frozen=True)
class Probe:
    """How the members of a set are asked whether they serve, and which set they take themselves for a part of.

    Args:
        port: that a member listens on as soon as it runs.
        questions: a bash file with the functions that ask a member; role/ask.sh says which.
        path: of HTTP, which `role/http_questions.sh` asks for; by default none.
        forms_with: how many members of a set of that many must be there before the first of them can serve; None where
            a member serves alone. While fewer listen and none serves, the set is being formed, and a member that
            listens is healthy, too. Questions about the set are for sets that have this.
        waits: whether a member of a set that grows serves only when a majority of the new set knows the new set. Until
            then a member that listens is healthy. False by default.
        release_path: of HTTP, which answers with JSON that has the member's release, `"version": "1.2.3"`. Before the
            member is replaced, its release is compared by the role's rules (`Role.bumps`). By default it is not.
        status: a bash file with what `cdktf-mesos status` asks in addition: `standing`, which prints the member's role
            in its set, such as `leader`; `leading`, true for the leader; `overview`, which prints more. By default it
            asks only whether the member serves.
    """

    port: int
    questions: Path
    path: str = _NOTHING
    forms_with: Callable[[int], int] | None = None
    waits: bool = False
    release_path: str | None = None
    status: Path | None = None

    @classmethod
    def http(
        cls,
        port: int,
        path: str,
        *,
        forms_with: Callable[[int], int] | None = None,
        release_path: str | None = None,
    ) -> Probe:
        """A member serves while a GET of the path on the port answers 200."""
        return cls(port, _HERE / "http_questions.sh", path, forms_with, release_path=release_path)

    def health_test(self, address: str, members: Sequence[str], data: str | None = None) -> list[str]:
        """The health check, in Docker's form, of a member.

        Args:
            address: the member's.
            members: the addresses, in the order of the set.
            data: a directory of the container that is there once the member serves; another image may keep its data
                where they are lost with the container. By default none is looked for.
        """
        arguments = [*self._arguments(address, len(members)), data or _NOTHING, *members]
        return ["CMD", *scripts.words("health", ASK, self.questions, _SURVEY, _HEALTH, arguments=arguments)]

    def status_script(self) -> str:
        """The script with which `cdktf-mesos status` asks a member; role/status.sh says what it prints."""
        return scripts.joined(ASK, self.questions, *([self.status] if self.status else []), _STATUS)

    def status_arguments(self, address: str) -> list[str]:
        """The script's arguments for the member at an address."""
        return [address, str(self.port), self.path, self.release_path or _NOTHING]

    def may_be_replaced(
        self, address: str, members: Sequence[str], release: str | None = None
    ) -> tuple[list[Path], list[str]]:
        """The files that define the bash function `may_be_replaced`, and its arguments.

        It is true while the set can do without the member of the address, and prints why it cannot.

        Args:
            address: the member's; one that is not in `members` is to leave, and then all of these must serve.
            members: the addresses, in the order of the set.
            release: that is to be run, as `running_release` prints it; with a changed set it must be the one that runs.
                By default, any.
        """
        arguments = [*self._arguments(address, len(members)), release or _NOTHING, *members]
        return [ASK, self.questions, _SURVEY, _MAY_BE_REPLACED], arguments

    def _arguments(self, address: str, count: int) -> list[str]:
        forms_with = self.forms_with(count) if self.forms_with else 0
        return [address, str(self.port), self.path, str(forms_with), "yes" if self.waits else "no"]
