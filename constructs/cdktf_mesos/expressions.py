"""Text and Terraform expressions: text that a program gives stays as it is, and only a token is an expression."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any

from cdktf_mesos.cdk import Fn, Token

# How the CDK writes a token into a string, until it knows the expression that the token stands for.
TOKEN = r"[$]{TfToken\[[a-zA-Z0-9:._-]+\]}"

# What `expression` made, by token.
_written: dict[str, str] = {}

# What `digest` and `replaced` made theirs of, by token.
_sources: dict[str, str] = {}


def literal(value: Any) -> Any:
    """A value in which Terraform evaluates nothing but tokens, as deep as it goes.

    Terraform reads every string of a resource as a template, keys of maps included; all is literal in it but what
    begins with `${` or `%{` (Terraform docs, strings and templates; JSON configuration syntax). Descriptions and a
    variable's default are no templates: they need no escaping.

    Args:
        value: text, or mappings and lists of it. Anything else stays as it is.
    """
    if isinstance(value, str):
        return _literal(value) if "{" in value else value
    if isinstance(value, Mapping):
        return {literal(key): literal(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [literal(each) for each in value]
    return value


@cache
def expression(text: str) -> str:
    """A token for an expression in Terraform's own language, with its `${` and `}`. Tokens cannot be in it."""
    # A string is no token to `as_string`; what `as_any` makes of it is one.
    token = str(Token.as_string(Token.as_any(text)))
    _written[token] = text
    return token


def written_out(text: str) -> str:
    """A text in which each token that `expression` made is the expression itself, without asking the CDK."""
    return re.sub(TOKEN, lambda found: _written.get(found[0], found[0]), text)


def quoted(text: str) -> str:
    """Text, in which tokens may be, as a string in Terraform's language: part of an expression."""
    # In an expression the CDK writes tokens without their `${` and `}`.
    parts = [part if index % 2 else f'"{_in_quotes(part)}"' for index, part in _parts(text)]
    return parts[0] if len(parts) == 1 else f'join("", [{", ".join(parts)}])'


@cache
def digest(text: str, characters: int) -> str:
    """Hex digits that tell a text from others, of a SHA-256 digest; a token where the text has tokens."""
    if not re.search(TOKEN, text):
        return sha256(text.encode()).hexdigest()[:characters]
    # Each token once, and none in another: to resolve one of another stack takes the CDK long, the longer the more
    # stacks there are.
    plain = _made_of(text)
    tokens = list(dict.fromkeys(re.findall(TOKEN, plain)))
    numbered = re.sub(TOKEN, lambda found: f"\0{tokens.index(found[0])}\0", plain)
    known = sha256(numbered.encode()).hexdigest()
    return _made(Fn.substr(Fn.sha256(Fn.join("-", [known, *tokens])), 0, characters), plain)


@cache
def replaced(text: str, old: str, new: str) -> str:
    """Text in which `old` becomes `new`: now, and in what its tokens stand for once Terraform knows that."""
    return "".join(
        _made(Fn.replace(part, _in_quotes(old), _in_quotes(new)), part) if index % 2 else part.replace(old, new)
        for index, part in _parts(text)
    )


def shell_word(text: str) -> str:
    """Text as one word of a shell's, whatever its tokens stand for."""
    return "'" + replaced(text, "'", "'\\''") + "'" if re.search(TOKEN, text) else shlex.quote(text)


def _made(token: Any, text: str) -> str:
    """A token, of which it is noted what text it was made of."""
    _sources[str(token)] = text
    return str(token)


def _made_of(text: str) -> str:
    """A text with other tokens in place of those that this module made of them."""
    return re.sub(TOKEN, lambda found: _made_of(_sources[found[0]]) if found[0] in _sources else found[0], text)


def _parts(text: str) -> list[tuple[int, str]]:
    """The parts of a text, without those that are empty: tokens have odd numbers, what is between them even ones."""
    parts = [each for each in enumerate(re.split(f"({TOKEN})", text)) if each[1]]
    return parts or [(0, "")]


def _literal(text: str) -> str:
    parts = _parts(text)
    if not any(index % 2 for index, _ in parts):
        return text.replace("${", "$${").replace("%{", "%%{")
    # Beside tokens the CDK takes a `${` that is escaped for one that is not, and forgets braces of tokens after it; and
    # a `$` before a token would escape that. So dollars are expressions there.
    last = parts[-1][0]
    return "".join(
        part
        if index % 2
        else re.sub(r"[$]+(?={)" if index == last else r"[$]+(?={|\Z)", r'${"\g<0>"}', part).replace("%{", "%%{")
        for index, part in parts
    )


def _in_quotes(text: str) -> str:
    """Text as it is between quotes in Terraform's language, without braces, which the CDK would look at."""
    known = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "{": "\\u007b", "}": "\\u007d"}
    return re.sub(r'[\\"\n\r\t{}]', lambda found: known[found[0]], text)
