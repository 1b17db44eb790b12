"""The content of a report on a network: its rows, their order, and the batch size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..analysis.figures import Figures
from ..analysis.network_figures import Analysis, Row
from ..shapes.sizes import is_named

if TYPE_CHECKING:
    from ..analysis.receptive_field import Field


@dataclass(frozen=True, slots=True)
class RowSelection:
    """An analysis with the rows to show, for a batch size.

    MACs, FLOPs and activations are for the whole batch, and shapes start with its size; parameters and connections
    do not depend on it.
    """

    analysis: Analysis
    rows: tuple[Row, ...] = field(repr=False)
    batch: int | None = None
    """Batch size; None for one example, and shapes without the batch axis."""
    in_order: bool = True
    """Whether the rows are in the order of the network."""
    depth: int | None = None
    """Number of levels of blocks to show; None for all."""
    unfold: bool = False
    """Whether an outline shows all equal copies."""
    numbers: bool = False
    """Whether sizes are shown at the defaults of the named dimensions."""

    def figures(self, row: Row) -> Figures:
        """Returns the figures of a row, for the whole batch."""
        return row if self.batch in (None, 1) else row.for_batch(self.batch or 1)

    @property
    def totals(self) -> Figures:
        """The figures of the whole network, for the whole batch."""
        return self.analysis.for_batch(self.batch or 1)

    @property
    def activation_bytes_by_dtype(self) -> dict[str, int]:
        """Bytes of activations by the type of their elements, for the whole batch."""
        sizes = self.analysis.activation_bytes_by_dtype
        return {dtype: n * (self.batch or 1) for dtype, n in sizes.items()}

    def shape(self, shape: Iterable[int]) -> tuple[int, ...]:
        """Returns a shape, starting with the batch size if there is one."""
        sizes = tuple(n.value if self.numbers and is_named(n) else n for n in shape)
        return sizes if self.batch is None else (self.batch, *sizes)

    def fields(self, row: Row) -> tuple[Field, ...] | None:
        """Returns the receptive field of the output of a row; None if it was not computed."""
        return self.analysis.receptive_fields.of(row.value)
