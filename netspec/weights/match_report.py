"""Formats the match of a weight file with a network as lines of text."""

from __future__ import annotations

from ..diagnostics import clip
from ..shapes.types import shape_text
from .matching import LISTED, Match


def report(match: Match, file: str = "the file") -> list[str]:
    """Returns the report as lines for a terminal, without control characters; one line if everything matched."""
    count = len(match.assignments)
    lines = [f"{count} tensor{'' if count == 1 else 's'} of {clip(file, 200)} matched"]
    lines += _section(
        "missing",
        "not in the file",
        len(match.missing),
        [
            f"{_name(m.name)} {shape_text(m.shape)}"
            + (f"; near: {', '.join(map(_name, m.candidates))}" if m.candidates else "")
            for m in match.missing[:LISTED]
        ],
    )
    lines += _section(
        "unexpected",
        "only in the file",
        len(match.unexpected),
        [f"{_name(u.name)} {shape_text(u.shape)}" for u in match.unexpected[:LISTED]],
    )
    lines += _section(
        "mismatched",
        "of another shape in the file",
        len(match.mismatched),
        [
            f"{_name(m.name)} is {shape_text(m.expected)}; the file has {shape_text(m.actual)}"
            + (f" under '{_name(m.file_name)}'" if m.file_name != m.name else "")
            for m in match.mismatched[:LISTED]
        ],
    )
    if match.suggested is not None:
        lines += _section(
            "suggested",
            "missing and unexpected tensors agree in order and shape",
            len(match.suggested),
            [f"{_name(name)} <- {_name(old)}" for name, old in list(match.suggested.items())[:LISTED]],
        )
    lines += [f"'--rename {clip(r.old)}={clip(r.new)}' matches no name in the file" for r in match.unused_rules]
    return lines


def _name(name: str) -> str:
    return clip(name, 120)


def _section(title: str, meaning: str, count: int, lines: list[str]) -> list[str]:
    if not count:
        return []
    section = [f"{title} ({count}): {meaning}", *(f"  {line}" for line in lines)]
    if count > len(lines):
        section.append(f"  … and {count - len(lines)} more")
    return section
