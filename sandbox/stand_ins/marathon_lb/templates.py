"""The templates of the configuration, each of which can be overridden; some also by a label of an app."""

from __future__ import annotations

import os
from pathlib import Path

from .name import NAME

_DEFAULTS = Path(__file__).with_name("templates.cfg")


class Templates:
    """The templates by their names without `HAPROXY_`: from the environment, from files, or the defaults.

    Args:
        folder: the folder with files `HAPROXY_<name>`.
    """

    def __init__(self, folder: Path) -> None:
        self._texts = _defaults()
        for name in self._texts:
            file = folder / f"HAPROXY_{name}"
            if given := os.environ.get(f"HAPROXY_{name}"):
                self._texts[name] = given.replace("\\n", "\n")
            elif file.is_file():
                self._texts[name] = file.read_text()

    def of(self, name: str, labels: dict[str, str] | None = None) -> str:
        """A template, as it is. A label of the app overrides it."""
        return (labels or {}).get(name, self._texts[name]).replace("\r\n", "\n")


def _defaults() -> dict[str, str]:
    """The default templates. In the file, a line `@ <name>` begins each of them."""
    texts: dict[str, str] = {}
    name = ""
    for line in _DEFAULTS.read_text().splitlines(keepends=True):
        if line.startswith("@ "):
            name = line[2:].strip()
            texts[name] = ""
        elif not line.startswith("#"):
            texts[name] += line
    options = os.environ.get("HAPROXY_GLOBAL_DEFAULT_OPTIONS", "redispatch,http-server-close,dontlognull")
    lines = sorted({f"  option {option.strip()}\n" for option in options.split(",")})
    texts["HEAD"] = texts["HEAD"].replace("@options\n", "".join(lines)).replace("@name", f"# {NAME}")
    return texts
