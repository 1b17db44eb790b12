"""Reads Darknet's ``.cfg`` format, sections in brackets with options, like Darknet does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ...diagnostics import clip
from ..problems import ImportDiagnostic
from .config_text import read_text, refuse

SECTIONS = 5_000
_INTEGER = re.compile(r"\s*([-+]?[0-9]{1,9})")
_NUMBER = re.compile(r"\s*([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]{1,3})?)")


@dataclass(slots=True)
class Section:
    """A section of the file."""

    kind: str
    line: int
    """From 1."""
    options: dict[str, str] = field(default_factory=dict[str, str])
    problems: list[ImportDiagnostic] = field(default_factory=list[ImportDiagnostic])

    @property
    def place(self) -> str:
        """Its location, for messages."""
        return f"line {self.line}"

    def integer(self, name: str, default: int) -> int:
        """Returns an integer option, parsed like C's ``atoi``; records a problem for other text."""
        text = self.options.get(name)
        match = _INTEGER.match(text) if text is not None else None
        if text is not None and match is None:
            self.problems.append(
                ImportDiagnostic.of("NS893", f"'{name}'", f"must be an integer, not {clip(text)}", self.place)
            )
        return int(match[1]) if match else default

    def number(self, name: str, default: float) -> float:
        """Returns a numeric option."""
        text = self.options.get(name)
        match = _NUMBER.match(text) if text is not None else None
        if text is not None and match is None:
            self.problems.append(
                ImportDiagnostic.of("NS893", f"'{name}'", f"must be a number, not {clip(text)}", self.place)
            )
        return float(match[1]) if match else default

    def integers(self, name: str) -> list[int]:
        """Returns an option that is a comma-separated list of integers."""
        parts = [part for part in self.options.get(name, "").split(",") if part.strip()]
        matches = [_INTEGER.match(part) for part in parts]
        if not parts or None in matches:
            self.problems.append(ImportDiagnostic.of("NS893", f"'{name}'", "must be a list of integers", self.place))
            return []
        return [int(match[1]) for match in matches if match is not None]


def read_sections(path: str) -> list[Section]:
    """Returns the sections of a file, the first of which is ``net``. Raises Error NS890."""
    sections: list[Section] = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        text = line.replace(" ", "").replace("\t", "")
        if not text or text[0] in "#;":
            continue
        if text[0] == "[":
            if len(sections) >= SECTIONS:
                refuse(path, f"it has more than {SECTIONS:,} sections")
            sections.append(Section(text.strip("[]"), number))
            continue
        key, equals, value = text.partition("=")
        if not sections or not equals:
            refuse(path, f"line {number} is neither [section] nor key=value: {clip(line)}")
        sections[-1].options[key] = value
    if not sections or sections[0].kind not in ("net", "network"):
        refuse(path, "the first section is not [net]")
    return sections
