"""The base of the other images: Debian 12 with Java, Python, and the libraries that Mesos needs."""

from __future__ import annotations

from pathlib import Path

from sandbox import packages
from sandbox.artifact import Artifact
from sandbox.images.recipe import Recipe
from sandbox.process import run

_SUITE = "bookworm"
_PACKAGES = (
    *("openjdk-17-jre-headless", "python3", "python3-protobuf", "ca-certificates", "procps", "netcat-openbsd"),
    *("libsvn1", "libapr1", "libsasl2-2", "zlib1g", "libstdc++6"),
)
# Left out because no container reads it, and every fresh host has to pull and unpack the image.
_WITHOUT = (
    *("/usr/share/doc/*", "/usr/share/man/*/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/lintian/*"),
    *("/usr/share/i18n/*", "/usr/share/zoneinfo/*", "/usr/lib/jvm/*/lib/ct.sym", "/usr/lib/jvm/*/*_nocoops.jsa"),
)
# Removed in the end: only package scripts need it. This includes perl's library, but not perl-base, which is elsewhere.
_REMOVED = (
    *("/var/lib/apt/lists/*", "/var/cache/*", "/var/log/*"),
    *("/usr/lib/x86_64-linux-gnu/perl", "/usr/share/perl", "/usr/lib/x86_64-linux-gnu/libperl.so*"),
)


def _build(folder: Path) -> None:
    packages.ensure("mmdebstrap")
    exclude = [f"--dpkgopt=path-exclude={pattern}" for pattern in _WITHOUT]
    hooks = [f"--customize-hook=rm -rf $1{path}" for path in _REMOVED]
    words = ["--quiet", "--variant=minbase", f"--include={','.join(_PACKAGES)}", *exclude, *hooks]
    # mmdebstrap works in the cache, which apt's own user may not read.
    words.append('--aptopt=APT::Sandbox::User "root"')
    run("mmdebstrap", *words, _SUITE, folder / "rootfs.tar", timeout=900, env={"TMPDIR": str(folder)})


BASE = Recipe(
    name="sandbox/base:bookworm",
    context=Path(__file__).parent,
    artifacts=(Artifact("rootfs", (_SUITE, *_PACKAGES, "without", *_WITHOUT, "removed", *_REMOVED), _build),),
)
RECIPES = (BASE,)
