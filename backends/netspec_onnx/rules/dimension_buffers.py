"""Buffers whose shape depends on named dimensions; the model computes them in nodes before all layers."""

from __future__ import annotations

from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.ops.learned import Stored
from netspec.ops.weight import ZEROS, Init
from netspec.shapes.dim_atoms import Atom, Product
from netspec.shapes.dims import Dim
from netspec.shapes.sizes import Size, is_named, minimum, product
from netspec.shapes.types import shape_text

from ..builder.runtime_sizes import RuntimeSizes
from ..builder.site import Site
from ..builder.value_info import ELEMENT, GraphValue

CONSTANTS = {"zeros": 0.0, "ones": 1.0}
"""Initialisers with a single value."""


def computed_table(op: Stored, site: Site) -> GraphValue:
    """Returns the value of a buffer; equal ones are computed once.

    Raises:
        BackendError: NS716, its numbers cannot be computed for every size.
    """
    init = op.init.by_name[0][1] if op.init.by_name else ZEROS
    dtype = site.element(site.node.outputs[0].dtype)
    shape = (1, *op.shape) if op.batch_axis else op.shape
    key = (init, shape, dtype)
    tables = site.sizes.tables
    if key not in tables:
        tables[key] = _table(site, init, shape, dtype)
    return tables[key]._replace(batched=op.batch_axis)


def _table(site: Site, init: Init, shape: tuple[Size, ...], dtype: str) -> GraphValue:
    sizes = site.sizes
    if init.kind == "formula":
        from .formula_nodes import computed_constant  # few networks have formulas

        return computed_constant(init.args[0], shape, dtype, sizes)
    if init.kind == "shifted_window_mask":
        return _in_shape(sizes, shifted_window_mask(sizes, *init.args, dtype=dtype), shape)
    number = init.args[0] if init.kind == "constant" else CONSTANTS.get(init.kind)
    if number is None:
        raise _known_for_one_size(site, shape)
    return sizes.add("Expand", [sizes.number(number, dtype), sizes.list(shape)], "sizes/table", shape, dtype)


def _known_for_one_size(site: Site, shape: tuple[Size, ...]) -> BackendError:
    names = dict.fromkeys(name for n in shape if is_named(n) for name in n.mentions())
    message = f"the numbers of '{clip(site.node.name)}' are known for one size, but its size is {shape_text(shape)}"
    return BackendError("NS716", message, f"give the names numbers, by --at: {', '.join(names)}")


def shifted_window_mask(
    sizes: RuntimeSizes, size: tuple[Size, ...], window: tuple[Size, ...], shift: tuple[Size, ...], *, dtype: str
) -> GraphValue:
    """Returns 0 between tokens of one region before a cyclic shift, and -100 between others: (windows, tokens, tokens).

    Every axis has three regions: before the last window, its first part, and the part that the shift brings in. An axis
    that is covered by one window is not shifted.
    """
    rank, tokens = len(size), product(window)
    regions = _regions(sizes, size[0], window[0], shift[0])
    for axis in range(1, rank):
        tripled = sizes.add("Mul", [regions, sizes.constant((3,))], "sizes/mask/tripled", regions.shape)
        column = sizes.add("Unsqueeze", [tripled, sizes.constant((axis,))], "sizes/mask/column", (*size[:axis], 1))
        line = _regions(sizes, size[axis], window[axis], shift[axis])
        regions = sizes.add("Add", [column, line], "sizes/mask/regions", size[: axis + 1])
    counts = [_windows(n, w) for n, w in zip(size, window, strict=True)]
    tiled = [m for pair in zip(counts, window, strict=True) for m in pair]
    tiles = sizes.add("Reshape", [regions, sizes.list([-1, *tiled[1:]])], "sizes/mask/tiles", tuple(tiled))
    order = [*range(0, 2 * rank, 2), *range(1, 2 * rank, 2)]
    turned = sizes.add("Transpose", [tiles], "sizes/mask/turned", tuple(tiled[a] for a in order), perm=order)
    count = product(counts)
    labels = sizes.add("Reshape", [turned, sizes.list([-1, tokens])], "sizes/mask/labels", (count, tokens))
    rows = sizes.add("Unsqueeze", [labels, sizes.constant((2,))], "sizes/mask/rows", (count, tokens, 1))
    columns = sizes.add("Unsqueeze", [labels, sizes.constant((1,))], "sizes/mask/columns", (count, 1, tokens))
    shape = (count, tokens, tokens)
    same = sizes.add("Equal", [rows, columns], "sizes/mask/same", shape, "bool")
    numbers = sizes.number(0.0, dtype), sizes.number(-100.0, dtype)
    return sizes.add("Where", [same, *numbers], "sizes/mask", shape, dtype)


def _windows(size: Size, window: Size) -> Size:
    """Returns the number of windows along an axis, which is a factor of the size if that is symbolic."""
    if not is_named(window):
        return size // window
    if size == window:
        return 1
    assert is_named(size)
    ((factor, _),) = window.terms.items()
    terms = {tuple(_without(atoms, factor)): c for atoms, c in size.terms.items()}
    return Dim.of(terms, size.names) + 0


def _without(atoms: Product, factor: Product) -> list[Atom]:
    left = list(atoms)
    for atom in factor:
        left.remove(atom)
    return left


def _regions(sizes: RuntimeSizes, size: Size, window: Size, shift: Size) -> GraphValue:
    """Returns the region of each position along one axis."""
    shift = shift * minimum(size - window, 1)
    bounds = [sizes.number(0, "int64"), _scalar(sizes, size), sizes.number(1, "int64")]
    line = sizes.add("Range", bounds, "sizes/mask/positions", (size,))
    marks: list[GraphValue] = []
    for first in (size - window, size - shift):
        after = sizes.add("GreaterOrEqual", [line, sizes.list([first])], "sizes/mask/after", (size,), "bool")
        marks.append(sizes.add("Cast", [after], "sizes/mask/mark", (size,), to=ELEMENT["int64"]))
    return sizes.add("Add", marks, "sizes/mask/line", (size,))


def _scalar(sizes: RuntimeSizes, size: Size) -> GraphValue:
    return sizes.scalar(size) if is_named(size) else sizes.number(size, "int64")


def _in_shape(sizes: RuntimeSizes, table: GraphValue, shape: tuple[Size, ...]) -> GraphValue:
    """Reshapes a table; its symbolic size is inferred."""
    if table.shape == shape:
        return table
    target = [-1 if is_named(n) else n for n in shape]
    if target.count(-1) > 1:
        return sizes.add("Reshape", [table, sizes.list(shape)], "sizes/table", shape, table.dtype)
    return sizes.add("Reshape", [table, sizes.constant(tuple(target))], "sizes/table", shape, table.dtype)
