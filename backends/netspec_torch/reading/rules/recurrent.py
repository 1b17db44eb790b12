"""Recurrent layers as a whole, and their single steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from netspec.importing.batch import BatchAxis

from ..reader import ProgramReader, unsupported
from ..shape_changes import join
from ..values import OperatorCall, ProgramTensor
from .dense import linear
from .registry import as_list, rule


@rule("lstm.input", "gru.input", "rnn_tanh.input", "rnn_relu.input")
def recurrent(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    hx: Any,
    params: Any,
    has_biases: bool,
    num_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
    batch_first: bool,
) -> tuple[ProgramTensor, ...]:
    """A stack of recurrent layers with zero initial states."""
    x = reader.placed(x)
    kind, _, nonlinearity = call.base.partition("_")
    states: list[ProgramTensor] = as_list(hx)
    if any(h.known is None or bool((h.known != 0).any()) for h in states):
        raise unsupported("initial states other than zero have no equivalent", "call the module without initial states")
    weights: dict[str, str] = {}
    for parameter in params:
        if parameter.tensor_name is None:
            raise unsupported("weights that are computed have no equivalent")
        weights[parameter.tensor_name.rsplit(".", 1)[-1]] = parameter.tensor_name
    if any("weight_hr" in local for local in weights):
        raise unsupported("a projection of the state (proj_size) has no equivalent")
    arguments: dict[str, Any] = {
        "width": params[1].shape[1],
        "num_layers": num_layers,
        "bidirectional": bidirectional,
        "bias": has_biases,
    }
    if dropout:
        arguments["drop"] = dropout
    if nonlinearity == "relu":
        arguments["nonlinearity"] = "relu"
    metas = [meta for meta in call.outputs if meta is not None]
    values = [replace(x, shape=metas[0].shape)]
    values += [ProgramTensor(meta.shape, meta.dtype, batch=BatchAxis(1)) for meta in metas[1:]]
    numbers = reader.emit(kind, [x], [v.plain for v in values], arguments, weights=weights)
    return tuple(v.placed_as(number) for v, number in zip(values, numbers, strict=True))


@rule("gru_cell")
def gru_cell(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    hx: ProgramTensor,
    w_ih: ProgramTensor,
    w_hh: ProgramTensor,
    b_ih: ProgramTensor | None = None,
    b_hh: ProgramTensor | None = None,
) -> ProgramTensor:
    """One GRU step as formulas: ``n + z * (h - n)``."""
    state = reader.placed(hx)
    from_input = _parts(reader, linear(reader, call, x, w_ih, b_ih), 3)
    from_state = _parts(reader, linear(reader, call, state, w_hh, b_hh), 3)
    reset, update = (_gate(reader, [from_input[k], from_state[k]], "sigmoid") for k in (0, 1))
    new = _gate(reader, [from_input[2], join(reader, "multiply", [reset, from_state[2]])], "tanh")
    change = join(reader, "multiply", [update, join(reader, "subtract", [state, new])])
    return join(reader, "add", [new, change])


@rule("lstm_cell")
def lstm_cell(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    hx: Any,
    w_ih: ProgramTensor,
    w_hh: ProgramTensor,
    b_ih: ProgramTensor | None = None,
    b_hh: ProgramTensor | None = None,
) -> tuple[ProgramTensor, ProgramTensor]:
    """One LSTM step as formulas; returns the hidden state and the cell state."""
    hidden, cell = hx
    sums = join(reader, "add", [linear(reader, call, x, w_ih, b_ih), linear(reader, call, hidden, w_hh, b_hh)])
    enter, keep, new, out = _parts(reader, sums, 4)
    enter, keep, out = (reader.unary("sigmoid", gate) for gate in (enter, keep, out))
    entering = join(reader, "multiply", [enter, reader.unary("tanh", new)])
    cell = join(reader, "add", [join(reader, "multiply", [keep, cell]), entering])
    return join(reader, "multiply", [out, reader.unary("tanh", cell)]), cell


@rule("rnn_tanh_cell", "rnn_relu_cell")
def rnn_cell(
    reader: ProgramReader,
    call: OperatorCall,
    x: ProgramTensor,
    hx: ProgramTensor,
    w_ih: ProgramTensor,
    w_hh: ProgramTensor,
    b_ih: ProgramTensor | None = None,
    b_hh: ProgramTensor | None = None,
) -> ProgramTensor:
    """One step of a plain recurrent layer as formulas."""
    sums = [linear(reader, call, x, w_ih, b_ih), linear(reader, call, hx, w_hh, b_hh)]
    return _gate(reader, sums, call.base.split("_")[1])


def _gate(reader: ProgramReader, values: Sequence[ProgramTensor], activation: str) -> ProgramTensor:
    return reader.unary(activation, join(reader, "add", values))


def _parts(reader: ProgramReader, x: ProgramTensor, count: int) -> list[ProgramTensor]:
    """Splits the last axis into equal parts."""
    part = replace(x, shape=(*x.shape[:-1], x.shape[-1] // count))
    arguments = {"parts": count, "axis": reader.axis(x, -1)}
    return [part.placed_as(number) for number in reader.emit("split", [x], [part.plain] * count, arguments)]
