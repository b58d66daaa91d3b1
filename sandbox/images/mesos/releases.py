"""The Mesos releases that images are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """One release, as PyPI's project `mesos.scheduler` has it.

    Args:
        version: `1.11.0`.
        sha256: the digest that PyPI gives for its archive.
    """

    version: str
    sha256: str

    @property
    def minor(self) -> int:
        """The 11 of 1.11.0: what the launcher's differences go by."""
        return int(self.version.split(".")[1])

    @property
    def archive(self) -> str:
        """The file name of the archive: a bdist_dumb, which pip cannot install."""
        return f"mesos.scheduler-{self.version}.linux-x86_64.tar.gz"


RELEASES = (
    Release("1.7.1", "d1daebbf95f85612e1e64ed2203151abb341a1ec2690dc3822d2e63d8d8bfe92"),
    Release("1.8.1", "3a0bfe4151ab0bfd7f94359743342f39fd9e21f72ab9c53151117f491200e2e0"),
    Release("1.9.0", "6829dc7ee6400b7a6d186e966a25d217638b365f5a9ba0b783222a5858f56dcf"),
    Release("1.10.0", "76f111c32a0cd82fc23aff61a85215d4d9ceebb34654d93264d8e64a27483ff5"),
    Release("1.11.0", "1d376f20bca6d05ee8b90c1c123a452b28753497ccc2f1c80ea3ac94c12e8f6e"),
)
