"""Reads configurations, which are untrusted: size and depth are limited, and nothing in them is executed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from ...diagnostics import Error, LocatedError, clip
from ...files import os_reason
from ...files.input_files import read_input
from ...language.reading.records import plain_value
from ...text.yaml_reader import read

BYTES = 2_000_000
"""Maximum size of a configuration, in bytes."""
DEPTH = 30
"""Maximum nesting depth of lists and mappings."""


def read_text(path: str) -> str:
    """Returns the text of a file. Raises Error NS890: it cannot be read, is too large, or is not UTF-8."""
    try:
        content = read_input(path, BYTES + 1)
    except (OSError, ValueError) as error:
        refuse(
            path, f"it cannot be read: {os_reason(error) if isinstance(error, OSError) else 'no file has this name'}"
        )
    if len(content) > BYTES:
        refuse(path, f"it is larger than {BYTES // 10**6} MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(path, f"it is not UTF-8: byte 0x{content[error.start]:02X}")


def refuse(path: str, reason: str, help: str | None = None) -> NoReturn:
    """Raises Error NS890 about a file."""
    raise Error("NS890", f"no configuration can be read: {reason}", help, file=path)


def read_json(path: str) -> Mapping[str, Any]:
    """Returns the object in a JSON file. Raises Error NS890."""
    text = read_text(path)
    if _depth(text) > DEPTH:
        refuse(path, f"it is nested deeper than {DEPTH} levels")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        refuse(path, f"it is not JSON: {clip(str(error), 200)}")
    if not isinstance(value, dict):
        refuse(path, "it is not an object of JSON")
    return cast("dict[str, Any]", value)


def read_yaml(path: str) -> Mapping[str, Any]:
    """Returns the mapping in a YAML file. Raises Error NS890."""
    try:
        value = plain_value(read(read_text(path)))
    except LocatedError as error:
        refuse(path, f"it is not YAML: {error.message}")
    if not isinstance(value, dict):
        refuse(path, "it is not a mapping of YAML")
    return cast("dict[str, Any]", value)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


def _integer(text: str) -> int:
    if len(text) > 40:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _depth(text: str) -> int:
    """Returns the maximum nesting depth of brackets, including those within strings."""
    depth = greatest = 0
    for character in text:
        if character in "[{":
            depth += 1
            greatest = max(depth, greatest)
        elif character in "]}":
            depth -= 1
    return greatest
