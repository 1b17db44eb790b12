"""``docs/language-by-example.md`` has every form of the language: keys, functions, initialisers, types of elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from netspec.checking.expectations import KEYS
from netspec.language.reading.expression_functions import FUNCTIONS
from netspec.language.reading.records import (
    GROUP,
    BlockRecord,
    DimensionRecord,
    Header,
    InputRecord,
    ParamRecord,
    TableRecord,
)
from netspec.ops.common.init_argument import NAMED, ONE_NUMBER, TABLES
from netspec.ops.layer_keys import LAYER_KEYS
from netspec.shapes.types import DTYPES

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "language-by-example.md").read_text(encoding="utf-8")
BLOCKS = [yaml.load(text, yaml.BaseLoader) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
TEXT = "\n".join(line.partition("  # ")[0] for line in PAGE.split("\n"))
"""The page without remarks beside its lines."""


def words(node: object) -> Iterator[str]:
    """All keys and texts of a document."""
    if isinstance(node, dict):
        for key, value in node.items():  # pyright: ignore[reportUnknownVariableType] - YAML
            yield str(key)  # pyright: ignore[reportUnknownArgumentType] - of any type
            yield from words(value)  # pyright: ignore[reportUnknownArgumentType] - of any type
    elif isinstance(node, list):
        for item in node:  # pyright: ignore[reportUnknownVariableType] - of any type
            yield from words(item)  # pyright: ignore[reportUnknownArgumentType] - of any type
    else:
        yield str(node)


WORDS_OF_BLOCKS = {word for block in BLOCKS for word in words(block)}


@pytest.mark.parametrize(
    "forms",
    [
        (*Header.arguments, *BlockRecord.arguments, *GROUP, *LAYER_KEYS),
        (*DimensionRecord.arguments, *InputRecord.arguments, *ParamRecord.arguments, *TableRecord.arguments),
        KEYS,
        (*NAMED, *ONE_NUMBER, *TABLES),
        DTYPES[1:],  # the first is the default
        ("int", "float", "bool", "str", "list", "valid", "same", "channels_last"),
    ],
    ids=["keys", "records", "expectations", "initialisers", "types", "words"],
)
def test_every_key_and_word(forms: tuple[str, ...]) -> None:
    assert set(forms) - WORDS_OF_BLOCKS == set()


def test_every_function_and_operator() -> None:
    expressions = " ".join(re.findall(r"\$\([^\n]*", TEXT))
    assert [name for name in FUNCTIONS if f"{name}(" not in expressions] == []
    operators = (
        "+",
        "-",
        "*",
        "//",
        "%",
        "**",
        "<",
        ">",
        "==",
        "!=",
        " and ",
        " or ",
        "not ",
        " if ",
        " else ",
        " for ",
    )
    assert [sign for sign in operators if sign not in expressions] == []
