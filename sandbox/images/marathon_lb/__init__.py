"""The images `mesosphere/marathon-lb:<tag>` of the sandbox: real haproxy, runit and socat, and a stand-in generator.

The paths, the entrypoint, its arguments and the names of services are those of mesosphere/marathon-lb. haproxy is
Debian's 2.6, in the place of 2.0 in v1.15.0 and v1.14.2.
"""

from __future__ import annotations

from pathlib import Path

from sandbox import packages, stand_ins
from sandbox.artifact import Artifact
from sandbox.images.base import BASE
from sandbox.images.recipe import Recipe

# haproxy with the libraries that the base does not have, runit with `sv`, socat, and the image's init.
_PACKAGES = (
    *("haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"),
    *("runit", "socat", "libwrap0", "tini"),
)


def _unpack(folder: Path) -> None:
    for package in _PACKAGES:
        packages.unpack(package, folder)
    # Debian 12 has merged its folders: in the base, /lib is a link, and Docker would not copy a folder over it.
    for name in ("bin", "sbin", "lib"):
        if (folder / name).is_dir():
            (folder / name).rename(folder / "unmerged")
            _move(folder / "unmerged", folder / "usr" / name)


def _move(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for item in source.iterdir():
        if item.is_dir() and not item.is_symlink():
            _move(item, target / item.name)
        else:
            item.rename(target / item.name)
    source.rmdir()


HAPROXY = Artifact("haproxy", ("bookworm", *_PACKAGES), _unpack)


def _recipe(version: str, fault: str = "") -> Recipe:
    return Recipe(
        name=f"mesosphere/marathon-lb:{version}",
        context=Path(__file__).parent,
        base=BASE,
        build_args={"VERSION": version, "FAULT": fault},
        artifacts=(HAPROXY,),
        folders={"stand_in": stand_ins.MARATHON_LB},
    )


RECIPES = (
    _recipe("v1.14.2"),
    _recipe("v1.15.0"),
    # Broken on purpose, to test that an upgrade stops.
    _recipe("v1.15.1-rc1", fault="mute"),
)
