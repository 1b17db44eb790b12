"""Dense layers and look-ups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..reader import ProgramReader, along_batch, unsupported
from ..shape_changes import join
from ..values import OperatorCall, ProgramTensor
from ..weight_names import WeightNames, own_weights
from .conv import plain_weight
from .product import matmul, rescaled
from .registry import rule


@rule("linear")
def linear(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    weight: ProgramTensor,
    bias: ProgramTensor | None = None,
) -> ProgramTensor:
    """A dense layer along the last axis; a computed weight becomes an input of the layer."""
    x = reader.placed(x)
    if x.batch is not None and x.batch.axis == x.rank - 1:
        raise along_batch("a linear layer along the batch axis")
    arguments = {"units": weight.shape[0], "axis": reader.axis(x, -1), "bias": bias is not None}
    out = replace(x, shape=(*x.shape[:-1], weight.shape[0]))
    names = own_weights(reader, weight=weight, bias=bias)
    if names is not None:
        return reader.result("dense", [x], out, arguments, weights=names)
    weight_values: dict[str, int] = {}
    names = WeightNames()
    for local, value in (("weight", weight), ("bias", bias)):
        if value is not None and (stored := own_weights(reader, **{local: value})) is not None:
            names |= stored
        elif value is not None:
            weight_values[local] = reader.number(plain_weight(reader, value))
    return reader.result("dense", [x], out, arguments, weights=names, given_weights=weight_values)


@rule("addmm")
def addmm(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    mat1: ProgramTensor,
    mat2: ProgramTensor,
    beta: Any = 1,
    alpha: Any = 1,
) -> ProgramTensor:
    """A matrix product and a sum; for a weight whose rows are inputs (``Conv1D`` of GPT-2), a dense layer."""
    product = rescaled(reader, matmul(reader, call, mat1, mat2), alpha)
    return product if beta == 0 else join(reader, "add", [product, rescaled(reader, x, beta)])


@rule("baddbmm")
def baddbmm(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    batch1: ProgramTensor,
    batch2: ProgramTensor,
    beta: Any = 1,
    alpha: Any = 1,
) -> ProgramTensor:
    """A batched matrix product and a sum."""
    return addmm(reader, call, x, batch1, batch2, beta, alpha)


@rule("embedding")
def embedding(
    reader: ProgramReader, call: OperatorCall, weight: ProgramTensor, indices: ProgramTensor, **_: Any
) -> ProgramTensor:
    """A look-up in a learned or computed table."""
    index = reader.placed(indices)
    out = replace(index, shape=(*index.shape, weight.shape[1]), dtype=weight.dtype)
    names = own_weights(reader, weight=weight)
    if names is not None and names["weight"] not in reader.stored:
        arguments = {"vocabulary": weight.shape[0], "width": weight.shape[1]}
        return reader.result("embedding", [index], out, arguments, weights=names)
    table = plain_weight(reader, weight)
    (number,) = reader.emit("gather", [table], [out.plain], {"axis": 0}, {"index": index})
    return out.placed_as(number)


@rule("bilinear")
def bilinear(
    reader: ProgramReader,
    call: OperatorCall,
    input1: ProgramTensor,
    input2: ProgramTensor,
    weight: ProgramTensor,
    bias: ProgramTensor | None,
) -> ProgramTensor:
    """A bilinear form: a weighted sum of all products of two inputs' features."""
    a, b = reader.placed(input1), reader.placed(input2)
    names = own_weights(reader, weight=weight, bias=bias)
    if names is None:
        raise unsupported("weights that are computed have no equivalent")
    out = replace(a, shape=call.shape)
    return reader.result("bilinear", [a, b], out, {"units": weight.shape[0], "bias": bias is not None}, weights=names)
