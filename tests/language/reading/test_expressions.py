"""Expressions: what they mean, as rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.diagnostics import LocatedError
from netspec.language.reading.evaluation import ParameterEnvironment
from netspec.language.reading.expression_functions import divisible
from netspec.language.reading.written_values import read_value
from netspec.text.yaml_reader import Text

NAMES = {"n": 3, "x": 2.5, "depths": [3, 4, 6], "stages": [[96, 3], [192, 9]], "on": True, "s": "abc"}


def worked(text: str) -> Any:
    """The value of a text among :data:`NAMES`."""
    return read_value(Text(text, 0, True)).evaluate(ParameterEnvironment(NAMES))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$n", 3),
        ("$depths.0", 3),
        ("$stages.1.0", 192),
        ("$(n)", 3),
        ("$(1 + 2 * 3)", 7),
        ("$((1 + 2) * 3)", 9),
        ("$(2 ** 3 ** 2)", 512),
        ("$(-2 ** 2)", -4),
        ("$(2 ** -1)", 0.5),
        ("$(7 // 2)", 3),
        ("$(-7 // 2)", -4),
        ("$(-7 % 3)", 2),
        ("$(7 / 2)", 3.5),
        ("$(1_000 + 1e3)", 2000.0),
        ("$(.5 + 0.5)", 1.0),
        ("$(n == 3 and x > 2)", True),
        ("$(n == 4 or depths)", [3, 4, 6]),
        ("$(0 or 4 * n)", 12),
        ("$(not on)", False),
        ("$(not not n)", True),
        ("$(1 < n <= 3)", True),
        ("$(1 < n < 3)", False),
        ("$(1 if on else 2)", 1),
        ("$(1 if not on else 2 if n == 3 else 4)", 2),
        ("$([s[1] for s in stages])", [3, 9]),
        ("$([i for i in range(5) if i % 2 == 1])", [1, 3]),
        ("$([[i * j for i in range(2)] for j in range(2)])", [[0, 0], [0, 1]]),
        ("$(sum(depths[:2]))", 7),
        ("$(depths[1:])", [4, 6]),
        ("$(depths[-1])", 6),
        ("$([1] * 2 + [0])", [1, 1, 0]),
        ("$(len(depths) + min(1, 2) + max(depths))", 10),
        ("$(round(2.5) + floor(2.9) + ceil(2.1) + abs(-1))", 8),
        ("$(sqrt(16) + log2(8))", 7.0),
        ("$(sin(pi / 6) + cos(0) + exp(0) + erf(0))", 2.5),
        ("$(sign(-3) - sign(0.5) + sign(0))", -2),
        ("$(max(1, -inf) if -inf < 0 < inf else 0)", 1),
        ("$(2 in [1, 2] and 3 not in [1, 2] and not 1 in [])", True),
        ("$('conv' + '2d')", "conv2d"),
        ("$(divisible(x * 10, 8, floor=0.9))", 24),
        ("$(s == 'abc')", True),
        ('$(s != "abc")', False),
        ("block$(n + 1)-$(n)", "block4-3"),
        ("$(on)", True),
        ("a $5 note", "a $5 note"),
        ("$(stages[0][0] // 2)", 48),
        ("$(range(1, 4))", [1, 2, 3]),
    ],
)
def test_value(text: str, expected: Any) -> None:
    got = worked(text)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(("text", "code"), [
    ("$(n +)", "NS401"), ("$(1 2)", "NS401"), ("$(n", "NS401"), ("$(a = 1)", "NS401"), ("$(if)", "NS401"),
    ("$(lambda: 1)", "NS401"), ("$(n; n)", "NS401"), ("$(`n`)", "NS401"), ("$(n.0.x)", "NS403"), ("$()", "NS401"),
    ("$([1 for 1 in depths])", "NS401"), ("$(min(1, x=2, x=3))", "NS401"), ("$(depths[1:2:3])", "NS401"),
    ("$(missing)", "NS402"), ("$(eval('1'))", "NS402"), ("$(s - s)", "NS403"), ("$(s + 1)", "NS403"), ("$(s < s)", "NS403"),
    ("$(n[0])", "NS403"), ("$(depths['a'])", "NS403"), ("$(n.shape)", "NS403"), ("$([x for x in n])", "NS403"),
    ("$(1 // 0)", "NS405"), ("$(1e308 * 10)", "NS405"), ("$((-8) ** 0.5)", "NS405"), ("$(depths[3])", "NS406"),
    ("$(sqrt(-1))", "NS407"), ("$(sum(1))", "NS407"), ("$(max())", "NS407"), ("$(inf - inf)", "NS405"), ("$(exp(1000))", "NS407"), ("$(1 in 2)", "NS403"), ("$(len('abc'))", "NS407"),
    ("$(prod(2))", "NS407"), ("$(prod([[1]]))", "NS407"), ("$(prod(['a']))", "NS407"), ("$(prod([2 ** 60] * 2))", "NS914"),
    ("$(divisible(8, 0))", "NS407"), ("$(10 ** 64)", "NS914"), ("$(2 ** 65)", "NS914"), ("$(len([0] * 10001))", "NS913"),
    ("$(range(100000))", "NS913"), ("x$(depths)", "NS403"),
])  # fmt: skip
def test_fault(text: str, code: str) -> None:
    with pytest.raises(LocatedError) as raised:
        worked(text)
    assert raised.value.code == code


@pytest.mark.parametrize(("x", "by", "floor", "expected"), [
    (32 * 1.4, 8, 0.9, 48), (16 * 0.35, 8, 0.9, 8), (24 * 0.35, 8, 0.9, 8), (1280 * 1.3, 8, 0.9, 1664), (12, 8, 0.0, 16),
    (11, 8, 0.9, 16), (3, 8, 0.0, 8),
])  # fmt: skip
def test_divisible(x: float, by: int, floor: float, expected: int) -> None:
    assert divisible(x, by, floor) == expected


@settings(deadline=None)
@given(st.recursive(
    st.integers(-50, 50).map(str) | st.sampled_from(["n", "depths[0]", "2.5"]),
    lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "<", "==", " and ", " or ", "//", "%"]), inner)
    .map(lambda t: f"({t[0]}{t[1]}{t[2]})") | inner.map(lambda t: f"(-{t})") | inner.map(lambda t: f"(not {t})"),
    max_leaves=8,
))  # fmt: skip
def test_means_what_python_means(text: str) -> None:
    """Random expressions over numbers give what Python gives, or both fail."""
    names = {"n": 3, "depths": [3, 4, 6]}
    try:
        expected = eval(text, {"__builtins__": {}}, names)
    except ZeroDivisionError:
        with pytest.raises(LocatedError):
            worked(f"$({text})")
        return
    try:
        got = worked(f"$({text})")
    except LocatedError as fault:
        assert fault.code in ("NS914", "NS405", "NS911")
        return
    assert got == expected


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        worked(f"$({text})")
    except LocatedError as fault:
        assert fault.code.startswith("NS")
