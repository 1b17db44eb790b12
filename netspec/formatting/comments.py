"""Finds the comments of a YAML text, which its events omit, between the scalars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..text.document_tree import Comment

_COMMENT = re.compile(r"#[^\n]*")
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(#[^\n]*)?")
_ANCHOR = re.compile(r"&[^\s,\[\]{}]+")


class Positions:
    """Lines of a text, and the index of a line and column in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def index(self, line: int, column: int) -> int:
        """Returns the index of a position."""
        return self.starts[line] + column if line < len(self.starts) else len(self.text)

    def is_blank(self, line: int) -> bool:
        """Whether the line exists and is blank."""
        if not 0 <= line < len(self.starts):
            return False
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)
        return not self.text[self.starts[line] : end].strip()


def find_comments(positions: Positions, scalars: Iterable[tuple[int, int]]) -> list[Comment]:
    """Returns every comment of a text, in order.

    Args:
        positions: the text.
        scalars: start (with its anchor) and end of each scalar.
    """
    text, indices, last = positions.text, list[int](), 0
    for start, end in scalars:
        content = _after_anchor(text, start, end)
        indices += _between(text, last, content)
        if text.startswith(("|", ">"), content) and (header := _BLOCK_HEADER.match(text, content)) and header[1]:
            indices.append(header.start(1))
        last = max(end, last)
    indices += _between(text, last, len(text))
    return list(_comments(positions, indices))


def _after_anchor(text: str, start: int, end: int) -> int:
    """Returns the start of the content of a scalar, after its anchor and comments behind that."""
    anchor = _ANCHOR.match(text, start)
    if anchor is None:
        return start
    content = anchor.end()
    while content < end and (text[content].isspace() or text[content] == "#"):
        content = text.index("\n", content) if text[content] == "#" else content + 1
    return content


def _between(text: str, start: int, end: int) -> list[int]:
    return [match.start() for match in _COMMENT.finditer(text, start, end)]


def _comments(positions: Positions, indices: list[int]) -> Iterator[Comment]:
    line = 0
    for index in indices:
        while line + 1 < len(positions.starts) and positions.starts[line + 1] <= index:
            line += 1
        start = positions.starts[line]
        end = positions.text.find("\n", index)
        text = positions.text[index : end if end >= 0 else len(positions.text)].rstrip()
        alone = not positions.text[start:index].strip()
        yield Comment(text, line, index - start, alone, positions.is_blank(line - 1))
