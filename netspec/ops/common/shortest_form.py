"""Operations as a spec would write them: the arguments that must be written, in their shortest form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..argument import REQUIRED, Argument, ArgumentError
from ..axis import AxisValidator
from ..base import Op, Types
from ..weight import Init
from .init_argument import Choice


def shortest_arguments(
    op: Op, inputs: Types, names: Sequence[str] = (), number: Callable[[Any], str] = str
) -> dict[str, Any]:
    """The arguments of an operation that differ from their defaults, as plain values.

    A layer with these arguments and inputs of these types makes an equal operation. Arguments that name layers are
    left out: their layers are inputs. A formula refers to inputs by ``names``, and to sizes that depend on named
    dimensions by the text of ``number``.
    """
    out: dict[str, Any] = {}
    for name, argument in op.arguments.items():
        value = getattr(op, name)
        text = op.written(name, names or [f"x{i}" for i in range(len(inputs))], number)
        if text is not None:
            out[name] = text
            continue
        if argument.validator.kind == "layer" or value == default_value(op, name, inputs):
            continue
        out[name] = full_argument(op, name)
    primary = op.primary
    if primary is not None and primary in out:  # the primary argument comes first
        out = {primary: out[primary], **out}
    return out | dict(op.given_sizes)


def full_argument(op: Op, name: str) -> Any:
    """An argument of an operation in its shortest form, also if it is the default."""
    argument = op.arguments[name]
    value = getattr(op, name)
    return _axes(value) if argument.validator.kind == "axis" else _shortest(value, argument, op.window_rank)


_NOTHING = object()


def default_value(op: Op, name: str, inputs: Types) -> Any:
    """The value that an argument has if a spec does not give it; something equal to nothing if it must."""
    argument = op.arguments[name]
    validator = argument.validator
    if isinstance(validator, AxisValidator):
        if validator.fallback is not None and inputs:
            try:
                return validator.resolve(op.name, name, None, inputs[0])
            except ArgumentError:
                return _NOTHING
        return _NOTHING if argument.default is REQUIRED else argument.default
    return _NOTHING if argument.default is REQUIRED else validator.parse(argument.default, op.window_rank)


def _axes(value: Any) -> Any:
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else list(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type
    return value


def _shortest(value: Any, argument: Argument[Any], window_rank: int) -> Any:
    """The shortest plain value that is validated as this one."""
    if isinstance(value, Choice):
        return _initial(value)
    full = plain(value)
    for candidate in _shorter(full):
        try:
            if same(argument.validator.parse(candidate, window_rank), value):
                return candidate
        except (TypeError, ValueError, OverflowError):
            continue
    return full


def _shorter(full: Any) -> list[Any]:
    """Shorter forms that may mean the same: one number for equal ones, pairs for equal pairs, and so on."""
    if not isinstance(full, list) or not full:
        return []
    items: list[Any] = full  # pyright: ignore[reportUnknownVariableType] - plain values, of any kind
    out: list[Any] = []
    if all(isinstance(v, list) and len(v) == 2 and v[0] == v[1] for v in items):  # pyright: ignore[reportUnknownArgumentType] - of any type
        singles = [v[0] for v in items]
        out += [singles[0]] if len(set(map(repr, singles))) == 1 else []
        out.append(singles)
    if len(set(map(repr, items))) == 1:
        out.append(items[0])
    return out


def same(a: Any, b: Any) -> bool:
    """Equal, and of the same types all through: 1, 1.0 and true are three things."""
    return bool(a == b) and repr(a) == repr(b)


def plain(value: Any) -> Any:
    """Tuples as lists."""
    return [plain(v) for v in value] if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownVariableType] - of any type


def _initial(choice: Choice) -> Any:
    """The value of ``init``."""
    if len(choice.by_name) == 1 and choice.by_name[0][0] == "*":
        return initial(choice.by_name[0][1])
    return {name: initial(init) for name, init in choice.by_name}


def initial(init: Init) -> Any:
    """An initialiser as a spec writes it: its name, ``{name: argument}``, or the numbers."""
    kind, args = init
    if kind == "formula":
        names = [f"i{axis}" for axis in range(args[1])]
        return {kind: f"$({args[0].expression((), names)})", "for": names}
    if kind == "values":
        return plain(args[0])
    if kind == "shifted_window_mask":
        size, window, shift = (plain(a) for a in args)
        return {kind: {"size": size, "window": window, "shift": shift}}
    if kind in ("relative_position_index", "log_relative_coordinates"):
        return {kind: plain(args)}
    return {kind: plain(args[0])} if args else kind
