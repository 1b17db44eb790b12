"""The result of checking one spec in one variant; reports about several specs take a list of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..diagnostics import Diagnostic, Sources
from .row_selection import RowSelection


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The file as given by the user."""

    spec: str
    """The result for one spec in one variant."""
    variant: str | None = None
    selection: RowSelection | None = None
    """The selected rows of the network; None if it could not be built."""
    diagnostics: Sequence[Diagnostic] = ()
    sources: Sources = field(default_factory=Sources)
    """The files that diagnostics refer to."""
    hidden: int = 0
    """Number of errors beyond the limit, which are not listed."""
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    """Sizes given for named dimensions."""

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return self.selection is not None and all(d.severity != "error" for d in self.diagnostics)

    def count(self, severity: str) -> int:
        """Returns the number of diagnostics with a severity."""
        return sum(d.severity == severity for d in self.diagnostics) + (self.hidden if severity == "error" else 0)

    @property
    def name(self) -> str:
        """Name of the network, or of the file if the network could not be built."""
        return self.selection.analysis.graph.name if self.selection is not None else self.spec
