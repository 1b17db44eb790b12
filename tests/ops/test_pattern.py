"""Patterns: shapes, names, costs, what an output depends on, and what is rejected."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

from netspec.analysis.network_figures import analyze
from netspec.api import loads
from netspec.ops import argument_of, find
from netspec.ops.common.pattern_sizes import nearest_divisors
from netspec.ops.common.pattern_text import read_pattern
from netspec.ops.pattern import Patterned
from netspec.shapes.reads import Along
from netspec.shapes.types import TensorType, is_known
from tests.random_networks.random_arguments import Placement
from tests.random_networks.random_patterns import random_pattern, random_product

from .brute_force import reads
from .support import BuiltOp, argument_errors, dependence, make, shape_error

WINDOWS = "(y p) (x q) c -> (y x) (p q) c"


def image(*shape: int, axes: tuple[str, ...] = ("height", "width", "channels")) -> TensorType:
    return TensorType(shape, "float32", axes)


def sizes_of(built: BuiltOp) -> dict[str, int]:
    """The sizes of all names."""
    assert isinstance(built.op, Patterned)
    return dict(built.op.layout(built.inputs).sizes)


def random_rearrangements(count: int) -> list[BuiltOp]:
    out: list[BuiltOp] = []
    for number in range(count):
        r = Random(number)
        shape = tuple(r.choice([1, 2, 3, 4, 6]) for _ in range(r.randint(0, 3)))
        placement = Placement(r, "rearrange", image(*shape, axes=("",) * len(shape)), False)
        pattern = random_pattern(placement)
        out.append(make("rearrange", placement.x, pattern=pattern, **placement.args))
    return out


# -- shapes and names --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("pattern", "x", "keys", "shape", "axes"),
    [
        (WINDOWS, image(14, 21, 5), {"p": 7, "q": 7}, (6, 49, 5), ("", "", "channels")),
        ("h w c -> (h w) c", image(4, 5, 3), {}, (20, 3), ("sequence", "channels")),
        ("h w c -> (h w c)", image(4, 5, 3), {}, (60,), ("channels",)),
        ("n c -> n (c d)", image(4, 5, axes=("sequence", "channels")), {"d": 2}, (4, 10), ("sequence", "channels")),
        ("(height width) c -> c height width", image(20, 3, axes=("", "")), {"height": 4}, (3, 4, 5), ("", "height", "width")),
        ("n (h features) -> h n features", image(6, 8, axes=("sequence", "channels")), {"h": 2}, (2, 6, 4), ("", "sequence", "channels")),
        ("(h p) (w q) c -> h w (p q c)", image(4, 6, 3), {"p": 2, "q": 3}, (2, 2, 18), ("height", "width", "channels")),
        ("h w (p q c) -> (h p) (w q) c", image(2, 2, 18), {"p": 2, "q": 3}, (4, 6, 3), ("height", "width", "channels")),
        ("n (h d) -> n h d", image(6, 8, axes=("sequence", "channels")), {"h": 2}, (6, 2, 4), ("sequence", "", "")),
        ("... c -> c ...", image(4, 5, 3), {}, (3, 4, 5), ("channels", "height", "width")),
        ("h w c -> c", image(4, 5, 3), {"by": "mean"}, (3,), ("channels",)),
        ("h w c -> 1 c 1", image(4, 5, 3), {"by": "max"}, (1, 3, 1), ("", "channels", "")),
        (" -> ", image(axes=()), {}, (), ()),
        ("-> a", image(axes=()), {"a": 3}, (3,), ("",)),
    ],
)  # fmt: skip
def test_shapes_and_names(
    pattern: str, x: TensorType, keys: dict[str, Any], shape: tuple[int, ...], axes: tuple[str, ...]
) -> None:
    built = make("rearrange", x, pattern=pattern, **keys)
    assert built.shape == shape
    assert built.axes == axes


def test_names_that_follow_from_known_ones_are_known() -> None:
    joined = make("rearrange", image(4, 5, 3), pattern="h w c -> (h w) c")
    assert all(map(is_known, joined.axes))
    divided = make("rearrange", image(4, 6, 3), pattern="(h p) w c -> h w (p c)", p=2)
    assert [is_known(name) for name in divided.axes] == [False, True, True]


def test_einsum() -> None:
    tokens = image(6, 8, axes=("sequence", "channels"))
    scores = make(
        "einsum", tokens, image(5, 8, axes=("sequence", "channels")), pattern="q (h d), k (h d) -> h q k", h=2
    )
    assert scores.shape == (2, 6, 5)
    assert scores.axes == ("", "", "")
    assert scores.macs == 6 * 5 * 8
    assert scores.op.macs_expression(scores.inputs, scores.outputs) == "6 * 2 * 4 * 5"
    assert scores.op.value_formulas(scores.inputs, scores.outputs) == [
        "y(h, q, k) = sum over d of a(q, h, d) · b(k, h, d)"
    ]
    out = make("einsum", image(2, 6, 5, axes=("", "", "")), tokens, pattern="h q k, q (h d) -> k (h d)")
    assert (out.shape, out.axes) == ((5, 8), ("", ""))


@pytest.mark.parametrize(
    ("pattern", "shapes", "macs"),
    [
        ("n c, n c, n s -> n c s", [(4, 3), (4, 3), (4, 5)], 0),
        ("a b, b c, c d -> a d", [(4, 3), (3, 5), (5, 2)], 4 * 3 * 5 + 4 * 5 * 2),
        ("a b, a c -> b c", [(1, 3), (1, 5)], 0),  # nothing is summed
        ("a b, c -> c", [(4, 3), (5,)], 0),  # b alone is summed before
        ("a b k, a c -> b c", [(4, 3, 7), (4, 5)], 4 * 3 * 5),
    ],
)
def test_costs(pattern: str, shapes: list[tuple[int, ...]], macs: int) -> None:
    """PyTorch counts the same: tests/random_networks compares every network."""
    assert make("einsum", *shapes, pattern=pattern).macs == macs


@pytest.mark.parametrize(("by", "dtype", "result"), [
    ("sum", "int32", "int64"), ("prod", "bool", "int64"), ("max", "int32", "int32"), ("min", "bool", "bool"),
    ("mean", "float16", "float16"),
])  # fmt: skip
def test_types_of_results(by: str, dtype: str, result: str) -> None:
    built = make("rearrange", TensorType((3, 4), dtype, ("", "")), pattern="a b -> b", by=by)
    assert built.outputs[0].dtype == result


# -- what an output depends on -----------------------------------------------------------------------------------------
def test_what_random_rearrangements_read() -> None:
    """What is declared includes what is read, axis by axis; a change of order has it exactly."""
    exact = 0
    for built in random_rearrangements(150):
        actual = reads(built.op.pattern, sizes_of(built))  # type: ignore[attr-defined]  # an argument of one operation
        declared = dependence(built)
        assert (declared >= actual).all(), built.op
        along = [read.axis for read in built.reads()[0] or () if isinstance(read, Along)]
        moved = built.op.rearrangement(built.inputs[0])
        if moved is not None:
            exact += 1
            x = np.arange(int(np.prod(built.inputs[0].shape, dtype=int)))
            order = x.reshape(moved.shape).transpose(moved.order).reshape(-1)
            assert (actual.reshape(x.size, x.size) == (order[:, None] == x)).all()
            if len(set(along)) == len(along):
                assert declared.any()
    assert exact > 50


def test_what_random_products_read() -> None:
    for number in range(60):
        r = Random(number)
        shape = tuple(r.choice([1, 2, 3, 4]) for _ in range(r.randint(0, 3)))
        pattern, shapes, sizes = random_product(r, shape)
        built = make("einsum", shape, *map(tuple, shapes), **dict[str, Any](sizes), pattern=pattern)
        for i in range(len(built.inputs)):
            assert (dependence(built, 0, i) >= reads(pattern, sizes_of(built), i)).all(), pattern


@pytest.mark.parametrize(
    ("pattern", "shape", "keys"),
    [
        ("c (h p) (w q) -> c h w", (2, 4, 6), {"p": 2, "q": 3, "by": "max"}),
        ("c h w -> (h w) c", (2, 3, 4), {}),
        ("(a b) c -> c b a", (6, 2), {"a": 2}),
        ("(a b) c -> (c b) a", (6, 2), {"a": 2}),
        ("(a b c) -> b", (12,), {"a": 2, "b": 3, "by": "sum"}),
        ("a b -> a (b n)", (2, 3), {"n": 2}),
        ("(a b) -> (b a)", (6,), {"a": 2}),
    ],
)
def test_reads_along_one_axis_are_exact(pattern: str, shape: tuple[int, ...], keys: dict[str, Any]) -> None:
    built = make("rearrange", shape, pattern=pattern, **keys)
    actual = reads(pattern, sizes_of(built))
    for a, read in enumerate(built.reads()[0] or ()):
        along = read.axis if isinstance(read, Along) else None
        kept = [i for i in range(actual.ndim) if i not in (along, len(built.shape) + a)]
        seen = actual.any(axis=tuple(kept))
        if isinstance(read, Along):
            rows, step = read.pattern.rows, read.pattern.step
            for j in range(built.shape[read.axis]):
                positions = sorted(j // len(rows) * step + t for t in rows[j % len(rows)])
                assert positions == np.flatnonzero(np.atleast_2d(seen)[j]).tolist()


def test_a_receptive_field_passes_through_windows() -> None:
    text = "netspec: 1\ninput: [3, 8, 8]\nlayers:\n  - {conv2d: 4, kernel: 3, padding: 1}\n"
    text += '  - {rearrange: "c (h p) (w q) -> (p q c) h w", p: 2, q: 2}\n'
    analysis = analyze(loads(text))
    fields = analysis.receptive_fields.of(analysis.graph.nodes[-1].first_value) or ()
    assert [(field.axis, field.size, field.stride) for field in fields] == [
        ("height", (4, 4), Fraction(2)),
        ("width", (4, 4), Fraction(2)),
    ]


def test_a_large_axis_is_read_in_bounded_memory() -> None:
    built = make("rearrange", (1_000_000, 4), pattern="(a b) c -> (b a) c", a=1000)
    assert built.reads()[0] is not None
    built = make("rearrange", (1_000_000, 4), pattern="(a b) c -> b c", a=1000, by="sum")
    assert built.reads()[0] is not None


# -- what is rejected --------------------------------------------------------------------------------------------------
def test_sizes_that_would_fit_are_suggested() -> None:
    assert nearest_divisors(57, 7) == [3, 19]
    assert nearest_divisors(12, 5) == [4, 6]
    assert nearest_divisors(13, 5) == [13]
    assert nearest_divisors(2**39 + 1, 2**20) != [0]
    message = shape_error("rearrange", image(57, 56, 3), pattern=WINDOWS, p=7, q=7)
    assert message == f'NS581: "{WINDOWS}" divides height into (y p) with p = 7: it must be a multiple of 7; found 57'


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("a ( -> a", "has a '(' without a ')'"),
        ("a) -> a", "has a ')' without a '('"),
        ("((a)) -> a", "has parentheses within parentheses"),
        ("a -> a -> a", "has two '->' between its two sides"),
        ("a -> a, a", "has a ',' on the right: there is one output"),
        ("(...) -> ...", "has '...' in parentheses on the left: which sizes it has would not follow"),
        ("... ... -> a", "has '...' twice on the left"),
        ("a → a", "has no '->' between its two sides"),
        ("é -> é", "has a 'é', which means nothing in a pattern"),
        ("a 3 -> a", "has the number 3: only 1 stands for itself"),
        ("a" * 1001 + " -> a", "is longer than 1,000 characters"),
    ],
)
def test_patterns_that_cannot_be_read(pattern: str, message: str) -> None:
    assert shape_error("rearrange", (2,), pattern=pattern).partition('" ')[2] == message


def test_arguments() -> None:
    assert argument_errors("rearrange", (3,), pattern=3) == [
        "pattern must be a text that names the axes on both sides of '->'"
    ]
    assert argument_errors("rearrange", (3,), pattern="a -> a b", b=0) == ["b must be a positive integer"]
    assert shape_error("rearrange", TensorType((3,), "int64", ("",)), pattern="a -> ", by="mean").startswith("NS548")
    assert shape_error("einsum", (2, 3), (3,), pattern="... a, ... a -> ...").startswith("NS580")
    assert make("rearrange", (3,), pattern="a -> a given_sizes", given_sizes=2).shape == (3, 2)
    for key in ("by", "from", "sum", "ö"):
        assert argument_of("rearrange", key) is (find("rearrange").arguments["by"] if key == "by" else None)
    assert len(read_pattern("a b -> (a b)").inputs) == 1


@pytest.mark.parametrize(
    "text", ["(" * 500, "a" * 1000, "... " * 250, "( ) " * 240 + "->", ", " * 400 + "->", "1 " * 490 + "->"]
)
def test_patterns_are_read_in_bounded_time(text: str) -> None:
    assert shape_error("rearrange", (2,), pattern=text)
