"""The generator's main program, with the options of marathon_lb.py."""

from __future__ import annotations

import argparse
import logging
import os
import random
import re
import signal
import sys
import threading
import time
from pathlib import Path

from . import haproxy
from .configuration import configuration
from .marathon import Marathon
from .name import NAME
from .options import parse
from .services import Json, services
from .templates import Templates

log = logging.getLogger(__name__)

# The waiting time before the stream of events is opened again: its first value, in seconds, and its growth.
_FIRST, _GROWTH = 3, 1.5
# The apps are read again after this time without an event, in seconds.
_REFRESH = 300


class Generator:
    """Keeps haproxy's configuration up to date. The thread of `run` writes it; other threads call `wake`."""

    def __init__(self, options: argparse.Namespace, release: tuple[int, int, int]) -> None:
        self._options, self._release = options, release
        login = options.auth_credentials
        if options.marathon_auth_credential_file:
            login = Path(options.marathon_auth_credential_file).read_text().splitlines()[0]
        self.marathon = Marathon(options.marathon, login, follows=release >= (1, 12, 3))
        self._templates = Templates(Path("templates"))
        self._path = Path(options.haproxy_config)
        self._woken = threading.Event()
        self._healthy: dict[str, bool] | None = {} if options.health_check else None

    def wake(self, *_: object) -> None:
        """Have the apps read again."""
        self._woken.set()

    def run(self) -> None:
        """Read the apps whenever something has changed; never ends."""
        while True:
            self._woken.wait(_REFRESH)
            self._woken.clear()
            try:
                self.refresh()
            except Exception:
                log.exception("cannot write a configuration")

    def refresh(self) -> None:
        """Read the apps and write the configuration, without apps that haproxy does not accept."""
        apps = self.marathon.apps()
        text = self._text(apps)
        if self._path.is_file() and self._path.read_text() == text:
            return
        if not self._is_valid(text):
            if self._options.skip_config_cleanup:
                log.warning("the configuration is not valid: no reload")
                return
            good: list[Json] = []
            for app in apps:
                if self._is_valid(self._text([*good, app])):
                    good.append(app)
                else:
                    log.warning("invalid configuration caused by app %s; it will be excluded", app["id"])
            text = self._text(good)
        haproxy.replace(self._path, text)
        self.reload()

    def reload(self, *_: object) -> None:
        """Reload haproxy with the configuration that is there."""
        options = self._options
        if options.command:
            haproxy.reload(options.command, options.max_reload_retries, options.reload_interval)

    def _is_valid(self, text: str) -> bool:
        return haproxy.is_valid(text, skip=self._options.skip_validation)

    def _text(self, apps: list[Json]) -> str:
        options = self._options
        found = services(apps, healthy=self._healthy, strict=options.strict_mode, release=self._release)
        return configuration(
            found,
            options.group,
            self._templates,
            certificates=options.ssl_certs,
            vhosts=not options.dont_bind_http_https,
        )


def main() -> None:
    """Write the configuration once, or with `--sse` whenever Marathon has an event."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    version = os.environ.get("STAND_IN_VERSION", "v0.0.0")
    numbers = [int(number) for number in re.findall("[0-9]+", version)[:3]]
    release = (numbers[0], numbers[1], numbers[2])
    log.info("%s, in the place of %s", NAME, version)
    options = parse(sys.argv[1:], release)
    generator = Generator(options, release)
    if not options.sse:
        generator.refresh()
        return
    signal.signal(signal.SIGHUP, generator.wake)
    signal.signal(signal.SIGUSR1, generator.reload)
    threading.Thread(target=generator.run, daemon=True).start()
    limit = _FIRST
    while True:
        generator.wake()
        pause = random.random() * limit
        try:
            for event in generator.marathon.events():
                log.info("received event of type %s", event["eventType"])
                generator.wake()
        except Exception:
            log.exception("no events; trying again in %.1f s", pause)
        limit = min(_GROWTH * limit, options.max_backoff)
        time.sleep(pause)


if __name__ == "__main__":
    main()
