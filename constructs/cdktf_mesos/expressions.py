"""Text and Terraform expressions: text that a program gives stays as it is, and only a token is an expression."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from cdktf_mesos.cdk import Token

# How the CDK writes a token into a string, until it knows the expression that the token stands for.
TOKEN = r"[$]{TfToken\[[^\]]*\]}"

# What `expression` made, by token.
_written: dict[str, str] = {}


def literal(value: Any) -> Any:
    """A value in which Terraform evaluates nothing but tokens, as deep as it goes.

    Terraform reads every string of a resource as a template, keys of maps included. `${` and `%{` are the only things
    in it that are not literal, and a doubled first character makes them so (Terraform docs, strings and templates;
    JSON configuration syntax). Descriptions and a variable's default are no templates: they need no escaping.

    Args:
        value: text, or mappings and lists of it. Anything else stays as it is.
    """
    if isinstance(value, str):
        return _outside_tokens(value, _escaped) if "${" in value or "%{" in value else value
    if isinstance(value, Mapping):
        return {literal(key): literal(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [literal(each) for each in value]
    return value


@cache
def expression(text: str) -> str:
    """A token for an expression in Terraform's own language.

    Args:
        text: with its `${` and `}`. Text that a user gave is in it by `quoted` alone.
    """
    # A string is no token to `as_string`; what `as_any` makes of it is one.
    token = str(Token.as_string(Token.as_any(text)))
    _written[token] = text
    return token


def written_out(text: str) -> str:
    """A text in which each token that `expression` made is the expression itself, without asking the CDK."""
    return re.sub(TOKEN, lambda found: _written.get(found[0], found[0]), text)


def quoted(text: str) -> str:
    """Text, in which tokens may be, as a string in Terraform's language: part of an expression."""
    return '"' + _outside_tokens(text, _escaped_in_quotes) + '"'


def _outside_tokens(text: str, change: Any) -> str:
    parts = re.split(f"({TOKEN})", text)
    return "".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _escaped_in_quotes(text: str) -> str:
    known = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return _escaped(re.sub(r'[\\"\n\r\t]', lambda found: known[found[0]], text))
