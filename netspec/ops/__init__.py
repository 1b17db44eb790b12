"""The operations of the language: :data:`TABLE` names them, :func:`find` loads a class, :func:`create` an operation."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from ..limits import NAME
from ..shapes.types import FLOATS
from .argument import Argument, ArgumentError, LayerValidator
from .axis import AxisValidator
from .base import Op, Types
from .layer_keys import LAYER_KEYS

__all__ = [
    "OTHER",
    "TABLE",
    "ArgumentError",
    "Op",
    "OperationEntry",
    "add",
    "argument_of",
    "create",
    "family_of",
    "find",
    "remove",
]


class OperationEntry(NamedTuple):
    """Where an operation is: module, class, and the number of window axes (0 if that is not fixed)."""

    family: str
    cls: str
    window_rank: int = 0


def _over(family: str, cls: str, stem: str, *window_ranks: int) -> dict[str, OperationEntry]:
    return {f"{stem}{n}d": OperationEntry(family, cls, n) for n in window_ranks}


def _each(family: str, **classes: str) -> dict[str, OperationEntry]:
    return {name: OperationEntry(family, cls) for name, cls in classes.items()}


TABLE: dict[str, OperationEntry] = {
    **_over("conv", "Conv", "conv", 1, 2, 3),
    **_over("conv", "DepthwiseConv", "depthwise_conv", 1, 2, 3),
    **_over("conv", "SeparableConv", "separable_conv", 1, 2),
    **_over("conv", "ConvTranspose", "conv_transpose", 1, 2, 3),
    **_over("pool", "MaxPool", "max_pool", 1, 2, 3),
    **_over("pool", "AvgPool", "avg_pool", 1, 2, 3),
    **_over("pool", "LpPool", "lp_pool", 2),
    **_over("pool", "MaxUnpool", "max_unpool", 2),
    **_over("pool", "StochasticPool", "stochastic_pool", 2),
    **_over("pool", "AdaptiveAvgPool", "adaptive_avg_pool", 1, 2, 3),
    **_over("pool", "AdaptiveMaxPool", "adaptive_max_pool", 1, 2, 3),
    **_over("pool", "Subsample", "subsample", 2),
    **_each("pool", global_avg_pool="GlobalAvgPool", global_max_pool="GlobalMaxPool"),
    **_each("dense", dense="Dense", bilinear="Bilinear", rbf="Rbf", embedding="Embedding", gather="Gather"),
    **_each(
        "norm",
        batch_norm="BatchNorm",
        layer_norm="LayerNorm",
        group_norm="GroupNorm",
        instance_norm="InstanceNorm",
        rms_norm="RmsNorm",
        local_response_norm="LocalResponseNorm",
        l2_normalize="L2Normalize",
    ),
    **_each(
        "activation",
        relu="Relu",
        relu6="Relu6",
        leaky_relu="LeakyRelu",
        prelu="Prelu",
        elu="Elu",
        celu="Celu",
        selu="Selu",
        gelu="Gelu",
        silu="Silu",
        mish="Mish",
        sigmoid="Sigmoid",
        hard_sigmoid="HardSigmoid",
        hard_swish="HardSwish",
        tanh="Tanh",
        scaled_tanh="ScaledTanh",
        softplus="Softplus",
        softsign="Softsign",
        softmax="Softmax",
        log_softmax="LogSoftmax",
        glu="Glu",
    ),
    **_each(
        "elementwise",
        abs="Abs",
        square="Square",
        sqrt="Sqrt",
        exp="Exp",
        log="Log",
        cast="Cast",
        sin="Sin",
        cos="Cos",
        tan="Tan",
        erf="Erf",
        sign="Sign",
        stop_gradient="StopGradient",
        clamp="Clamp",
        rescale="Rescale",
    ),
    **_each("formulas", formula="Formula"),
    **_each("regularise", dropout="Dropout", spatial_dropout="SpatialDropout", drop_path="DropPath"),
    **_each(
        "shape",
        flatten="Flatten",
        reshape="Reshape",
        permute="Permute",
        squeeze="Squeeze",
        unsqueeze="Unsqueeze",
        split="Split",
        slice="Slice",
        select="Select",
        roll="Roll",
        expand="Expand",
        identity="Identity",
    ),
    **_each("pattern", rearrange="Rearrange", einsum="Einsum"),
    **_over("windows", "Unfold", "unfold", 2),
    **_over("windows", "Fold", "fold", 2),
    **_each(
        "resize",
        pad="Pad",
        crop="Crop",
        center_crop="CenterCrop",
        upsample="Upsample",
        pixel_shuffle="PixelShuffle",
        pixel_unshuffle="PixelUnshuffle",
        channel_shuffle="ChannelShuffle",
    ),
    **_each(
        "merge",
        add="Add",
        subtract="Subtract",
        multiply="Multiply",
        divide="Divide",
        maximum="Maximum",
        average="Average",
        concat="Concat",
        stack="Stack",
        matmul="Matmul",
    ),
    **_each("reduce", mean="Mean", sum="Sum", max="Max", min="Min", prod="Prod", var="Var"),
    **_each(
        "choice",
        top_k="TopK",
        argmax="Argmax",
        argmin="Argmin",
        sort="Sort",
        one_hot="OneHot",
        take_along="TakeAlong",
        scatter_add="ScatterAdd",
    ),
    **_each("signal", rfft="Rfft", irfft="Irfft", grid_sample="GridSample", roi_align="RoiAlign"),
    **_each("along", cumsum="Cumsum", flip="Flip", recurrence="Recurrence"),
    **_each("attention", attention="Attention", dot_product_attention="DotProductAttention"),
    **_each("rotary", rotary="Rotary"),
    **_each("recurrent", rnn="Rnn", lstm="Lstm", gru="Gru"),
    **_each(
        "learned",
        parameter="Parameter",
        buffer="Buffer",
        channel_scale="ChannelScale",
        weight_norm="WeightNorm",
        spectral_norm="SpectralNorm",
    ),
}
"""Every operation of the language, by name."""

OTHER = "other"
"""The family of operations of other packages, and of those that a spec declares."""


def family_of(name: str) -> str:
    """The family of an operation."""
    return TABLE[name].family if name in TABLE else OTHER


RESERVED = frozenset((*LAYER_KEYS, "by"))
"""Keys that mean the same for every operation that has them: they are not further keys."""

_classes: dict[str, type[Op]] = {}


def find(name: str) -> type[Op]:
    """The class of an operation, loading its family when it is first used. Raises KeyError for an unknown name."""
    cls = _classes.get(name)
    if cls is None:
        entry = TABLE[name]
        cls = getattr(import_module(f"{__name__}.{entry.family}"), entry.cls)
        assert isinstance(cls, type)
        assert issubclass(cls, Op)
        _classes[name] = cls
    return cls


def add(name: str, cls: type[Op]) -> None:
    """Adds an operation of another package."""
    TABLE[name] = OperationEntry(OTHER, cls.__name__, int(name[-2]) if name[-2:] in ("1d", "2d", "3d") else 0)
    _classes[name] = cls


def argument_of(operation: str, key: str) -> Argument[Any] | None:
    """The argument that a key of a layer gives, which may be a further key; None if the operation has none."""
    cls = find(operation)
    declared = cls.arguments.get(key)
    if declared is not None or cls.further is None:
        return declared
    is_free = key.isascii() and key.isidentifier() and len(key) <= NAME and key not in RESERVED and key not in TABLE
    return cls.further if is_free else None


def remove(name: str) -> None:
    """Removes an operation of another package."""
    assert family_of(name) == OTHER
    del TABLE[name], _classes[name]


def _slides_first(name: str, window_rank: int, axis: int) -> bool:
    """Whether windows that slide along an axis leave the channels last; ShapeError NS504 with several window axes."""
    if window_rank > 1:
        from ..shapes.shape_error import ShapeError

        help = "`layout: channels_last` is for whole networks, a 'permute' before it for one layer"
        raise ShapeError("NS504", f"'axis' is for one window axis; '{name}' has {window_rank}", help=help)
    return axis == 0


def create(
    name: str, arguments: Mapping[str, Any], inputs: Types, channels_last: bool = False, weight_type: str = "float32"
) -> Op:
    """An operation, its arguments checked and its axes resolved against the types of its inputs.

    Args:
        name: of the operation.
        arguments: values as YAML or an expression gives them; for an argument that names a layer, True.
        inputs: the types of its inputs, without the batch axis.
        channels_last: whether windows have the channel axis last.
        weight_type: the floating-point type of its weights, unless its own ``dtype`` says another.

    Raises:
        ShapeError: the elements of an input are of a type that the operation does not accept.
        ArgumentError: with all invalid arguments.
    """
    cls = find(name)
    values = dict(arguments)
    if cls.further is not None:
        values["given_sizes"] = {key: values.pop(key) for key in arguments if key not in cls.arguments}
    window_rank = TABLE[name].window_rank
    layers = {k: v for k, a in cls.arguments.items() if isinstance(v := a.validator, LayerValidator)}
    named = {k: v for k, v in layers.items() if values.get(k)}
    complete = all(k in named or not cls.arguments[k].required for k in layers)
    if inputs and complete and (named or "float32" not in cls.accepts or any(x.dtype != "float32" for x in inputs)):
        from .common.dtypes import check_types  # not needed for a network of float32

        check_types(cls, name, window_rank, inputs, named)
    problems: list[tuple[str, str]] = []
    for key, argument in cls.arguments.items():
        validator = argument.validator
        if isinstance(validator, AxisValidator) and inputs and (key in values or validator.fallback is not None):
            try:
                values[key] = validator.resolve(name, key, values.get(key), inputs[0])
            except ArgumentError as error:
                problems += error.problems
    if problems:
        raise ArgumentError(problems)
    if window_rank and values.get("axis") is not None:
        channels_last = _slides_first(name, window_rank, values["axis"])
    if values.get("dtype") in FLOATS:
        weight_type = values["dtype"]
    op = cls(name=name, window_rank=window_rank, channels_last=channels_last, weight_type=weight_type, **values)
    if inputs and inputs[0].dtype != "float32":
        from .common.dtypes import check_numbers

        check_numbers(op, inputs[0].dtype)
    return op
