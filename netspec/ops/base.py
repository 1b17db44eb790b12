"""The class of every operation: all that the core knows of it.

An operation's class declares its arguments (:func:`netspec.ops.argument.argument`), describes itself (its docstring,
an example, the rule of its output's size, what it multiplies, the axes of its weights), has traits
(:mod:`netspec.ops.traits`), and computes what follows from the types of its inputs. All types are without the batch
axis.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeAlias

from ..shapes.reads import Reads, pointwise_reads
from ..shapes.sizes import Size
from ..shapes.types import FLOATS, TensorType
from .argument import REQUIRED, ArgumentError, Declared, FurtherKey
from .traits import Traits
from .weight import FilterAxes, Weight

if TYPE_CHECKING:
    from ..shapes.window import Window
    from .derivation import Derivation
    from .rearrangement import Rearrangement
Types: TypeAlias = "tuple[TensorType, ...]"
VECTOR = "[512]"
SAME_SIZE = "same as the input"


class Example(NamedTuple):
    """A layer and its inputs: the value of ``input``, or those of ``inputs`` by name.

    ``OP`` in the layer stands for the name of the operation.
    """

    inputs: str | Mapping[str, str]
    layer: str


class BodyNode(Protocol):
    """A node of a body."""

    @property
    def op(self) -> Op: ...  # noqa: D102 - see netspec.ir.Node
    @property
    def inputs(self) -> tuple[int, ...]: ...  # noqa: D102 - as above
    @property
    def outputs(self) -> Types: ...  # noqa: D102 - as above
    @property
    def given_weights(self) -> tuple[tuple[str, int], ...]: ...  # noqa: D102 - as above


class Body(Protocol):
    """The network of one run of a region: :class:`netspec.ir.Graph`."""

    @property
    def inputs(self) -> Mapping[str, int]: ...  # noqa: D102 - see netspec.ir.Graph
    @property
    def outputs(self) -> Mapping[str, int]: ...  # noqa: D102 - as above
    @property
    def nodes(self) -> Sequence[BodyNode]: ...  # noqa: D102 - as above
    @property
    def values(self) -> Types: ...  # noqa: D102 - as above


class Op(Declared, Traits):
    """An operation with its arguments. Subclasses define the rest."""

    # -- how a spec uses it ------------------------------------------------------------------------------------------
    primary: ClassVar[str | None] = None
    """The argument that may be written as the value of the operation's name; ``from`` if that names the inputs."""
    arity: ClassVar[tuple[int, int | None]] = (1, 1)
    """The least and the greatest number of inputs (None: any number), not counting those named by arguments."""
    accepts: ClassVar[tuple[str, ...]] = FLOATS
    """The types of elements that its inputs may have. All inputs have the same one, except those that arguments name
    (:class:`netspec.ops.argument.LayerValidator`), and floating-point inputs have that of the weights."""
    same_type: ClassVar[bool] = True
    """Whether all inputs have the same type of elements."""
    results: ClassVar[tuple[str, ...]] = ()
    """Names of the outputs, if there are several with fixed names."""
    further: ClassVar[FurtherKey[Any] | None] = None
    """What a key of a layer is that is not an argument; None if there are no such keys. Their values are
    :attr:`given_sizes`."""

    # -- its description ---------------------------------------------------------------------------------------------
    examples: ClassVar[tuple[Example, ...]] = (Example(VECTOR, "OP"),)
    """One example, or one for each operation of the class (1d, 2d, 3d) in the order of the table."""
    size_rule: ClassVar[str] = SAME_SIZE
    """The shape of the output, in words."""
    outputs_rule: ClassVar[str] = "one"
    """The number of outputs, in words, if they have no names."""
    macs_rule: ClassVar[str | None] = None
    """What the multiply-accumulates are, in words."""
    weights_rule: ClassVar[str | None] = None
    """Its weights and buffers, each with its axes: "`weight` (units, features), `bias` (units)". A name that ends in
    ``*`` stands for all that begin so."""

    # -- an instance -------------------------------------------------------------------------------------------------
    name: str = ""
    """The name of the operation in a spec."""
    window_rank: int = 0
    """Number of window axes of a 1d, 2d or 3d operation; 0 for the others."""
    channels_last: bool = False
    """Whether windows have the channel axis last (``layout: channels_last``)."""
    given_sizes: tuple[tuple[str, Size], ...] = ()
    """The further keys that a layer gives, if it may, with their values."""
    weight_type: str = "float32"
    """The floating-point type of its weights, and of results that have none of an input (``dtype``)."""
    bodies: tuple[Body, ...] = ()
    """The networks that it runs, if it is layers that run several times (:class:`netspec.ops.region.Region`);
    for copies that differ, that of each."""

    def __init__(
        self,
        *,
        name: str = "",
        window_rank: int = 0,
        channels_last: bool = False,
        weight_type: str = "float32",
        **arguments: Any,
    ) -> None:
        """Checks and stores the arguments, axes given by number. Raises ArgumentError with all problems."""
        values: dict[str, Any] = {"name": name, "window_rank": window_rank, "channels_last": channels_last}
        if weight_type != "float32":
            values["weight_type"] = weight_type
        problems: list[tuple[str, str]] = []
        for key, argument in self.arguments.items():
            value = arguments.pop(key, argument.default)
            if value is REQUIRED:
                problems.append(("", f"'{name}' needs '{key}'"))
                continue
            try:
                values[key] = argument.validator.validate(value, window_rank)
            except ValueError as error:
                problems.append((key, f"{key} must be {error}"))
        if self.further is not None:
            values["given_sizes"], more = self._further(arguments.pop("given_sizes", {}))
            problems += more
        problems += [(key, f"'{name}' has no argument '{key}'") for key in arguments]
        if problems:
            raise ArgumentError(problems)
        self.__dict__.update(values)

    def _further(self, sizes: Mapping[str, Any]) -> tuple[tuple[tuple[str, Any], ...], list[tuple[str, str]]]:
        """The further keys with their values, and the problems with them."""
        assert self.further is not None
        values: list[tuple[str, Any]] = []
        problems: list[tuple[str, str]] = []
        for key, value in sizes.items():
            try:
                values.append((key, self.further.validator.validate(value)))
            except ValueError as error:
                problems.append((key, f"{key} must be {error}"))
        return tuple(values), problems

    def __repr__(self) -> str:
        values = {k: v for k, v in vars(self).items() if v != getattr(self.arguments.get(k), "default", None)}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in values.items())})"

    @classmethod
    def accepted(cls, window_rank: int) -> tuple[str, ...]:
        """:attr:`accepts`, or fewer types for an operation over ``window_rank`` window axes."""
        return cls.accepts

    @classmethod
    def check_together(cls, name: str, arguments: Mapping[str, Any], keys: Collection[str]) -> None:
        """Check arguments against each other, before the inputs are known. Raises ShapeError.

        Args:
            name: of the operation.
            arguments: the arguments that are given, UNKNOWN for those that expressions compute.
            keys: the further keys.
        """

    # -- what follows from its inputs --------------------------------------------------------------------------------
    def infer(self, *inputs: TensorType) -> Types:
        """Output types; by default the type of the first input. Raises ShapeError."""
        return (inputs[0],)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """Its weights and buffers, with PyTorch's order, names and shapes; float32 stands for :attr:`weight_type`."""
        return ()

    def typed_weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """:meth:`weights` with the types of their elements."""
        weights = self.weights(*inputs)
        if self.weight_type == "float32":
            return weights
        return tuple([w._replace(dtype=self.weight_type) if w.dtype == "float32" else w for w in weights])

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """Multiply-accumulates for one example: convolutions, dense layers, matrix products, attention."""
        return 0

    def unneeded_macs(self, inputs: Types, outputs: Types) -> Size:
        """Those among them of scores that an attention excludes, by ``causal`` or ``window``."""
        return 0

    def connection_count(self, inputs: Types, outputs: Types) -> Size:
        """Weights used, bias included, summed over the output positions (LeCun et al. 1998's count)."""
        return self.macs(inputs, outputs)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The positions of each input that the positions of one output depend on; by default, position by position."""
        return tuple(pointwise_reads(x, outputs[output]) for x in inputs)

    def exact_reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """The same, with the channels that each output channel depends on if :meth:`reads` has all of them."""
        return self.reads(inputs, outputs, output)

    def works_on_parts(self, inputs: Types) -> bool:
        """Whether a part of the last axis, or some of the heads, can be computed from that part of the inputs alone."""
        return self.elementwise and self.is_activation and len(inputs) == 1

    def head_counts(self) -> Mapping[str, int]:
        """Numbers of heads by what they are called: the number of parts must divide each of them."""
        return {}

    def cached(self, inputs: Types) -> tuple[Size, Size] | None:
        """Elements that generation keeps at each position, and the number of positions; None if it keeps nothing."""
        return None

    def index_ranges(self, inputs: Types) -> Mapping[int, Size]:
        """For inputs that hold indices, by number: below what they must be."""
        return {}

    def index_limit(self, inputs: Types) -> Size | None:
        """Below what the indices are that it outputs; None if it outputs none, or none along one axis."""
        return None

    def output_names(self, count: int) -> tuple[str, ...]:
        """The names of ``count`` outputs, or their numbers."""
        return self.results[:count] if self.results else tuple(map(str, range(count)))

    def output_name(self, number: int) -> str:
        """The name of one of several outputs, or its number."""
        return self.results[number] if self.results else str(number)

    @property
    def description(self) -> str:
        """What it does, in a line: the first of the class's docstring."""
        return (type(self).__doc__ or "").strip().partition("\n")[0].replace("`", "")

    @property
    def is_constant(self) -> bool:
        """Whether it outputs numbers that a formula can contain, which then need not read it."""
        return False

    @property
    def can_take_weights(self) -> bool:
        """Whether layers may compute the weights of this one, if they may of its class."""
        return self.takes_weights

    @property
    def can_take_weights_per_example(self) -> bool:
        """Whether those of this one may differ between the examples of the batch."""
        return self.takes_weights_per_example

    @property
    def border(self) -> str:
        """What it reads beyond the border of its input: ``zeros``, ``reflect``, ``replicate`` or ``circular``."""
        return "zeros"

    @property
    def keeps_values(self) -> bool:
        """Whether its output contains the values of its input, reshaped or with the axes permuted."""
        return False

    def written(self, argument: str, inputs: Sequence[str], number: Callable[[Any], str]) -> Any:
        """An argument as a spec writes it, if that is not its plain value; None otherwise.

        Args:
            argument: its name.
            inputs: the names of the inputs.
            number: the text of a size that depends on named dimensions.
        """
        return None

    def rearrangement(self, x: TensorType) -> Rearrangement | None:
        """How it moves the elements of an input of that type, if that is all it does; None if unknown."""
        return None

    def filter_axes(self) -> FilterAxes | None:
        """Where the output channels are in its ``weight`` and output; None if a factor for each cannot be absorbed."""
        return None

    def numbers(self) -> Mapping[str, Any]:
        """Its arguments by name, without layers and initial values: what a function that computes it needs."""
        names = (k for k, a in self.arguments.items() if a.validator.kind != "layer" and k != "init")
        return {name: getattr(self, name) for name in names}

    # -- how its numbers are explained -------------------------------------------------------------------------------
    def size_derivations(self, inputs: Types, outputs: Types) -> list[Derivation]:
        """The sizes of the first output as formulas of the input's sizes; empty if :attr:`size_rule` says it all."""
        return []

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The multiply-accumulates as arithmetic on the layer's numbers; None if there is no short formula."""
        return None

    def macs_derivation(self, inputs: Types, outputs: Types) -> Derivation | None:
        """The multiply-accumulates and their derivation; None if there are none, or there is no short formula."""
        total, expression = self.macs(inputs, outputs), self.macs_expression(inputs, outputs)
        if not total or expression is None:
            return None
        from .derivation import Derivation

        return Derivation("MACs", self.macs_rule or "", expression, total)

    def value_formulas(self, inputs: Types, outputs: Types) -> list[str]:
        """How a value of the output is computed, as formulas; empty if there is no short one."""
        return []

    def sliding(self, x: TensorType) -> list[tuple[int, Window, tuple[int, int]]]:
        """The axes of an input along which windows slide, the window along each, and its padding."""
        return []

    def local_inputs(self, x: TensorType) -> int | None:
        """Input values that each output value of a plain or depthwise convolution reads; None for all others."""
        return None

    def axes_of(self, weight: str) -> str | None:
        """The axes of a weight or buffer, in words."""
        import re

        for name, words in re.findall(r"`([\w.*]+)` \(([^)]*)\)", self.weights_rule or ""):
            if weight == name or (name.endswith("*") and weight.startswith(name[:-1])):
                return str(words) or None
        return None
