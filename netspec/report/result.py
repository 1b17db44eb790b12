"""What came of checking one spec in one variant, as the reports of several specs take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..diagnostics import Diagnostic, Sources
from .view import View


@dataclass(frozen=True, slots=True)
class Result:
    """One spec in one variant."""

    spec: str
    """The file as the user named it."""
    variant: str | None = None
    view: View | None = None
    """None where the network could not be made."""
    diagnostics: Sequence[Diagnostic] = ()
    sources: Sources = field(default_factory=Sources)
    """The files that diagnostics speak of."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.view is not None and all(d.severity != "error" for d in self.diagnostics)

    @property
    def name(self) -> str:
        """Name of the network; the file where there is none."""
        return self.view.analysis.graph.name if self.view is not None else self.spec
