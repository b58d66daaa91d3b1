"""`python -m stacks.preview` (`make diff`): what a deploy would do to the whole cluster, where cdktf.json is."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from stacks.preview.leftovers import leftovers
from stacks.preview.mermaid import mermaid
from stacks.preview.plans import Planner
from stacks.preview.process import Processes
from stacks.preview.report import Report
from stacks.preview.svg import svg
from stacks.preview.synthesis import read_stacks, synthesise
from stacks.preview.table import table


def main(words: Sequence[str] | None = None) -> int:
    """Print the preview; returns the exit code."""
    arguments = _parser().parse_args(words)
    try:
        report = preview(Path.cwd(), arguments)
    except (RuntimeError, ValueError) as problem:
        print(f"preview: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    to_stdout = "-" in (arguments.svg, arguments.mermaid)
    if arguments.json:
        print(json.dumps(report.as_json(), indent=2))
    elif not to_stdout:
        print(table(report))
    for target, picture in ((arguments.svg, svg), (arguments.mermaid, mermaid)):
        if target == "-":
            print(picture(report))
        elif target:
            Path(target).write_text(picture(report) + "\n")
    for each in report.stacks:
        if "\n" in each.plan.details and not arguments.json:
            print(f"\n{each.stack.name} cannot be planned:\n{each.plan.details}", file=sys.stderr)
    return report.exit_code(detailed=arguments.detailed_exitcode)


def preview(directory: Path, arguments: argparse.Namespace) -> Report:
    """Synthesise and plan all.

    Raises:
        RuntimeError: the application cannot be synthesised.
        ValueError: a variable that no stack has; a state that is cut off.
    """
    processes = Processes(arguments.timeout)
    if arguments.synth:
        synthesise(processes, directory)
    stacks = read_stacks(directory, own=arguments.synth)
    for each in arguments.var:
        name, equals, _ = each.partition("=")
        if not equals or not any(name in stack.variables for stack in stacks):
            raise ValueError(f"--var {each}: name=value, of a variable that a stack has")
    plans = Planner(processes, arguments.var).plan_all(stacks, arguments.parallelism)
    return Report.of(stacks, plans, leftovers(directory, stacks))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stacks.preview", description=__doc__)
    add = parser.add_argument
    add("--detailed-exitcode", action="store_true", help="0: no changes, 1: not all can be planned, 2: changes")
    add("--json", action="store_true", help="a document instead of the table")
    add(
        "--svg",
        type=_writable,
        metavar="FILE",
        help="also a picture of the cluster and the roll; - for standard output alone",
    )
    add("--mermaid", type=_writable, metavar="FILE", help="the same as a mermaid diagram")
    add("--var", metavar="NAME=VALUE", action="append", default=[], help="of the stacks that declare it; repeatable")
    add("--timeout", type=_positive, default=120, metavar="SECONDS", help="of each command; default: 120")
    add("--parallelism", type=_positive, default=4, metavar="N", help="stacks planned at the same time; default: 4")
    add(
        "--no-synth",
        dest="synth",
        action="store_false",
        help="take what cdktf synthesised last: what a deploy that runs goes on with",
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number, 1 or more")
    return int(text)


def _writable(target: str) -> str:
    """Refuse a file that cannot be written, before all is planned for it; `-` is standard output."""
    path = Path(target)
    place = path if path.exists() else path.parent
    if target != "-" and (path.is_dir() or not os.access(place, os.W_OK)):
        why = "it is a directory" if path.is_dir() else "it is read-only" if place.exists() else f"there is no {place}"
        raise argparse.ArgumentTypeError(f"{target} cannot be written: {why}")
    return target


if __name__ == "__main__":
    # What has been started is ended as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
