"""Labels of names (Mesos-DNS, records/labels), and the parts of an instance's name."""

from __future__ import annotations

import re
from hashlib import sha1

# The alphabet of z-base-32.
_ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"


def label(text: str, *, rfc952: bool = False) -> str:
    """A label: lower case, with `-` in place of dots and `_`, without all other characters.

    If it is too long and its first part ends with dashes, these are dropped, and as many characters follow instead.

    Args:
        text: the name of a task or framework.
        rfc952: whether it begins with a letter and has 24 characters at most, instead of 63.
    """
    longest, wrong_start = (24, "-0123456789") if rfc952 else (63, "-")
    kept = re.sub("[^a-z0-9-]", "", re.sub("[._]", "-", text.lower())).lstrip(wrong_start)
    head = kept[:longest].rstrip("-")
    dropped = len(kept[:longest]) - len(head)
    return head + kept[longest:].lstrip("-")[:dropped]


def fragment(text: str, *, rfc952: bool = False) -> str:
    """A framework's part of a name: its dots stay, and each part between them is a label."""
    return ".".join(found for part in text.split(".") if (found := label(part, rfc952=rfc952)))


def short_hash(task_id: str) -> str:
    """The first five characters of the z-base-32 of the SHA-1 of a task's id."""
    bits = int.from_bytes(sha1(task_id.encode()).digest()[:4], "big")
    return "".join(_ALPHABET[bits >> shift & 31] for shift in (27, 22, 17, 12, 7))


def agent_tail(agent_id: str) -> str:
    """The last part of an agent's id, `s0` for `20141203-225336-2684354560-5050-22-S0`."""
    return agent_id.rpartition("-")[2].lower()
