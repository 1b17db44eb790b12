"""The rule for operations of other packages, whose functions ``netspec.register`` supplies."""

from __future__ import annotations

from typing import Any

from netspec.ops.argument import as_list
from netspec.ops.axis import AxisValidator
from netspec.ops.base import Op
from netspec.ops.registered import address
from netspec.shapes.sizes import is_named

from .lowered import Default, Expr, Literal, Lowered, Make, Site, lower


@lower.registered
def registered(op: Op, site: Site) -> Lowered:
    """Calls the function with inputs, weights and arguments, and checks the result."""
    at = address(op.name, "torch")
    assert at is not None
    weights = op.weights(*site.xs)
    holes: dict[str, Literal] = {}
    arguments = [site.whole(i) for i in range(len(site.xs))]
    arguments += [f"{w.name}={{self}}.{w.name}" for w in weights]
    for name, value in arguments_of(op).items():
        holes[name] = value
        arguments.append(f"{name}={{{name}}}")
    shapes: list[str] = []
    for y in site.ys:
        sizes = [None if is_named(n) else n for n in y.shape]
        shapes.append(f"({', '.join(map(str, sizes))}{',' if y.rank == 1 else ''}), torch.{y.dtype}")
    call = f"{at.replace(':', '.')}({', '.join(arguments)})"
    text = f"checked({call}, {op.name!r}, {', '.join(shapes)})"
    if not weights:
        return Lowered(None, Expr(text, holes))
    parameters = tuple((w.name, w.shape) for w in weights if not w.buffer)
    buffers = tuple((w.name, w.shape) for w in weights if w.buffer)
    make = Make("OwnWeights", {"parameters": parameters, "buffers": Default(buffers, ())})
    return Lowered(make, Expr(text, holes))


def arguments_of(op: Op) -> dict[str, Any]:
    """Returns the arguments of an operation, with axis numbers that count the batch axis."""
    values = dict(op.numbers())
    for name, argument in op.arguments.items():
        value = values.get(name)
        if isinstance(argument.validator, AxisValidator) and value is not None:
            values[name] = tuple(int(a) + 1 for a in as_list(value)) if isinstance(value, tuple) else value + 1
    return values
