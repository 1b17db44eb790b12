"""Diagnostics as annotations of GitHub's workflow runs: each shows at its line of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from .result import Result

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def render(results: Iterable[Result]) -> str:
    """A workflow command in a line for each diagnostic: ``::error file=…,line=…,col=…,title=…::message``."""
    out: list[str] = []
    for result in results:
        for d in result.diagnostics:
            file = result.sources.names[d.location.file] if d.location is not None else d.file or result.spec
            properties = [f"file={escaped_property(file)}"]
            if d.location is not None:
                properties += [f"line={d.location.line}", f"col={d.location.column}"]
            properties.append(f"title={escaped_property(f'netspec {d.code}')}")
            text = "\n".join((d.message, *d.notes, *((f"help: {d.help}",) if d.help else ())))
            out.append(f"::{_LEVELS[d.severity]} {','.join(properties)}::{escaped(text)}\n")
    return "".join(out)


def escaped(text: str) -> str:
    """Text of a command: per cent, carriage return and newline are encoded (actions/toolkit, ``escapeData``)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    """Value of a property: colon and comma too (``escapeProperty``)."""
    return escaped(text).replace(":", "%3A").replace(",", "%2C")
