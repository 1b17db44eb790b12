"""Rules for operations with a pattern, in hand-written form: ``unflatten``, ``permute``, ``flatten``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netspec.ops.common.matrix_product import find_matrix_product
from netspec.ops.common.pattern_sizes import Group, Layout
from netspec.ops.pattern import Einsum, Rearrange
from netspec.shapes.sizes import Size, is_same

from .lowered import Literal, Lowered, Site, batchless, expression, lower

batchless(Rearrange, Einsum)

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
BATCH = "b"
"""The letter of the batch in ``torch.einsum``."""


class Chain:
    """Consecutive method calls on a tensor with named axes.

    Args:
        start: the text of the tensor.
        axes: for each axis, the names that it combines, without the batch.
        lead: number of axes before these: 1 if there is a batch axis.
        holes: receives the numbers in the text, by name.
    """

    def __init__(self, start: str, axes: Sequence[Group], lead: int, holes: dict[str, Literal]) -> None:
        self.text = start
        self.axes = [*axes]
        self.lead = lead
        self.holes = holes

    def hole(self, name: str, value: Size) -> str:
        """Adds a hole for a size, named after its axis."""
        hole = f"{name.strip('.')}_size"
        self.holes[hole] = value
        return f"{{{hole}}}"

    def divide(self, sizes: Mapping[str, Size], open_names: Sequence[str]) -> None:
        """Applies ``unflatten`` to axes with several names (-1 for an open size), and ``squeeze`` to nameless ones."""
        place = 0
        while place < len(self.axes):
            names = self.axes[place]
            if len(names) > 1:
                is_open = [n in open_names for n in names]
                text = ["-1" if o else self.hole(n, sizes[n]) for n, o in zip(names, is_open, strict=True)]
                self.text += f".unflatten({self.lead + place}, ({', '.join(text)}))"
                self.axes[place : place + 1] = [(n,) for n in names]
            place += max(len(names), 1)
        self._remove([p for p, names in enumerate(self.axes) if not names], "squeeze")

    def _remove(self, places: list[int], method: str) -> None:
        """Removes axes by a method that accepts their numbers."""
        if places:
            numbers = ", ".join(str(self.lead + p) for p in places)
            self.text += f".{method}({numbers})" if len(places) == 1 else f".{method}(({numbers}))"
            self.axes = [names for p, names in enumerate(self.axes) if p not in places]

    def reduce(self, gone: Sequence[str], by: str) -> None:
        """Reduces some axes."""
        places = [p for p, names in enumerate(self.axes) if names[0] in gone]
        if by != "prod":
            self._remove(places, {"max": "amax", "min": "amin"}.get(by, by))
            return
        for place in reversed(places):  # the method accepts one axis at a time
            self._remove([place], "prod")

    def permute(self, order: Sequence[str]) -> None:
        """Permutes the axes."""
        now = [names[0] for names in self.axes]
        moved = [now.index(name) for name in order]
        swapped = [p for p, q in enumerate(moved) if p != q]
        if len(swapped) == 2:
            self.text += f".transpose({self.lead + swapped[0]}, {self.lead + swapped[1]})"
        elif swapped:
            self.text += f".permute({', '.join(map(str, [*range(self.lead), *(self.lead + p for p in moved)]))})"
        self.axes = [(name,) for name in order]

    def add(self, groups: Sequence[Group], sizes: Mapping[str, Size]) -> None:
        """Adds axes of size 1, and expands those with a given size, in the order of the groups."""
        known = {name for names in self.axes for name in names}
        axes: list[Group] = []
        for group in groups:
            axes += [(name,) for name in group] or [()]
        new = [p for p, names in enumerate(axes) if not names or names[0] not in known]
        if len(new) == 1:
            self.text += f".unsqueeze({self.lead + new[0]})"
        elif new:
            index = [":"] * self.lead + ["None" if p in new else ":" for p in range(new[-1] + 1)]
            self.text += f"[{', '.join(index)}]"
        repeated = [p for p in new if axes[p] and not is_same(sizes[axes[p][0]], 1)]
        if repeated:
            target = [self.hole(axes[p][0], sizes[axes[p][0]]) if p in repeated else "-1" for p in range(len(axes))]
            self.text += f".expand({', '.join(['-1'] * self.lead + target)})"
        self.axes = axes

    def join(self, groups: Sequence[Group]) -> None:
        """Applies ``flatten`` to the axes of each group, the last group first."""
        place = len(self.axes)
        for group in reversed(groups):
            count = max(len(group), 1)
            place -= count
            if len(group) > 1:
                end = f", {self.lead + place + count - 1}" if place + count < len(self.axes) else ""
                self.text += f".flatten({self.lead + place}{end})"
                self.axes = [*self.axes[:place], group, *self.axes[place + count :]]


def open_names(groups: Sequence[Group], known: Mapping[str, Size]) -> list[str]:
    """Returns the last name without a given size of every axis with several names; its size can be inferred."""
    last = [[name for name in group if name not in known][-1:] for group in groups if len(group) > 1]
    return [name for names in last for name in names]


@lower.rule(Rearrange)
def rearrange(op: Rearrange, site: Site) -> Lowered:
    """Applies ``unflatten``, a reduction, ``permute``, ``expand`` and ``flatten``, in this order, as far as needed."""
    layout = op.layout(site.xs)
    holes: dict[str, Literal] = {}
    chain = Chain("{0}", layout.inputs[0], site.axis(0), holes)
    chain.divide(layout.sizes, open_names(layout.inputs[0], dict(op.given_sizes)))
    if op.by is not None:
        chain.reduce(op.reduced(layout), op.by)
    first_names = [names[0] for names in chain.axes]
    chain.permute([name for name in layout.order if name in first_names])
    chain.add(layout.output, layout.sizes)
    chain.join(layout.output)
    return expression(chain.text, **holes)


@lower.rule(Einsum)
def einsum(op: Einsum, site: Site) -> Lowered:
    """``@`` for matrix products, otherwise ``torch.einsum``."""
    layout = op.layout(site.xs)
    holes: dict[str, Literal] = {}
    operands: list[Chain] = []
    for number, groups in enumerate(layout.inputs):
        has_batch = site.batch[number] != "0"
        start = site.whole(number) if has_batch else f"{{{number}}}"
        chain = Chain(start, groups, int(has_batch), holes)
        chain.divide(layout.sizes, open_names(groups, dict(op.given_sizes)))
        operands.append(chain)
    lead = int(site.lead != "0")
    product = find_matrix_product(layout, [chain.lead > 0 for chain in operands])
    if product is not None:
        first, second = (
            chain.text + (".mT" if turned else "") for chain, turned in zip(operands, product, strict=True)
        )
        text = f"{first} @ {second}"
        text = f"({text})" if any(len(group) != 1 for group in layout.output) else text
    else:
        letters = _letters(layout)
        equation = ",".join(BATCH * c.lead + "".join(letters[names[0]] for names in c.axes) for c in operands)
        equation += "->" + BATCH * lead + "".join(letters[name] for name in layout.order)
        text = f'torch.einsum("{equation}", {", ".join(chain.text for chain in operands)})'
    result = Chain(text, [(name,) for name in layout.order], lead, holes)
    result.add(layout.output, layout.sizes)
    result.join(layout.output)
    return expression(result.text, **holes)


def _letters(layout: Layout) -> dict[str, str]:
    """Assigns a letter to each name, its initial if possible. The batch is ``b``."""
    free = dict.fromkeys(LETTERS)
    del free[BATCH]
    letters: dict[str, str] = {}
    names = dict.fromkeys(n for groups in layout.inputs for group in groups for n in group)
    for name in names:
        preferred = [c for c in (name[0], name[0].lower(), name[0].upper()) if c in free]
        letters[name] = preferred[0] if preferred else next(iter(free))
        del free[letters[name]]
    return letters
