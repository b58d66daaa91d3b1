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
        forms_with: how many members of a set of that many must be there before the first of them can serve; None where
            a member serves alone. While fewer can be reached and none serves, the set is being formed, and a member
            that listens is healthy, too.
    """

    port: int
    serves: Callable[[str], str]
    forms_with: Callable[[int], int] | None = None

    def health_test(self, address: str, members: Sequence[str]) -> list[str]:
        """The health check, in Docker's form, of the member of an address."""
        conditions = [self.serves(address)]
        if self.forms_with is not None and len(members) > 1:
            conditions.append(f"({_open(address, self.port)} && {self._forming(members, self.forms_with)})")
        return ["CMD", "bash", "-c", " || ".join(conditions)]

    def others_serve(self, address: str, members: Sequence[str]) -> str:
        """The bash condition that is true while the set can do without the member of an address.

        Every other member serves, or the set is being formed. Members that serve alone are taken one by one: those
        before it in the list must serve, those after it may as well not listen, as they may not be deployed yet.
        """
        place = list(members).index(address)
        others = [(peer, number > place) for number, peer in enumerate(members) if number != place]
        if not others:
            return "true"
        if self.forms_with is not None:
            all_serve = " && ".join(self.serves(peer) for peer, _ in others)
            return f"{{ {all_serve}; }} || {self._forming(members, self.forms_with)}"
        conditions = [
            f"{{ ! {self._reaches(peer)} || {self.serves(peer)}; }}" if later else self.serves(peer)
            for peer, later in others
        ]
        return " && ".join([_LIMIT, *conditions])

    def _reaches(self, peer: str) -> str:
        return f"$t bash -c 'exec 3<>/dev/tcp/$0/{self.port}' {peer}"

    def _forming(self, members: Sequence[str], forms_with: Callable[[int], int]) -> str:
        ask = f"{self._reaches('$peer')} && {{ n=$((n+1)); {self.serves('$peer')} && m=$((m+1)); }}"
        count = f"n=0; m=0; for peer in {' '.join(members)}; do {ask}; done"
        return f"{{ {_LIMIT} && {{ {count}; [ $m = 0 ] && [ $n -lt {forms_with(len(members))} ]; }}; }}"


# Older busybox wants -t; without a way to limit the time nothing can be said, and the condition is false.
_LIMIT = "{ t='timeout 1'; $t true || t='timeout -t 1'; $t true; }"


def zookeeper(port: int) -> Probe:
    """`srvr` answers with a mode only while the server is in quorum (ZooKeeper administrator's guide)."""
    return Probe(
        port,
        lambda address: f"({_open(address, port)} && echo srvr >&3 && grep -q '^Mode: ' <&3)",
        forms_with=lambda count: count // 2 + 1,
    )


def master(port: int, *, authenticated: bool) -> Probe:
    """A master can be counted on once its replicated log has caught up (Mesos docs, monitoring).

    The oldest releases have no gauge for that; there it must do that the master has got as far as to have gauges. With
    `authenticate_http_readonly` only `/health` answers without a password. A log that is empty everywhere starts only
    when all of its replicas are there (Mesos docs, replicated log).
    """
    if authenticated:
        return Probe(port, lambda address: _get(address, port, "/health", _OK), forms_with=lambda count: count)

    def serves(address: str) -> str:
        snapshot = f"{_open(address, port)} && {_request('/metrics/snapshot')} && s=$(cat <&3)"
        # Older releases escape the slashes of a key.
        return rf"({snapshot} && [[ $s =~ elected ]] && [[ ! $s =~ recovered || $s =~ recovered\":1[^0-9] ]])"

    return Probe(port, serves, forms_with=lambda count: count)


def agent(port: int, *, authenticated: bool) -> Probe:
    """An agent serves while it is registered with the leading master (Mesos docs, monitoring).

    With `authenticate_http_readonly` only `/health` answers without a password.
    """
    path, answer = ("/health", _OK) if authenticated else ("/metrics/snapshot", r'"slave.{1,2}registered":1[^0-9]')
    return Probe(port, lambda address: _get(address, port, path, answer))


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
