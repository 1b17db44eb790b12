"""A seed gives the same numbers in any order, in any thread, into any array, in bounded memory."""

from __future__ import annotations

import hashlib
import re
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from netspec.ops.weight import Init
from netspec.weights import initial_values
from netspec.weights.initialisers import PIECE, stream_key

from ..ops.support import argument_errors, make
from .support import EVERY_KIND, parameter

LONG = (3, PIECE // 2 + 5)
"""A shape of two pieces, the second one short."""


def kinds(init: Init) -> str:
    return init.kind


def test_pieces_are_seeded_by_seed_name_and_number() -> None:
    digest = hashlib.blake2b(b"layer.weight", digest_size=16, key=(7).to_bytes(8, "little")).digest()
    stream = int.from_bytes(digest, "little")
    assert stream_key(7, "layer.weight") == stream
    expected = [
        np.random.Generator(np.random.SFC64(np.random.SeedSequence(stream, spawn_key=(i,)))).standard_normal(
            n, np.float32
        )
        for i, n in enumerate((PIECE, PIECE // 2 + 15))
    ]
    actual = list(initial_values.pieces(parameter(*LONG, init=Init("normal", (1.0,))), 7))
    for a, b in zip(actual, expected, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_has_64_bits(seed: int) -> None:
    with pytest.raises(ValueError, match=rf"^a seed is an integer from 0 to 2\*\*64 - 1; found {seed}$"):
        stream_key(seed, "x")


@pytest.mark.parametrize("init", [i for i in EVERY_KIND if i.kind != "orthogonal"], ids=kinds)
def test_values_do_not_depend_on_the_pool_or_on_the_function_used(init: Init) -> None:
    p = parameter(*LONG, init=init)
    expected = initial_values.values(p, 3)
    assert expected.shape == p.shape
    assert expected.dtype == np.float32
    np.testing.assert_array_equal(np.concatenate(list(initial_values.pieces(p, 3))), expected.reshape(-1))
    for threads in (1, 3):
        with ThreadPoolExecutor(threads) as pool:
            np.testing.assert_array_equal(initial_values.values(p, 3, pool), expected)
            np.testing.assert_array_equal(np.concatenate(list(initial_values.pieces(p, 3, pool))), expected.reshape(-1))


@pytest.mark.parametrize("init", EVERY_KIND, ids=kinds)
@pytest.mark.parametrize("shape", [(40, 30), (30, 40), (8, 4, 3, 3), (1, 1), (0, 5)], ids=str)
def test_small_and_empty_tensors(init: Init, shape: tuple[int, ...]) -> None:
    p = parameter(*shape, init=init)
    actual = list(initial_values.pieces(p, 0))
    assert [f.size for f in actual] == ([p.elements] if p.elements else [])
    assert initial_values.values(p, 0).shape == shape


def test_numbers_depend_on_name_and_seed_alone() -> None:
    init = Init("normal", (1.0,))
    first = initial_values.values(parameter(50, 20, init=init, name="a.weight"), 0)
    np.testing.assert_array_equal(
        initial_values.values(parameter(1000, init=init, name="a.weight"), 0), first.reshape(-1)
    )
    assert not np.array_equal(initial_values.values(parameter(50, 20, init=init, name="b.weight"), 0), first)
    assert not np.array_equal(initial_values.values(parameter(50, 20, init=init, name="a.weight"), 1), first)


def test_a_scalar_and_other_element_types() -> None:
    assert initial_values.values(parameter(dtype="int64"), 0).item() == 0
    assert initial_values.values(parameter(init=Init("ones"), dtype="bool"), 0).item() is True
    given = initial_values.values(parameter(2, 2, init=Init("values", (((1, 2), (3, 4)),)), dtype="int32"), 0)
    assert given.dtype == np.int32
    assert given.tolist() == [[1, 2], [3, 4]]


def test_half_precision_is_the_rounded_sample_and_double_has_more_digits() -> None:
    init = Init("uniform", (0.5,))
    single = initial_values.values(parameter(1000, init=init), 0)
    np.testing.assert_array_equal(
        initial_values.values(parameter(1000, init=init, dtype="float16"), 0), single.astype("f2")
    )
    brain = initial_values.values(parameter(1000, init=init, dtype="bfloat16"), 0)
    ml_dtypes = pytest.importorskip("ml_dtypes")
    np.testing.assert_array_equal(brain, single.astype(ml_dtypes.bfloat16).astype(np.float32))
    double = initial_values.values(parameter(1000, init=init, dtype="float64"), 0)
    assert np.abs(double).max() <= 0.5
    assert (double != double.astype(np.float32)).mean() > 0.99


def test_filling_an_array_that_is_not_contiguous_or_of_another_type() -> None:
    p = parameter(300, 200, init=Init("normal", (1.0,)))
    expected = initial_values.values(p, 0)
    turned = np.empty((200, 300), np.float32).T
    initial_values.fill(turned, p, 0)
    np.testing.assert_array_equal(turned, expected)
    wide = np.empty((300, 200), np.float64)
    initial_values.fill(wide, p, 0)
    np.testing.assert_array_equal(wide, expected.astype(np.float64))
    with pytest.raises(ValueError, match=r"^'layer.weight' has 60000 elements; the array has 5$"):
        initial_values.fill(np.empty(5, np.float32), p, 0)


@pytest.mark.parametrize("threads", [0, 2])
@pytest.mark.parametrize("kind", ["uniform", "truncated_normal", "identity"])
def test_a_large_tensor_is_never_held_whole(kind: str, threads: int) -> None:
    p = parameter(5000, 5000, init=Init(kind, () if kind == "identity" else (0.02,)))
    pool = ThreadPoolExecutor(threads) if threads else None
    tracemalloc.start()
    try:
        size = sum(piece.nbytes for piece in initial_values.pieces(p, 0, pool))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        if pool is not None:
            pool.shutdown()
    assert size == 100_000_000
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("shape", "init", "text"),
    [
        ((5,), Init("he_normal"), "init 'he_normal' needs a weight of two axes or more; 'layer.weight' is [5]"),
        ((5,), Init("orthogonal"), "init 'orthogonal' needs a weight of two axes or more; 'layer.weight' is [5]"),
        ((5,), Init("values", ((1, 2),)), "init has 2 numbers; 'layer.weight' is [5]"),
        (
            (9,),
            Init("relative_position_index", (2, 2)),
            "init 'relative_position_index' gives 16 numbers; 'layer.weight' is [9]",
        ),
        (
            (9,),
            Init("log_relative_coordinates", (2, 2)),
            "init 'log_relative_coordinates' gives 18 numbers; 'layer.weight' is [9]",
        ),
        (
            (4, 1, 4, 4),
            Init("shifted_window_mask", ((5, 4), (2, 2), (1, 1))),
            "init 'shifted_window_mask' needs a size that is a multiple of its window; found [5, 4] and [2, 2]; "
            "'layer.weight' is [4, 1, 4, 4]",
        ),
        ((5, 5), Init("chaos"), "'chaos' is not an initialiser ('layer.weight')"),
    ],
    ids=str,
)
def test_an_initialiser_that_does_not_fit(shape: tuple[int, ...], init: Init, text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        initial_values.values(parameter(*shape, init=init), 0)


def test_a_layer_rejects_an_initialiser_that_does_not_fit() -> None:
    operation = make("dense", (5,), units=3, init={"bias": "he_normal"})
    with pytest.raises(ValueError, match=r"^init 'he_normal' needs a weight of two axes or more; 'bias' is \[3\]$"):
        assert operation.weights is None
    assert argument_errors("dense", (5,), units=3, init={"constant": 1e39}) == [
        "init must be {constant: a number within 3.4e38}"
    ]


def test_numbers_out_of_range_become_infinite() -> None:
    actual = initial_values.values(parameter(3, init=Init("values", ((1e6, -1e6, 0.5),)), dtype="float16"), 0)
    assert actual.tolist() == [np.inf, -np.inf, 0.5]
    assert initial_values.values(parameter(1, init=Init("constant", (1e6,)), dtype="float16"), 0).tolist() == [np.inf]
