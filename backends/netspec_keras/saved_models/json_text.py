"""Parses JSON from untrusted files."""

from __future__ import annotations

import json
from typing import Any

from ..json_values import is_mapping
from .file_error import NO_MODEL, TOO_LARGE, KerasFileError

CONFIG_BYTES = 1 << 25
"""Maximum length of a model's configuration; that of a network with 1,000 layers takes 1 MB."""
DEPTH = 100
"""Maximum nesting depth of lists and mappings; each level of nested models takes 5."""


def parse_json(text: str, what: str, name: str) -> dict[str, Any]:
    """Returns the mapping in a JSON text.

    Args:
        text: the text.
        what: a description for messages.
        name: the file.

    Raises:
        KerasFileError: NS830 if it is not a JSON object, NS831 if it is too long or nested too deeply.
    """
    if len(text) > CONFIG_BYTES:
        raise KerasFileError(TOO_LARGE, f"{what} is larger than {CONFIG_BYTES >> 20} MB", file=name)
    if _depth(text) > DEPTH:
        raise KerasFileError(TOO_LARGE, f"{what} has more than {DEPTH} nested levels", file=name)
    try:
        value: object = json.loads(text)
    except ValueError as error:
        raise KerasFileError(NO_MODEL, f"{what} is not valid JSON: {error}", file=name) from None
    if not is_mapping(value):
        raise KerasFileError(NO_MODEL, f"{what} is not a JSON object", file=name)
    return value


def _depth(text: str) -> int:
    """Returns the nesting depth of a JSON text's brackets, without those in strings."""
    import re

    depth = most = 0
    # Without backtracking: in a text that does not end, every further quote would be tried as the beginning of one.
    for match in re.finditer(r'"(?:[^"\\]++|\\.|\\\Z)*+(?:"|\Z)|[\[{\]}]', text, re.DOTALL):
        first = match.group()[0]
        if first in "[{":
            depth += 1
            most = max(most, depth)
            if most > DEPTH:
                break
        elif first in "]}":
            depth -= 1
    return most
