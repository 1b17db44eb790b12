"""Functions that reduce axes."""

from __future__ import annotations

from netspec.importing import CannotImportError
from netspec.importing.problems import BATCH

from ..call import LayerCall, Result
from .table import operation

REDUCTIONS = {
    "Mean": "mean",
    "Sum": "sum",
    "Max": "max",
    "Amax": "max",
    "Min": "min",
    "Amin": "min",
    "Prod": "prod",
    "Var": "var",
}


@operation(*REDUCTIONS)
def reduce(call: LayerCall) -> Result:
    """A reduction over one or several axes."""
    axes = _axes(call)
    keepdims = True if call.argument(99, "keepdims", False) else None
    name = REDUCTIONS[call.layer.class_name]
    correction = 0 if name == "var" else None
    return call.add(name, axis=axes[0] if len(axes) == 1 else axes, keepdims=keepdims, correction=correction)


@operation("Std")
def std(call: LayerCall) -> Result:
    """The standard deviation."""
    axes = _axes(call)
    keepdims = True if call.argument(99, "keepdims", False) else None
    variance = call.add("var", stem="var", axis=axes[0] if len(axes) == 1 else axes, keepdims=keepdims, correction=0)
    return call.add("sqrt", variance, stem="sqrt")


@operation("Argmax", "Argmin")
def position(call: LayerCall) -> Result:
    """The position of the maximum or minimum."""
    (axis,) = _axes(call)
    keepdims = True if call.argument(99, "keepdims", False) else None
    return call.add(call.layer.class_name.lower(), axis=axis, keepdims=keepdims)


@operation("Cumsum")
def cumsum(call: LayerCall) -> Result:
    """Cumulative sums."""
    (axis,) = _axes(call)
    return call.add("cumsum", axis=axis)


def _axes(call: LayerCall) -> list[int]:
    """Returns the given axes. Raises CannotImportError NS843 if there are none, because that includes the batch."""
    axis = call.argument(1, "axis")
    if axis is None:
        raise CannotImportError(BATCH, "without an axis it also reduces the batch axis")
    return call.axes(axis, call.input.rank)
