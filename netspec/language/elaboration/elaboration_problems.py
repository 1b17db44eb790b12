"""Collects the problems of an elaboration as diagnostics, with the uses of blocks that led to them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace

from ... import limits
from ...diagnostics import Diagnostic, LocatedError, Location, TraceStep, unpack
from ...ir import Trace
from ..reading.evaluation import FailedInputError

_TRACE_STEPS = 8
"""Maximum number of steps of a trace that are listed; of longer ones, the first and last halves are."""


class Problems:
    """Collects diagnostics in order, without duplicates, at most ``limits.DIAGNOSTICS``."""

    def __init__(self, on_problem: Callable[[], None] = lambda: None) -> None:
        self._on_problem = on_problem
        """Called whenever a problem is added."""
        self.diagnostics: list[Diagnostic] = []
        self.hidden = 0
        """Number of diagnostics beyond the limit."""
        self.warnings: list[Diagnostic] = []
        """Diagnostics for valid but probably unintended parts."""
        self._seen: set[tuple[str, str, Location]] = set()

    def add(self, error: LocatedError, trace: Trace | None, location: int) -> None:
        """Records an error in a scope with that trace; ``location`` is the fallback if it has none."""
        at = error.location or unpack(location)
        if self._is_listed(error.code, error.message, at):
            self._list(error.diagnostic, at, trace)

    @contextmanager
    def reported(self, trace: Trace | None, location: int) -> Generator[None]:
        """Records an error raised in the context, and leaves the context."""
        try:
            yield
        except LocatedError as error:
            self.add(error, trace, location)
        except FailedInputError:  # the problem has been recorded where it is
            pass

    def add_at(self, location: Location, problem: Diagnostic, trace: Trace | None) -> None:
        """Record a problem at a location."""
        if self._is_listed(problem.code, problem.message, location):
            self._list(problem, location, trace)

    def warn(self, warning: Diagnostic, trace: Trace | None) -> None:
        """Record a warning, which has a location; no more than ``limits.DIAGNOSTICS``, each once."""
        assert warning.location is not None
        listed = replace(warning, severity="warning", trace=_outer_steps(trace, warning.location))
        if listed not in self.warnings and len(self.warnings) < limits.DIAGNOSTICS:
            self.warnings.append(listed)

    def _is_listed(self, code: str, message: str, location: Location) -> bool:
        """Whether to list a problem. New problems beyond the limit are only counted."""
        identity = (code, message, location)
        if identity in self._seen:
            return False
        self._seen.add(identity)
        self._on_problem()
        if len(self.diagnostics) < limits.DIAGNOSTICS:
            return True
        self.hidden += 1
        return False

    def _list(self, problem: Diagnostic, location: Location, trace: Trace | None) -> None:
        self.diagnostics.append(replace(problem, location=location, trace=_outer_steps(trace, location)))


def _outer_steps(trace: Trace | None, location: Location) -> tuple[TraceStep, ...]:
    """Returns the steps of a trace at other locations than the problem itself."""
    return tuple(s for s in _steps(trace) if s.location != location)


def _steps(trace: Trace | None) -> list[TraceStep]:
    """The steps of a trace, the innermost first."""
    steps: list[TraceStep] = []
    while trace is not None:
        steps.append(TraceStep(trace.label, trace.location))
        trace = trace.parent
    if len(steps) > _TRACE_STEPS:
        half = _TRACE_STEPS // 2
        steps = [*steps[:half], *steps[-half:]]
    return steps
