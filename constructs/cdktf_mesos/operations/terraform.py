"""Runs Terraform, or the program in `TERRAFORM_BINARY_NAME`, as `cdktf` does."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from cdktf_mesos.operations.process import Processes


class Terraform:
    """Runs Terraform in the directories of stacks, from several threads.

    Args:
        processes: runs the commands, each for a limited time.
    """

    def __init__(self, processes: Processes) -> None:
        self.processes = processes
        self._program = os.environ.get("TERRAFORM_BINARY_NAME") or "terraform"
        # Two `terraform init` that fill the same plugin cache directory disturb each other.
        self._initialising = threading.Lock()

    def run(self, directory: Path, *words: str) -> tuple[int, str, str]:
        """Run a command; returns its exit code and what it wrote to standard output and to standard error.

        Raises:
            TimeoutError: it took too long.
            OSError: there is no Terraform.
        """
        try:
            return self.processes.run([self._program, *words], directory)
        except TimeoutError as problem:
            raise TimeoutError(f"terraform {words[0]}: {problem}") from None

    def init(self, directory: Path, *words: str) -> tuple[int, str, str]:
        """Run `terraform init`, one at a time; raises and returns what `run` does."""
        with self._initialising:
            return self.run(directory, "init", "-input=false", "-no-color", *words)
