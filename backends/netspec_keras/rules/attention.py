"""Attention. Keras has a separate head size; if heads divide the features, netspec has the layer as one operation."""

from __future__ import annotations

from typing import Any, NamedTuple

from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, INVALID_SOURCE

from ..call import LayerCall, Result, unless
from ..json_values import is_list
from ..tensors import SpecTensor, Variable, as_stored
from ..values import KerasTensor
from .table import layer


class Projection(NamedTuple):
    """A projection of Keras into heads: a kernel (features, heads, size) and a bias (heads, size)."""

    kernel: Variable
    bias: Variable | None
    units: int


@layer("MultiHeadAttention")
def multi_head_attention(call: LayerCall) -> Result:
    """Attention with projections: one layer if the heads divide the features, else four projections and the scores."""
    settings = call.settings
    _check_common(call)
    settings.require("use_gate", False)
    if settings.values.get("attention_axes") not in (None, [1], (1,), 1):
        raise CannotImportError(ARGUMENT, "attention_axes other than the sequence have no equivalent")
    query, value, key = _inputs(call)
    heads, size = settings.integer("num_heads"), settings.integer("key_dim")
    value_size = settings.integer("value_dim", size)
    out = _output_features(call, query)
    projections = [
        _projection(call, name, source, heads, width)
        for name, source, width in (("query", query, size), ("key", key, size), ("value", value, value_size))
    ]
    output = _output(call, "output_dense", heads, value_size, out)
    mask, causal = _mask(call)
    drop = unless(settings.number("dropout", 0.0), 0.0)
    features = {call.known(x, 1) for x in (query, key, value)}
    if features == {heads * size} and value_size == size and out == heads * size:
        return _whole(call, [query, key, value], projections, output, heads=heads, mask=mask, causal=causal, drop=drop)
    named = zip(("query", "key", "value"), (query, key, value), projections, strict=True)
    parts = [_dense(call, name, x, projection) for name, x, projection in named]
    scores = call.add(
        "dot_product_attention", parts, stem="attend", heads=unless(heads, 1), mask=mask, causal=causal, drop=drop
    )
    return _dense(call, "output", scores, output)


@layer("GroupedQueryAttention", "GroupQueryAttention")
def grouped_query_attention(call: LayerCall) -> Result:
    """Attention with fewer heads of keys and values."""
    settings = call.settings
    _check_common(call)
    settings.require("use_gate", False)
    query, value, key = _inputs(call)
    size, heads, fewer = (settings.integer(k) for k in ("head_dim", "num_query_heads", "num_key_value_heads"))
    parts = [
        _dense(call, name, x, _projection(call, name, x, count, size, prefix="_"))
        for name, x, count in (("query", query, heads), ("key", key, fewer), ("value", value, fewer))
    ]
    mask, causal = _mask(call)
    scores = call.add(
        "dot_product_attention",
        parts,
        stem="attend",
        heads=unless(heads, 1),
        kv_heads=unless(fewer, heads),
        mask=mask,
        causal=causal,
        drop=unless(settings.number("dropout", 0.0), 0.0),
    )
    return _dense(call, "output", scores, _output(call, "_output_dense", heads, size, call.known(query, 1)))


@layer("Attention")
def attention(call: LayerCall) -> Result:
    """Attention without projections, and unscaled unless the scale is learned."""
    settings = call.settings
    call.refuse_masks()
    settings.require("score_mode", "dot")
    inputs = call.inputs
    if len(inputs) not in (2, 3) or call.kwargs.get("mask") is not None:
        raise CannotImportError(ARGUMENT, "only a query, a value and a key, without masks, have an equivalent")
    query, value, key = (*inputs, inputs[1])[:3]
    if settings.flag("use_scale", False):
        factor = SpecTensor((1,), (call.variable(0, "scale"),), as_stored)
        scale = call.add("parameter", [], weights={"": factor}, part="scale", shape=[1])
        query = call.add("multiply", [query, scale], stem="scaled")
    return call.add(
        "dot_product_attention",
        [query, key, value],
        stem="attend",
        scale=1.0,
        causal=True if call.kwargs.get("use_causal_mask") else None,
        drop=unless(settings.number("dropout", 0.0), 0.0),
    )


def _check_common(call: LayerCall) -> None:
    """Raises CannotImportError NS842 for unsupported options of attention layers."""
    call.refuse_masks()
    if call.settings.values.get("sliding_window") is not None:
        raise CannotImportError(ARGUMENT, "sliding_window has no equivalent")
    if call.kwargs.get("return_attention_scores"):
        raise CannotImportError(ARGUMENT, "return_attention_scores has no equivalent")
    for key in ("query_mask", "value_mask", "key_mask"):
        if call.kwargs.get(key) is not None:
            raise CannotImportError(ARGUMENT, f"{key} has no equivalent")


def _inputs(call: LayerCall) -> tuple[KerasTensor, KerasTensor, KerasTensor]:
    """Returns the query, the value and the key, which defaults to the value."""
    query, value = call.argument(0, "query"), call.argument(1, "value")
    key = call.argument(2, "key")
    key = value if key is None else key
    if not isinstance(query, KerasTensor) or not isinstance(value, KerasTensor) or not isinstance(key, KerasTensor):
        raise CannotImportError(INVALID_SOURCE, "the query or the value is missing")
    if any(x.rank != 2 for x in (query, value, key)):
        raise CannotImportError(ARGUMENT, "inputs with several axes of positions have no equivalent")
    return query, value, key


def _mask(call: LayerCall) -> tuple[KerasTensor | None, bool | None]:
    """Returns the mask of the scores, and whether attention is causal."""
    mask = call.kwargs.get("attention_mask")
    if mask is not None and not isinstance(mask, KerasTensor):
        raise CannotImportError(ARGUMENT, "attention_mask must be a tensor")
    if mask is not None and mask.type.dtype != "bool":
        mask = call.add("cast", mask, stem="mask", to="bool")
    return mask, True if call.kwargs.get("use_causal_mask") else None


def _projection(call: LayerCall, name: str, x: KerasTensor, heads: int, size: int, prefix: str = "") -> Projection:
    features, within = call.known(x, x.rank - 1), f"{prefix}{name}_dense"
    kernel = call.variable(0, f"{name}.kernel", features, heads, size, within=within)
    bias = None
    if call.settings.flag("use_bias", True):
        bias = call.variable(1, f"{name}.bias", heads, size, within=within)
    return Projection(kernel, bias, heads * size)


def _output(call: LayerCall, within: str, heads: int, size: int, features: int) -> Projection:
    """The output projection: a kernel (heads, size, features) and a bias (features)."""
    kernel = call.variable(0, "output.kernel", heads, size, features, within=within)
    bias = call.variable(1, "output.bias", features, within=within) if call.settings.flag("use_bias", True) else None
    return Projection(kernel, bias, features)


def _output_features(call: LayerCall, query: KerasTensor) -> int:
    shape = call.settings.values.get("output_shape")
    if shape is None:
        return call.known(query, 1)
    items: Any = [shape] if type(shape) is int else shape
    if not is_list(items) or len(items) != 1 or type(items[0]) is not int:
        raise CannotImportError(ARGUMENT, "output_shape with several axes has no equivalent")
    return items[0]


def _dense(call: LayerCall, name: str, x: KerasTensor, projection: Projection) -> KerasTensor:
    """Converts a projection to a dense layer; for the output projection, heads come first."""
    features = call.known(x, x.rank - 1)
    weights = {"weight": _matrix(projection, features)}
    if projection.bias is not None:
        weights["bias"] = SpecTensor((projection.units,), (projection.bias,), as_stored)
    bias = None if projection.bias is not None else False
    return call.add("dense", x, part=name, weights=weights, units=projection.units, bias=bias)


def _matrix(projection: Projection, features: int) -> SpecTensor:
    """Returns the matrix (units, features) of a projection."""

    def make(array: Any) -> Any:
        return array.reshape(features, projection.units).T

    return SpecTensor((projection.units, features), (projection.kernel,), make)


def _whole(
    call: LayerCall,
    inputs: list[KerasTensor],
    projections: list[Projection],
    output: Projection,
    *,
    mask: KerasTensor | None,
    causal: bool | None,
    drop: float | None,
    heads: int,
) -> KerasTensor:
    """Converts the layer to one operation, with the three projections stacked into one matrix."""
    width = output.units

    def joined(*arrays: Any) -> Any:
        import numpy as np

        return np.concatenate([array.reshape(width, width).T for array in arrays])

    def joined_bias(*arrays: Any) -> Any:
        import numpy as np

        return np.concatenate([array.reshape(-1) for array in arrays])

    weights = {"in_proj_weight": SpecTensor((3 * width, width), tuple(p.kernel for p in projections), joined)}
    biases = tuple(p.bias for p in projections if p.bias is not None)
    if biases:
        weights["in_proj_bias"] = SpecTensor((3 * width,), biases, joined_bias)
    weights["out_proj.weight"] = _matrix(output, width)
    if output.bias is not None:
        weights["out_proj.bias"] = SpecTensor((width,), (output.bias,), as_stored)
    query, key, value = inputs
    read = [query, key, value] if key is not value else [query, key] if query is not key else [query]
    return call.add(
        "attention",
        read,
        weights=weights,
        heads=heads,
        mask=mask,
        causal=causal,
        drop=drop,
        bias=None if biases else False,
    )
