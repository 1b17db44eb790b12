"""Problems that a parameter set from outside causes, reported at its option rather than where the spec uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..diagnostics import Diagnostic, clip
from .spec import Spec, SpecResult

GROUPS = ("NS2", "NS4")
"""Codes of values: arguments and expressions. Problems with shapes are reported in the spec, where their history is."""

ABOUT_THE_SPEC = ("NS223",)
"""Codes whose help is about the text of a spec, and has no meaning for a value from outside."""


def with_settings_at_fault(spec: Spec, result: SpecResult, settings: Mapping[str, Any]) -> SpecResult:
    """The result with every problem that a single setting causes at that setting: ``--set classes=ten``.

    A setting causes a problem if the problem is gone without it. The place in the spec becomes a note.
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
    """Whether a problem with a value is gone without a setting; ``without`` keeps the results."""
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
    """A problem at a setting. One inside a value of several lines or with its syntax keeps its position there."""
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
    """The number of the text of a setting."""
    return len(result.sources.names) - 1 - result.sources.names[::-1].index(f"--set {name}")
