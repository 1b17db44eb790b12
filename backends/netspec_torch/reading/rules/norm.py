"""Normalisation."""

from __future__ import annotations

import math
from typing import Any

from ..reader import ProgramReader, along_batch, unsupported
from ..shape_changes import join, reshape
from ..values import OperatorCall, ProgramTensor
from ..weight_names import own_weights
from .reduce import reduce
from .registry import rule


@rule("batch_norm")
def batch_norm(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    weight: ProgramTensor | None,
    bias: ProgramTensor | None,
    running_mean: ProgramTensor | None = None,
    running_var: ProgramTensor | None = None,
    training: bool = False,
    momentum: float | None = 0.1,
    eps: float = 1e-5,
    **_: Any,
) -> ProgramTensor:
    """Batch normalisation by running statistics, or by the values themselves if they are equal for all examples."""
    if training or running_mean is None or running_var is None:
        return _by_its_own_statistics(reader, x, weight, bias, eps)
    x = reader.placed(x)
    names = own_weights(reader, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var)
    if names is None or (weight is None) != (bias is None):
        return _written_out(reader, x, weight, bias, running_mean, running_var, eps)
    prefix = names["running_mean"].removesuffix("running_mean")
    arguments: dict[str, Any] = {
        "eps": eps,
        "momentum": 0.1 if momentum is None else momentum,
        "affine": weight is not None,
        "axis": reader.axis(x, 1),
    }
    if f"{prefix}num_batches_tracked" in reader.state.tensors:
        names["num_batches_tracked"] = f"{prefix}num_batches_tracked"
    elif weight is not None and names["weight"] not in reader.state.parameters:
        arguments["frozen"] = True
        del arguments["momentum"]
    return reader.unary("batch_norm", x, arguments, weights=names)


def _by_its_own_statistics(
    reader: ProgramReader, x: ProgramTensor, weight: ProgramTensor | None, bias: ProgramTensor | None, eps: float
) -> ProgramTensor:
    x = reader.placed(x)
    if x.is_batched:
        raise along_batch("it normalises by the statistics of the batch")
    axes = [axis for axis in range(x.rank) if axis != 1]
    if x.batch is not None:  # a leading axis of 1
        axes = [axis for axis in axes if axis != x.batch.axis]
    result = reader.unary("layer_norm", x, {"axis": [reader.axis(x, a) for a in axes], "eps": eps, "affine": False})
    shape = (x.shape[1], *[1] * (x.rank - 2))
    if weight is not None:
        result = join(reader, "multiply", [result, reshape(reader, weight, shape)])
    return result if bias is None else join(reader, "add", [result, reshape(reader, bias, shape)])


def _written_out(
    reader: ProgramReader,
    x: ProgramTensor,
    weight: ProgramTensor | None,
    bias: ProgramTensor | None,
    mean: ProgramTensor,
    var: ProgramTensor,
    eps: float,
) -> ProgramTensor:
    shape = (x.shape[1], *[1] * (x.rank - 2))
    centred = join(reader, "subtract", [x, reshape(reader, mean, shape)])
    deviation = reader.unary("sqrt", reader.unary("rescale", var, {"offset": eps}))
    result = join(reader, "divide", [centred, reshape(reader, deviation, shape)])
    if weight is not None:
        result = join(reader, "multiply", [result, reshape(reader, weight, shape)])
    return result if bias is None else join(reader, "add", [result, reshape(reader, bias, shape)])


@rule("_native_batch_norm_legit_no_training")
def native_batch_norm(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    weight: ProgramTensor | None,
    bias: ProgramTensor | None,
    running_mean: ProgramTensor,
    running_var: ProgramTensor,
    momentum: float,
    eps: float,
) -> tuple[ProgramTensor | None, ...]:
    """The decomposed form of batch normalisation."""
    return (batch_norm(reader, call, x, weight, bias, running_mean, running_var, False, momentum, eps), None, None)


@rule("instance_norm")
def instance_norm(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    weight: ProgramTensor | None,
    bias: ProgramTensor | None,
    running_mean: ProgramTensor | None = None,
    running_var: ProgramTensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
    **_: Any,
) -> ProgramTensor:
    """Normalises each channel over the positions of an example."""
    if not use_input_stats:
        return batch_norm(reader, call, x, weight, bias, running_mean, running_var, False, momentum, eps)
    x = reader.placed(x)
    names = own_weights(reader, weight=weight, bias=bias)
    if names is None:
        raise unsupported("weights that are computed have no equivalent")
    arguments = {"eps": eps, "affine": weight is not None, "axis": reader.axis(x, 1)}
    return reader.unary("instance_norm", x, arguments, weights=names)


@rule("group_norm", "native_group_norm")
def group_norm(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    num_groups: int = 0,
    weight: ProgramTensor | None = None,
    bias: ProgramTensor | None = None,
    eps: float = 1e-5,
    group: int = 0,
    **_: Any,
) -> Any:
    """Normalises groups of channels over all positions."""
    x = reader.placed(x)
    if not reader.has_batch_first(x):
        raise along_batch("the first axis of its input is not the batch")
    names = own_weights(reader, weight=weight, bias=bias)
    if names is None or weight is None or bias is None:
        names = {}
    affine = bool(names)
    arguments = {"groups": num_groups or group, "eps": eps, "affine": affine, "axis": 0}
    result = reader.unary("group_norm", x, arguments, weights=names)
    if not affine:
        shape = (x.shape[1], *[1] * (x.rank - 2))
        if weight is not None:
            result = join(reader, "multiply", [result, reshape(reader, weight, shape)])
        if bias is not None:
            result = join(reader, "add", [result, reshape(reader, bias, shape)])
    return (result, None, None) if call.base.startswith("native") else result


@rule("layer_norm", "native_layer_norm")
def layer_norm(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    normalized_shape: Any,
    weight: ProgramTensor | None = None,
    bias: ProgramTensor | None = None,
    eps: float = 1e-5,
    **_: Any,
) -> Any:
    """Normalises the last axes together."""
    result = _over_last_axes(reader, "layer_norm", x, normalized_shape, weight, bias, eps)
    return (result, None, None) if call.base.startswith("native") else result


@rule("rms_norm")
def rms_norm(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    normalized_shape: Any,
    weight: ProgramTensor | None = None,
    eps: float | None = None,
) -> ProgramTensor:
    """Divides by the root mean square of the last axes."""
    return _over_last_axes(reader, "rms_norm", x, normalized_shape, weight, None, eps)


def _over_last_axes(
    reader: ProgramReader,
    operation: str,
    x: ProgramTensor,
    shape: Any,
    weight: ProgramTensor | None,
    bias: ProgramTensor | None,
    eps: float | None,
) -> ProgramTensor:
    x = reader.placed(x)
    arguments: dict[str, Any] = {"axis": [reader.axis(x, axis) for axis in range(-len(shape), 0)]}
    if eps is not None:
        arguments["eps"] = eps
    names = own_weights(reader, weight=weight, bias=bias)
    if names is not None and (weight is not None or bias is None):
        if weight is None:
            arguments["affine"] = False
        elif bias is None and operation == "layer_norm":
            arguments["bias"] = False
        return reader.unary(operation, x, arguments, weights=names)
    names = own_weights(reader, weight=weight)
    if names is None or weight is None:
        arguments["affine"] = False
        result = reader.unary(operation, x, arguments)
        result = result if weight is None else join(reader, "multiply", [result, weight])
    else:
        if operation == "layer_norm":
            arguments["bias"] = False
        result = reader.unary(operation, x, arguments, weights=names)
    return result if bias is None else join(reader, "add", [result, bias])


@rule("linalg_vector_norm", "norm")
def vector_norm(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    ord: Any = 2,
    dim: Any = None,
    keepdim: bool = False,
    p: Any = None,
    **_: Any,
) -> ProgramTensor:
    """The Euclidean norm, the sum of absolute values, or the greatest of them."""
    order = float(ord if p is None else p)
    if order == 2:
        return reader.unary("sqrt", reduce(reader, "sum", reader.unary("square", x), dim, keepdim))
    if order == 1:
        return reduce(reader, "sum", reader.unary("abs", x), dim, keepdim)
    if math.isinf(order) and order > 0:
        return reduce(reader, "max", reader.unary("abs", x), dim, keepdim)
    raise unsupported(f"a norm of order {order:g} has no equivalent")


@rule("_weight_norm", "_weight_norm_interface")
def weight_norm(reader: ProgramReader, call: OperatorCall, v: ProgramTensor, g: ProgramTensor, dim: int = 0) -> Any:
    """Weight normalisation: a direction and a learned length."""
    others = [axis for axis in range(v.rank) if axis != dim % v.rank]
    length = reader.unary("sqrt", reduce(reader, "sum", reader.unary("square", v), others, True))
    result = join(reader, "multiply", [v, join(reader, "divide", [g, length])])
    return (result, None) if call.base.endswith("interface") else result


@rule("cosine_similarity")
def cosine_similarity(
    reader: ProgramReader, call: OperatorCall, x1: ProgramTensor, x2: ProgramTensor, dim: int = 1, eps: float = 1e-8
) -> ProgramTensor:
    """The inner product of two normalised vectors."""
    normalized: list[ProgramTensor] = []
    for x in map(reader.placed, (x1, x2)):
        normalized.append(reader.unary("l2_normalize", x, {"axis": reader.axis(x, dim), "eps": eps}))
    return reduce(reader, "sum", join(reader, "multiply", normalized), dim, False)
