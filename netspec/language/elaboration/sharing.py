"""Sharing and freezing of weights: which parameter object a weight of a layer is."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from ...ir import Parameter
from ...ops.weight import Weight


class Loan:
    """The weights that one layer shares with an earlier one: all that agree in name, shape and kind."""

    __slots__ = ("borrower", "count", "lender")

    def __init__(self, borrower: str, lender: str) -> None:
        self.borrower = borrower
        """The full name of the layer with ``share``."""
        self.lender = lender
        """The full name of the layer that the weights belong to."""
        self.count = 0
        """How many weights have been shared."""


class Sharing:
    """Creates parameters, each shared and frozen as the layers around it say."""

    def __init__(self) -> None:
        self._parameters: dict[str, Parameter] = {}
        """Every weight by its full name; a shared one is under both names."""
        self._loans: list[Loan] = []
        """The loans of the layers around, the outermost first."""
        self._failed: set[str] = set()
        """The full names of layers that have a problem, and of everything around them."""
        self._frozen: list[bool] = []
        """The values of ``freeze`` of the layers around."""

    def mark_failed(self, layer: str) -> None:
        """Record that a layer (full name) has a problem, so that its weights are not known."""
        while layer and layer not in self._failed:
            self._failed.add(layer)
            layer = layer.rpartition(".")[0]

    def is_unknown(self, loan: Loan) -> bool:
        """Whether the weights on one side of a loan are not all known, because a layer there has a problem."""
        return loan.lender in self._failed or loan.borrower in self._failed

    @contextmanager
    def applied(self, loan: Loan | None, frozen: bool | None) -> Generator[None]:
        """Apply the ``share`` and ``freeze`` of a layer to everything within it."""
        if loan is not None:
            self._loans.append(loan)
        if frozen is not None:
            self._frozen.append(frozen)
        try:
            yield
        finally:
            if loan is not None:
                self._loans.pop()
            if frozen is not None:
                self._frozen.pop()

    def parameter(self, layer: str, weight: Weight) -> Parameter:
        """The parameter for a weight of a layer (full name): that of another layer if it is shared, else a new one."""
        name = f"{layer}.{weight.name}" if weight.name else layer
        for loan in reversed(self._loans):
            if not name.startswith(loan.borrower):
                continue
            other = self._parameters.get(loan.lender + name[len(loan.borrower) :])
            if other is not None and other.shape == weight.shape and other.buffer == weight.buffer:
                loan.count += 1
                self._parameters[name] = other
                return other
        trainable = weight.trainable and not weight.buffer and not any(self._frozen)
        parameter = Parameter(
            name, weight.shape, weight.init, trainable, weight.buffer, weight.dtype, weight.persistent
        )
        self._parameters[name] = parameter
        return parameter
