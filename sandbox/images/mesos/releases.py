"""The Mesos releases that images are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """One release of PyPI's project `mesos.scheduler`.

    Args:
        version: the version, such as `1.11.0`.
        sha256: the SHA-256 digest that PyPI gives for its archive.
    """

    version: str
    sha256: str

    @property
    def minor(self) -> int:
        """The 11 of 1.11.0; the launcher's code depends on it (see launcher/release.h)."""
        return int(self.version.split(".")[1])

    @property
    def archive(self) -> str:
        """The file name of the archive. It is a bdist_dumb, which pip cannot install."""
        return f"mesos.scheduler-{self.version}.linux-x86_64.tar.gz"


RELEASES = (
    Release("1.7.0", "cfaed9d0be936715e9153763d2007b8aa11e8ac092a160dc2769f7fc5301779e"),
    Release("1.7.1", "d1daebbf95f85612e1e64ed2203151abb341a1ec2690dc3822d2e63d8d8bfe92"),
    Release("1.8.1", "3a0bfe4151ab0bfd7f94359743342f39fd9e21f72ab9c53151117f491200e2e0"),
    Release("1.9.0", "6829dc7ee6400b7a6d186e966a25d217638b365f5a9ba0b783222a5858f56dcf"),
    Release("1.10.0", "76f111c32a0cd82fc23aff61a85215d4d9ceebb34654d93264d8e64a27483ff5"),
    Release("1.11.0", "1d376f20bca6d05ee8b90c1c123a452b28753497ccc2f1c80ea3ac94c12e8f6e"),
)

OTHERS = (
    Release("1.4.3", "2f1893a2a0c26ce31208c843c3815ce6821eb83f0808c57287938fe1eccea51c"),
    Release("1.5.2", "973b92c2bde73eba657eb1e2cef8220c53a6ae436ee469384989dfd83dc9b633"),
    Release("1.5.3", "777d62491c1d968644b6fb855967fdbb189c7b93c17ae576ec6e2a6bcb7610fc"),
    Release("1.6.1", "1e7b6787657775610e59d0da2bebc7230f184a9dda53abd4e50d351aa0b2d9c7"),
    Release("1.6.2", "6744b50967fbc1cc634b711c1a73ebc709437c5c6783c3db687cfa7363e8a3d7"),
    Release("1.7.2", "3b41a8a5b36990ab9b0483a31b673463ec016c77d5426b9baeec34bb55037693"),
    Release("1.7.3", "14f75c9d6d849d71e8fe476b2e9d6ec2243964ec2a692eb1ffd9c6692051f89b"),
    Release("1.8.0", "4a23876d13b7a278f0e1574d2ff9c8c3b07d845b338c4e4196d42987a96a2e1f"),
)
"""The other releases on PyPI. No images are built from them: tests only read their flags."""
