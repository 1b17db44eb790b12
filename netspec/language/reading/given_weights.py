"""The key ``weights`` of a layer, as written: layers that provide its weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar

from ...diagnostics import LocatedError
from ...text.yaml_reader import List, Map, Text, Tree
from .records import require_mapping
from .references import Reference, read_reference
from .written_values import WrittenValue


class InPlace(Protocol):
    """The attributes of a layer that this module reads."""

    location: int
    repeat: WrittenValue | None

    @property
    def has_rows(self) -> bool:
        """Whether it has ``each``."""
        ...


LayerT = TypeVar("LayerT", bound=InPlace)


class GivenWeight(NamedTuple, Generic[LayerT]):
    """The source of a weight."""

    location: int
    """Location of its name."""
    source: Reference | None
    """The layer, or the weight of another layer, that is used as the weight; None for the stored one."""
    layer: LayerT | None
    """An inline layer applied to the stored weight."""


def read_weights(node: Tree, read_layer: Callable[[Tree, Map | List, int], LayerT]) -> dict[str, GivenWeight[LayerT]]:
    """Read the value of ``weights``; ``read_layer`` reads an inline layer, given its container and position.

    Raises:
        LocatedError: NS203, it is not a mapping; NS319, an inline layer is repeated.
    """
    weights: dict[str, GivenWeight[LayerT]] = {}
    around = require_mapping(node, "weights")
    for number, (name, (location, inner, _)) in enumerate(around.entries.items()):
        is_reference = type(inner) is Map and "from" in inner.entries and not set(inner.entries) - {"from", "when"}
        if type(inner) is Text or is_reference:
            is_false = type(inner) is Text and inner.value is False
            source = None if is_false else read_reference(inner)
            weights[name] = GivenWeight(location, source, None)
            continue
        layer = read_layer(inner, around, number)
        key = "repeat" if layer.repeat is not None else "each" if layer.has_rows else None
        if key is not None:
            message = f"a layer in place of a weight has no copies: '{key}' does not apply here"
            help = "in brackets it is a list of layers: weights: {weight: [{…, repeat: 2}]}"
            raise LocatedError("NS319", message, layer.location, help=help)
        weights[name] = GivenWeight(location, None, layer)
    return weights
