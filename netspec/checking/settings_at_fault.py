"""Moves problems caused by a parameter set from outside to its option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..diagnostics import Diagnostic, clip
from .spec import Spec, SpecResult

GROUPS = ("NS2", "NS4")
"""Codes about values: arguments and expressions. Problems with shapes stay in the spec, which has their history."""

ABOUT_THE_SPEC = ("NS223",)
"""Codes whose help refers to the text of a spec, and is meaningless for a value from outside."""


def with_settings_at_fault(spec: Spec, result: SpecResult, settings: Mapping[str, Any]) -> SpecResult:
    """Moves every problem that a single setting causes to that setting, such as ``--set classes=ten``.

    A setting causes a problem if the problem disappears without it. The location in the spec becomes a note.
    """
    if result.graph is not None or not settings:
        return result
    without: dict[str, SpecResult] = {}
    diagnostics: list[Diagnostic] = []
    for d in result.diagnostics:
        if d.code == "NS218" and d.location is None:
            unknown = next(name for name in settings if f"'{clip(name)}'" in d.message)
            diagnostics.append(replace(d, file=f"--set {unknown}={clip(str(settings[unknown]))}"))
            continue
        causes = [name for name in settings if _is_gone(spec, result, d, settings, name, without)]
        diagnostics.append(_moved(d, result, causes[0], settings) if len(causes) == 1 else d)
    return replace(result, diagnostics=tuple(dict.fromkeys(diagnostics)))


def _is_gone(
    spec: Spec,
    result: SpecResult,
    d: Diagnostic,
    settings: Mapping[str, Any],
    name: str,
    without: dict[str, SpecResult],
) -> bool:
    """Whether a problem with a value disappears without a setting; ``without`` caches the results."""
    if not d.code.startswith(GROUPS) or d.location is None:
        return False
    option = f"--set {name}"
    if result.sources.names[d.location.file].startswith("--set "):
        return result.sources.names[d.location.file] == option
    if name not in without:
        others = {k: v for k, v in settings.items() if k != name}
        without[name] = spec.elaborate(result.variant, others, sizes=result.sizes)
    return all(o.location != d.location or o.severity != "error" for o in without[name].diagnostics)


def _moved(d: Diagnostic, result: SpecResult, name: str, settings: Mapping[str, Any]) -> Diagnostic:
    """Moves a problem to a setting. In a value of several lines, or with invalid syntax, it keeps its position."""
    assert d.location is not None
    value = settings[name]
    text = value if isinstance(value, str) else result.sources.texts[_source(result, name)]
    option = f"--set {name}={clip(text)}"
    file = result.sources.names[d.location.file]
    if file.startswith("--set "):
        return d if d.code.startswith("NS4") or "\n" in text else replace(d, location=None, file=option)
    line = clip(result.sources.line(d.location).strip())
    notes = (*d.notes, f"used in {file}, line {d.location.line}: {line}")
    help = None if d.code in ABOUT_THE_SPEC else d.help
    return replace(d, location=None, label=None, trace=(), file=option, notes=notes, help=help)


def _source(result: SpecResult, name: str) -> int:
    """Returns the index of the text of a setting."""
    return len(result.sources.names) - 1 - result.sources.names[::-1].index(f"--set {name}")
