"""Lines with trailing comments, which are aligned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..text.document_tree import Comment


@dataclass(slots=True)
class Line:
    """A line, and its trailing comment."""

    code: str
    behind: Comment | None = None


def aligned(lines: Sequence[Line]) -> str:
    """Returns the text of lines. Trailing comments of consecutive lines that start in one column stay aligned.

    A comment keeps its column unless the line needs the space; there are at least two spaces before it.
    """
    out: list[str] = []
    group: list[Line] = []

    def flush() -> None:
        column = max((_column(line) for line in group), default=0)
        out.extend(f"{line.code:<{column}}{line.behind.text}" for line in group if line.behind is not None)
        group.clear()

    for line in lines:
        if group and (line.behind is None or group[-1].behind is None or line.behind.column != group[-1].behind.column):
            flush()
        if line.behind is None:
            out.append(line.code)
        else:
            group.append(line)
    flush()
    return "\n".join(out) + "\n"


def _column(line: Line) -> int:
    assert line.behind is not None
    return max(line.behind.column, len(line.code) + 2)
