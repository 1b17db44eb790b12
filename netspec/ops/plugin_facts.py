"""What the class of another package says of its inputs, checked: shapes, weights, counts and dependence."""

# What the code of a package returns may be anything:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from ..diagnostics import clip
from ..shapes.reads import Along, Fixed
from ..shapes.shape_error import ShapeError
from ..shapes.sizes import is_named
from ..shapes.types import DTYPES, TensorType
from . import create
from .argument import ArgumentError
from .base import Op, Types
from .plugins import described, within
from .weight import Init, Weight

T = TypeVar("T")

SECONDS = 10.0
"""The time that a method may take."""


class _WrongError(Exception):
    """A method returns what it must not return."""


def created(name: str, arguments: Mapping[str, Any], inputs: Types, channels_last: bool, weight_type: str) -> Op:
    """An operation of another package, as :func:`netspec.ops.create`. Raises ShapeError NS231, too."""
    return _answer(name, "its arguments", lambda: create(name, arguments, inputs, channels_last, weight_type))


def facts(op: Op, inputs: Types) -> tuple[Types, tuple[Weight, ...]]:
    """The types of its outputs and its weights.

    Raises:
        ShapeError: the inputs do not fit; NS231, a method fails, takes too long or returns something else.
    """
    outputs = _answer(op.name, "infer", lambda: _outputs(op, op.infer(*inputs)))
    weights = _answer(op.name, "weights", lambda: _weights(op.typed_weights(*inputs)))
    _answer(op.name, "macs", lambda: _count(op.macs(inputs, outputs)))
    _answer(op.name, "connection_count", lambda: _count(op.connection_count(inputs, outputs)))
    for k in range(len(outputs)):
        _answer(op.name, "reads", partial(_reads, op, inputs, outputs, k))
    return outputs, weights


def _answer(name: str, method: str, ask: Callable[[], T]) -> T:
    try:
        return within(SECONDS, ask)
    except (ShapeError, ArgumentError, KeyboardInterrupt):
        raise
    except TimeoutError:
        problem = f"takes longer than {SECONDS:g} s"
    except _WrongError as error:
        problem = str(error)
    except BaseException as error:  # whatever the code of a package raises
        problem = f"fails: {described(error)}"
    message = f"the class of '{name}', which is not netspec's, is wrong: {method} {problem}"
    raise ShapeError("NS231", message, help="tell the authors of the package")


def _outputs(op: Op, types: Any) -> Types:
    if not isinstance(types, tuple) or not types or not all(isinstance(t, TensorType) for t in types):
        raise _WrongError(f"must return a tuple of TensorType; found {clip(repr(types))}")
    if len(op.results) not in (0, len(types)):
        raise _WrongError(f"returns {len(types)} types; 'results' names {len(op.results)} outputs")
    for t in types:
        sizes = isinstance(t.shape, tuple) and all(type(n) is int or is_named(n) for n in t.shape)
        names = isinstance(t.axes, tuple) and all(isinstance(a, str) for a in t.axes)
        if not sizes or not names or t.dtype not in DTYPES or len(t.axes) != len(t.shape):
            raise _WrongError(f"returns a type of sizes, elements and axes that do not exist: {clip(repr(t), 200)}")
    return types


def _weights(weights: Any) -> tuple[Weight, ...]:
    if not isinstance(weights, tuple) or not all(isinstance(w, Weight) for w in weights):
        raise _WrongError(f"must return a tuple of Weight; found {clip(repr(weights))}")
    names = [w.name for w in weights]
    for w in weights:
        sizes = isinstance(w.shape, tuple) and all((type(n) is int and n > 0) or is_named(n) for n in w.shape)
        named = isinstance(w.name, str) and w.name.isidentifier() and names.count(w.name) == 1
        if not sizes or not named or w.dtype not in DTYPES or not isinstance(w.init, Init):
            raise _WrongError(f"returns a weight that cannot be: {clip(repr(w), 200)}")
    return weights


def _count(count: Any) -> None:
    if not is_named(count) and (type(count) is not int or count < 0):
        raise _WrongError(f"must return a number of at least 0; found {clip(repr(count))}")


def _reads(op: Op, inputs: Types, outputs: Types, number: int) -> None:
    reads: Any = op.reads(inputs, outputs, number)
    rank = outputs[number].rank
    if not isinstance(reads, tuple) or len(reads) != len(inputs):
        raise _WrongError(f"must return one entry for each of {len(inputs)} inputs; found {clip(repr(reads))}")
    for read, x in zip(reads, inputs, strict=True):
        if read is None:
            continue
        if not isinstance(read, tuple) or len(read) != x.rank:
            raise _WrongError(f"must say of each of {x.rank} axes how it is read; found {clip(repr(read))}")
        for axis in read:
            exists = axis is None or isinstance(axis, Fixed) or (isinstance(axis, Along) and 0 <= axis.axis < rank)
            if not exists:
                raise _WrongError(f"reads an input along an axis that the output lacks: {clip(repr(axis))}")
