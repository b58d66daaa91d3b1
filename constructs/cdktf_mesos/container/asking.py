"""Containers that ask something before Terraform goes on, and then end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

from cdktf_mesos import bindings
from cdktf_mesos.cdk import ITerraformDependable, TerraformResourceLifecycle, TerraformStack
from cdktf_mesos.container.names import LABEL
from cdktf_mesos.container.options import ADDED_BY_ENGINE, ContainerOptions, Mount, volumes_of
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image

# How long a passed check stays so that Terraform, which asks each second, sees it: the first argument of PASSED.
SHOWN_SECONDS = 20

# The end of the script of such a container.
PASSED = Path(__file__).with_name("passed.sh")

# The names of resources that are taken: cdktf would make one resource of two with the same name.
_named: WeakKeyDictionary[TerraformStack, set[str]] = WeakKeyDictionary()


def asking_container(
    host: DockerHost,
    name: str,
    *,
    image: Image,
    command: Sequence[str],
    environment: Mapping[str, str],
    changes: str,
    mounts: Sequence[Mount],
    seconds: int | None,
    rm: bool = False,
    user: str | None = None,
    security_options: Sequence[str] = (),
    of: bindings.Container | None = None,
    after: Sequence[ITerraformDependable] = (),
) -> bindings.Container:
    """A container that Terraform waits for until its script has made /tmp/passed, or has ended without.

    Args:
        host: the machine.
        name: of the container.
        image: that has bash.
        command: what it runs: a script with PASSED at its end, whose first argument is SHOWN_SECONDS.
        environment: its variables.
        changes: text that stands for all that the answer depends on. Another text makes a new container, which asks
            again. Another command, or other variables, alone do not.
        mounts: the directories of the machine that it looks at.
        seconds: how long it may take; None where Terraform does not wait for it.
        rm: whether the engine removes it when it has ended.
        user: whom it runs as; by default the image's.
        security_options: Docker's `--security-opt`.
        of: the container that it asks something of, in the same stack: of another one it asks again.
        after: what Terraform must have made before.
    """
    if seconds is None:
        health = bindings.ContainerHealthcheck(test=["NONE"])
    else:
        health = bindings.ContainerHealthcheck(
            test=["CMD", "test", "-e", "/tmp/passed"], interval="1s", timeout="5s", retries=3, start_period="0s"
        )
    return bindings.Container(
        host,
        name,
        provider=host.provider,
        name=name,
        image=host.pull(image).name,
        entrypoint=list(command),
        env=[f"{variable}={value}" for variable, value in environment.items()] or None,
        labels=[bindings.ContainerLabels(label=f"{LABEL}of", value=changes)],
        volumes=volumes_of(mounts) or None,
        network_mode="host",
        log_driver="json-file",
        log_opts=ContainerOptions().log_limits(),
        restart="no",
        must_run=False,
        rm=rm or None,
        user=user,
        security_opts=list(security_options) or None,
        healthcheck=health,
        wait=None if seconds is None else True,
        wait_timeout=None if seconds is None else seconds + SHOWN_SECONDS,
        # A member more in a set, say, is no reason to ask on the machines of all others. One that is made anew has what
        # the program says (Terraform docs, lifecycle).
        lifecycle=TerraformResourceLifecycle(
            ignore_changes=["entrypoint", "env", *ADDED_BY_ENGINE],
            replace_triggered_by=[f"{of.terraform_resource_type}.{of.friendly_unique_id}.id"] if of else None,
        ),
        depends_on=[*([of] if of else []), *after] or None,
    )


def name_resource(container: bindings.Container, stack: TerraformStack, name: str, further: str) -> None:
    """Give a resource a name that says what it is for.

    Args:
        container: the resource.
        stack: that it is in.
        name: its name.
        further: what is added to it where another resource of the stack has it: the container's name.
    """
    taken = _named.setdefault(stack, set())
    if name in taken:
        name = re.sub("[^A-Za-z0-9_-]", "_", f"{name}_by_{further}")
    taken.add(name)
    container.override_logical_id(name)
