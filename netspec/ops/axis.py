"""Arguments that name axes of the first input."""

from __future__ import annotations

from typing import Any

from ..shapes.types import TensorType, shape_text
from .argument import ArgumentError, Validator, as_list


class AxisValidator(Validator[Any]):
    """An axis of the first input, or several: by number, negative number or name.

    Args:
        fallback: what an absent argument means: ``channels`` (an error if the channel axis is unknown), ``last`` (the
            channel axis if known, otherwise the last axis), ``flat`` (the same, but an error for an image, which should
            have been flattened), or None (the argument has no value).
        many: whether a list of axes is accepted.
        nullable: whether null is accepted, which is then the value of the operation.
        new: whether the axes of the result are counted instead (``unsqueeze``).
    """

    kind = "axis"

    def __init__(
        self, *, fallback: str | None = None, many: bool = False, nullable: bool = False, new: bool = False
    ) -> None:
        item: dict[str, Any] = {"type": ["integer", "string"]}
        whole: dict[str, Any] = {"type": ["integer", "string", "null"]} if fallback or nullable else item
        super().__init__(
            "an axis: a number, or its name" + (", or a list of them" if many else ""),
            {"anyOf": [whole, {"type": "array", "items": item, "minItems": 1}]} if many else whole,
            self._resolved,
        )
        self.fallback = fallback
        self.many = many
        self.nullable = nullable
        self.new = new

    def _resolved(self, value: Any, window_rank: int) -> Any:
        if value is None and self.nullable:
            return None
        if self.many and value is not None:
            return tuple(as_list(value))
        if type(value) is not int:
            raise ValueError
        return value

    def resolve(self, op: str, argument: str, value: Any, x: TensorType) -> Any:
        """The number or numbers of the axes, counted from 0; None if absent and without a fallback.

        Raises:
            ArgumentError: there is no such axis, or the channel axis is needed and unknown.
        """
        if value is None:
            return self._default(op, argument, x)
        if self.many:
            axes = tuple(self._number(op, argument, v, x) for v in as_list(value))
            if len(set(axes)) != len(axes) or not axes:
                raise ArgumentError([(argument, f"{argument} must name each axis once")])
            return axes
        return self._number(op, argument, value, x)

    def _default(self, op: str, argument: str, x: TensorType) -> Any:
        if self.fallback is None:
            return None
        number = x.channel
        if number is None and self.fallback in ("last", "flat"):
            number = x.rank - 1
        if self.fallback == "flat" and x.rank > 2 and number != x.rank - 1:
            message = f"'{op}' needs '{argument}' on an image {shape_text(x.shape)}: flatten it first, or name the axis"
            raise ArgumentError([("", message)])
        if number is None or number < 0:
            raise ArgumentError(
                [(argument, f"'{op}' works along the channel axis, which is unknown here: give '{argument}'")]
            )
        return (number,) if self.many else number

    def _number(self, op: str, argument: str, value: Any, x: TensorType) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        rank = x.rank + (1 if self.new else 0)
        if type(value) is int:
            if -rank <= value < rank:
                return value % rank
            message = f"{argument} {value} does not exist: there are {rank} axes, 0 to {rank - 1}"
            raise ArgumentError([(argument, message)])
        if type(value) is not str:
            raise ArgumentError([(argument, f"{argument} must be {self.description}")])
        number = x.axis(value)
        if number is None:
            named = ", ".join(a or str(i) for i, a in enumerate(x.axes))
            message = f"there is no axis '{value}' here: the axes of {shape_text(x.shape)} are {named}"
            raise ArgumentError([(argument, message)])
        return number
