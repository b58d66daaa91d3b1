"""How a set's members are asked whether they serve: bash (4.1) that needs nothing but grep and timeout in the image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

# `$limit 3 <command>` ends after 3 s. Older busybox wants -t; without a way to limit the time nothing can be said, and
# the script fails.
LIMIT = "{ limit=timeout; $limit 1 true || limit='timeout -t'; $limit 1 true; } || exit 1"

# Asks in a process of its own: `asks serves <address>`. One that accepts and never answers would hold the script up for
# good, one whose backlog is full for minutes. Busybox ends that process and none below it, so bash itself reads there.
ASKS = 'asks() { $limit 3 bash -c "$questions; $1 $2"; }'


@dataclass(frozen=True)
class Probe:
    """How the members of a set are asked whether they serve, and which set they take themselves for a part of.

    What is bash here gets the address of the member as its parameter, `'$1'`.

    Args:
        port: that a member listens on as soon as it runs.
        serves: the bash condition that is true while the member of an address serves; it prints nothing, and what waits
            for an answer in it is bash itself.
        forms_with: how many members of a set of that many must be there before the first of them can serve; None where
            a member serves alone. While fewer listen and none serves, the set is being formed, and a member that
            listens is healthy, too.
        knows: the bash command that prints a line for each member of the set as a serving member knows it:
            `server.<id>=<address>`, or an empty line where it knows no more than their number. None where it knows
            nothing.
        waits: whether a member of a set that grows serves only when a majority of the new set knows the new set. Until
            then one that listens is healthy, too.
        runs: the bash command that prints what release a serving member is; None where that does not matter.
        leads: the bash condition that is true while a member leads; None where that is not waited for. One that ended
            is a leader for ZooKeeper until its session is over. Were the next one touched before, and then the next,
            their sessions would be waited out one after the other, and none would lead all the while.
    """

    port: int
    serves: Callable[[str], str]
    forms_with: Callable[[int], int] | None = None
    knows: Callable[[str], str] | None = None
    waits: bool = False
    runs: Callable[[str], str] | None = None
    leads: Callable[[str], str] | None = None

    @classmethod
    def http(cls, port: int, path: str) -> Probe:
        """Of members that serve alone, while a GET of the path answers 200."""
        get = f"printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3 && read -r s <&3 && [[ $s =~ ^HTTP/[0-9.]+\\ 200 ]]"
        return cls(port, lambda address: f"exec 3<>/dev/tcp/{address}/{port} && {get}")

    def health_test(self, address: str, members: Sequence[str]) -> list[str]:
        """The health check, in Docker's form, of the member of an address."""
        if self.forms_with is None or len(members) == 1:
            return ["CMD", "bash", "-c", self.serves(address)]
        conditions = [f"[ $m = 0 ] && [ $n -lt {self.forms_with(len(members))} ]"]
        if self.waits:
            conditions.append(_grows(len(members)))
        waits = " || ".join(f"{{ {condition}; }}" for condition in conditions)
        script = [self._questions(), f"serves {address} && exit", LIMIT, ASKS, self._listens(), self._survey(members)]
        return ["CMD", "bash", "-c", "\n".join([*script, f"listens {address} && survey && {{ {waits}; }}"])]

    def may_be_touched(self, address: str, members: Sequence[str], release: str | None = None) -> str:
        """The bash function `ready`: true while the set can do without the member of an address; says why it cannot.

        That is when every other member serves, when the set is being formed, or when the member does not run anyway.
        Members that serve alone are taken one by one: those before it in the list must serve, those after it may as
        well not listen, as they may not be deployed yet; so it is with those that a growing set is to get. Where one
        of the set leads (`leads`), it does so now. Of a set
        whose members know it, no more may change at once than a majority outlives (`_steps`, `_fits`).

        Args:
            address: the member's; one that is not in `members` is to leave, and then all of these must serve.
            members: the addresses, in the order of the set.
            release: what `runs` says of the release that is to be run; with a changed set it must be the one that runs.
        """
        stays, count = address in members, len(members)
        script, body, grows = [LIMIT, ASKS, self._questions(), self._listens()], [], "true"
        expected = str(list(members).index(address) + 1 if stays else count)
        if self.forms_with:
            script.append(self._survey(members))
            body.append("survey")
            expected = "$v"
        if self.knows:
            script.append(_steps(count))
            body.append("steps || return 1")
        if self.knows and stays:
            script.append(self._fits(address, members, release))
            body.append("fits || return 1")
        if stays:
            body.append(f"listens {address} || return 0")  # nothing is taken away
        if self.forms_with and stays:
            body.append(f"[ $m = 0 ] && [ $n -lt {self.forms_with(count)} ] && return 0")
        if self.waits:
            grows = f"{_grows(count)} && continue"
        body += [
            f"i=0; for p in {' '.join(members)}; do i=$((i+1))",
            f"[ $p = {address} ] && continue",
            f"if listens $p; then asks serves $p && continue; {grows}; else [ $i -gt {expected} ] && continue; fi",
            'echo "$p does not serve"; return 1; done',
        ]
        # One that is to leave may go while another leads that is to leave as well.
        if self.leads and stays and count > 1:
            body.append(f"for p in {' '.join(members)}; do listens $p && asks leads $p && return; done")
            body.append('echo "none of them leads"; return 1')
        return "\n".join([*script, "ready() {", *body, "}"])

    def _questions(self) -> str:
        """What `asks` can ask."""
        questions = {"serves": self.serves, "knows": self.knows, "runs": self.runs, "leads": self.leads}
        functions = [f"{name}() {{ {ask('$1') if ask else 'true'}; }}" for name, ask in questions.items()]
        return "\n".join([*functions, f"questions=$(declare -f {' '.join(questions)})"])

    def _listens(self) -> str:
        return f"listens() {{ $limit 1 bash -c 'exec 3<>/dev/tcp/$0/{self.port}' $1; }}"

    def _survey(self, members: Sequence[str]) -> str:
        """Counts who listens (n), who serves (m), and how many members those know: the fewest (v), the most (w).

        v is the length of the list at most, and where none says what it knows.
        """
        script = [
            f"survey() {{ n=0 m=0 v={len(members)} w=0 all=; for p in {' '.join(members)}; do",
            "listens $p || continue; n=$((n+1)); asks serves $p || continue; m=$((m+1)); s=0",
            'while read -r line; do s=$((s+1)); all="$all $line"; done < <(asks knows $p)',
            "[ $s -le $w ] || w=$s; [ $s = 0 ] || [ $s -ge $v ] || v=$s; done; }",
        ]
        return "\n".join(script)

    def _fits(self, address: str, members: Sequence[str], release: str | None) -> str:
        """Whether the set that runs can become the one that the program has, in this deploy.

        A member may take the place of one that was at another address, and has ended for good: its id stays. It comes
        first, before the others are told, so that each of these can be done without; and only while a majority serves,
        as what it does not have it gets from these. That the old one does not listen is asked before each member is
        touched. But one that only cannot be reached looks the same: were it to come back, it would count for the same
        place, and what only one of the two has could be lost. Nothing here can exclude that.
        """
        count, places = len(members), {f"server.{number}": peer for number, peer in enumerate(members, start=1)}
        same = " ".join(f"{name}={peer}" for name, peer in places.items())
        script = [
            f"fits() {{ c= moved=; [ $v = {count} ] || c=yes",
            f'for line in $all; do case " {same} " in *" $line "*) continue;; esac; c=yes',
            "IFS== read -r name peer <<< $line",
            f'case " {" ".join(members)} " in *" $peer "*)',
            'echo "$name is $peer in the set that runs: members keep their places in the list"; return 1;; esac',
            f'after="a set shrinks when it has left"; case " {" ".join(places)} " in *" $name "*)',
            'moved="$name was $peer"; after="it must have ended for good before another takes its place";; esac',
            'if listens $peer; then echo "$name, $peer, still runs: $after"; return 1; fi',
            "done",
            f'[ -z "$moved" ] || [ $v = {count} ] ||',
            '{ echo "$moved: change the size of the set first, then the address"; return 1; }',
            f'[ -z "$moved" ] || [ $m -gt {count // 2} ] ||',
            f'{{ echo "$m of {count} serve: an empty server takes a place only where a majority does"; return 1; }}',
        ]
        if self.runs and release:
            script += [
                f"r=$(asks runs {address})",
                f'[ -z "$c" ] || [ -z "$r" ] || [ "$r" = "{release}" ] ||',
                f'{{ echo "$r runs, not {release}: change the size of the set first, then the version"; return 1; }}',
            ]
        return "\n".join([*script, "}"])


def _steps(count: int) -> str:
    """Whether a set comes to its size in one step.

    From three on, a set that grows or shrinks by two has a majority while its members come or end and are told, one
    after the other. By four it would have none on the way.
    """
    step = "two at a time, with a deploy for each two"
    return f"""steps() {{
[ $v -ge {count - 2} ] || {{ echo "$v members run, not {count}: a set grows by {step}"; return 1; }}
[ $w -le {count + 2} ] || {{ echo "$w members ran, not {count}: a set shrinks by {step}"; return 1; }}
}}"""


def _grows(count: int) -> str:
    """True while the members that serve know a smaller set, and are too few to be a majority of the new one."""
    return f"[ $v -lt {count} ] && [ $m -lt {count // 2 + 1} ]"
