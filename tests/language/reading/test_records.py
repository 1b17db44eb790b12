"""The mappings of a document as records."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.diagnostics import LocatedError
from netspec.language.reading.records import InputRecord, describe, is_name, plain_value, read_record, require_mapping
from netspec.text.yaml_reader import Map, Tree, read


def tree(text: str) -> Tree:
    """The tree of a text."""
    node = read(text)
    assert node is not None
    return node


@pytest.mark.parametrize(("text", "value"), [
    ("3", 3), ("[1, {a: x}]", [1, {"a": "x"}]), ("null", None), ("{a: [], b: {}}", {"a": [], "b": {}}),
])  # fmt: skip
def test_plain_values(text: str, value: Any) -> None:
    assert plain_value(read(text)) == value
    assert plain_value(None) is None


@pytest.mark.parametrize(("text", "words"), [
    ("x", "'x'"), ("'3'", "'3'"), ("3.0", "3.0"), ("null", "null"), ("''", "''"), ("[1, a]", "[1, a]"),
    ("[[1]]", "a list"), ("{a: 1}", "a mapping"),
])  # fmt: skip
def test_descriptions(text: str, words: str) -> None:
    assert describe(tree(text)) == words


def test_the_description_of_nothing() -> None:
    node = tree("a:")
    assert type(node) is Map
    assert describe(node.entries["a"][1]) == "nothing"


@pytest.mark.parametrize(("text", "expected"), [
    ("a", True), ("a-b_1", True), ("0", True), ("", False), ("-a", False), ("a-", False), ("a.b", False), ("a b", False),
    ("é", False),
])  # fmt: skip
def test_names(text: str, expected: bool) -> None:
    assert is_name(text) is expected


@pytest.mark.parametrize(("text", "codes"), [
    ("{shape: [3]}", []), ("{shape: [3], dtype: int64, doc: Tokens.}", []), ("{dtype: int64}", ["NS202"]),
    ("{shape: [3], dtype: int8}", ["NS203"]), ("{shape: [3], size: 4}", ["NS201"]),
    ("{shape: [3], size: 4, dtype: x}", ["NS201", "NS203"]),
])  # fmt: skip
def test_records(text: str, codes: list[str]) -> None:
    problems: list[LocatedError] = []
    record = read_record(InputRecord, require_mapping(tree(text), "an input"), "an input", problems.append)
    assert sorted(p.code for p in problems) == codes
    assert (record is None) is (codes == ["NS202"])
    if record is not None:
        assert record.dtype == ("int64" if "int64" in text else None)
