"""Public keys of ssh, as they are in files and on machines."""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

_KEY = re.compile(r"(?P<kind>(?:sk-)?(?:ssh|ecdsa)-[A-Za-z0-9@.-]+)[ \t]+(?P<blob>AAAA[A-Za-z0-9+/]+=*)(?P<comment>.*)")


@dataclass(frozen=True)
class PublicKey:
    """A public key.

    Args:
        kind: `ssh-ed25519`, `ssh-rsa` and so on.
        blob: its base64 part, which identifies it.
        comment: usually whose it is; may be empty.
    """

    kind: str
    blob: str
    comment: str

    @property
    def line(self) -> str:
        """The key as a line of a file."""
        return " ".join(filter(None, (self.kind, self.blob, self.comment)))

    @property
    def fingerprint(self) -> str:
        """The fingerprint as ssh-keygen shows it."""
        return f"SHA256:{b64encode(hashlib.sha256(b64decode(self.blob)).digest()).decode().rstrip('=')}"


def key_in(line: str) -> PublicKey | None:
    """The key in a line of a file, after the options that the line may have; None if there is none."""
    found = _KEY.search(line)
    if found is None:
        return None
    try:
        blob = b64decode(found["blob"], validate=True)
    except binascii.Error:
        return None
    if not _is_whole(blob, found["kind"]):
        return None
    comment = "".join(each for each in found["comment"].strip() if each.isprintable())
    return PublicKey(found["kind"], found["blob"], comment)


def _is_whole(blob: bytes, kind: str) -> bool:
    """Whether a key has its kind in it, and no part is cut off: each has its length before it (RFC 4251, 5)."""
    parts = []
    while blob:
        size = int.from_bytes(blob[:4], "big")
        parts.append(blob[4 : 4 + size])
        if len(parts[-1]) < size:
            return False
        blob = blob[4 + size :]
    return len(parts) > 1 and parts[0] == kind.encode()


def keys_in(path: Path) -> list[PublicKey]:
    """The keys in a file, such as `id_ed25519.pub`.

    Raises:
        ValueError: the file cannot be read, or something in it is no public key. The message does not show it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is no text"
        raise ValueError(f"{path} cannot be read: {reason}") from None
    if "PRIVATE KEY" in text:
        raise ValueError(f"{path} is a private key: use the file with its public key, {path}.pub")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    found = [key_in(line) for line in lines]
    keys = [each for each in found if each]
    if not keys or len(keys) < len(lines):
        raise ValueError(f"{path}: use a file with lines such as 'ssh-ed25519 AAAA… name'")
    return keys
