"""TLS that an image cannot have, and variables of the user."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdktf_mesos import Tls
from tests.unit.tls.conftest import Masters

Synth = Callable[[], dict[str, Any]]


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ("mesosphere/mesos-master:0.28.1", "Use Mesos 1.0 or later for TLS, not 0.28.1"),
        ("containersol/mesos-master:1.0.1", "no image of this family is known to have TLS in Mesos 1.0.1"),
    ],
)
def test_an_image_without_tls_is_refused(masters: Masters, image: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        masters("used", image=image)


def test_ciphers_may_be_set_and_nothing_else(masters: Masters, synth: Synth) -> None:
    masters("used", LIBPROCESS_SSL_CIPHERS="AES128-SHA")
    assert "LIBPROCESS_SSL_CIPHERS=AES128-SHA" in synth()["containers"]["mesos"]["env"]


@pytest.mark.parametrize("name", ["LIBPROCESS_SSL_ENABLED", "LIBPROCESS_SSL_REQUIRE_CERT", "SSL_KEY_FILE"])
def test_other_variables_of_tls_are_refused(masters: Masters, name: str) -> None:
    with pytest.raises(ValueError, match=f"options.environment is invalid: '{name}'. Remove it"):
        masters("used", **{name: "true"})


def test_without_tls_the_users_own_is_refused_as_checks_could_not_ask(masters: Masters) -> None:
    with pytest.raises(ValueError, match="Use tls instead"):
        masters(None, LIBPROCESS_SSL_ENABLED="true")


def test_without_tls_the_users_own_may_be_on_beside_plain_connections(masters: Masters) -> None:
    assert masters(None, LIBPROCESS_SSL_ENABLED="true", LIBPROCESS_SSL_SUPPORT_DOWNGRADE="true")


def test_an_unknown_stage_is_refused(certificates: Path) -> None:
    with pytest.raises(ValueError, match="Use 'used' or 'required'; leave out tls for a cluster without it"):
        Tls("both", str(certificates))  # type: ignore[arg-type]
