"""The application, deployed from a directory of its own: with its own `cdktf.json`, context and state."""

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

from sandbox import paths, provider
from sandbox.process import run

ROOT = paths.SOURCE.parent

# What can be shown of a command's output.
ALL = re.compile("")
PROGRESS = re.compile(r"(Creat|Destroy|Modify)ing[.]{3}| complete after |Still |Error|Apply complete|Destroy complete")

# What a caller may have set for engines or Terraform commands of their own; the provider would take it up.
_FOREIGN = ("DOCKER_", "TF_")

# What a CLI configuration with folders for providers has.
_MIRROR = "filesystem_mirror"


class Project:
    """A directory from which `cdktf` deploys the application of this repository.

    Args:
        directory: made where it is absent; holds `cdktf.json`, the synthesised stacks and the state.
        variables: of the environment, beside those that every project has.
        app: the command that synthesises, as `cdktf.json` has it; by default that of this repository's `main.py`.
        cli: the words of the `cdktf` command; by default that of this repository.
        cluster: what the context says of the cluster, as `stacks.Cluster` has it.
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
        self._cli = [str(word) for word in cli]
        self._app = app or f"{shlex.quote(sys.executable)} {shlex.quote(str(ROOT / 'main.py'))}"
        self._environment = {**environment(), **(variables or {})}
        self.directory.mkdir(parents=True, exist_ok=True)
        self._cluster: dict[str, Any] = {}
        self.change(**cluster)

    @property
    def name(self) -> str:
        """The cluster's name, which is the stack's on the platform `local`."""
        return str(self._cluster["name"])

    @property
    def settings(self) -> dict[str, Any]:
        """What the context says of the cluster."""
        return dict(self._cluster)

    def stack(self, name: str | None = None) -> Path:
        """Where a stack is synthesised to, and where `terraform` can be run afterwards; by default the `local` one."""
        return self.directory / "cdktf.out/stacks" / (name or self.name)

    def change(self, **cluster: Any) -> None:
        """Change what the context says of the cluster, as a person would in an editor: of objects single settings."""
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
        timeout: float = 600,
        show: re.Pattern[str] | None = None,
        tell: Callable[[str], object] | None = None,
    ) -> tuple[int, str]:
        """Run `cdktf`; returns its exit code and what it printed.

        Args:
            words: the command and its options.
            timeout: seconds after which it is killed.
            show: which lines are printed as they come.
            tell: what is called with every line as it comes.

        Raises:
            RuntimeError: it took too long, or somebody else killed it.
        """
        if words[0] in ("deploy", "diff", "destroy") and is_mirrored():
            # There is no registry to ask for the checksums of other platforms.
            words = (*words, "--skip-provider-lock")
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
                f"killed, at the latest after {timeout:g} s: cdktf {' '.join(words)}\n{''.join(lines[-20:])}"
            )
        return process.returncode, "".join(lines)

    def kill(self) -> None:
        """Kill cdktf in the directory with all of its programs, terraform or tofu in its other session as well."""
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
        """Destroy all; returns what was printed.

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
        """A stack's plan as Terraform's JSON, synthesised anew; it must have been initialised by a cdktf command.

        Raises:
            RuntimeError: it failed.
        """
        self._checked("synth")
        self.terraform("plan", "-input=false", "-no-color", "-out=plan", *words, stack=stack)
        document: dict[str, Any] = json.loads(self.terraform("show", "-json", "plan", stack=stack))
        return document

    def preview(self) -> dict[str, Any]:
        """What `make diff` says of the whole cluster, as JSON.

        Raises:
            RuntimeError: a stack could not be planned.
        """
        done = self.operate("preview", "--json")
        if done.returncode:
            raise RuntimeError(f"exit code {done.returncode}: cdktf-mesos preview\n{done.stderr[-4000:]}")
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def operate(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command `cdktf-mesos` in the directory."""
        return subprocess.run(
            [sys.executable, "-m", "cdktf_mesos.operations", *words],
            cwd=self.directory,
            env={**self._environment, "PYTHONPATH": f"{ROOT / 'constructs'}:{ROOT}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

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
        return run(program, *words, cwd=self.stack(stack), env=self._environment, timeout=300)

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
    """What `cdktf` and `terraform` run with on this machine; found out once, for that may ask a registry."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    config = provider.cli_config()
    if _MIRROR in config.read_text():
        # cdktf's cache of providers is one for all its runs; two that begin at once get into each other's way.
        own["CDKTF_DISABLE_PLUGIN_CACHE_ENV"] = "1"
    return {
        **own,
        "PATH": f"{provider.terraform().parent}:{ROOT / 'node_modules/.bin'}:{own['PATH']}",
        "TF_CLI_CONFIG_FILE": str(config),
        "TF_IN_AUTOMATION": "1",
        "CI": "1",
        "FORCE_COLOR": "0",
        "CHECKPOINT_DISABLE": "1",
        # jsii's notice on these releases of Node takes ten lines, at each synth.
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "18,20,22",
    }


def is_mirrored() -> bool:
    """Whether Terraform takes its providers from folders of this machine, and from no registry."""
    return _MIRROR in Path(environment()["TF_CLI_CONFIG_FILE"]).read_text()
