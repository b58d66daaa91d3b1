"""The lock of a cluster: a container with the same name on each of its machines, which only one command can make."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from docker.errors import APIError, NotFound

from cdktf_mesos.container.names import LABEL, LOCK, LOCK_LABEL, LOCK_VARIABLE
from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.connections import Host
from cdktf_mesos.operations.engine import Client, engine_of
from cdktf_mesos.operations.lock.holder import REMEDY, Held, Holder

_CONFLICT = 409

# Every image of the constructs has a sleep. It cannot be `infinity`: busybox before 1.31 does not know that.
_COMMAND = ("sleep", "2147483647")


def take(hosts: Sequence[Host], holder: Holder, seconds: float) -> list[str]:
    """Take the lock on all machines; a machine on which the holder has it already is left as it is.

    A machine that cannot be reached is left out, as long as most machines are locked: nobody else can lock most of them
    then. Machines on which nothing was deployed yet have no lock, since they have no image for its container.

    Args:
        hosts: the machines. The lock of the first one is taken before the others.
        holder: who takes it.
        seconds: how long an engine may take.

    Returns:
        the reasons why machines were left out.

    Raises:
        Held: somebody else has it.
        RuntimeError: too many machines cannot be reached. What was taken is released.
    """
    answers: dict[Host, bool | Exception] = {}
    for some in (hosts[:1], hosts[1:]):
        answers |= at_once({host: partial(_take, host, holder, seconds) for host in some}, seconds)
        held = [each for each in answers.values() if isinstance(each, Held)]
        if held:
            release(hosts, holder.id, seconds)
            raise held[0]
    left_out = [f"{host.name} is not locked: {each}" for host, each in answers.items() if isinstance(each, Exception)]
    if left_out and len(left_out) >= list(answers.values()).count(True):
        release(hosts, holder.id, seconds)
        raise RuntimeError(left_out[0])
    return left_out


def release(hosts: Sequence[Host], id_: str | None, seconds: float) -> list[str]:
    """Release the lock on all machines; returns the reasons where that failed.

    Args:
        hosts: the machines.
        id_: the holder's id; None to remove the lock whoever holds it.
        seconds: how long an engine may take.
    """
    answers = at_once({host: partial(_release, host, id_, seconds) for host in hosts}, seconds)
    return [f"{host.name}: {each}" for host, each in answers.items() if isinstance(each, Exception)]


def holders(hosts: Sequence[Host], seconds: float) -> dict[Host, Holder | Exception | None]:
    """Who holds the lock of each machine; None for one that is free."""
    return at_once({host: partial(_holder_on, host, seconds) for host in hosts}, seconds)


@contextlib.contextmanager
def locked(hosts: Sequence[Host], purpose: str, seconds: float, tell: Callable[[str], object]) -> Iterator[Holder]:
    """Hold the lock meanwhile. Below `cdktf-mesos lock -- …` it is held already, and stays.

    Args:
        hosts: all machines of the cluster.
        purpose: what it is for, as others are shown it.
        seconds: how long an engine may take.
        tell: called with the reason for each machine that could not be locked or released.

    Raises:
        Held: somebody else has it.
        RuntimeError: too many machines cannot be reached.
    """
    if inherited := os.environ.get(f"TF_VAR_{LOCK_VARIABLE}"):
        yield Holder(inherited, purpose)
        return
    holder = Holder.new(purpose)
    for reason in take(hosts, holder, seconds):
        tell(reason)
    try:
        yield holder
    finally:
        for reason in release(hosts, holder.id, seconds):
            tell(f"the lock stays on {reason}")


def _take(host: Host, holder: Holder, seconds: float) -> bool:
    """Take the lock of a machine; returns False if it has no image for that."""
    with engine_of(host, seconds) as client:
        image = _image(client)
        if image is None:
            return False
        try:
            client.create_container(
                image,
                name=LOCK,
                entrypoint=list(_COMMAND),
                labels={LOCK_LABEL: holder.label},
                healthcheck={"test": ["NONE"]},
                stop_signal="SIGKILL",
                host_config=client.create_host_config(network_mode="none", restart_policy={"Name": "unless-stopped"}),
            )
        except APIError as problem:
            if problem.status_code != _CONFLICT:
                raise
            found = _holder(client)
            if found is not None and found.id != holder.id:
                raise Held(f"{host.name} is locked, {found.text}. {REMEDY}") from None
        # A lock is one even if its program does not run. But only a running container outlives `docker system prune`.
        with contextlib.suppress(APIError):
            client.start(LOCK)
        return True


def _release(host: Host, id_: str | None, seconds: float) -> None:
    with engine_of(host, seconds) as client:
        found = _holder(client)
        if found is not None and id_ in (None, found.id):
            with contextlib.suppress(NotFound):
                client.remove_container(LOCK, v=True, force=True)


def _holder_on(host: Host, seconds: float) -> Holder | None:
    with engine_of(host, seconds) as client:
        return _holder(client)


def _holder(client: Client) -> Holder | None:
    try:
        return Holder.read(client.inspect_container(LOCK)["Config"]["Labels"].get(LOCK_LABEL, ""))
    except NotFound:
        return None


def _image(client: Client) -> str | None:
    """An image that is on the machine: that of a check, which has coreutils, otherwise that of a member."""
    for label in ("of", "role"):
        for each in client.containers(all=True, filters={"label": [f"{LABEL}{label}"]}):
            return str(each["ImageID"])
    return None
