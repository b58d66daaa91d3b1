"""Domain names: which text is one, and which name is below another."""

from __future__ import annotations

import re

# A host name's label (RFC 1123, 2.1).
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


def is_domain(text: str, longest: int) -> bool:
    """Whether text is a domain name in lower case, without a dot at the end. An address is not one.

    Args:
        text: the text.
        longest: how many characters it may have.
    """
    is_name = re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*", text) is not None
    return is_name and len(text) <= longest and not text.rpartition(".")[2].isdigit()


def is_below(name: str, domain: str) -> bool:
    """Whether a name is the domain or below it."""
    return f".{name.lower().rstrip('.')}".endswith(f".{domain}")
