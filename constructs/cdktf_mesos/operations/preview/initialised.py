"""What `terraform init` did for a deploy, taken over for the preview."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

_DATA, _LOCK, _PROVIDERS = ".terraform", ".terraform.lock.hcl", "providers"


def take_over(deployed: Path, own: Path) -> None:
    """Have Terraform find in the preview's directory of a stack what it finds in a deploy's; nothing, if there is none.

    The providers are not installed again. And the state is looked for where it is: one that is yet to be moved, to a
    bucket, would not be found in the bucket, and all be shown as new.

    Args:
        deployed: where a deploy runs Terraform; it is only read.
        own: where the preview does.

    Raises:
        OSError: the files cannot be copied.
    """
    theirs, ours = deployed / _DATA, own / _DATA
    if not theirs.is_dir():
        return
    ours.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=own) as new:
        # Each is put in place at once, so that another preview at the same time has the old or the new one.
        for file in (deployed / _LOCK, *theirs.iterdir()):
            if file.is_file():
                copy = shutil.copy(file, new)
                Path(copy).replace((own if file.name == _LOCK else ours) / file.name)
        if not (ours / _PROVIDERS).exists():
            # Links, as a provider has up to 700 MB. Where there can be none, `terraform init` installs them.
            with contextlib.suppress(OSError):
                shutil.copytree(theirs / _PROVIDERS, Path(new) / _PROVIDERS, symlinks=True, copy_function=os.link)
                (Path(new) / _PROVIDERS).rename(ours / _PROVIDERS)
