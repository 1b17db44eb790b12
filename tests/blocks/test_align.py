"""Alignment, with small sequences as data: ``name: what it reads > what it computes``."""

from __future__ import annotations

import pytest

from netspec.blocks import ABSENT, DifferentError, Filled, Hole, Row, SequenceItem, Template, align, name_by_likeness
from netspec.blocks.align import merge_orders

SIZE = Hole("size")


def items(text: str) -> list[SequenceItem]:
    """``"a: x > a; b: a x > b"``: the names are the trees, up to a sign; the first value read stands for the result."""
    out: list[SequenceItem] = []
    for part in text.split(";"):
        name, _, rest = part.strip().partition(":")
        reads, _, results = rest.partition(">")
        tree = Filled(Template(name.rstrip("'")))
        out.append(SequenceItem(name, tree, tuple(reads.split()), tuple(results.split()), 0))
    return out


def spelled(rows: list[Row]) -> list[str]:
    """Rows as ``name: what it reads``, with ``?`` for those that some lack."""
    name = {n: row.name for row in rows for n in row.results}
    return [
        f"{row.name}{'' if all(row.present) else '?'}: {' '.join(str(name.get(v, v)) for v in row.reads)}"  # type: ignore[call-overload]  # rows of texts
        for row in rows
    ]


@pytest.mark.parametrize(("uses", "rows", "result"), [
    # a layer that one use lacks passes on its first input
    ((("a: x > a; b: a > b; c: b > c", "c"), ("a: x > a; c: a > c", "c")), ["a: x", "b?: a", "c: b"], "c"),
    ((("a: x > a; b: a > b", "b"), ("a: x > a", "a")), ["a: x", "b?: a"], "b"),
    # one or the other: the second follows the first, and each passes on the result of the other
    ((("a: x > a; pool: x > p; cat: a p > c; relu: c > r", "r"), ("a: x > a; add: a x > s; relu: s > r", "r")),
     ["a: x", "add?: a x", "pool?: x", "cat?: add pool", "relu: cat"], "relu"),
    # two layers in a row
    ((("a: x > a; b: a > b; c: b > c; d: c > d", "d"), ("a: x > a; d: a > d", "d")), ["a: x", "b?: a", "c?: b", "d: c"], "d"),
    # several of one name
    ((("a: x > a; a: a > b", "b"), ("a: x > c; a: c > d", "d")), ["a: x", "a: a"], "a"),
    # three uses, each of which lacks another
    ((("b: x > b; c: b > c", "c"), ("a: x > a; c: a > c", "c"), ("a: x > a; b: a > b", "b")), ["a?: x", "b?: a", "c?: b"], "c"),
])  # fmt: skip
def test_aligned(uses: tuple[tuple[str, str], ...], rows: list[str], result: str) -> None:
    actual, returned = align([items(text) for text, _ in uses], [{"x": "x"} for _ in uses], [[r] for _, r in uses])
    assert spelled(actual) == rows
    assert [row.name for row in actual if row.results == tuple(returned)] == [result]


@pytest.mark.parametrize(("first", "other"), [
    ("a: x > a; b: a > b", "a: x > a; b: x > b"),  # b reads what a computes in one use, and what a reads in the other
    ("a: x > a; b: a > b", "b: x > a; a: a > b"),  # another order
    ("a: x > a; b: a > b", "a: x > a; b: a a > b"),  # another number of inputs
    ("a: x > b", "a: x > a; a: a > b"),  # another number of one name
    ("a: x > b; q: b > b2", "a: x > b; q: b > b2 b3"),  # another number of results
])  # fmt: skip
def test_no_single_wiring(first: str, other: str) -> None:
    with pytest.raises(DifferentError):
        align([items(first), items(other)], [{"x": "x"}] * 2, [["b"]] * 2)


def test_an_item_without_a_substitute_cannot_be_left_out() -> None:
    full = [
        SequenceItem("a", Filled(Template("a")), ("x",), ("a",)),
        SequenceItem("b", Filled(Template("b")), ("x",), ("b",), 0),
    ]
    with pytest.raises(DifferentError):
        align([full, full[1:]], [{"x": "x"}] * 2, [["b"]] * 2)


def test_labels_must_be_equal() -> None:
    each = [[SequenceItem("a", Filled(Template("a")), ("x",), ("a",), 0, label)] for label in ("this", "that")]
    with pytest.raises(DifferentError):
        align(each, [{"x": "x"}] * 2, [["a"]] * 2)


def test_rows_have_columns() -> None:
    template = Template(("conv", SIZE))
    uses = [[SequenceItem("a", Filled(template, (n,)), ("x",), ("a",), 0)] for n in (3, 5)]
    (row,), _ = align([uses[0], [], uses[1]], [{"x": "x"}] * 3, [["a"], ["x"], ["a"]])
    assert row.tree == Filled(template, ((3, ABSENT, 5),))
    assert (row.present, row.positions) == ((True, False, True), (0, None, 0))


def test_merging_orders() -> None:
    assert merge_orders(["abe", "acde", "e"]) == list("abcde")
    assert merge_orders(["abc", "abc"]) == list("abc")
    assert merge_orders([]) == []
    with pytest.raises(DifferentError):
        merge_orders(["abc", "cb"])


def test_names_by_likeness() -> None:
    """Items without names: like ones get the same, in order and as well as possible."""
    uses = ["conv: x > a; norm: a > b; relu: b > c; conv: c > d", "conv: x > a; norm: a > b; conv: b > c"]
    named = name_by_likeness([items(use) for use in uses], lambda a, b: 10 * (a.tree == b.tree))
    rows, _ = align(named, [{"x": "x"}] * 2, [["d"], ["c"]])
    assert [(row.tree.template.node, row.present) for row in rows] == [
        ("conv", (True, True)),
        ("norm", (True, True)),
        ("relu", (True, False)),
        ("conv", (True, True)),
    ]
