"""`cdktf-mesos`, also as `python -m cdktf_mesos.operations`."""

from __future__ import annotations

import signal
import sys
from importlib.util import find_spec

# What the extra `command` installs.
_NEEDED = ("click", "docker", "rich")


def main() -> None:
    """Run the command; without its libraries, say how to install them."""
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        sys.exit(f"cdktf-mesos needs {', '.join(missing)}: pip install 'cdktf-mesos[command]'")
    from cdktf_mesos.operations.commands import cli

    # SIGTERM does the same as Ctrl-C. So the programs that the command has started end, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    cli(prog_name="cdktf-mesos")


if __name__ == "__main__":
    main()
