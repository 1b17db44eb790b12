"""The errors that rules of operations raise if shapes do not fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..diagnostics import Error


class ShapeError(Error):
    """The shapes of the inputs do not fit an operation, or each other.

    Args:
        code: diagnostic code, ``NS5xx``.
        message: what must hold and the actual values, with names beside them. The layer and its location are added by
            the caller.
        at: the sizes concerned, as pairs (number of the input, axis); their history is reported.
        help: how to correct it, if the rule knows.
        naming: the message with these names of the inputs, if it names inputs.
        argument: the argument at fault, if it is one: the problem is located at its value.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        at: Sequence[tuple[int, int]] = (),
        help: str | None = None,
        naming: Callable[[Sequence[str]], str] | None = None,
        argument: str = "",
    ) -> None:
        super().__init__(code, message, help)
        self.at = tuple(at)
        self.naming = naming
        self.argument = argument


MakeError: TypeAlias = Callable[[], Exception]
"""Creates the error to raise if a condition does not hold."""
