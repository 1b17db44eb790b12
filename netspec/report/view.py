"""What a report shows of a network: which rows, in which order, for how many examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..analysis.cost import Work
from ..analysis.summary import Analysis, Row, Totals

if TYPE_CHECKING:
    from ..analysis.receptive import Field


@dataclass(frozen=True, slots=True)
class View:
    """An analysis with the rows to show. MACs, FLOPs and activations are for ``batch`` examples, shapes have it in
    front; parameters and connections are the network's own.
    """

    analysis: Analysis
    rows: tuple[Row, ...]
    batch: int | None = None
    """None: one example, and shapes without the batch axis."""
    in_order: bool = True
    """Whether the rows are in the network's order."""

    def times(self, work: Work) -> Work:
        """Work for the whole batch."""
        n = self.batch or 1
        if n == 1:
            return work
        return Work(work.macs * n, work.connections, work.activations * n, work.weighted_activations * n)

    @property
    def totals(self) -> Totals:
        """The figures of the whole network, for the whole batch."""
        t, n = self.analysis.totals, self.batch or 1
        return t._replace(
            macs=t.macs * n, flops=t.flops * n, activations=t.activations * n,
            weighted_activations=t.weighted_activations * n,
        )

    def shape(self, shape: Iterable[int]) -> tuple[int, ...]:
        """A shape as it is shown."""
        return tuple(shape) if self.batch is None else (self.batch, *shape)

    def fields(self, row: Row) -> tuple[Field, ...] | None:
        """The receptive field of a row's result."""
        return self.analysis.fields(row)
