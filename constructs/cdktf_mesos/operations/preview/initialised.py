"""Reuses for the preview what `terraform init` did for a deploy."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

_DATA, _LOCK, _PROVIDERS = ".terraform", ".terraform.lock.hcl", "providers"


def take_over(deployed: Path, own: Path) -> None:
    """Copy what `terraform init` left for a deploy of a stack to the stack's directory of the preview.

    So the providers need not be installed again, and Terraform looks for the state where it is now. The program may
    name a bucket to which the state has not been moved yet: Terraform would find no state there, and would show
    everything as new. If no deploy has been initialised, this does nothing.

    Args:
        deployed: where a deploy runs Terraform. It is only read.
        own: where the preview runs it.

    Raises:
        OSError: the files cannot be copied.
    """
    theirs, ours = deployed / _DATA, own / _DATA
    if not theirs.is_dir():
        return
    ours.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=own) as new:
        # Each file is replaced in one step, so that another preview at the same time reads the old or the new one.
        for file in (deployed / _LOCK, *theirs.iterdir()):
            if file.is_file():
                copy = shutil.copy(file, new)
                Path(copy).replace((own if file.name == _LOCK else ours) / file.name)
        if not (ours / _PROVIDERS).exists():
            # Hard links, since a provider has up to 700 MB. Where they cannot be made, `terraform init` installs them.
            with contextlib.suppress(OSError):
                shutil.copytree(theirs / _PROVIDERS, Path(new) / _PROVIDERS, symlinks=True, copy_function=os.link)
                (Path(new) / _PROVIDERS).rename(ours / _PROVIDERS)
