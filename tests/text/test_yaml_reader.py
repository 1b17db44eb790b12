"""Reading YAML: scalars by the core rules, locations, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.diagnostics import LocatedError, unpack
from netspec.language.reading.records import plain_value
from netspec.text.yaml_reader import Map, read


@pytest.mark.parametrize(("text", "expected"), [
    ("no", "no"), ("on", "on"), ("yes", "yes"), ("1:30", "1:30"), ("010", 10), ("1_000", 1000), ("0x1F", 31), ("0o17", 15),
    ("1e-5", 1e-5), ("1.", 1.0), (".5", 0.5), ("-3", -3), ("+4", 4), ("true", True), ("False", False), ("null", None),
    ("~", None), (".inf", float("inf")), ("-.INF", float("-inf")), ("2026-11-22", "2026-11-22"), ("'10'", "10"),
    ("\"true\"", "true"), ("1_0.5_0", 10.5), ("_1", "_1"), ("1__0", "1__0"), ("0b1", "0b1"), ("$x", "$x"), ("- 1", [1]),
    ("[1, a, 2.5]", [1, "a", 2.5]), ("{a: 1, 0.5: 2, on: 3, 010: 4}", {"a": 1, "0.5": 2, "on": 3, "010": 4}),
    ("<<: {a: 1}\nb: 2", {"a": 1, "b": 2}), ("a: &x {k: 1}\nb: {<<: *x, k: 2, l: 3}", {"a": {"k": 1}, "b": {"k": 2, "l": 3}}),
    ("a: &x 1\nb: *x", {"a": 1, "b": 1}), ("'<<': 1", {"<<'": 1}),
    ("<<: [{a: 1}, {a: 2, b: 3}]", {"a": 1, "b": 3}),
])  # fmt: skip
def test_plain(text: str, expected: Any) -> None:
    tree = read(text)
    got = plain_value(tree)
    assert got == expected
    assert type(got) is type(expected)


def test_places() -> None:
    tree = read("a: 1\nb:\n  - x\n  - {c: 3}\n")
    assert type(tree) is Map
    assert unpack(tree.entries["b"][0])[1:] == (2, 1)
    node = tree.get("b")
    assert node is not None
    assert unpack(node.items[1].entries["c"][1].location)[1:] == (4, 9)  # type: ignore[union-attr]  # pyright: ignore  # known to have a location


def test_empty() -> None:
    assert read("") is None
    assert read("# nothing\n") is None


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        plain_value(read(text))
    except LocatedError as fault:
        assert fault.code.startswith(("NS1", "NS9"))
