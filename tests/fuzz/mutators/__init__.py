"""Mutations of specs: of their text, of the values that it stands for, and of the structure of their network."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import yaml

from netspec.diagnostics import Error
from netspec.language.reading.records import plain_value
from netspec.text.yaml_reader import read

from . import arrangements, structure, text, values
from .draft import Draft

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_ROUNDS = (1, 1, 1, 1, 2, 2, 3, 5)
_TEXT = 0.1
"""The probability that the text is mutated rather than the values."""


def document_of(source: str) -> dict[Any, Any] | None:
    """The values of a text; None if it is not YAML, or not a mapping with at least one key."""
    try:
        value = plain_value(read(source))
    except (Error, UnicodeError):
        return None
    return value if isinstance(value, dict) and value else None  # pyright: ignore[reportUnknownVariableType] - YAML values are of any type


def mutated_document(r: Random, document: dict[Any, Any], donor: dict[Any, Any]) -> dict[Any, Any]:
    """A document with one to six mutations. It is changed in place; the donor provides parts."""
    draft = Draft(r, document, donor)
    for _ in range(r.choice(_ROUNDS)):
        if not document:
            break
        (mutators,) = r.choices((structure.MUTATORS, arrangements.MUTATORS, values.MUTATORS), (5, 2, 3))
        r.choice(mutators)(draft)
    return document


def mutated_text(r: Random, source: str, other: str) -> str:
    """A text with one to three mutations."""
    for _ in range(r.choice((1, 1, 2, 3))):
        if source:
            source = r.choice(text.MUTATORS)(r, source, other)
    return source


def written(r: Random, document: dict[Any, Any]) -> str:
    """The text of a document, in one of the forms of YAML."""
    try:
        if r.random() < 0.7:
            return json.dumps(document, ensure_ascii=r.random() < 0.1, indent=r.choice((None, 1)))
        block = r.choice((None, False, False))
        return str(yaml.dump(document, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, default_flow_style=block))
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError):
        return repr(document)


def is_text_round(r: Random) -> bool:
    """Whether the next mutation is one of the text."""
    return r.random() < _TEXT
