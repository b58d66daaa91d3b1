"""`cdktf-mesos restore`: puts the ZooKeeper data of an archive onto new servers."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click

from cdktf_mesos.compatibility.rule import numbers
from cdktf_mesos.image.release import parse_release
from cdktf_mesos.operations import options
from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.backup.archive import unpack
from cdktf_mesos.operations.backup.manifest import Manifest
from cdktf_mesos.operations.ensemble import Ensemble, Server, ensemble_of
from cdktf_mesos.operations.project import Project, read_project
from cdktf_mesos.operations.restore.install import Content, check, install
from cdktf_mesos.operations.restore.order import await_agents, first_stacks, running_marathons
from cdktf_mesos.operations.status.wanted import Wanted, wanted_members

Action = Callable[[Server, Content, float], None]


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.ensemble
@click.option("--other-cluster", metavar="NAME", help="The archive is of the cluster of this name.")
@click.option("--dry-run", is_flag=True, help="Only check archive and servers.")
@click.option("--await-agents", is_flag=True, help="Restore nothing; wait until the masters list the agents.")
@click.option("--wait", type=click.IntRange(min=1), default=600, metavar="SECONDS", show_default=True)
@options.timeout(600, "How long a machine may take, including the pull of an image.")
@options.no_synth
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    ensemble: str | None,
    other_cluster: str | None,
    dry_run: bool,
    await_agents: bool,
    wait: int,
    timeout: int,
    no_synth: bool,
) -> None:
    """Put the ZooKeeper data of an archive onto all servers, which must not run and must have no data.

    It checks the archive and all servers before it changes one. Then it prints the deploys that bring the cluster back:
    ZooKeeper and masters first; Marathon last, once the masters list the agents again (--await-agents).

    Exit codes: 0 if all servers have the data, or all agents are back; 1 if not.
    """
    project = read_project(Path.cwd(), (), timeout, synth=not no_synth)
    members = wanted_members(project.stacks, project.hosts, project.states, project.terraform)
    chosen = ensemble_of(project, members, ensemble)
    with tempfile.TemporaryDirectory(prefix="cdktf-mesos-") as temporary:
        content = Content(unpack(file, Path(temporary)), Path(temporary))
        check_origin(content.manifest, chosen, other_cluster or chosen.cluster)
        _refuse_marathon(members, timeout)
        if await_agents:
            _await(ctx, members, content.manifest, timeout, wait)
            return
        _everywhere("must not get the data", check, chosen, content, timeout)
        if not dry_run:
            _everywhere("did not get the data", install, chosen, content, timeout)
    click.echo(_summary(content.manifest, chosen, dry_run=dry_run))
    click.echo(_next(file, project, members))


def check_origin(manifest: Manifest, ensemble: Ensemble, cluster: str) -> None:
    """Refuse an archive of another cluster, or one of a later release than servers would run.

    Args:
        manifest: the archive's.
        ensemble: the program's.
        cluster: the name of the cluster that the archive must be of.

    Raises:
        ValueError: it must not be restored.
    """
    if manifest.cluster != cluster:
        remedy = f"if that is intended, use --other-cluster {shlex.quote(manifest.cluster)}"
        raise ValueError(f"the archive is of the cluster {manifest.cluster}, not of {cluster}: {remedy}")
    archived = parse_release(manifest.release)
    for server in ensemble.servers:
        pinned = parse_release(server.member.release)
        if numbers(pinned) < numbers(archived):
            remedy = f"pin {archived} or later, or the release that made the archive"
            raise ValueError(f"the archive is of ZooKeeper {archived}, but {server.name} is to run {pinned}: {remedy}")


def _refuse_marathon(members: Sequence[Wanted], seconds: float) -> None:
    """Refuse while Marathon runs: on an empty ZooKeeper it would become a new framework, and orphan all tasks."""
    if running := running_marathons(members, seconds):
        remedy = "Stop it first (docker stop): it must not run before the masters list the agents again"
        raise RuntimeError(f"{'; '.join(running)}. {remedy}")


def _everywhere(what: str, action: Action, ensemble: Ensemble, content: Content, seconds: float) -> None:
    """Do something for all servers at the same time; raises RuntimeError if one fails."""
    jobs = {server: partial(action, server, content, seconds) for server in ensemble.servers}
    answers = at_once(jobs, seconds)
    failed = [f"{server.name}: {answer}" for server, answer in answers.items() if isinstance(answer, Exception)]
    if failed:
        raise RuntimeError("\n".join([f"{len(failed)} of {len(jobs)} servers {what}:", *failed]))


def _await(ctx: click.Context, members: Sequence[Wanted], manifest: Manifest, seconds: float, limit: float) -> None:
    wanted = manifest.agents
    if wanted is None:
        wanted = {each.address: "" for each in members if each.runs_tasks}
    missing = await_agents(members, wanted, seconds, limit, click.echo)
    if missing:
        click.echo(f"not listed as active within {limit:g} s: {', '.join(missing)}", err=True)
        ctx.exit(1)


def _summary(manifest: Manifest, ensemble: Ensemble, *, dry_run: bool) -> str:
    data = f"the data of {manifest.cluster} of {manifest.made}, up to {manifest.zxid}"
    lines = [f"all {len(ensemble.servers)} servers {'can get' if dry_run else 'have'} {data}"]
    if sorted(manifest.servers) != ensemble.addresses:
        lines.append(
            f"the servers had other addresses: {', '.join(manifest.servers)}. Agents that run look for masters there: "
            "restart them with the new addresses, within their recovery_timeout (15 min)"
        )
    return "\n".join(lines)


def _next(file: Path, project: Project, members: Sequence[Wanted]) -> str:
    """What to do next, in its order."""
    first = first_stacks(project, members)
    marathons = {each.stack for each in members if each.role == "marathon"}
    deploy = [f"cdktf deploy {' '.join(first)}"]
    if marathons & set(first):
        held = "Marathon is in the same stack as the masters, so it may start before they list the agents"
        return f"next:\n  {deploy[0]}\n{held}"
    lines = [*deploy, f"cdktf-mesos restore --await-agents {shlex.quote(str(file))}", "cdktf deploy '*'"]
    return "\n".join(["next, in this order, so that Marathon starts last:", *(f"  {line}" for line in lines)])
