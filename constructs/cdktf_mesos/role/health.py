"""What "serves within its set" means for each role."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_mesos.role.probe import Probe

# Read by bash itself, until the peer closes: see ASKS in probe.py. The number is more than any answer has characters.
_READ = "{ read -rN 99999999 s <&3 || true; }"


def zookeeper(port: int) -> Probe:
    """`srvr` answers with a mode only while the server is in quorum (ZooKeeper administrator's guide).

    From 3.5 `conf` tells the servers of the ensemble. A server with a list of five follows no leader that only two
    others with a list of three follow, so the first one of an ensemble that grows waits for the second.
    """

    def knows(address: str) -> str:
        servers = "grep -o '^server[.][0-9]*=[^:]*' <<< \"$s\""
        return f'{_ask(address, port, "conf")}; [[ $s =~ serverId=0 ]] && echo "server.1={address}" || {servers}'

    version = "grep -o '^Zookeeper version: [0-9.]*' <<< \"$s\" | grep -o '[0-9.]*$'"
    return Probe(
        port,
        lambda address: f"{_ask(address, port, 'srvr')} && [[ $s == *$'\\n''Mode: '* ]]",
        forms_with=lambda count: count // 2 + 1,
        knows=knows,
        waits=True,
        runs=lambda address: f"{_ask(address, port, 'srvr')}; {version}",
    )


def master(port: int, *, authenticated: bool) -> Probe:
    """A master can be counted on once its replicated log has caught up (Mesos docs, monitoring).

    The oldest releases have no gauge for that; there it must do that the master has got as far as to have gauges. With
    `authenticate_http_readonly` only `/health` answers without a password, and not how many masters there are: a set
    that is to grow looks like one whose last members are down, so that it grows only with an override. A log that is
    empty everywhere starts only when all of its replicas are there (Mesos docs, replicated log). A quorum of q is that
    of 2q - 1 masters.
    """
    if authenticated:
        return Probe(port, lambda address: _is_ok(address, port, "/health"), forms_with=lambda count: count)

    def serves(address: str) -> str:
        # Older releases escape the slashes of a key.
        recovered = r"[[ ! $s =~ recovered || $s =~ recovered\":1[^0-9] ]]"
        return f"{_get(address, port, '/metrics/snapshot')} && [[ $s =~ elected ]] && {recovered}"

    def knows(address: str) -> str:
        quorum = r"[[ $s =~ \"quorum\":\"([0-9]+)\" ]]"
        lines = "for ((i = 1; i < 2 * BASH_REMATCH[1]; i++)); do echo; done"
        return f"{_get(address, port, '/flags')} && {quorum} && {lines}"

    def leads(address: str) -> str:
        return _has_gauge(address, port, r'"master.{1,2}elected":1[^0-9]')

    return Probe(port, serves, forms_with=lambda count: count, knows=knows, leads=leads)


def agent(port: int, *, authenticated: bool) -> Probe:
    """An agent serves while it is registered with the leading master (Mesos docs, monitoring).

    With `authenticate_http_readonly` only `/health` answers without a password.
    """
    if authenticated:
        return Probe(port, lambda address: _is_ok(address, port, "/health"))
    return Probe(port, lambda address: _has_gauge(address, port, r'"slave.{1,2}registered":1[^0-9]'))


def ends_no_executor(address: str, port: int) -> str:
    """The bash condition that is true when an agent ends no executor at the moment (Mesos docs, monitoring)."""
    return _has_gauge(address, port, r'"slave.{1,2}executors_terminating":0([^0-9.]|[.]0)')


def knows_agent(masters: Sequence[str], port: int) -> str:
    """The bash function `known`: true when the leading master has the agent of the id `$1` registered and connected.

    The agent's own gauge says no more than that it has found a master; one whom the master refuses has it as well. Of
    one that is drained the master does not say whether it is connected (Mesos docs, "Performing Node Maintenance").
    Masters that do not lead redirect (Mesos docs, /slaves). One that wants a password is not asked further.

    Args:
        masters: their addresses.
        port: of the masters.
    """
    # The fields of an entry come in an order of their own in each release, with objects among them.
    some = "[^{}]*"
    for _ in range(3):
        some = rf"([^{{}}]|\{{{some}\}})*"
    entry = rf"\"id\":\"$1\"{some}\"(de)?activ(e|ated)\":true|\"active\":true{some}\"id\":\"$1\""
    request = r'printf "GET /slaves?slave_id=%s HTTP/1.0\r\n\r\n" $1 >&3'
    return f"""known() {{ for p in {" ".join(masters)}; do
    s=$($limit 3 bash -c 'exec 3<>/dev/tcp/$0/{port} && {request} && exec cat <&3' $p $1 2> /dev/null)
    [[ $s =~ ^HTTP/[0-9.]+\\ 401 ]] && return 0
    grep -Eq "{entry}" <<< "$s" && return 0
done; echo "no master has the agent $1 registered"; return 1; }}"""


def marathon(port: int, *, authenticated: bool) -> Probe:
    """An instance serves when it knows the leader, to which it hands requests on.

    With `--http_credentials` only `/ping` answers without a password; it says no more than that the instance is up.
    """
    return Probe(port, lambda address: _is_ok(address, port, "/ping" if authenticated else "/v2/leader"))


def _open(address: str, port: int) -> str:
    return f"exec 3<>/dev/tcp/{address}/{port}"


def _ask(address: str, port: int, word: str) -> str:
    """Asks ZooKeeper with a four-letter word; the answer is in `s`."""
    return f"{_open(address, port)} && echo {word} >&3 && {_READ}"


def _get(address: str, port: int, path: str) -> str:
    """Asks over HTTP; the answer is in `s`."""
    return f"{_open(address, port)} && {_request(path)} && {_READ}"


def _is_ok(address: str, port: int, path: str) -> str:
    return f"{_open(address, port)} && {_request(path)} && read -r s <&3 && [[ $s =~ ^HTTP/[0-9.]+\\ 200 ]]"


def _has_gauge(address: str, port: int, gauge: str) -> str:
    return f"{_get(address, port, '/metrics/snapshot')} && g='{gauge}' && [[ $s =~ $g ]]"


def _request(path: str) -> str:
    return f"printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3"
