"""`cdktf-mesos kill`, `pause`, `partition` and `resume`."""

from __future__ import annotations

import click

from cdktf_mesos.throwaway import members, store
from cdktf_mesos.throwaway.commands import common


@click.command
@common.name
@click.argument("member")
def kill(name: str, member: str) -> None:
    """Kill a member, as a crash would. It stays down until `resume`."""
    members.kill(store.get(name), member)


@click.command
@common.name
@click.argument("member")
def pause(name: str, member: str) -> None:
    """Freeze a member: it accepts connections, and answers nothing until `resume`."""
    members.pause(store.get(name), member)


@click.command
@common.name
@click.argument("member")
def partition(name: str, member: str) -> None:
    """Cut a member off: its processes go on, and nothing reaches it or comes from it until `resume`."""
    members.cut_off(store.get(name), member)


@click.command
@common.name
@click.argument("member")
def resume(name: str, member: str) -> None:
    """Let a paused member go on, let one back that was cut off, or start one that was killed."""
    members.resume(store.get(name), member)
