"""Operations that a spec declares: shapes, weights and counts without the computation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from weakref import WeakValueDictionary

from ..shapes.reads import Reads, whole_reads
from ..shapes.sizes import Size
from ..shapes.types import DTYPES, TensorType
from .argument import REQUIRED, Argument, Validator
from .base import Op, Types
from .weight import Weight

ANY: Validator[Any] = Validator("a value", {}, lambda value, window_rank: value)


class DeclaredOp(Op):
    """The results of an operation that a spec declares, for certain inputs and arguments."""

    accepts = DTYPES
    size_rule = "as declared"
    macs_rule = "as declared"
    made_of: ClassVar[tuple[Any, ...]] = ()
    """The arguments of :func:`declared_class`."""

    types: Types
    own_weights: tuple[Weight, ...]
    count: Size

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self.made_of, dict(vars(self)))

    def infer(self, *inputs: TensorType) -> Types:
        """The declared types."""
        return self.types

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """The declared weights."""
        return self.own_weights

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """The declared count."""
        return self.count

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """Everything, as nothing is known of the computation."""
        return tuple(whole_reads(x) for x in inputs)


def declared_class(
    name: str, doc: str, arguments: Mapping[str, str | None], results: tuple[str, ...], source: Mapping[str, Any]
) -> type[DeclaredOp]:
    """The class of an operation; equal declarations have one class as long as anything uses it.

    Args:
        name: the operation.
        doc: what it is.
        arguments: its arguments, with what they mean.
        results: the names of its outputs, if there are several.
        source: the declaration as data.
    """
    key = (name, _key(source))
    cls = _classes.get(key)
    if cls is None:
        body = {
            "__doc__": doc,
            "primary": next(iter(arguments), None),
            "results": results,
            "source": source,
            "arguments": {k: Argument(ANY, text or k, REQUIRED, None) for k, text in arguments.items()},
            "made_of": (name, doc, dict(arguments), results, source),
        }
        cls = _classes[key] = type(name, (DeclaredOp,), body)
    return cls


def _remade(made_of: tuple[Any, ...], values: Mapping[str, Any]) -> DeclaredOp:
    """An operation that was pickled."""
    return declared_class(*made_of).of(values)


_classes: WeakValueDictionary[tuple[str, Any], type[DeclaredOp]] = WeakValueDictionary()


def _key(source: Any) -> Any:
    """A declaration as a key. The type ``int`` and the text ``"int"`` are equal, but not the same declaration."""
    if isinstance(source, Mapping):
        return tuple((k, _key(v)) for k, v in source.items())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
    if isinstance(source, list):
        return tuple(_key(v) for v in source)  # pyright: ignore[reportUnknownVariableType] - of any type
    return type(source).__name__, repr(source)


def fixed(value: Any) -> Any:
    """A value with tuples for lists, as operations keep it."""
    return tuple(fixed(v) for v in value) if isinstance(value, (list, tuple)) else value  # pyright: ignore[reportUnknownVariableType] - of any type
