"""Deploys the application from a separate directory, with its own `cdktf.json`, context and state."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox import closed, paths, provider
from sandbox.process import run

ROOT = paths.SOURCE.parent

# Which lines of a command's output to show: all, or those that show the progress of a deploy.
ALL = re.compile("")
PROGRESS = re.compile(r"(Creat|Destroy|Modify)ing[.]{3}| complete after |Still |Error|Apply complete|Destroy complete")

# Prefixes of variables that do not reach `cdktf` and the commands under test: the caller may have set them for other
# engines or Terraform commands, and the tests' own login would hide that a command has none.
_FOREIGN = ("DOCKER_", "TF_", closed.LOGIN)

# A CLI configuration that takes providers from local folders contains this word.
_MIRROR = "filesystem_mirror"


class Project:
    """A directory from which `cdktf` deploys the application of this repository.

    Args:
        directory: the directory, made if it is missing; holds `cdktf.json`, the synthesised stacks and the states.
        variables: environment variables in addition to those that every project has.
        app: the command that synthesises, as in `cdktf.json`; by default one that runs this repository's `main.py`.
        cli: the words of the `cdktf` command; by default that of this repository.
        cluster: the cluster's settings in the context; see `stacks.Cluster`.
    """

    def __init__(
        self,
        directory: Path,
        variables: Mapping[str, str] | None = None,
        app: str | None = None,
        cli: Sequence[Path] = (ROOT / "node_modules/.bin/cdktf",),
        /,
        **cluster: Any,
    ) -> None:
        self.directory = directory
        self.timeout = 600.0
        """Seconds after which a command is killed; emulated machines need more."""
        self._cli = [str(word) for word in cli]
        self._app = app or f"{shlex.quote(sys.executable)} {shlex.quote(str(ROOT / 'main.py'))}"
        self._environment = {**environment(), **(variables or {})}
        self.directory.mkdir(parents=True, exist_ok=True)
        self._cluster: dict[str, Any] = {}
        self.change(**cluster)

    @property
    def name(self) -> str:
        """The cluster's name. On the platform `local` it is the stack's name, too."""
        return str(self._cluster["name"])

    @property
    def settings(self) -> dict[str, Any]:
        """The cluster's settings in the context."""
        return dict(self._cluster)

    def stack(self, name: str | None = None) -> Path:
        """The directory that a stack is synthesised to, where `terraform` can be run.

        Args:
            name: the stack's name; by default the cluster's, as on the platform `local`.
        """
        return self.directory / "cdktf.out/stacks" / (name or self.name)

    def change(self, **cluster: Any) -> None:
        """Change the cluster's settings in the context. Nested objects are merged, not replaced."""
        self._cluster = _merged(self._cluster, cluster)
        document = {
            "language": "python",
            "app": self._app,
            "projectId": "cdktf-mesos-sandbox",
            "sendCrashReports": "false",
            "context": {"cluster": self._cluster},
        }
        (self.directory / "cdktf.json").write_text(json.dumps(document, indent=2) + "\n")

    def cdktf(
        self,
        *words: str,
        timeout: float | None = None,
        show: re.Pattern[str] | None = None,
        tell: Callable[[str], object] | None = None,
    ) -> tuple[int, str]:
        """Run `cdktf`; returns its exit code and what it printed.

        Args:
            words: the command and its options.
            timeout: seconds after which it is killed; by default those of the project.
            show: a pattern; lines that match are printed as they come.
            tell: a function that is called with every line as it comes.

        Raises:
            RuntimeError: it took too long, or was killed from outside.
        """
        if words[0] in ("deploy", "diff", "destroy") and is_mirrored():
            # Without a registry, cdktf cannot get the checksums of the other platforms.
            words = (*words, "--skip-provider-lock")
        timeout = timeout or self.timeout
        with subprocess.Popen(
            [*self._cli, *words],
            cwd=self.directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            lines = []
            watchdog = threading.Timer(timeout, self.kill)
            watchdog.daemon = True  # an interrupted run does not wait for it
            watchdog.start()
            for line in process.stdout or ():
                lines.append(line)
                if show and show.search(line):
                    print(f"    {line.rstrip()}", flush=True)
                if tell:
                    tell(line)
            process.wait()
            watchdog.cancel()
        if process.returncode == -signal.SIGKILL:
            raise RuntimeError(
                f"killed (its timeout is {timeout:g} s): cdktf {' '.join(words)}\n{''.join(lines[-20:])}"
            )
        return process.returncode, "".join(lines)

    def kill(self) -> None:
        """Kill the cdktf that runs in the directory and all its programs. Terraform and tofu run in another session."""
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                program = (entry / "exe").resolve(strict=True).name
                works_here = (entry / "cwd").resolve(strict=True).is_relative_to(self.directory.resolve())
                if works_here and program.startswith(("node", "python", "terraform", "tofu")):
                    os.kill(int(entry.name), signal.SIGKILL)

    def deploy(self, *, show: re.Pattern[str] | None = None, tell: Callable[[str], object] | None = None) -> str:
        """Deploy; returns what was printed.

        Raises:
            RuntimeError: the deploy failed.
        """
        return self._checked("deploy", "*", "--auto-approve", show=show, tell=tell)

    def destroy(self, *, show: re.Pattern[str] | None = None) -> str:
        """Destroy all stacks; returns what was printed.

        Raises:
            RuntimeError: it failed.
        """
        return self._checked("destroy", "*", "--auto-approve", show=show)

    def diff(self, *, show: re.Pattern[str] | None = None) -> str:
        """What `cdktf diff` prints.

        Raises:
            RuntimeError: it failed.
        """
        return self._checked("diff", show=show)

    def plan(self, *words: str, stack: str | None = None) -> dict[str, Any]:
        """Synthesise, and return a stack's plan as Terraform's JSON. A cdktf command must have initialised the stack.

        Raises:
            RuntimeError: it failed.
        """
        self._checked("synth")
        self.terraform("plan", "-input=false", "-no-color", "-out=plan", *words, stack=stack)
        document: dict[str, Any] = json.loads(self.terraform("show", "-json", "plan", stack=stack))
        return document

    def preview(self) -> dict[str, Any]:
        """The preview of the whole cluster (`make diff`), as JSON.

        Raises:
            RuntimeError: a stack could not be planned.
        """
        document: dict[str, Any] = json.loads(self.operate("preview", "--json").stdout)
        return document

    def operate(
        self, *words: str, check: bool = True, seconds: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the command `cdktf-mesos` in the directory.

        Args:
            words: its arguments.
            check: whether another exit code than 0 is an error.
            seconds: how long it may take; by default the project's timeout.

        Raises:
            RuntimeError: it failed, or took too long.
        """
        seconds = seconds or self.timeout
        try:
            done = subprocess.run(
                [sys.executable, "-m", "cdktf_mesos.operations", *words],
                cwd=self.directory,
                env={**self._environment, "PYTHONPATH": f"{ROOT / 'constructs'}:{ROOT}"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"not finished after {seconds:g} s: cdktf-mesos {' '.join(words)}") from None
        if check and done.returncode:
            raise RuntimeError(f"exit code {done.returncode}: cdktf-mesos {' '.join(words)}\n{done.stderr[-4000:]}")
        return done

    def outputs(self, stack: str | None = None) -> dict[str, Any]:
        """A stack's outputs."""
        document = json.loads(self.terraform("output", "-json", stack=stack))
        return {name: output["value"] for name, output in document.items()}

    def terraform(self, *words: str, stack: str | None = None) -> str:
        """Run `terraform` on a stack as it was last synthesised.

        Raises:
            RuntimeError: it failed.
        """
        program = self._environment.get("TERRAFORM_BINARY_NAME") or str(provider.terraform())
        return run(program, *words, cwd=self.stack(stack), env=self._environment, timeout=self.timeout)

    def _checked(
        self, *words: str, show: re.Pattern[str] | None = None, tell: Callable[[str], object] | None = None
    ) -> str:
        code, output = self.cdktf(*words, show=show, tell=tell)
        if code:
            raise RuntimeError(f"exit code {code}: cdktf {' '.join(words)}\n{output[-4000:]}")
        return output


def _merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(settings)
    for name, value in changes.items():
        own = merged.get(name)
        merged[name] = _merged(own, value) if isinstance(own, dict) and isinstance(value, Mapping) else value
    return merged


@functools.cache
def environment() -> dict[str, str]:
    """The environment of `cdktf` and `terraform` on this machine. Computed once, because that may query a registry."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    config = provider.cli_config()
    if _MIRROR in config.read_text():
        # All runs of cdktf share one cache of providers; two runs that begin at the same time damage each other's.
        own["CDKTF_DISABLE_PLUGIN_CACHE_ENV"] = "1"
    return {
        **own,
        "PATH": f"{provider.terraform().parent}:{ROOT / 'node_modules/.bin'}:{own['PATH']}",
        "TF_CLI_CONFIG_FILE": str(config),
        "TF_IN_AUTOMATION": "1",
        "CI": "1",
        "FORCE_COLOR": "0",
        "CHECKPOINT_DISABLE": "1",
        # On these releases of Node, jsii prints a notice of ten lines at each synth.
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20,22",
    }


def is_mirrored() -> bool:
    """Whether Terraform takes its providers from local folders instead of a registry."""
    return _MIRROR in Path(environment()["TF_CLI_CONFIG_FILE"]).read_text()
