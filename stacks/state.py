"""Where the state of the stacks is, and what those in the directory have."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdktf_mesos.cdk import App, TerraformStack
from stacks.settings import Cluster


def new_stack(app: App, cluster: Cluster, name: str) -> TerraformStack:
    """A stack of the cluster, `<cluster>-<name>`, with its state in the bucket if there is one."""
    stack = TerraformStack(app, f"{cluster.name}-{name}")
    cluster.platform.keep_state(stack, f"{cluster.name}/{name}.tfstate")
    return stack


@dataclass(frozen=True)
class Instance:
    """What a state has of a resource.

    Args:
        stack: whose state it is.
        phase: of the roll, `2-agent`; empty on the platform `local`.
        wave: the stack's, empty there as well.
        machine: its host's name, by its provider's alias; None where that has none.
        tainted: whether it was made and never became what it should be.
        attributes: as the provider has them.
    """

    stack: str
    phase: str
    wave: str
    machine: str | None
    tainted: bool
    attributes: dict[str, Any]


def instances(cluster: Cluster, kind: str, type_: str) -> Iterator[Instance]:
    """The instances of a type of resource in the cluster's states here in the directory; none if these are in a bucket.

    Args:
        cluster: the settings.
        kind: of the stacks, as the end of their names: `members`, `host`. That of the platform `local` is of any.
        type_: `docker_container`.

    Raises:
        ValueError: a state that is cut off.
    """
    if not cluster.platform.has_local_states:
        # A move to a bucket leaves the files as they were.
        return
    for path in sorted(Path.cwd().glob(f"terraform.{cluster.name}*.tfstate")):
        stack = path.name.removeprefix("terraform.").removesuffix(".tfstate")
        # The rest keeps the cluster `prod-2` out of what is read for `prod`.
        found = re.fullmatch(f"(?:-([123]-[a-z]+)-(.+)-{kind})?", stack.removeprefix(cluster.name))
        if found is None:
            continue
        for resource in read_resources(path):
            alias = re.search(r"\]\.(.+)$", resource.get("provider", ""))
            machine = alias[1] if alias else None
            for each in resource["instances"] if resource["type"] == type_ else ():
                tainted, attributes = each.get("status") == "tainted", each.get("attributes", {})
                yield Instance(stack, found[1] or "", found[2] or "", machine, tainted, attributes)


def read_resources(path: Path) -> list[dict[str, Any]]:
    """What a state in a file has.

    Raises:
        ValueError: it is cut off, with what to do.
    """
    backup = path.with_name(f"{path.name}.backup")
    # A deploy that runs may be writing it: Terraform cuts the file to nothing first (its statemgr.Filesystem).
    for pause in (0.1, 0.4, 0):
        content = path.read_bytes()
        # So is that of a state that is yet to be written, but there is none from before.
        if not content and not backup.exists():
            return []
        with contextlib.suppress(ValueError):
            resources: list[dict[str, Any]] = json.loads(content).get("resources", [])
            return resources
        time.sleep(pause)
    what = "the state is cut off, as by a full disk, or as a deploy was killed while it wrote it"
    mend = (
        f"copy {backup.name} over it, which is the state before that deploy"
        if backup.exists()
        else "remove it, and the containers that this deploy made"
    )
    raise ValueError(f"{path}: {what}: once no deploy runs, {mend}, then cdktf deploy '*'")
