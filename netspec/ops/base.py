"""What every operation is: one frozen model that says all the core knows of it.

An operation's class holds its arguments (annotated with the checks of :mod:`netspec.ops.common.arguments`), and methods
that follow from the types of its inputs: ``infer`` (output types), ``weights``, ``macs``, ``connection_count``
and ``reads``. This is the only file of ``ops/`` that knows Pydantic.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import CoreSchema, core_schema

from ..diagnostics import Diagnostic, Error
from ..shapes.reads import Reads, pointwise
from ..shapes.sizes import ShapeError, Size
from ..shapes.types import SPATIAL, TensorType, roles, shown

Types: TypeAlias = tuple[TensorType, ...]


class Init(NamedTuple):
    """How a tensor's first values come about: the name of a distribution or rule, and its numbers.

    Kinds: ``zeros``, ``ones``, ``constant (v,)``, ``uniform (bound,)`` from -bound to bound, ``normal (std,)``,
    ``truncated_normal (std,)`` cut at two standard deviations, the named rules of the language (``he_normal`` …,
    whose scale follows from the tensor's shape), ``values`` (nested tuples of numbers), and for buffers
    ``relative_position_index (size…)``, ``log_relative_coordinates (size…)``, ``shifted_window_mask (…)``.
    """

    kind: str
    args: tuple[Any, ...] = ()


ZEROS = Init("zeros")
ONES = Init("ones")


class Weight(NamedTuple):
    """A tensor that an operation owns, by the name it has in PyTorch; the empty name is the layer's own."""

    name: str
    shape: tuple[int, ...]
    init: Init
    trainable: bool = True
    buffer: bool = False
    """A buffer is no parameter: it is not trained and not counted (running statistics, tables)."""
    dtype: str = "float32"
    persistent: bool = True
    """Whether the state dict has it."""


class Check:
    """One check of an argument: reads what was written, or says what it must be.

    Args:
        words: what the value must be, to follow "must be".
        schema: the JSON Schema of what may be written (without expressions).
        read: takes the value and the number of window axes; gives the value as the operation keeps it, or raises
            ``ValueError`` (its text, where there is one, replaces ``words``).
    """

    __slots__ = ("read", "schema", "words")

    def __init__(self, words: str, schema: Mapping[str, Any], read: Callable[[Any, int], Any]) -> None:
        self.words = words
        self.schema = schema
        self.read = read

    def _run(self, value: Any, info: core_schema.ValidationInfo) -> Any:
        rank: int = info.data.get("rank", 0)
        try:
            return self.read(value, rank)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError(str(error) if type(error) is ValueError and error.args else self.words) from None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._run)


class AxisCheck(Check):
    """An argument that names an axis (or several) of the first input: by number, negative number or word.

    It is resolved to numbers from 0 before the operation is made. ``default`` says what an absent one means:
    ``channels`` (an error where the channel axis is not known), ``last`` (the channel axis, or else the last),
    ``flat`` (the same, but an image is an error: it was meant to be flattened), or None (left out). ``new`` counts
    the axes of the result instead (``unsqueeze``).
    """

    __slots__ = ("default", "many", "new")

    def __init__(self, *, default: str | None = None, many: bool = False, new: bool = False) -> None:
        one: dict[str, Any] = {"type": ["integer", "string"]}
        super().__init__(
            "an axis: a number, or its name" + (", or a list of them" if many else ""),
            {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]} if many else one,
            self._resolved,
        )
        self.default = default
        self.many = many
        self.new = new

    def _resolved(self, value: Any, rank: int) -> Any:
        if value is None and self.default is None:
            return None
        if self.many:
            return tuple(items_of(value))
        if type(value) is not int:
            raise ValueError
        return value

    def resolve(self, op: str, argument: str, value: Any, x: TensorType) -> Any:
        """The number(s) of the axes meant, from 0; None where there is no default.

        Raises:
            ArgumentError: no such axis, or the channel axis is needed and not known.
        """
        if value is None:
            if self.default is None:
                return None
            number = x.channel
            if number is None and self.default in ("last", "flat"):
                number = x.rank - 1
            if self.default == "flat" and x.rank > 2 and number != x.rank - 1:
                raise ArgumentError([(
                    "", f"'{op}' needs '{argument}' on an image {shown(x.shape)}: flatten it first, "
                    "or say which axis is meant")])
            if number is None or number < 0:
                raise ArgumentError(
                    [(argument, f"'{op}' works along the channel axis, which is not known here: give '{argument}'")]
                )
            return (number,) if self.many else number
        if self.many:
            out = tuple(self._one(op, argument, v, x) for v in items_of(value))
            if len(set(out)) != len(out) or not out:
                raise ArgumentError([(argument, f"{argument} must name each axis once")])
            return out
        return self._one(op, argument, value, x)

    def _one(self, op: str, argument: str, value: Any, x: TensorType) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        rank = x.rank + (1 if self.new else 0)
        if type(value) is int:
            if -rank <= value < rank:
                return value % rank
            raise ArgumentError(
                [(argument, f"{argument} {value} does not exist: there are {rank} axes, 0 to {rank - 1}")]
            )
        if type(value) is not str:
            raise ArgumentError([(argument, f"{argument} must be {self.words}")])
        number = x.axis(value)
        if number is None:
            named = ", ".join(a or str(i) for i, a in enumerate(x.axes))
            raise ArgumentError(
                [(argument, f"there is no axis '{value}' here: the axes of {shown(x.shape)} are {named}")]
            )
        return number


def items_of(value: Any) -> list[Any]:
    """The items of a list; anything else is the only one."""
    found: list[Any] = [*value] if isinstance(value, (list, tuple)) else [value]  # pyright: ignore[reportUnknownVariableType] - of YAML, anything
    return found


class LayerCheck(Check):
    """An argument that names another layer, which becomes a further input; the operation keeps that it was given."""

    def __init__(self) -> None:
        super().__init__("the name of a layer", {"type": "string"}, lambda value, rank: bool(value))


class Hidden:
    """Marks a field that the compiler sets and no spec can."""


class ArgumentError(Error):
    """Arguments that are missing (NS220) or invalid (NS221).

    Args:
        problems: pairs of argument ("" for a missing one) and message ("kernel must be …").
    """

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        Exception.__init__(self, problems)
        self.problems = problems
        self._hold(Diagnostic("NS221" if argument else "NS220", message) for argument, message in problems)


class Op(BaseModel):
    """An operation with its arguments. Subclasses say the rest; every method takes types without the batch axis."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, validate_default=True)

    primary: ClassVar[str | None] = None
    """The argument that may stand as the value of the operation's name; ``from`` where that names layers."""
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    """The least and the greatest number of inputs (None: any number), those that arguments name apart."""
    results: ClassVar[tuple[str, ...]] = ()
    """Names of the outputs, where there are several."""
    is_activation: ClassVar[bool] = False
    """Whether it may stand as ``activation`` of a layer."""
    as_previous: ClassVar[bool] = True
    """Whether the next layer takes it as its input by default."""
    moves: ClassVar[bool] = False
    """Whether it means the same where the axes of its inputs stand in another order, its axis arguments translated and
    the axes of its output in that order too."""

    name: Annotated[str, Hidden()] = ""
    rank: Annotated[int, Hidden()] = 0
    """Number of window axes of a 1d, 2d or 3d operation; 0 for the others."""
    channels_last: Annotated[bool, Hidden()] = False
    """Whether windows find the channel axis last (``layout: channels_last``)."""

    @classmethod
    def arguments(cls) -> dict[str, Check]:
        """The arguments a spec may give, with their checks, in order."""
        found: dict[str, Check] = cls.__dict__.get("_arguments_", {})
        if not found:
            for name, field in cls.model_fields.items():
                check = next((m for m in field.metadata if isinstance(m, Check)), None)
                if check is not None:
                    found[name] = check
            cls._arguments_ = found  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
        return found

    @classmethod
    def needs(cls, argument: str) -> bool:
        """Whether a spec must give an argument (one that names the channel axis by default need not be given)."""
        check = cls.arguments()[argument]
        by_default = isinstance(check, AxisCheck) and check.default is not None
        return cls.model_fields[argument].is_required() and not by_default

    def infer(self, *inputs: TensorType) -> Types:
        """Output types. Raises ShapeError. Unless a class says otherwise: the type of the first input."""
        return (inputs[0],)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """The tensors it owns, in PyTorch's order, names and shapes."""
        return ()

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """Multiply-accumulates for one example: convolutions, dense layers, matrix products, attention."""
        return 0

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """Weights used, bias included, summed over the output positions (LeCun et al. 1998's count)."""
        return self.macs(inputs, outputs)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """What the positions of one output read of each input; position by position unless a class says otherwise."""
        return tuple(pointwise(x, outputs[output]) for x in inputs)

    def output_names(self, count: int) -> tuple[str, ...]:
        """The names of ``count`` outputs: given ones, or numbers."""
        return self.results[:count] if self.results else tuple(map(str, range(count)))

    # -- for operations over 1, 2 or 3 window axes ---------------------------------------------------------------
    def window_axes(self, x: TensorType) -> tuple[int, tuple[int, ...]]:
        """Number of the channel axis and of the window axes; ShapeError NS501 where the number of axes is wrong."""
        n = self.rank
        if x.rank != n + 1:
            words = ", ".join(roles(n + 1, self.channels_last)) if n > 1 else "channels, length"
            raise ShapeError(
                "NS501", f"'{self.name}' works on {n + 1} axes ({words}); found {x.rank}: {shown(x.shape)}",
                help=_rank_help(self.name, n, x.rank),
            )
        channel = n if self.channels_last else 0
        if x.channel is not None and x.channel != channel and n > 1:
            raise ShapeError(
                "NS502",
                f"'{self.name}' takes axis {channel} as channels; in {shown(x.shape)} they are axis {x.channel}",
                help="a 'permute' before it moves the channel axis",
            )
        return channel, tuple(a for a in range(n + 1) if a != channel)

    def placed(self, channels: Size, spatial: tuple[Size, ...], dtype: str) -> TensorType:
        """The type with those channels and window sizes, in the layout of the operation."""
        n = len(spatial)
        shape = (*spatial, channels) if self.channels_last else (channels, *spatial)
        names = SPATIAL.get(n, ("",) * n)
        axes = (*names, "channels") if self.channels_last else ("channels", *names)
        return TensorType(shape, dtype, axes)


def _rank_help(name: str, wanted: int, found: int) -> str | None:
    other = found - 1
    if other in (1, 2, 3) and name.endswith(f"{wanted}d"):
        return f"'{name[:-2]}{other}d' works on {found} axes"
    return None


def construct(cls: type[Op], name: str, rank: int, args: Mapping[str, Any], inputs: Types, channels_last: bool) -> Op:
    """The operation with its arguments checked and its axes resolved against the types of its inputs.

    Raises:
        ArgumentError: with every argument that does not hold.
    """
    given = dict(args)
    problems: list[tuple[str, str]] = []
    for argument, check in cls.arguments().items():
        if isinstance(check, AxisCheck) and inputs and (argument in given or check.default is not None):
            try:
                given[argument] = check.resolve(name, argument, given.get(argument), inputs[0])
            except ArgumentError as refused:
                problems += refused.problems
                given.pop(argument, None)
    if problems:
        raise ArgumentError(problems)
    try:
        return cls.model_validate({"name": name, "rank": rank, "channels_last": channels_last, **given})
    except ValidationError as error:
        raise ArgumentError([_problem(name, cls, e) for e in error.errors(include_url=False)]) from None


def _problem(name: str, cls: type[Op], error: Mapping[str, Any]) -> tuple[str, str]:
    argument = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "missing":
        return "", f"'{name}' needs '{argument}'"
    if error["type"] == "extra_forbidden":
        return argument, f"'{name}' has no argument '{argument}'"
    return argument, f"{argument} must be {error['ctx']['error']}"
