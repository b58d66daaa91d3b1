"""What "serves within its set" means for each role, asked with nothing but bash, cat, grep and timeout in the image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

_OK = "^HTTP/[0-9.]+ 200"


@dataclass(frozen=True)
class Probe:
    """How the members of a set are asked whether they serve.

    Args:
        port: that a member listens on as soon as it runs.
        serves: the bash condition that is true while the member of an address serves.
        by_quorum: whether a member can serve only with a majority of the set. While such a set is being formed its
            first members cannot serve yet, so a member that listens is healthy, too, as long as fewer than a majority
            of the set can be reached at all.
        counted: whether the set is judged by its majority before one of its members is replaced, or member by member.
    """

    port: int
    serves: Callable[[str], str]
    by_quorum: bool = False
    counted: bool = True

    def health_test(self, address: str, members: Sequence[str]) -> list[str]:
        """The health check, in Docker's form, of the member of an address."""
        conditions = [self.serves(address)]
        if self.by_quorum and len(members) > 1:
            conditions.append(f"({_open(address, self.port)} && {self._few_of(members)})")
        return ["CMD", "bash", "-c", " || ".join(conditions)]

    def others_serve(self, address: str, members: Sequence[str]) -> str:
        """The bash condition that is true while the set can do without the member of an address.

        Every other member serves; or fewer than a majority can be reached, so that the set is being formed, or is lost
        and cannot lose more. Members that are not counted are taken one by one: those before it in the list must serve,
        and those after it either serve or do not listen, as they may not have been deployed yet.
        """
        place = list(members).index(address)
        others = [(peer, number > place) for number, peer in enumerate(members) if number != place]
        if self.counted:
            all_serve = " && ".join(self.serves(peer) for peer, _ in others) or "true"
            return f"{{ {all_serve}; }} || {self._few_of(members)}" if others else all_serve
        conditions = [
            f"{{ ! {self._reaches(peer)} || {self.serves(peer)}; }}" if later else self.serves(peer)
            for peer, later in others
        ]
        return " && ".join([_LIMIT, *conditions])

    def _reaches(self, peer: str) -> str:
        return f"$t bash -c 'exec 3<>/dev/tcp/$0/{self.port}' {peer}"

    def _few_of(self, members: Sequence[str]) -> str:
        count = f"n=0; for peer in {' '.join(members)}; do {self._reaches('$peer')} && n=$((n+1)); done"
        return f"{{ {_LIMIT} && {{ {count}; [ $n -lt {len(members) // 2 + 1} ]; }}; }}"


# Older busybox wants -t; without a way to limit the time nothing can be said, and the condition is false.
_LIMIT = "{ t='timeout 1'; $t true || t='timeout -t 1'; $t true; }"


def zookeeper(port: int) -> Probe:
    """`srvr` answers with a mode only while the server is in quorum (ZooKeeper administrator's guide)."""
    return Probe(
        port,
        lambda address: f"({_open(address, port)} && echo srvr >&3 && grep -q '^Mode: ' <&3)",
        by_quorum=True,
    )


def master(port: int, *, authenticated: bool) -> Probe:
    """A master can be counted on once its replicated log has caught up (Mesos docs, monitoring).

    The oldest releases have no gauge for that; there it must do that the master has got as far as to have gauges. With
    `authenticate_http_readonly` only `/health` answers without a password.
    """
    if authenticated:
        return Probe(port, lambda address: _get(address, port, "/health", _OK), by_quorum=True)

    def serves(address: str) -> str:
        snapshot = f"{_open(address, port)} && {_request('/metrics/snapshot')} && s=$(cat <&3)"
        # Older releases escape the slashes of a key.
        return rf"({snapshot} && [[ $s =~ elected ]] && [[ ! $s =~ recovered || $s =~ recovered\":1[^0-9] ]])"

    return Probe(port, serves, by_quorum=True)


def agent(port: int, *, authenticated: bool) -> Probe:
    """An agent serves while it is registered with the leading master (Mesos docs, monitoring).

    With `authenticate_http_readonly` only `/health` answers without a password.
    """
    path, answer = ("/health", _OK) if authenticated else ("/metrics/snapshot", r'"slave.{1,2}registered":1[^0-9]')
    return Probe(port, lambda address: _get(address, port, path, answer), counted=False)


def marathon(port: int, *, authenticated: bool) -> Probe:
    """An instance serves when it knows the leader, to which it hands requests on.

    With `--http_credentials` only `/ping` answers without a password; it says no more than that the instance is up.
    """
    return Probe(port, lambda address: _get(address, port, "/ping" if authenticated else "/v2/leader", _OK))


def _open(address: str, port: int) -> str:
    return f"exec 3<>/dev/tcp/{address}/{port}"


def _get(address: str, port: int, path: str, answer: str) -> str:
    return f"({_open(address, port)} && {_request(path)} && grep -Eq '{answer}' <&3)"


def _request(path: str) -> str:
    return f"printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3"
