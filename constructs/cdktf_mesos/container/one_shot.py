"""One-shot containers: they run a script once and end; Terraform can wait until the script succeeds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

from cdktf_mesos import bindings
from cdktf_mesos.cdk import ITerraformDependable, TerraformResourceLifecycle, TerraformStack
from cdktf_mesos.container.names import ADDED_BY_ENGINE, LABEL
from cdktf_mesos.container.options import ContainerOptions, Mount, volumes_of
from cdktf_mesos.container.paced import paced_health_check
from cdktf_mesos.host.host import DockerHost
from cdktf_mesos.image.image import Image
from cdktf_mesos.security.files import SecretFile, secret_uploads

# How long a container keeps running after its check has passed, in seconds, so that Terraform, which looks each second,
# sees it healthy. The first argument of PASSED.
SHOWN_SECONDS = 20

# The last part of the script of a container that Terraform waits for.
PASSED = Path(__file__).with_name("passed.sh")

# Names of resources that are in use, by stack. cdktf would merge two resources of the same name into one.
_named: WeakKeyDictionary[TerraformStack, set[str]] = WeakKeyDictionary()


def one_shot_container(
    host: DockerHost,
    name: str,
    *,
    image: Image,
    command: Sequence[str],
    environment: Mapping[str, str],
    fingerprint: str,
    mounts: Sequence[Mount],
    seconds: int | None,
    secrets: Sequence[SecretFile] = (),
    rm: bool = False,
    user: str | None = None,
    security_options: Sequence[str] = (),
    of: bindings.Container | None = None,
    after: Sequence[ITerraformDependable] = (),
) -> bindings.Container:
    """Make a container that runs a script once. Terraform waits until the script has made /tmp/passed.

    It notices that a script has failed only when the time is over (provider docs, `wait` and `wait_timeout`).

    Args:
        host: the machine.
        name: the container's name.
        image: an image that has bash.
        command: the command. If Terraform waits, it is a script that ends with PASSED, and its first argument is
            SHOWN_SECONDS.
        environment: the environment variables.
        fingerprint: a text that changes when the script must run again: a new one replaces the container. A change of
            only the command or the variables does not.
        mounts: the directories of the machine that the script reads.
        seconds: how long the script may take, in seconds; None if Terraform does not wait for it.
        secrets: files with secrets that it gets; by default there are none.
        rm: whether the engine removes the container when it has ended; by default False.
        user: the user that it runs as; by default the image's.
        security_options: Docker's `--security-opt`; by default there are none.
        of: the container in the same stack that the script checks. When that is replaced, the script runs again. By
            default none.
        after: what Terraform must make before.
    """
    if seconds is None:
        health = bindings.ContainerHealthcheck(test=["NONE"])
    else:
        health = paced_health_check(
            ["test", "-e", "/tmp/passed"],
            interval_seconds=SHOWN_SECONDS,
            first_seconds=seconds,
            limit_seconds=1,
        )
    return bindings.Container(
        host,
        name,
        provider=host.provider,
        name=name,
        image=host.pull(image).name,
        entrypoint=list(command),
        env=[f"{variable}={value}" for variable, value in environment.items()] or None,
        labels=[bindings.ContainerLabels(label=f"{LABEL}of", value=fingerprint)],
        volumes=volumes_of(mounts) or None,
        upload=secret_uploads(host.stack, secrets) or None,
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
        # If a set gets another member, for example, the checks on the machines of the others need not run again. When
        # the container is replaced for another reason, it gets the new values, too (Terraform docs, lifecycle).
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
        stack: the stack that it is in.
        name: the name.
        further: what is added to the name if another resource of the stack has it: the container's name.
    """
    taken = _named.setdefault(stack, set())
    if name in taken:
        name = re.sub("[^A-Za-z0-9_-]", "_", f"{name}_by_{further}")
    taken.add(name)
    container.override_logical_id(name)
