"""The group of commands. A command is imported only when it runs, so that help and start are quick."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

# The object of each command is `command` in the module `<name>/command.py`.
_COMMANDS = {
    "adopt": "Take containers that run into the states that lost them.",
    "backup": "Copy what the cluster cannot lose into one archive.",
    "doctor": "Check the machines before anything is deployed.",
    "drain": "Move an agent's tasks to other agents.",
    "keys": "Show, add or remove the ssh keys that log in to the machines.",
    "lock": "Run a deploy under the lock of the cluster.",
    "maintain": "Keep the cluster serving while machines are updated.",
    "prepare": "Make machines ready to be hosts.",
    "preview": "Show what a deploy would do to the whole cluster.",
    "pull": "Pull the images of the next deploy on all machines.",
    "restore": "Put the data of an archive onto new ZooKeeper servers.",
    "secrets": "Make the directory of a cluster's secrets.",
    "status": "Show every member of the cluster, and what is not well.",
}

# Those for throwaway clusters: each has its own name in a module of `cdktf_mesos.throwaway.commands`.
_THROWAWAY = {
    "up": ("changes", "Start a cluster for tests."),
    "info": ("questions", "Show its addresses and versions."),
    "state": ("questions", "Print the state of its master, or of an agent."),
    "ps": ("questions", "List its tasks."),
    "logs": ("questions", "Print what a member has logged."),
    "upgrade": ("changes", "Replace its members with another version."),
    "kill": ("faults", "Kill a member."),
    "pause": ("faults", "Freeze a member."),
    "partition": ("faults", "Cut a member off from the network."),
    "resume": ("faults", "Undo kill, pause or partition."),
    "down": ("changes", "Remove it, or all of them."),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS, *_THROWAWAY]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command: click.Command | None = None
        if cmd_name in _COMMANDS:
            command = import_module(f"{__package__}.{cmd_name}.command").command
        elif cmd_name in _THROWAWAY:
            module, _ = _THROWAWAY[cmd_name]
            command = getattr(import_module(f"cdktf_mesos.throwaway.commands.{module}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, BrokenPipeError):
            # click handles these. They must not reach the next clause, although they belong to its classes.
            raise
        # An OSError is one such as a full disk.
        except (RuntimeError, ValueError, OSError) as problem:
            click.echo(f"{ctx.invoked_subcommand}: {problem}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            sys.exit(130)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))
        with formatter.section("Commands for throwaway clusters"):
            formatter.write_dl([(name, text) for name, (_, text) in _THROWAWAY.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cdktf-mesos")
def cli() -> None:
    """Operate a Mesos cluster that was deployed with cdktf-mesos.

    Run it where cdktf.json is. prepare, secrets and the commands for throwaway clusters can be run anywhere.
    """
