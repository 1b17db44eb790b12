"""Recurrent layers; weights are converted to PyTorch's order of gates."""

from __future__ import annotations

from typing import Any

import numpy as np

from netspec.diagnostics import clip
from netspec.importing.batch import BatchAxis
from netspec.shapes.sizes import is_same
from netspec.weights.numpy_types import Array

from ..batch import permute, view
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor

GATES = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
"""For each of PyTorch's gates, the index in ONNX."""
ACTIVATIONS = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}


@rule("LSTM", "GRU", "RNN")
def recurrent(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``lstm``, ``gru`` and ``rnn`` of one layer, in one or two directions."""
    x, w, u, b = inputs.need(0), r.learned_input(1, inputs), r.learned_input(2, inputs), r.learned_input(3, inputs)
    if w is None or u is None or w.known is None or u.known is None or (b is not None and b.known is None):
        raise refused("argument", "weights that are computed have no equivalent")
    two = node.attribute("direction", "forward") == "bidirectional"
    arguments = _arguments(node, two)
    _check_states(r, node, inputs)
    x = _steps(r, x)
    arrays: dict[str, Array] = {}
    for d in range(2 if two else 1):
        end = "_l0" + ("_reverse" if d else "")
        arrays[f"weight_ih{end}"] = _reordered(node, w.known[d])
        arrays[f"weight_hh{end}"] = _reordered(node, u.known[d])
        if b is not None and b.known is not None:
            first, second = np.split(b.known[d], 2)
            arrays[f"bias_ih{end}"], arrays[f"bias_hh{end}"] = _reordered(node, first), _reordered(node, second)
    weights = {k: SourceTensor(a.shape, "float32", known=a, learned=w.learned) for k, a in arrays.items()}
    arguments |= {"width": int(u.known.shape[2])} | ({} if b is not None else {"bias": False})
    numbers = r.emit(
        node.operator.lower(), [r.number(x)], arguments, weights=r.layer_weights(node.operator.lower(), weights)
    )
    return [_all_steps(r, node, numbers[0], two, x), *(_last(r, n, x) for n in numbers[1:])]


def _arguments(node: OnnxNode, two: bool) -> dict[str, Any]:
    if node.attribute("direction", "forward") == "reverse":
        raise refused("argument", "direction: reverse has no equivalent")
    usual = ACTIVATIONS[node.operator] * (2 if two else 1)
    activations = node.attribute("activations") or usual
    arguments: dict[str, Any] = {"bidirectional": True} if two else {}
    if node.operator == "RNN" and set(activations) == {"Relu"}:
        arguments["nonlinearity"] = "relu"
    elif [a.lower() for a in activations] != [a.lower() for a in usual]:
        raise refused("argument", f"activations {clip(', '.join(map(str, activations)))} have no equivalent")
    if node.attribute("clip") or node.attribute("input_forget", 0):
        raise refused("argument", "clip and input_forget have no equivalent")
    if node.operator == "GRU" and not node.attribute("linear_before_reset", 0):
        raise refused("argument", "linear_before_reset: 0 has no equivalent")
    return arguments


def _check_states(r: Site, node: OnnxNode, inputs: Inputs) -> None:
    """Raises CannotImportError NS842 unless initial states are zero and all steps are processed."""
    if inputs.at(4) is not None and not inputs.need(4).is_known:
        raise refused("argument", "sequence_lens has no equivalent")
    for k in (5, 6):
        state = inputs.at(k)
        if state is not None and (state.known is None or np.any(state.known != 0)):
            raise refused("argument", "initial states other than zero have no equivalent")
    if inputs.at(7) is not None:
        raise refused("argument", "peephole connections have no equivalent")


def _steps(r: Site, x: SourceTensor) -> SourceTensor:
    """Moves the batch to the second axis of the input, after the steps."""
    x = r.placed(x)
    if x.batch is not None and x.batch == BatchAxis(1):
        return x
    if r.single and is_same(x.shape[1], 1):
        number = r.reshaped(x, (x.shape[0], x.shape[2]))
        return r.output_value(number, BatchAxis(1))
    raise refused("batch", "the second axis of its input must be the batch")


def _reordered(node: OnnxNode, array: Array) -> Array:
    gates = np.split(array, len(GATES[node.operator]))
    return np.ascontiguousarray(np.concatenate([gates[g] for g in GATES[node.operator]]))


def _all_steps(r: Site, node: OnnxNode, number: int, two: bool, x: SourceTensor) -> SourceTensor:
    """Returns the states of all steps: (steps, directions, batch, width)."""
    out = r.output_value(number, BatchAxis(1), x.shared)
    steps, batch, features = out.shape
    if not two:
        return view(r, out, (steps, 1, batch, features), BatchAxis(2), x.shared)
    divided = view(r, out, (steps, batch, 2, features // 2), BatchAxis(1), x.shared)
    return permute(r, divided, [0, 2, 1, 3])


def _last(r: Site, number: int, x: SourceTensor) -> SourceTensor:
    """Returns the states after the last step: (directions, batch, width)."""
    return r.output_value(number, BatchAxis(1), x.shared)
