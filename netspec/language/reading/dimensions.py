"""Named dimensions (``dims:``): input sizes known only at run time, with defaults and allowed sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ... import limits
from ...diagnostics import LocatedError, clip, did_you_mean
from ...shapes.named_sizes import NamedDim
from ...text.yaml_reader import Map, Tree
from .evaluation import Charge, ParameterEnvironment, charge_nothing
from .expression_functions import FUNCTIONS, describe_value
from .parameters import RESERVED
from .records import DimensionRecord, Report, read_record, require_mapping
from .written_values import WrittenValue, read_value


class DimensionValueError(LocatedError):
    """NS229: a size that is not allowed for a dimension was given from outside."""

    def __init__(self, name: str, number: int, message: str, help: str | None = None) -> None:
        super().__init__("NS229", message, help=help)
        self.option = f"--at {clip(name)}={number}"
        """The option as given on the command line."""


BATCH = "N"
"""The name of the batch axis in files; it is never part of a shape."""


class DimensionDeclaration(NamedTuple):
    """A named dimension as written."""

    name: str
    location: int
    default: WrittenValue
    multiple_of: WrittenValue | None = None
    min: WrittenValue | None = None
    max: WrittenValue | None = None
    doc: str | None = None


def read_dimensions(node: Tree | None, report: Report) -> tuple[DimensionDeclaration, ...] | None:
    """Read the value of ``dims``. Problems are reported; None if there is any."""
    if node is None:
        return ()
    dimensions: list[DimensionDeclaration] = []
    try:
        entries = require_mapping(node, "dims").entries
    except LocatedError as error:
        report(error)
        return None
    for name, (location, inner, _) in entries.items():
        try:
            dimension = _read_dimension(name, location, inner, report)
        except LocatedError as error:
            report(error)
            continue
        if dimension is not None:
            dimensions.append(dimension)
    return tuple(dimensions) if len(dimensions) == len(entries) else None


def _read_dimension(name: str, location: int, node: Tree, report: Report) -> DimensionDeclaration | None:
    if not name.isidentifier() or not name.isascii() or len(name) > limits.NAME:
        message = f"the name of a dimension is letters, digits and '_'; found '{clip(name)}'"
        raise LocatedError("NS204", message, location)
    if name == BATCH:
        help = "the batch axis is implied: no shape has it"
        raise LocatedError("NS228", "'N' is the batch axis, which is never written", location, help=help)
    if name in RESERVED or name in FUNCTIONS or name == "shape":
        raise LocatedError("NS215", f"'{name}' is reserved and cannot name a dimension", location)
    if type(node) is not Map:
        return DimensionDeclaration(name, location, read_value(node))
    record = read_record(DimensionRecord, node, f"the dimension '{name}'", report)
    if record is None:
        return None
    step, least, most = [None if t is None else read_value(t) for t in (record.multiple_of, record.min, record.max)]
    return DimensionDeclaration(name, location, read_value(record.default), step, least, most, record.doc)


def bind_dimensions(
    dimensions: Iterable[DimensionDeclaration], parameters: Mapping[str, Any], charge: Charge = charge_nothing
) -> list[NamedDim]:
    """Returns the named dimensions for given parameters. Raises LocatedError NS228 or NS215."""
    environment = ParameterEnvironment(parameters, charge)
    bound: list[NamedDim] = []
    for d in dimensions:
        if d.name in parameters:
            raise LocatedError("NS215", f"'{d.name}' is a parameter, too: give the dimension another name", d.location)

        def size(what: str, value: WrittenValue | None, d: DimensionDeclaration = d) -> int | None:
            if value is None:
                return None
            number = value.evaluate(environment)
            if type(number) is float and number.is_integer():
                number = int(number)
            if type(number) is not int or not 0 < number < limits.SIZE:
                actual = describe_value(number)
                message = f"{what} of '{d.name}' must be a positive integer below 2^40; found {actual}"
                raise LocatedError("NS228", message, value.location)
            return number

        default = size("the default", d.default)
        assert default is not None
        least, step = size("min", d.min) or 1, size("multiple_of", d.multiple_of) or 1
        dim = NamedDim(d.name, default, step, least, size("max", d.max))
        _check_promise(dim, d)
        bound.append(dim)
    return bound


def check_sizes(
    dimensions: Iterable[DimensionDeclaration], parameters: Mapping[str, Any], sizes: Mapping[str, int]
) -> None:
    """Check sizes given for named dimensions from outside.

    Raises:
        DimensionValueError: there is no such dimension, or it does not allow the size.
        LocatedError: NS228, NS215: a declaration is invalid.
    """
    dims = {dim.name: dim for dim in bind_dimensions(dimensions, parameters)}
    for name, number in sizes.items():
        dim = dims.get(name)
        if name == BATCH:
            message = f"'{BATCH}' is the batch axis, which is not a named dimension"
            file = f"`export … -o FILE.onnx --at {BATCH}={number}` fixes their number"
            raise DimensionValueError(name, number, message, f"`check --batch {number}` counts examples; {file}")
        if dim is None:
            known = f"named dimensions: {', '.join(map(clip, dims))}" if dims else "the spec names none ('dims')"
            message = f"there is no named dimension '{clip(name)}'"
            raise DimensionValueError(name, number, message, did_you_mean(name, dims) or known)
        if not 0 < number < limits.SIZE:
            message = f"a size must be a positive integer below 2^40; found {clip(str(number))}"
            raise DimensionValueError(name, number, message)
        if not dim.allows(number):
            message = f"'{clip(name)}' is promised to be {promise_text(dim)}; found {number}"
            raise DimensionValueError(name, number, message, f"the nearest such size is {nearest_size(dim, number)}")


def nearest_size(dim: NamedDim, number: int) -> int:
    """Returns the allowed size nearest to a number, or one of the nearest; there is at least one."""
    step = dim.multiple_of
    first = -(-dim.min // step) * step
    last = dim.max // step * step if dim.max is not None else max(first, number + step)
    return min(max((number + step // 2) // step * step, first), last)


def _check_promise(dim: NamedDim, written: DimensionDeclaration) -> None:
    """Raises LocatedError NS228 if no size is allowed, or the default is not."""
    first = -(-dim.min // dim.multiple_of) * dim.multiple_of
    if dim.max is not None and first > dim.max:
        step = f"no multiple of {dim.multiple_of}" if dim.multiple_of > 1 else "no size"
        message = f"'{dim.name}' can have no size at all: {step} is from {dim.min} to {dim.max}"
        raise LocatedError("NS228", message, written.location)
    if not dim.allows(dim.default):
        near = nearest_size(dim, dim.default)
        promise = promise_text(dim)
        message = f"the default of '{dim.name}' is {dim.default}, but it is promised to be {promise}"
        raise LocatedError("NS228", message, written.default.location, help=f"the nearest such size is {near}")


def promise_text(dim: NamedDim) -> str:
    """Describes the allowed sizes of a dimension: ``a multiple of 32 from 64 to 512``."""
    text = f"a multiple of {dim.multiple_of}" if dim.multiple_of > 1 else ""
    if dim.min > 1 and dim.max is not None:
        text += f" from {dim.min} to {dim.max}"
    elif dim.min > 1:
        text += f" of {dim.min} or more" if text else f"{dim.min} or more"
    elif dim.max is not None:
        text += f" up to {dim.max}" if text else f"at most {dim.max}"
    return text.strip()
