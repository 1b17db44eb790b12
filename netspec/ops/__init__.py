"""Operations. :func:`find` gives an operation's class by its name in a spec, loading its family when first used."""

from importlib import import_module
from typing import NamedTuple

from .base import Op


class Entry(NamedTuple):
    """Where an operation is: module, class, and the number of window axes (0 where that is not fixed)."""

    family: str
    cls: str
    rank: int = 0


def _over(family: str, cls: str, stem: str, *ranks: int) -> dict[str, Entry]:
    return {f"{stem}{n}d": Entry(family, cls, n) for n in ranks}


def _each(family: str, **classes: str) -> dict[str, Entry]:
    return {name: Entry(family, cls) for name, cls in classes.items()}


TABLE: dict[str, Entry] = {
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
        "norm", batch_norm="BatchNorm", layer_norm="LayerNorm", group_norm="GroupNorm", instance_norm="InstanceNorm",
        rms_norm="RmsNorm", local_response_norm="LocalResponseNorm", l2_normalize="L2Normalize",
    ),
    **_each(
        "activation", relu="Relu", relu6="Relu6", leaky_relu="LeakyRelu", prelu="Prelu", elu="Elu", celu="Celu",
        selu="Selu", gelu="Gelu", silu="Silu", mish="Mish", sigmoid="Sigmoid", hard_sigmoid="HardSigmoid",
        hard_swish="HardSwish", tanh="Tanh", scaled_tanh="ScaledTanh", softplus="Softplus", softsign="Softsign",
        softmax="Softmax", log_softmax="LogSoftmax", glu="Glu",
    ),
    **_each(
        "elementwise", abs="Abs", square="Square", sqrt="Sqrt", exp="Exp", log="Log", clamp="Clamp", rescale="Rescale",
    ),
    **_each("regularise", dropout="Dropout", spatial_dropout="SpatialDropout", drop_path="DropPath"),
    **_each(
        "shape", flatten="Flatten", reshape="Reshape", permute="Permute", squeeze="Squeeze", unsqueeze="Unsqueeze",
        split="Split", slice="Slice", select="Select", roll="Roll", expand="Expand", identity="Identity",
    ),
    **_each(
        "resize", pad="Pad", crop="Crop", center_crop="CenterCrop", upsample="Upsample", pixel_shuffle="PixelShuffle",
        pixel_unshuffle="PixelUnshuffle", channel_shuffle="ChannelShuffle",
    ),
    **_each(
        "merge", add="Add", subtract="Subtract", multiply="Multiply", divide="Divide", maximum="Maximum",
        average="Average", concat="Concat", matmul="Matmul",
    ),
    **_each("reduce", mean="Mean", sum="Sum", max="Max"),
    **_each("attention", attention="Attention", dot_product_attention="DotProductAttention"),
    **_each("recurrent", rnn="Rnn", lstm="Lstm", gru="Gru"),
    **_each("learned", parameter="Parameter", buffer="Buffer", channel_scale="ChannelScale"),
}
"""Every operation of the language, by name."""

_found: dict[str, type[Op]] = {}


def find(name: str) -> type[Op]:
    """The class of an operation. Raises KeyError for a name that :data:`TABLE` does not have."""
    cls = _found.get(name)
    if cls is None:
        entry = TABLE[name]
        cls = getattr(import_module(f"{__name__}.{entry.family}"), entry.cls)
        assert isinstance(cls, type)
        assert issubclass(cls, Op)
        _found[name] = cls
    return cls
