"""Values as YAML text: whatever is written reads back as it was."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.language.reading.records import plain_value
from netspec.text import writer
from netspec.text.reader import read

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
WORDS = st.sampled_from(
    ["null", "true", "~", "1", "1.0", "0x1f", "1e5", ".inf", "no", "a b", "a: b", "a #b", "$x", "- a"]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
    WORDS,
)
KEYS = st.from_regex(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,8}[A-Za-z0-9_])?", fullmatch=True)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)


@given(KEYS, VALUES, st.sampled_from([0, 2, 6]))
@settings(max_examples=200, deadline=None)
def test_reads_back(key: str, value: Any, indent: int) -> None:
    text = writer.entry(key, value, indent) + "\n"
    actual = plain_value(read(text))
    assert actual == {key: value}
    assert repr(actual) == repr({key: value})  # 1, 1.0 and true are three things


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_texts_read_back(value: str) -> None:
    assert plain_value(read(writer.entry("doc", value))) == {"doc": value}
    assert plain_value(read(f"[{writer.quote(value)}]")) == [value]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"relu": writer.ALONE, "from": writer.Name("0")}, "{relu, from: 0}"),
        ({"conv2d": 64, "kernel": [3, 5]}, "{conv2d: 64, kernel: [3, 5]}"),
        ({"add": [writer.Name("null"), writer.Name("1.0")]}, '{add: ["null", 1.0]}'),
        (1e-6, "1e-06"),
        ([], "[]"),
        ("two words", '"two words"'),
        ("$name", '"$name"'),
        ("same", "same"),
    ],
)
def test_flow(value: Any, text: str) -> None:
    assert writer.flow_style(value) == text


def test_long_lines_are_wrapped_between_lists() -> None:
    rows = [[i, i + 1, i + 2] for i in range(12)]
    text = writer.entry("layer", {"conv2d": 12, "connections": rows, "bias": False}, 2)
    assert text == (
        "  layer: {conv2d: 12, connections: [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5],\n"
        "      [4, 5, 6], [5, 6, 7], [6, 7, 8], [7, 8, 9], [8, 9, 10], [9, 10, 11],\n"
        "      [10, 11, 12], [11, 12, 13]], bias: false}"
    )
    assert math.isclose(max(map(len, text.split("\n"))), 80, abs_tol=4)


def test_long_texts_are_folded() -> None:
    text = "A sentence that is so long that it does not fit into one line, and has a colon: here, and a hash # there."
    assert writer.entry("doc", text) == (
        "doc: >-\n"
        "  A sentence that is so long that it does not fit into one line, and has a\n"
        "  colon: here, and a hash # there."
    )
