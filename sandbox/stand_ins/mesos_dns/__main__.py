"""The stand-in's main program: `python3 -m stand_in -config=<file>`."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from . import http_api, servers
from .answers import Answers
from .config import Config, ConfigError, read_config
from .masters import Detector, Masters
from .name import NAME
from .refresh import Names
from .release import Release

log = logging.getLogger(__name__)


def main() -> None:
    """Run until SIGTERM, or until no master has led for zkDetectionTimeout."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("kazoo").setLevel(logging.WARNING)
    release = Release(os.environ.get("STAND_IN_VERSION", "v0.0.0"))
    log.info("%s, in the place of %s", NAME, release.version)
    signal.signal(signal.SIGTERM, lambda *_: _end("SIGTERM", 0))
    try:
        config = read_config(Path(_config_file(sys.argv[1:])).read_text(encoding="utf-8"))
    except (ConfigError, OSError) as error:
        _end(str(error), 1)
    fault = os.environ.get("STAND_IN_FAULT", "")
    if fault == "exit":
        _end("this release candidate ends at once, on purpose", 1)
    _run(config, release, mute=fault == "mute")


def _run(config: Config, release: Release, *, mute: bool) -> None:
    names = Names(config, release, lambda message: _end(message, 1))
    if mute:
        log.info("this release candidate never has a name, on purpose")
    elif config.zk:
        Detector(config.zk, names.masters_changed).start()
    else:
        names.masters_changed(Masters(config.masters[0], config.masters))
    threading.Thread(target=names.run, name="refresh", daemon=True).start()
    if release.waits_for_state and not mute:
        names.loaded.wait()
    try:
        if config.dnson:
            servers.listen(Answers(config, release, names), config.listener, config.port)
        if config.httpon:
            http_api.listen(http_api.Api(config, release, names), config.httplistener, config.httpport)
    except OSError as error:
        _end(f"cannot listen: {error}", 1)
    log.info("listening on %s:%s for %s", config.listener, config.port, config.domain)
    threading.Event().wait()


def _config_file(words: Sequence[str]) -> str:
    """The value of `-config`; flags of the log have no effect."""
    for number, word in enumerate(words):
        name, is_set, value = word.lstrip("-").partition("=")
        if name == "config":
            return value if is_set else words[number + 1]
    return "config.json"


def _end(message: str, code: int) -> NoReturn:
    """End the process, from any thread."""
    log.info("ending: %s", message)
    os._exit(code)


if __name__ == "__main__":
    main()
