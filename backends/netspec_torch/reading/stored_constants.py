"""Constants that no initialiser describes: buffers whose values are stored once with the weights."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch

from netspec.free_names import free_name
from netspec.importing import Draft, ModuleCall

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .drafting import Drafting
    from .values import ProgramTensor


class Tables:
    """The tables of one network."""

    def __init__(self) -> None:
        self._values: dict[tuple[Any, ...], ProgramTensor] = {}
        self._drafts: dict[int, Draft] = {}
        """By the number of the value."""
        self._arrays: dict[int, tuple[NDArray[Any], torch.Tensor]] = {}
        self.exact: dict[str, torch.Tensor] = {}
        """Tables in double precision by the name of the buffer; filled when names are assigned."""

    def place(
        self,
        reader: Drafting,
        value: ProgramTensor,
        array: NDArray[Any],
        exact: torch.Tensor,
        arguments: Mapping[str, Any],
    ) -> ProgramTensor:
        """Returns the value of a table; an equal existing table is reused and moves to the common parent module."""
        key = (array.shape, array.dtype.str, value.shape, hashlib.sha256(array.tobytes()).digest())
        known = self._values.get(key)
        if known is not None and known.number is not None:
            draft = self._drafts[known.number]
            draft.calls = _common(draft.calls, reader.calls)
            return known
        placed = reader.tensor("buffer", value, arguments, stem="table")
        assert placed.number is not None
        self._values[key] = placed
        self._drafts[placed.number] = reader.network.drafts[-1]
        self._arrays[placed.number] = array, exact
        return placed

    def name(self, reader: Drafting) -> None:
        """Names the remaining tables in the state dict, and passes their values to the draft network."""
        used_names = set(reader.state.tensors)
        left = set(map(id, reader.network.drafts))
        for number, draft in self._drafts.items():
            if id(draft) not in left:
                continue
            path = draft.calls[-1].path if draft.calls else ""
            name = free_name(f"{path}.table" if path else "table", used_names, first=2)
            used_names.add(name)
            draft.weights = {"": name}
            array, self.exact[name] = self._arrays[number]
            reader.network.tables[name] = array
            reader.network.exact_tables[name] = self.exact[name].numpy()


def _common(a: tuple[ModuleCall, ...], b: tuple[ModuleCall, ...]) -> tuple[ModuleCall, ...]:
    length = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[:length]
