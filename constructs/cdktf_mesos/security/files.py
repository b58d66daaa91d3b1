"""Files with secrets, and how they get into containers: by Terraform's provider, from a file of the operator."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cdktf_mesos import bindings
from cdktf_mesos.cdk import App, TerraformStack
from cdktf_mesos.whole_file import write_whole


@dataclass(frozen=True)
class SecretFile:
    """A file with secrets that a container gets before it starts.

    Terraform's state and plan have only the path of its source and a digest of its content; the provider reads the
    source when it makes the container (provider docs, docker_container: upload, source, source_hash).

    Args:
        path: the absolute path in the container.
        source: the path of the file that the synth writes on the operator's machine.
        text: the content.
        mode: the mode in the container, where root owns the file, such as `0400`.
    """

    path: str
    source: str
    text: str = field(repr=False)
    mode: str = "0400"

    @property
    def digest(self) -> str:
        """SHA-256 of the content. A new one replaces the container."""
        return sha256(self.text.encode()).hexdigest()


def secret_uploads(stack: TerraformStack, files: Sequence[SecretFile]) -> list[bindings.ContainerUpload]:
    """The uploads of a container for files with secrets. Writes their sources."""
    return [
        bindings.ContainerUpload(
            file=file.path,
            source=source_of(stack, file),
            source_hash=file.digest,
            permissions=file.mode,
        )
        for file in files
    ]


def source_of(stack: TerraformStack, file: SecretFile) -> str:
    """Write the source of a file, which only its owner may read, and return its path for Terraform.

    Terraform runs in the stack's own directory, and the path is relative to it. So it is the same text for every
    operator whose secrets are in the same place below cdktf.json.
    """
    source = Path(file.source).resolve()
    source.parent.mkdir(mode=0o700, exist_ok=True)
    if not source.exists() or source.read_text(encoding="utf-8") != file.text:
        write_whole(source, file.text)
    return os.path.relpath(source, Path(App.of(stack).outdir).resolve() / "stacks" / stack.node.id)


def definition_of(files: Sequence[SecretFile]) -> str:
    """The files as text without secrets, for the fingerprint of a member."""
    return repr([(file.path, file.mode, file.digest) for file in files])
