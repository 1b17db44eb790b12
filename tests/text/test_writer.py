"""Values as YAML text: whatever is written reads back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.formatting import format_text, spec_text
from netspec.language.reading.records import plain_value
from netspec.text import writer
from netspec.text.yaml_reader import Name, read

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


@given(KEYS, VALUES)
@settings(max_examples=200, deadline=None)
def test_reads_back(key: str, value: Any) -> None:
    for text in (writer.one_line(key, value), spec_text({key: value})):
        actual = plain_value(read(text))
        assert actual == {key: value}
        assert repr(actual) == repr({key: value})  # 1, 1.0 and true are three things


@given(TEXT)
@settings(max_examples=100, deadline=None)
def test_texts_read_back(value: str) -> None:
    assert plain_value(read(spec_text({"doc": value}))) == {"doc": value}
    assert plain_value(read(f"[{writer.flow_style(value)}]")) == [value]


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_what_is_written_is_in_the_style_of_specs(sections: dict[str, Any]) -> None:
    text = spec_text({"netspec": 1, **sections})
    assert format_text(text) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"relu": writer.ALONE, "from": Name("0")}, "{relu, from: 0}"),
        ({"conv2d": 64, "kernel": [3, 5]}, "{conv2d: 64, kernel: [3, 5]}"),
        ({"add": [Name("null"), Name("1.0")]}, '{add: ["null", 1.0]}'),
        (1e-6, "1e-6"),
        (float("inf"), ".inf"),
        (writer.Grouped(25557032), "25_557_032"),
        ([], "[]"),
        ("two words", '"two words"'),
        ("$name", "$name"),
        (writer.expression("2 * n"), "$(2 * n)"),
        (writer.expression("n, m"), '"$(n, m)"'),
        ("same", "same"),
        ("no", '"no"'),
        ("int", '"int"'),
        (Name("int"), "int"),
        ("9" * 60, f'"{"9" * 60}"'),
    ],
)
def test_flow(value: Any, text: str) -> None:
    assert writer.flow_style(value) == text


def test_documents() -> None:
    rows = writer.Rows([i, i + 1, i + 2] for i in range(2))
    sections = {
        "netspec": 1,
        "doc": "Two lines:\none, two.",
        "layers": writer.Spread(a=Name("relu"), b={"conv2d": 12, "connections": rows}, c={"from": "a", "relu": 1}),
        "expect": {"params": writer.Grouped(12345)},
    }
    assert spec_text(sections, "what it is") == (
        "# what it is\nnetspec: 1\ndoc: |-\n  Two lines:\n  one, two.\n\nlayers:\n  a: relu\n"
        "  b:\n    conv2d: 12\n    connections:\n      - [0, 1, 2]\n      - [1, 2, 3]\n"
        "  c: {relu: 1, from: a}\n\nexpect: {params: 12_345}\n"
    )
