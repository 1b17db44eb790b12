"""The versions of netspec that a spec supports: ``requires: ">=0.2, <1"``.

The grammar is a part of Python's version specifiers (PEP 440): comparisons of release numbers, separated by commas.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ...diagnostics import LocatedError
from ...text.yaml_reader import Map, Text, Tree

_CLAUSE = re.compile(r"\s*(~=|==|!=|<=|>=|<|>)\s*([0-9]{1,9}(?:\.[0-9]{1,9}){0,9})\s*")
_RELEASE = re.compile(r"[0-9]+(?:\.[0-9]+)*")
CLAUSES = 10
"""Maximum number of comparisons in a specifier."""

Release = tuple[int, ...]
"""The numbers of a version, without trailing zeros: 1.0 is 1."""


class Clause(NamedTuple):
    """A comparison with a release."""

    operator: str
    release: Release
    series: Release
    """The prefix that ``~=`` keeps: the numbers of the release except the last."""

    def allows(self, version: Release) -> bool:
        """Whether a version satisfies the comparison."""
        match self.operator:
            case "==":
                return version == self.release
            case "!=":
                return version != self.release
            case "<":
                return version < self.release
            case "<=":
                return version <= self.release
            case ">":
                return version > self.release
            case ">=":
                return version >= self.release
            case _:
                padded = version + (0,) * len(self.series)
                return version >= self.release and padded[: len(self.series)] == self.series


def specifier(text: str) -> tuple[Clause, ...]:
    """Returns the comparisons of a version specifier.

    Raises:
        ValueError: the text is not a specifier.
    """
    clauses: list[Clause] = []
    for part in text.split(",", CLAUSES):
        match = _CLAUSE.fullmatch(part)
        if match is None:
            raise ValueError(f"not a comparison with a version: {part}")
        operator, numbers = match[1], tuple(map(int, match[2].split(".")))
        if operator == "~=" and len(numbers) == 1:
            raise ValueError("~= needs a version of at least two numbers")
        clauses.append(Clause(operator, _trimmed(numbers), numbers[:-1]))
    return tuple(clauses)


def release(version: str) -> Release:
    """Returns the release of a version. A pre-release counts as the following release: 0.3.0rc1 as 0.3."""
    match = _RELEASE.match(version)
    return _trimmed(tuple(map(int, match[0].split(".")))) if match is not None else ()


def check_requires(tree: Tree | None, version: str | None = None) -> None:
    """Checks that a document's ``requires`` allows this version of netspec, or ``version``.

    A malformed specifier is ignored here, as it is reported with the document's other keys.

    Raises:
        LocatedError: NS226, the document requires another version.
    """
    node = tree.get("requires") if type(tree) is Map else None
    if type(node) is not Text or type(node.value) is not str:
        return
    try:
        clauses = specifier(node.value)
    except ValueError:
        return
    if version is None:
        from ...version import __version__

        version = __version__
    running = release(version)
    failing = [clause for clause in clauses if not clause.allows(running)]
    if not failing:
        return
    if any(clause.operator in ("<", "<=") or clause.release < running for clause in failing):
        help = "use an older netspec; or, if the spec is valid in this one, change 'requires'"
    else:
        help = "upgrade netspec the way it was installed: install a newer wheel, or update its checkout"
    message = f"the spec requires netspec {node.value.strip()}, but this is netspec {version}"
    raise LocatedError("NS226", message, node.location, help=help)


def _trimmed(numbers: tuple[int, ...]) -> Release:
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers = numbers[:-1]
    return numbers
