"""An entry of the catalogue of diagnostics."""

from __future__ import annotations

from typing import NamedTuple

FIRST = "netspec: 1\n"
IMAGE = f"{FIRST}input: [3, 32, 32]\nlayers:\n"


class Code(NamedTuple):
    """A code of the catalogue.

    Examples are whole specs, or the lines below ``netspec: 1``, or (where they are indented) the lines below
    ``layers:`` over a small image.
    """

    title: str
    text: str
    wrong: str | None = None
    corrected: str | None = None
    whole: bool = False
    """Whether the examples are whole specs."""

    def spec(self, example: str) -> str:
        """Returns an example as a whole spec."""
        if self.whole:
            return example
        return (IMAGE if example.startswith("  ") else FIRST) + example
