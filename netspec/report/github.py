"""Formats diagnostics as annotations of GitHub workflow runs, which are shown at their lines in a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from ..diagnostics import clean
from .check_result import CheckResult

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def render(results: Iterable[CheckResult]) -> str:
    """Returns one workflow command per diagnostic and line: ``::error file=…,line=…,col=…,title=…::message``."""
    out: list[str] = []
    for result in results:
        for d in result.diagnostics:
            file = result.sources.names[d.location.file] if d.location is not None else d.file or result.spec
            properties = [f"file={escape_property(clean(file))}"]
            if d.location is not None:
                properties += [f"line={d.location.line}", f"col={d.location.column}"]
            properties.append(f"title={escape_property(f'netspec {d.code}')}")
            lines = "\n".join((d.message, *d.notes, *((f"help: {d.help}",) if d.help else ()))).splitlines()
            text = "\n".join(map(clean, lines))
            out.append(f"::{_LEVELS[d.severity]} {','.join(properties)}::{escape(text)}\n")
    return "".join(dict.fromkeys(out))


def escape(text: str) -> str:
    """Encodes percent signs and line ends in the text of a command (``escapeData`` of actions/toolkit)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Encodes the value of a property, including colons and commas (``escapeProperty``)."""
    return escape(text).replace(":", "%3A").replace(",", "%2C")
