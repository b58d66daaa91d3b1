"""Text and Terraform expressions: a program's text is literal, and only a token is an expression."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any

from cdktf_mesos.cdk import Fn, Token

# The form of the CDK's tokens in strings. The synthesis replaces each by the expression that it stands for.
TOKEN = r"[$]{TfToken\[[a-zA-Z0-9:._-]+\]}"

# The expressions of the tokens that `expression` made.
_expressions: dict[str, str] = {}

# The texts of which `digest` and `replaced` made their tokens.
_sources: dict[str, str] = {}


def literal(value: Any) -> Any:
    """Escape text so that Terraform evaluates only the tokens in it.

    Terraform reads every string of a resource as a template, even keys of maps: `${` and `%{` begin an expression, and
    all else is literal (Terraform docs, strings and templates; JSON configuration syntax). Descriptions and defaults of
    variables are not templates and need no escaping.

    Args:
        value: text, or mappings and lists with text at any depth. Other values stay as they are.
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
    """A token for an expression in Terraform's language, with its `${` and `}`. It must not have tokens in it."""
    # `as_string` makes no token from a plain string, but does so from the result of `as_any`.
    token = str(Token.as_string(Token.as_any(text)))
    _expressions[token] = text
    return token


def written_out(text: str) -> str:
    """Replace tokens that `expression` made by their expressions, without the CDK."""
    return re.sub(TOKEN, lambda found: _expressions.get(found[0], found[0]), text)


def quoted(text: str) -> str:
    """Text, which may have tokens, as a string literal of Terraform's language, to be part of an expression."""
    # Inside an expression, the CDK writes tokens without `${` and `}`.
    parts = [part if index % 2 else f'"{_in_quotes(part)}"' for index, part in _parts(text)]
    return parts[0] if len(parts) == 1 else f'join("", [{", ".join(parts)}])'


@cache
def digest(text: str, characters: int) -> str:
    """The first hex digits of a text's SHA-256 digest; a token if the text has tokens."""
    if not re.search(TOKEN, text):
        return sha256(text.encode()).hexdigest()[:characters]
    # Use each token once, and no nested tokens: the CDK is slow to resolve a token of another stack, and slower with
    # more stacks.
    plain = _with_sources(text)
    tokens = list(dict.fromkeys(re.findall(TOKEN, plain)))
    numbered = re.sub(TOKEN, lambda found: f"\0{tokens.index(found[0])}\0", plain)
    known = sha256(numbered.encode()).hexdigest()
    return _remember(Fn.substr(Fn.sha256(Fn.join("-", [known, *tokens])), 0, characters), plain)


@cache
def replaced(text: str, old: str, new: str) -> str:
    """Replace `old` by `new`: in the text now, and in the values of its tokens when Terraform knows them."""
    return "".join(
        _remember(Fn.replace(part, _in_quotes(old), _in_quotes(new)), part) if index % 2 else part.replace(old, new)
        for index, part in _parts(text)
    )


def shell_word(text: str) -> str:
    """Text quoted as one word of a shell command, whatever the values of its tokens are."""
    return "'" + replaced(text, "'", "'\\''") + "'" if re.search(TOKEN, text) else shlex.quote(text)


def _remember(token: Any, text: str) -> str:
    """Note the text of which a token was made, and return the token."""
    _sources[str(token)] = text
    return str(token)


def _with_sources(text: str) -> str:
    """Replace tokens that this module made of a text by that text, so that only tokens of others are left."""
    return re.sub(TOKEN, lambda found: _with_sources(_sources[found[0]]) if found[0] in _sources else found[0], text)


def _parts(text: str) -> list[tuple[int, str]]:
    """The non-empty parts of a text with their numbers: tokens have odd ones, the text between them even ones."""
    parts = [each for each in enumerate(re.split(f"({TOKEN})", text)) if each[1]]
    return parts or [(0, "")]


def _literal(text: str) -> str:
    parts = _parts(text)
    if not any(index % 2 for index, _ in parts):
        return text.replace("${", "$${").replace("%{", "%%{")
    # In a string with tokens, the usual escape `$${` does not work: the CDK takes it for the beginning of an
    # expression, and then omits braces of tokens after it. A `$` right before a token would also escape that token. So
    # such dollars become expressions themselves, `${"$"}`.
    last = parts[-1][0]
    return "".join(
        part
        if index % 2
        else re.sub(r"[$]+(?={)" if index == last else r"[$]+(?={|\Z)", r'${"\g<0>"}', part).replace("%{", "%%{")
        for index, part in parts
    )


def _in_quotes(text: str) -> str:
    """Text as it is between quotes in Terraform's language. Braces are escaped, since the CDK would interpret them."""
    known = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "{": "\\u007b", "}": "\\u007d"}
    return re.sub(r'[\\"\n\r\t{}]', lambda found: known[found[0]], text)
