"""How a class declares the arguments that a spec may give: what each accepts, what it means, and its default.

A class body says ``kernel: tuple[int, ...] = argument(PER_AXIS, "size of the window")``. :class:`Declared` collects
these declarations when the class is made and checks the values of every instance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, Literal, TypeVar, dataclass_transform, overload

from ..diagnostics import Diagnostic, Error

T = TypeVar("T")
Self = TypeVar("Self", bound="Declared")

REQUIRED: Any = object()
"""The default of an argument that has none."""
UNKNOWN: Any = object()
"""The value of an argument that an expression computes, where it is not known yet."""


class ArgumentError(Error):
    """Arguments that are missing (NS220) or invalid (NS221).

    Args:
        problems: pairs of argument ("" for a missing one) and message ("kernel must be …").
    """

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        Exception.__init__(self, problems)
        self.problems = problems
        self._hold(Diagnostic("NS221" if argument else "NS220", message) for argument, message in problems)


def as_list(value: Any) -> list[Any]:
    """The items of a list or tuple; any other value as a list of one."""
    items: list[Any] = [*value] if isinstance(value, (list, tuple)) else [value]  # pyright: ignore[reportUnknownVariableType] - YAML, of any type
    return items


def as_mapping(value: Any) -> dict[str, Any] | None:
    """A mapping of YAML; None for any other value."""
    return {**value} if isinstance(value, dict) else None  # pyright: ignore[reportUnknownVariableType] - YAML, of any type


class Validator(Generic[T]):
    """What an argument accepts: a description, a JSON Schema, and the function that checks and converts a value.

    Args:
        description: what the value must be, to follow "must be".
        schema: the JSON Schema of a literal value (expressions are added elsewhere).
        parse: receives the value and the number of window axes; returns the value as the operation keeps it, or raises
            ``ValueError`` (its text, if any, replaces the description).
    """

    kind: ClassVar[Literal["value", "axis", "layer"]] = "value"
    fallback: str | None = None
    """How an absent argument follows from the input's type; None if it does not."""

    def __init__(self, description: str, schema: Mapping[str, Any], parse: Callable[[Any, int], T]) -> None:
        self.description = description
        self.schema = schema
        self.parse = parse

    def validate(self, value: Any, window_rank: int = 0) -> T:
        """The value as an operation keeps it. Raises ValueError saying what the value must be."""
        try:
            return self.parse(value, window_rank)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(str(error) if type(error) is ValueError and error.args else self.description) from None


class LayerValidator(Validator[bool]):
    """The name of a layer, which becomes a further input; the operation keeps whether there is one.

    Args:
        accepts: the types of elements that the layer may have.
        same: whether it may also have the type of the first input.
        code: code of the diagnostic for any other type.
        follows: whether a floating-point layer is converted to the type of the first input, as it acts on that.
    """

    kind = "layer"

    def __init__(self, *accepts: str, same: bool = False, code: str = "NS515", follows: bool = False) -> None:
        super().__init__("the name of a layer", {"type": "string"}, lambda value, window_rank: bool(value))
        self.accepts = accepts
        self.same = same
        self.code = code
        self.follows = follows

    def types(self, first: str) -> tuple[str, ...]:
        """The types of elements that the layer may have if the first input has that type."""
        return (first, *self.accepts) if self.same else self.accepts


class Argument(Generic[T]):
    """One argument of a class."""

    __slots__ = ("default", "default_doc", "doc", "validator")

    def __init__(self, validator: Validator[T], doc: str, default: T, default_doc: str | None) -> None:
        self.validator = validator
        self.doc = doc
        """What it means, in one line."""
        self.default = default
        """Its value if it is not given, before validation; :data:`REQUIRED` if there is none."""
        self.default_doc = default_doc
        """What holds if it is not given, in words; None if the default value says so."""

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is REQUIRED and self.validator.fallback is None


class FurtherKey(Argument[T]):
    """What every key of a layer is that is not an argument, for an operation that takes such keys.

    Args:
        validator: what the value must be.
        doc: what it means, in one line.
    """

    def __init__(self, validator: Validator[T], doc: str) -> None:
        super().__init__(validator, doc, REQUIRED, None)


@overload
def argument(validator: Validator[T], doc: str) -> T: ...
@overload
def argument(validator: Validator[T], doc: str, *, default: T, default_doc: str | None = None) -> T: ...
def argument(validator: Validator[Any], doc: str, *, default: Any = REQUIRED, default_doc: str | None = None) -> Any:
    """Declares an argument in the body of a class.

    Args:
        validator: what it accepts.
        doc: what it means, in one line.
        default: its value if it is not given; it must be given if there is none.
        default_doc: what holds if it is not given, in words, unless the default value says so.
    """
    return Argument(validator, doc, default, default_doc)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(argument,))
class Declared:
    """A frozen record whose fields are the arguments declared in its class and the classes above it."""

    arguments: ClassVar[Mapping[str, Argument[Any]]] = {}
    """The declarations by name, those of base classes first."""

    def __init_subclass__(cls) -> None:
        declared: dict[str, Argument[Any]] = {k: v for k, v in cls.__dict__.items() if type(v) is Argument}
        if declared:
            cls.arguments = {**cls.arguments, **declared}

    @classmethod
    def of(cls: type[Self], values: Mapping[str, Any]) -> Self:
        """A record with these values, one for each argument, which are not checked."""
        record = object.__new__(cls)
        record.__dict__.update(values)
        return record

    def replace(self: Self, **changes: Any) -> Self:
        """A copy with other values, which are not checked."""
        return self.of({**self.__dict__, **changes})

    def at(self: Self, value: Callable[[Any], Any]) -> Self:
        """The record with its values, the sizes among them, put through a function; itself if that changes none."""
        changed = {k: v for k, old in self.__dict__.items() if (v := value(old)) is not old}
        return self.replace(**changed) if changed else self

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: {name}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))
