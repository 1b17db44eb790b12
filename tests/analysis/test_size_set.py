"""Sets of legal sizes: membership, the nearest sizes, and texts."""

from __future__ import annotations

import pytest

from netspec.analysis.size_set import SizeSet, common_sizes, simplest

TEXTS = {
    "188 or more": SizeSet(1, {0: (188, None)}),
    "multiples of 16, from 16 on": SizeSet(16, {0: (16, None)}),
    "13 + 16k": SizeSet(16, {13: (13, None)}),
    "from 25 on, n mod 32 in 0, 25-31": SizeSet(32, {0: (32, None), **{r: (r, None) for r in range(25, 32)}}),
    "from 1 on, n mod 4 in 1, 3, but not 3": SizeSet(4, {1: (1, None), 3: (7, None)}),
    "224 to 255": SizeSet(1, {0: (224, 255)}),
    "15 or 16": SizeSet(1, {0: (15, 16)}),
    "7 alone": SizeSet(1, {0: (7, 7)}),
    "221 to 224": SizeSet(224, {0: (224, 224), 221: (221, 221), 222: (222, 222), 223: (223, 223)}),
    "8, 16, 24": SizeSet(8, {0: (8, 24)}),
    "multiples of 8 from 8 to 800": SizeSet(8, {0: (8, 800)}),
    "n mod 8 in 0-1, from 8 to 801": SizeSet(8, {0: (8, 800), 1: (9, 801)}),
    "4 or more, but not 7": SizeSet(1, {0: (4, None)}, frozenset({7})),
    "9 or more; and 4, 6-7": SizeSet(1, {0: (9, None)}, frozenset(), frozenset({4, 6, 7})),
    "multiples of 4, from 12 on; and 2, 6": SizeSet(4, {0: (12, None), 2: (2, 6)}),
    "from 100003 on, n mod 2 in 0-1; and some smaller ones": SizeSet(2, {0: (2, None), 1: (100_003, None)}),
    "no size": SizeSet(1, {}),
    "3": SizeSet(1, {}, frozenset(), frozenset({3})),
    "5 to 9 (tested up to 50)": SizeSet(1, {0: (5, 9)}, tested=50),
}


@pytest.mark.parametrize("text", TEXTS)
def test_text(text: str) -> None:
    assert TEXTS[text].text() == text


@pytest.mark.parametrize("text", [t for t in TEXTS if "some smaller" not in t])
def test_sizes_are_the_members_in_order(text: str) -> None:
    sizes = TEXTS[text]
    members = [n for n in range(1, 1000) if n in sizes]
    listed = [n for n, _ in zip(sizes.sizes(), members, strict=False)]
    assert listed == members
    assert sizes.least == (members[0] if members else None)
    if sizes.greatest is not None:
        assert sizes.greatest == members[-1]


def test_the_nearest_sizes() -> None:
    assert SizeSet(32, {0: (32, None)}).nearest(350) == (320, 352)
    assert SizeSet(32, {0: (32, None)}).nearest(352) == (352,)
    assert SizeSet(32, {0: (32, None)}).nearest(3) == (32,)
    assert SizeSet(1, {0: (224, 255)}).nearest(300) == (255,)
    assert SizeSet(1, {}).nearest(300) == ()


def test_multiples() -> None:
    assert SizeSet(2, {1: (3, None)}, frozenset({5})).multiplied(16) == SizeSet(32, {16: (48, None)}, frozenset({80}))


def test_the_simplest_form_has_the_same_sizes() -> None:
    assert simplest(8, {r: (r or 8, None) for r in range(8)}) == SizeSet(1, {0: (1, None)})
    assert simplest(8, {0: (8, None), 4: (12, None)}) == SizeSet(4, {0: (8, None)})
    assert simplest(4, {0: (4, 8), 1: (5, 9), 2: (2, 10), 3: (3, 7)}).step == 1
    uneven = simplest(4, {0: (4, None), 1: (9, None), 2: (2, None), 3: (3, None)})
    assert [n for n in range(1, 14) if n in uneven] == [2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13]


def test_what_two_sets_have_in_common() -> None:
    a = SizeSet(6, {0: (6, None), 4: (10, 400), 5: (5, None)})
    b = SizeSet(4, {0: (4, 300), 1: (9, None), 2: (2, None)})
    common = common_sizes(a, b, 100)
    assert common is not None
    assert [n for n in range(1, 1000) if n in common] == [n for n in range(1, 1000) if n in a and n in b]
    assert common_sizes(a, b, 4) is None


def test_multiples_of_many_primes_are_those_of_their_product() -> None:
    actual = SizeSet(1, {0: (5, None)})
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31):
        common = common_sizes(actual, SizeSet(prime, {0: (prime, None)}), 100)
        assert common is not None
        actual = common
    n = 200_560_490_130
    assert actual == SizeSet(n, {0: (n, None)})
    assert simplest(n, actual.bounds) == actual
    assert simplest(2 * n, {0: (2 * n, None), n: (n, None)}) == actual
