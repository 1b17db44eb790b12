"""Names of axes that several inputs combine: what they agree on, and which names count."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.ops.common.broadcasting import agreed_names, broadcast_shape, require_same_names
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.types import GuessedName, TensorType, is_known

from .support import make, shape_error

C, S, H, W = "channels", "sequence", "height", "width"
Q, P = GuessedName(C), GuessedName(S)
Case = tuple[tuple[int, ...], tuple[str, ...]]

AGREED: list[tuple[list[Case], tuple[str, ...]]] = [
    ([((8, 4, 6), (C, H, W)), ((8, 1, 1), (C, "", ""))], (C, H, W)),
    ([((4, 6), ("", C)), ((4, 6), (S, ""))], (S, C)),
    ([((4, 6), (P, Q)), ((4, 6), (C, S))], (C, S)),
    ([((4, 6), (P, Q)), ((4, 6), (Q, P))], ("", "")),
    ([((4, 6), ("", "")), ((1, 6), (H, C))], (GuessedName(H), C)),
    ([((4, 1, 6), (S, "", C)), ((1, 5, 6), ("", S, C))], ("", "", C)),
    ([((4, 1, 6), (S, "", C)), ((1, 5, 6), ("", P, C))], (S, "", C)),
    ([((1, 6), (H, C)), ((1, 6), (W, C))], ("", C)),
]


@pytest.mark.parametrize(("cases", "expected"), AGREED, ids=str)
def test_the_order_of_the_inputs_does_not_matter(cases: list[Case], expected: tuple[str, ...]) -> None:
    for order in permutations(cases):
        inputs = tuple(TensorType(shape, "float32", axes) for shape, axes in order)
        names = agreed_names(inputs, broadcast_shape("add", inputs))
        assert names == expected
        assert [is_known(n) for n in names] == [is_known(n) for n in expected]


NAMES = st.sampled_from([C, S, H, W, "", Q, P])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.tuples(st.sampled_from([1, 5]), NAMES), max_size=3), min_size=2, max_size=3))
def test_any_order_gives_the_same_names_or_the_same_error(axes: list[list[tuple[int, str]]]) -> None:
    inputs = [TensorType(tuple(n for n, _ in x), "float32", tuple(name for _, name in x)) for x in axes]
    results: set[object] = set()
    for order in permutations(inputs):
        try:
            names = make("add", *order).axes
            results.add((names, tuple(map(is_known, names))))
        except ShapeError as error:
            results.add(error.code)
    assert len(results) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (((8, 4, 1), (S, H, W)), ((8,), (C,))),  # of size 1
        (((8, 4, 8), (C, H, "")), ((8,), (C,))),  # unknown
        (((8, 4, 8), (C, H, W)), ((8,), (Q,))),  # a guess
        (((8, 4, 8), (S, H, GuessedName(W))), ((8,), (C,))),
        (((8, 4, 8), (H, W, C)), ((8,), (C,))),  # the same
    ],
)
def test_names_that_do_not_count(first: Case, second: Case) -> None:
    inputs = [TensorType(shape, "float32", axes) for shape, axes in (first, second)]
    require_same_names("multiply", tuple(inputs))
    require_same_names("multiply", tuple(reversed(inputs)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (((8, 1, 1), (C, H, W)), ((8,), (C,))),  # the axis that is met has size 1
        (((8, 4, 8), (C, GuessedName(H), GuessedName(W))), ((8,), (C,))),  # its name is a guess
        (((5, 1), (S, C)), ((5,), (S,))),
        (((5, 1), (P, C)), ((5,), (P,))),
    ],
)
def test_an_axis_that_misses_its_counterpart(first: Case, second: Case) -> None:
    inputs = [TensorType(shape, "float32", axes) for shape, axes in (first, second)]
    for order in (inputs, [*reversed(inputs)]):
        with pytest.raises(ShapeError, match=r"1 axis, '(channels|sequence)', but 'add' would align it with"):
            require_same_names("add", tuple(order))


def test_an_outer_sum_says_that_it_is_one() -> None:
    rows, columns = TensorType((5, 1), "float32", (S, "")), TensorType((1, 5), "float32", ("", S))
    assert make("add", rows, columns).shape == (5, 5)
    scores, keys = TensorType((5, 5), "float32", (S, "")), TensorType((5,), "float32", (S,))
    assert make("add", scores, keys).axes == ("", "")


def test_sizes_that_differ_are_explained_by_names_even_if_these_are_guesses() -> None:
    image = TensorType((64, 56, 56), "float32", (C, H, W))
    assert shape_error("multiply", image, TensorType((64,), "float32", (Q,))) == (
        "NS516: input 2 has 1 axis, 'channels', but 'multiply' would align it with 'width' of input 1"
    )
    assert shape_error("multiply", image, TensorType((64,), "float32", ("",))) == (
        "NS512: the inputs of 'multiply' differ in width: 56 and 64"
    )


def test_the_axis_that_is_joined_has_a_name_only_if_the_inputs_agree() -> None:
    image = TensorType((2, 4, 6), "float32", (C, H, W))
    assert make("concat", image, TensorType((3, 4, 6), "float32", (S, H, W))).axes == ("", H, W)
    assert make("concat", image, TensorType((3, 4, 6), "float32", ("", H, W))).axes == (C, H, W)
    with pytest.raises(ShapeError, match="axis 1 is 'height' in input 1 and 'width' in input 2"):
        make("concat", image, TensorType((3, 4, 6), "float32", (C, W, H))).axes  # noqa: B018 - the property raises
