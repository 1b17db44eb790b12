"""Sizes that depend on named dimensions: their arithmetic against integers, and how they are written."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest

from netspec.shapes.dims import DimLimitError
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.sizes import Size, is_named, minimum, product

SIZES = NamedSizes([NamedDim("H", 224), NamedDim("W", 224), NamedDim("P", 64, multiple_of=32), NamedDim("n", 128)])
H, W, P, N = map(SIZES.size, ("H", "W", "P", "n"))


def random_size(random: Random, depth: int, sizes: dict[str, Size]) -> Size:
    """The result of random arithmetic, the same for the same state of the generator."""
    if not depth:
        return random.choice([*sizes.values(), 1, 2, 3])
    a, b = random_size(random, depth - 1, sizes), random_size(random, depth - 1, sizes)
    sign, k, factor = random.choice("+-*/%<"), random.randint(2, 9), random.choice([0, 2, 3, -1])
    if sign == "<":
        return minimum(a, k) if random.random() < 0.5 else -minimum(-a, -k)
    if sign == "*":
        return a * (factor or b)
    return a + b if sign == "+" else a - b if sign == "-" else a // k if sign == "/" else a % k


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_arithmetic_agrees_with_integers(depth: int) -> None:
    named = {name: SIZES.size(name) for name in SIZES.dims}
    checked = 0
    for seed in range(400):
        size = random_size(Random(seed), depth, named)
        if not is_named(size):
            continue
        random = Random(-seed - 1)
        for _ in range(5):
            values = {"H": random.randint(1, 300), "W": random.randint(1, 300)}
            values |= {"P": 32 * random.randint(1, 9), "n": random.randint(1, 99)}
            expected = random_size(Random(seed), depth, values)
            assert size.at(values) == expected
            assert eval(repr(size), {"min": min}, dict(values)) == expected, repr(size)
            checked += 1
    assert checked > 500


@pytest.mark.parametrize(
    ("size", "text"),
    [
        ((H - 1) // 2 + 1, "(H + 1)//2"),
        (((H + 1) // 2 + 1) // 2, "(H + 3)//4"),
        (2 * (H // 2), "2*(H//2)"),
        (H // 2 * (W // 2), "(H//2)*(W//2)"),
        (H * W + 3 * N - 1, "H*W + 3*n - 1"),
        (P // 16, "P//16"),
        (2 * (P // 32), "P//16"),
        (P // 64, "P//64"),
        (3 * P // 2, "3*(P//2)"),
        (P % 32, "0"),
        (P - 32 * (P // 32), "0"),
        (-(H // 2), "-(H//2)"),
        (H % 2, "H - 2*(H//2)"),
        (16 * ((H + 4) // 16) - 188, "16*((H + 4)//16) - 188"),
        (0 - H, "-H"),
        (H - H, "0"),
        ((H + 7) // 7 - H // 7, "1"),
    ],
)
def test_text(size: Size, text: str) -> None:
    assert str(size) == text


def test_equal_sizes_are_equal_formulas() -> None:
    assert ((H + 3) // 4 + 1) // 2 == (H + 7) // 8
    assert (2 * H + 2 * W) // 4 == (H + W) // 2
    assert -(-H // 32) == (H + 31) // 32
    assert hash((H + W) * 2) == hash(2 * W + 2 * H)
    assert H != W
    assert (H == 224) is False


def test_expressions_follow_the_defaults() -> None:
    sizes = NamedSizes([NamedDim("n", 128), NamedDim("m", 3)])
    n: Any = sizes.size("n")
    m: Any = sizes.size("m")
    assert (str(n / 2), 4 * n / 2 == 2 * n) == ("n//2", True)
    assert (n < 200, n >= 128.5, n**2 == n * n, 2**m, round(n / 3, 1)) == (True, False, True, 8, 42.7)
    assert [n * 1.5, n - 0.5, n // 2.5, n % 2.5, 1.5 + n] == [192.0, 127.5, 51.0, 0.5, 129.5]
    assert bool(n)
    assert [f"{c.difference} {c.kind} 0" for c in sizes.conditions] == [
        "n - 2*(n//2) = 0",
        "-n + 199 >= 0",
        "-n + 128 >= 0",
        "m - 3 = 0",
        "n - 128 = 0",
        "n - 128 = 0",
        "n - 128 = 0",
        "n - 128 = 0",
        "n - 128 = 0",
        "n - 128 = 0",
        "n != 0",
    ]


def test_formulas_are_bounded() -> None:
    factors = [(H + k) // (k + 1) + (W + k) // (k + 2) for k in range(2, 100)]
    with pytest.raises(DimLimitError, match="a size is a formula of"):
        product(factors)


def test_a_product_divides_exactly() -> None:
    names = NamedSizes([NamedDim("H", 64), NamedDim("W", 96, 32)])
    h, w = names.size("H"), names.size("W")
    assert str(3 * h * w // h) == "3*W"
    assert str((h * w + 5 * h) // (2 * h)) == "W//2 + 2"
    assert 3 * h % h == 0
    assert 6 * h * w // (h * w) == 6
    assert names.conditions == []
    assert str(h * w // (h + 1)) == "(H*W)//65"  # not a factor: it has its number at the default
    assert [str(c.difference) for c in names.conditions] == ["H - 64"]


def test_a_quotient_without_remainder_at_the_default() -> None:
    names = NamedSizes([NamedDim("H", 64)])
    h = names.size("H")
    assert [str(h / 2), str(math.floor(h / 4)), str(math.ceil(h)), str(round(h))] == ["H//2", "H//4", "H", "H"]
    assert [(c.kind, str(c.difference)) for c in names.conditions] == [("=", "H - 2*(H//2)"), ("=", "H - 4*(H//4)")]
    assert h / 3 == 64 / 3
    assert [(c.kind, str(c.difference)) for c in names.conditions[2:]] == [("=", "H - 64")]
