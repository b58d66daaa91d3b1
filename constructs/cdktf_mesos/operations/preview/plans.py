"""Terraform's plan of every stack."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cdktf_mesos.operations.preview.initialised import take_over
from cdktf_mesos.operations.process import Processes
from cdktf_mesos.operations.synthesis import Stack
from cdktf_mesos.operations.terraform import Terraform

# The longest error in the table, in characters. The details have the whole error.
_LONGEST = 160


@dataclass(frozen=True)
class Plan:
    """Terraform's plan of a stack, or its error.

    Args:
        document: the plan, as `terraform show -json` prints it; empty if there is an error.
        error: the first line of the error; None if there is a plan.
        details: the whole error.
    """

    document: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    details: str = ""


class Planner:
    """Makes plans.

    It takes no state lock, so that a preview never stops a deploy.

    Args:
        processes: runs the commands.
        variables: Terraform variables, `name=value`. Each goes to the stacks that declare it.
    """

    def __init__(self, processes: Processes, variables: Sequence[str] = ()) -> None:
        self._processes = processes
        self._variables = variables
        self._terraform = Terraform(processes)

    def plan_all(self, stacks: Sequence[Stack], parallelism: int) -> list[Plan]:
        """The plans of all stacks, some at the same time."""
        with ThreadPoolExecutor(parallelism) as pool:
            try:
                plans = [pool.submit(self.plan, stack) for stack in stacks]
                # Wait in short steps: if a signal comes just when a wait begins, it is noticed only when that wait
                # ends.
                while wait(plans, timeout=0.2).not_done:
                    pass
                return [each.result() for each in plans]
            except BaseException:
                self._processes.end()
                raise

    def plan(self, stack: Stack) -> Plan:
        """The plan of a stack. If there is an error, the plan has it; nothing is raised."""
        try:
            return self._plan(stack)
        except (OSError, TimeoutError, ValueError) as problem:
            return Plan(error=str(problem))

    def _plan(self, stack: Stack) -> Plan:
        if stack.deployed:
            take_over(stack.deployed, stack.directory)
        variables = [f"-var={each}" for each in self._variables if each.split("=")[0] in stack.variables]
        # The plan goes to a separate directory: it has secrets in clear text, and must not overwrite the plan of cdktf.
        with tempfile.TemporaryDirectory(prefix="cdktf-mesos-plan-") as place:
            file = str(Path(place) / "plan")
            words = ("plan", "-input=false", "-no-color", "-lock=false", f"-out={file}", *variables)
            fresh = not (stack.directory / ".terraform").exists()
            if fresh and (failed := self._init(stack)):
                return failed
            code, _, error = self._terraform.run(stack.directory, *words)
            if code and "terraform init" in error and not fresh:
                if failed := self._init(stack):
                    return failed
                code, _, error = self._terraform.run(stack.directory, *words)
            if code:
                return failure(code, error)
            code, out, error = self._terraform.run(stack.directory, "show", "-json", "-no-color", file)
            return failure(code, error) if code else Plan(json.loads(out))

    def _init(self, stack: Stack) -> Plan | None:
        # Without an initialised deploy, the program decides where the state is, not the last preview.
        reconfigure = stack.deployed is not None and not (stack.deployed / ".terraform").exists()
        code, _, error = self._terraform.init(stack.directory, *(["-reconfigure"] if reconfigure else []))
        return failure(code, error) if code else None


def failure(code: int, text: str) -> Plan:
    """What Terraform wrote when it failed: only the first error, since other resources of a host often have the same.

    Args:
        code: its exit code.
        text: what it wrote to standard error.
    """
    errors = re.split("^[│|\\s]*Error: ", text, flags=re.MULTILINE)[1:] or [text]
    details = errors[0].strip("╷╵│ \n") or f"terraform: exit code {code}"
    # The Docker provider quotes the whole ssh command. What matters is the engine, and what ssh wrote.
    engine = re.search("make sure that (\\S+) is reachable", details)
    from_ssh = re.search("stderr=(.*?)(?:\n\\s*\n|\\Z)", details, re.DOTALL)
    lines = [line.strip() for line in (from_ssh[1].splitlines() if from_ssh else []) if line.strip()]
    if engine and lines:
        return Plan(error=f"{engine[1]} cannot be reached: {lines[-1]}", details="\n".join(lines))
    first = details.splitlines()[0].strip()
    return Plan(error=f"{first[: _LONGEST - 1]}…" if len(first) > _LONGEST else first, details=details)
