"""Problems: each once, at the right location, with a trace of bounded length, up to the limit."""

from __future__ import annotations

from netspec import limits
from netspec.diagnostics import LocatedError, Location, pack
from netspec.ir import Trace
from netspec.language.elaboration.elaboration_problems import Problems


def trace(depth: int) -> Trace | None:
    """Uses of blocks, one on each line from 1, the innermost on the last."""
    result: Trace | None = None
    for number in range(1, depth + 1):
        result = Trace(Location(0, number, 1), result, f"B{number}")
    return result


def test_an_error_keeps_its_own_location() -> None:
    problems = Problems()
    problems.add(LocatedError("NS301", "first", pack(0, 4, 2)), None, pack(0, 9, 9))
    problems.add(LocatedError("NS301", "second"), None, pack(0, 6, 0))
    assert [(d.message, d.location) for d in problems.diagnostics] == [
        ("first", Location(0, 5, 3)),
        ("second", Location(0, 7, 1)),
    ]


def test_equal_problems_at_one_location_are_one() -> None:
    problems = Problems()
    for line in (1, 1, 2):
        problems.add(LocatedError("NS301", "same", pack(0, line, 0)), None, 0)
    assert len(problems.diagnostics) == 2


def test_the_trace_is_listed_from_the_inside() -> None:
    problems = Problems()
    problems.add(LocatedError("NS301", "wrong", pack(0, 9, 0)), trace(3), 0)
    assert [s.what for s in problems.diagnostics[0].trace] == ["B3", "B2", "B1"]


def test_a_long_trace_has_its_ends_only() -> None:
    problems = Problems()
    problems.add(LocatedError("NS301", "wrong", pack(0, 99, 0)), trace(20), 0)
    assert [s.what for s in problems.diagnostics[0].trace] == ["B20", "B19", "B18", "B17", "B4", "B3", "B2", "B1"]


def test_the_trace_does_not_repeat_the_location() -> None:
    problems = Problems()
    problems.add(LocatedError("NS301", "wrong", pack(0, 1, 0)), trace(2), 0)
    assert [s.what for s in problems.diagnostics[0].trace] == ["B1"]


def test_beyond_the_limit_problems_are_counted() -> None:
    problems = Problems()
    for line in range(limits.DIAGNOSTICS + 5):
        problems.add(LocatedError("NS301", "wrong", pack(0, line, 0)), None, 0)
    assert len(problems.diagnostics) == limits.DIAGNOSTICS
    assert problems.hidden == 5
