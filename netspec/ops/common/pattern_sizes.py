"""The sizes of the axes of a pattern: what inputs of certain shapes make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from ... import limits
from ...shapes.shape_error import ShapeError
from ...shapes.sizes import Size, exact_div, is_named, product, require_equal
from ...shapes.types import TensorType, shape_text
from .axes import axis_name
from .pattern_text import REST, Pattern, Side, item_text, names_of, too_many_axes

Group = tuple[str, ...]
"""The names that one axis joins, the outermost first; none for an axis of size 1."""


class Layout(NamedTuple):
    """A pattern for inputs of certain types: ``...`` stands for names of its own."""

    inputs: tuple[tuple[Group, ...], ...]
    """For each axis of each input, the names that it is divided into."""
    output: tuple[Group, ...]
    sizes: Mapping[str, Size]
    """The size of every name."""

    @property
    def order(self) -> list[str]:
        """All names of the output, in order."""
        return [name for group in self.output for name in group]

    def shape(self, groups: Iterable[Group]) -> tuple[Size, ...]:
        """The sizes of axes that join these names."""
        return tuple(product(self.sizes[name] for name in group) for group in groups)


def lay_out(op: str, pattern: Pattern, named_sizes: Sequence[tuple[str, Size]], types: Sequence[TensorType]) -> Layout:
    """The pattern for inputs of these types.

    Args:
        op: the operation.
        pattern: its pattern, with a side for each input.
        named_sizes: sizes of names.
        types: the types of the inputs.

    Raises:
        ShapeError: NS580, an input has another number of axes; NS581, an axis does not have the sizes of its parts;
            NS582, a size does not follow; NS583, an axis has two sizes; NS919, too many axes.
    """
    counts = [_rest_of(op, pattern, number, x) for number, x in enumerate(types)]
    rest = max(counts, default=0)
    for number, (side, count) in enumerate(zip(pattern.inputs, counts, strict=True)):
        if REST in names_of(side) and count != rest:
            raise _other_rest(pattern, types, counts, number)
    inputs = tuple(_spread(side, rest) for side in pattern.inputs)
    output = _spread(pattern.output, rest)
    count = len({name for groups in (*inputs, output) for group in groups for name in group})
    if count > limits.PATTERN_AXES:
        raise too_many_axes(pattern, count)
    sizes = _Sizes(pattern, dict(named_sizes), types)
    sizes.solve([(i, a, group) for i, groups in enumerate(inputs) for a, group in enumerate(groups)])
    for group in output:
        for name in group:
            if name not in sizes.known:
                raise unknown_size(pattern, [name])
    return Layout(inputs, output, sizes.known)


def _rest_of(op: str, pattern: Pattern, number: int, x: TensorType) -> int:
    """How many axes of an input are left alone; ShapeError NS580 if it has another number of axes than its side."""
    side = pattern.inputs[number]
    has_rest = any(item.is_rest for item in side)
    rest = x.rank - (len(side) - has_rest)
    if rest < 0 or (rest and not has_rest):
        count = len(side) - has_rest
        axes = "axis" if count == 1 else "axes"
        which = "its input" if len(pattern.inputs) == 1 else f"input {number + 1}"
        message = f"'{pattern.side_text(number)}' of {pattern.quoted} is for {count} {axes}"
        message += f"{' or more' if has_rest else ''}, without the batch; {which} has {x.rank}: {shape_text(x.shape)}"
        raise ShapeError("NS580", message, at=tuple((number, a) for a in range(x.rank)), argument="pattern")
    return rest


def _other_rest(pattern: Pattern, types: Sequence[TensorType], counts: list[int], number: int) -> ShapeError:
    message = f"'...' of {pattern.quoted} stands for {max(counts)} axes, but for {counts[number]} in input {number + 1}"
    return ShapeError("NS580", message, at=tuple((number, a) for a in range(types[number].rank)))


def _spread(side: Side, count: int) -> tuple[Group, ...]:
    """The axes of a side, ``...`` replaced by that many axes."""
    rest = tuple(f"{REST}{i}" for i in range(count))
    groups: list[Group] = []
    for item in side:
        if item.is_rest:
            groups += [(name,) for name in rest]
        else:
            groups.append(tuple(n for name in item.names for n in (rest if name == REST else (name,))))
    return tuple(groups)


class _Sizes:
    """Finds the sizes of the names, axis by axis.

    Args:
        pattern: the pattern.
        known: the sizes that are given.
        types: the types of the inputs.
    """

    def __init__(self, pattern: Pattern, known: dict[str, Size], types: Sequence[TensorType]) -> None:
        self.pattern = pattern
        self.known_names = frozenset(known)
        self.known = known
        self.types = types
        self.sources: dict[str, tuple[int, int]] = {}
        """The axis from which a size is known."""

    def solve(self, axes: list[tuple[int, int, Group]]) -> None:
        """Find the sizes of all names of the inputs, from axes (number of the input, of the axis, its names)."""
        for i, a, group in axes:
            if len(group) == 1:
                self._alone(i, a, group[0])
            elif not group:
                require_equal(self.types[i].shape[a], 1, partial(self._not_one, i, a))
        left = [axis for axis in axes if len(axis[2]) > 1]
        while left:
            later = [axis for axis in left if not self._divided(*axis)]
            if len(later) == len(left):
                raise unknown_size(self.pattern, [n for n in later[0][2] if n not in self.known], later[0][2])
            left = later

    def _alone(self, i: int, a: int, name: str) -> None:
        n = self.types[i].shape[a]
        if name not in self.known:
            self.known[name] = n
            self.sources[name] = (i, a)
        else:
            self.known[name] = require_equal(self.known[name], n, partial(self._differs, i, a, name))

    def _divided(self, i: int, a: int, group: Group) -> bool:
        """Divide an axis into its parts; false if the sizes of several of them are unknown."""
        n = self.types[i].shape[a]
        unknown = [name for name in group if name not in self.known]
        parts = product(self.known[name] for name in group if name in self.known)
        fault = partial(self._does_not_divide, i, a, group)
        if len(unknown) > 1:
            return False
        if unknown:
            self.known[unknown[0]] = exact_div(n, parts, fault)
            self.sources[unknown[0]] = (i, a)
        else:
            require_equal(n, parts, fault)
        return True

    # -- errors ------------------------------------------------------------------------------------------------------
    def _axis(self, i: int, a: int) -> str:
        name = axis_name(self.types[i], a)
        return name if len(self.types) == 1 else f"{name} of input {i + 1}"

    def _not_one(self, i: int, a: int) -> ShapeError:
        message = f"{self.pattern.quoted} has 1 for {self._axis(i, a)}; found {self.types[i].shape[a]}"
        return ShapeError("NS581", message, at=((i, a),), help="name the axis")

    def _differs(self, i: int, a: int, name: str) -> ShapeError:
        n, source = self.types[i].shape[a], self.sources.get(name)
        if source is None:
            message = f"'{name}' of {self.pattern.quoted} is given as {self.known[name]}; {self._axis(i, a)} has {n}"
            return ShapeError("NS583", message, at=((i, a),), help=f"'{name}' follows from the input: remove the key")
        message = f"'{name}' of {self.pattern.quoted} has two sizes: {self.known[name]} in {self._axis(*source)}, "
        return ShapeError("NS583", f"{message}{n} in {self._axis(i, a)}", at=(source, (i, a)))

    def _does_not_divide(self, i: int, a: int, group: Group) -> ShapeError:
        n = self.types[i].shape[a]
        sizes = ", ".join(f"{name} = {self.known[name]}" for name in group if name in self.known)
        unknown = [name for name in group if name not in self.known]
        must = "a multiple of " if unknown else ""
        must += str(product(self.known[name] for name in group if name in self.known))
        message = f"{self.pattern.quoted} divides {self._axis(i, a)} into {item_text(group)} with {sizes}: "
        message += f"it must be {must}; found {n}"
        return ShapeError("NS581", message, at=((i, a),), help=self._sizes_that_do(i, a, group, bool(unknown)))

    def _sizes_that_do(self, i: int, a: int, group: Group, multiples: bool) -> str | None:
        """The nearest sizes of an axis, and of its parts, that would fit."""
        n = self.types[i].shape[a]
        parts = product(self.known[name] for name in group if name in self.known)
        if is_named(n) or is_named(parts) or parts < 1:
            return None
        fitting = [m for m in (n // parts * parts, (n // parts + 1) * parts) if m] if multiples else [parts]
        texts = [f"{axis_name(self.types[i], a)} of {' or '.join(map(str, fitting))}"]
        present = [name for name in group if name in self.known_names]
        if len(present) == 1:
            p = self.known[present[0]]
            others = parts // p
            near = nearest_divisors(n // others, p, exact=not multiples) if n % others == 0 else []
            texts += [f"{present[0]} of {' or '.join(map(str, near))}"] if near else []
        return f"it fits with {', or with '.join(texts)}"


_FAR = 1000
"""How far from a number its neighbours among divisors are looked for."""


def nearest_divisors(n: int, near: int, *, exact: bool = False) -> list[int]:
    """The divisors of n next to a number, below and above; with ``exact`` n itself."""
    if exact:
        return [n]
    below = next((d for d in range(min(near, n), max(near - _FAR, 0), -1) if n % d == 0), None)
    above = next((d for d in range(near, min(near + _FAR, n) + 1) if n % d == 0), None)
    return [d for d in (below, above) if d is not None and (d != 1 or near == 1)]


def unknown_size(pattern: Pattern, names: Sequence[str], group: Group = ()) -> ShapeError:
    """NS582: the size of a name is neither given nor follows from the inputs."""
    name = next((n for n in reversed(names) if not taken_word(n)), names[0])
    if group:
        listed = " and ".join(f"'{n}'" for n in names)
        message = f"{pattern.quoted} divides an axis into {item_text(group)}: the sizes of {listed} are unknown"
        help = f"give all but one of them beside the pattern: `{name}: …`"
    else:
        message = f"{pattern.quoted} has '{name}' on the right only: its size is unknown"
        help = f"give it beside the pattern: `{name}: …`"
    if meaning := taken_word(name):
        help = f"'{name}' is {meaning}: give the axis another name, and its size"
    return ShapeError("NS582", message, help=help, argument="pattern")


def taken_word(name: str) -> str | None:
    """What else a name means in a layer, so that it cannot be a key that gives the size of an axis; None if nothing."""
    from .. import TABLE
    from ..layer_keys import LAYER_KEYS

    if name in TABLE:
        return "the name of an operation"
    return "a key of layers" if name in LAYER_KEYS else "an argument" if name in ("by", "pattern") else None
