"""`cdktf-mesos prepare`: makes machines ready to be hosts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import click

from cdktf_mesos.host.prepare import CHANGES, FORMS, script
from cdktf_mesos.operations import options
from cdktf_mesos.operations.at_once import at_once
from cdktf_mesos.operations.confirm import confirm
from cdktf_mesos.operations.output import show
from cdktf_mesos.operations.prepare.machines import Login, Machine, Report, machine_of
from cdktf_mesos.operations.prepare.report import Answers, document, table
from cdktf_mesos.operations.process import Processes


def _machines(_: click.Context, __: click.Parameter, texts: Sequence[str]) -> list[Machine]:
    try:
        machines = [machine_of(text) for text in texts]
    except ValueError as problem:
        raise click.BadParameter(str(problem)) from None
    for each in machines:
        if [(other.host, other.port) for other in machines].count((each.host, each.port)) > 1:
            raise click.BadParameter(f"{each.host} is given twice: name each machine once")
    return machines


def _setting(*names: str, help_text: str, metavar: str) -> Callable[[options.F], options.F]:
    """An option for a setting of the script, which is refused unless it has the setting's form."""
    form, remedy = FORMS[names[-1]]

    def matching(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(form, value):
            raise click.BadParameter(f"{value!r} is invalid. {remedy}")
        return value

    return click.option(*names, metavar=metavar, callback=matching, help=help_text)


@click.command("prepare")
@click.argument("machines", nargs=-1, metavar="USER@HOST...", callback=_machines)
@click.option("--ssh-option", "ssh_options", metavar="WORD", multiple=True, help="A word for ssh. Repeatable.")
@_setting("--user", "login_user", metavar="NAME", help_text="Who deploys; by default the user that logs in.")
@_setting("--data-dir", "data_dir", metavar="PATH", help_text="The members' data; by default /var/lib/cdktf-mesos.")
@_setting("--task-ports", "task_ports", metavar="RANGES", help_text="What agents offer; by default 31000-32000.")
@_setting("--mirror", "mirror", metavar="URL", help_text="A mirror of Debian's archive to use instead of its sources.")
@_setting("--mesos-dns", "mesos_dns", metavar="DOMAIN=IP,...", help_text="Ask Mesos-DNS for the names of its domain.")
@_setting("--engine-metrics", "engine_metrics", metavar="IP:PORT", help_text="Where the engine gives its metrics.")
@click.option("--dry-run", is_flag=True, help="Only show what would be changed.")
@click.option("--yes", is_flag=True, help="Do not ask before something is changed.")
@click.option("--print-script", is_flag=True, help="Only print the script, to be read and run by hand.")
@options.as_json
@options.timeout(900, "How long a machine may take.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    machines: Sequence[Machine],
    ssh_options: Sequence[str],
    dry_run: bool,
    yes: bool,
    print_script: bool,
    as_json: bool,
    timeout: int,
    **settings: str | None,
) -> None:
    """Make machines ready to be hosts: Debian 12, 13, Ubuntu 22.04 or 24.04.

    It shows what is missing on each machine, asks, and installs and sets up only that. Each machine keeps a list of the
    changes and of how to undo them. It needs no cdktf.json. The user must be root, or use sudo without a password.

    Exit codes: 0 if all machines are ready, or with --dry-run could be examined; 1 if not; 2 for wrong usage.
    """
    if print_script:
        click.echo(script(), nl=False)
        return
    if not machines:
        raise click.UsageError("Name the machines, such as ops@10.20.30.11")
    processes = Processes(timeout)
    login = Login(ssh_options, processes)

    def run(mode: str, wanted: Sequence[Machine]) -> dict[Machine, Report | Exception]:
        jobs = {each: partial(login.run, each, mode, _words(each, settings)) for each in wanted}
        # The process itself is ended before that, with what it has started.
        return at_once(jobs, timeout + 5)

    try:
        answers = run("plan", machines)
        changing = [each for each, answer in answers.items() if isinstance(answer, Report) and answer.would]
        if changing and not dry_run:
            if not yes:
                count = len(changing)
                confirm(table(answers), f"Change {count} machine{'s' if count > 1 else ''}?")
            answers |= run("apply", changing)
    finally:
        processes.end()
    if as_json:
        click.echo(json.dumps([document(*each) for each in answers.items()], indent=2))
    else:
        show(table(answers))
        if not dry_run:
            _say_how_to_go_on(answers, settings["login_user"])
    ctx.exit(1 if any(isinstance(each, Exception) for each in answers.values()) else 0)


def _words(machine: Machine, settings: Mapping[str, str | None]) -> list[str]:
    known = {"login_user": machine.user, **{key: value for key, value in settings.items() if value}}
    names = {"login_user": "user"}
    return [word for key, value in known.items() for word in (f"--{names.get(key, key).replace('_', '-')}", value)]


def _say_how_to_go_on(answers: Answers, user: str | None) -> None:
    ready = [each for each, answer in answers.items() if isinstance(answer, Report)]
    if any(isinstance(answer, Report) and answer.did for answer in answers.values()):
        click.echo(f"\nA machine that was changed keeps this list in {CHANGES}.")
    if ready:
        click.echo("\nFor the program:\n")
        for each in ready:
            click.echo(f"    {each.line(user or each.user)},")
