"""Recurrent layers. PyTorch has two biases; the one that Keras lacks is zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from netspec.diagnostics import clip
from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, INVALID_SOURCE

from ..call import LayerCall, Result
from ..json_values import is_list, is_mapping
from ..layer_settings import Settings
from ..model_config import snake_case
from ..tensors import SpecTensor, as_stored, filled
from ..values import KerasTensor
from .table import layer


class Kind(NamedTuple):
    """A recurrent operation."""

    operation: str
    order: tuple[int, ...]
    """The indices of Keras's gates in PyTorch's order."""
    states: int


KINDS = {
    "LSTM": Kind("lstm", (0, 1, 2, 3), 2),
    "GRU": Kind("gru", (1, 0, 2), 1),
    "SimpleRNN": Kind("rnn", (0,), 1),
}


class Cell(NamedTuple):
    """A cell with its weights, in one direction."""

    kind: Kind
    units: int
    bias: bool
    arguments: Mapping[str, Any]
    """Further arguments of the operation."""
    weights: Mapping[str, SpecTensor]
    """By local names without the direction: ``weight_ih``."""


def read_cell(call: LayerCall, class_name: str, settings: Settings, features: int, store: str) -> Cell:
    """Returns a cell.

    Args:
        call: the enclosing call.
        class_name: ``LSTM``, or ``LSTMCell``.
        settings: configuration of the layer or the cell.
        features: number of input features.
        store: path from the layer of the call to the cell.

    Raises:
        CannotImportError: NS842, an activation or another argument has no equivalent.
    """
    name = class_name.removesuffix("Cell")
    kind = KINDS.get(name)
    if kind is None:
        raise CannotImportError(ARGUMENT, f"cell '{clip(class_name)}' has no equivalent")
    units, bias = settings.integer("units"), settings.flag("use_bias", True)
    arguments: dict[str, Any] = {}
    activation = settings.values.get("activation", "tanh")
    if name == "SimpleRNN" and activation == "relu":
        arguments["nonlinearity"] = "relu"
    else:
        settings.require("activation", "tanh")
    if name != "SimpleRNN":
        settings.require("recurrent_activation", "sigmoid")
    if name == "GRU" and not settings.flag("reset_after", False):
        raise CannotImportError(
            ARGUMENT, "reset_after: False has no equivalent", "train it again with `reset_after=True`, the default"
        )
    for key in ("dropout", "recurrent_dropout"):
        if settings.number(key, 0.0):
            call.walk.note(call.layer, "its dropout between steps is left out, which acts in training only")
    gates = len(kind.order)
    kernel = call.variable(0, "kernel", features, gates * units, within=store)
    recurrent = call.variable(1, "recurrent_kernel", units, gates * units, within=store)
    turn = _gates_first(kind.order)
    weights = {
        "weight_ih": SpecTensor((gates * units, features), (kernel,), turn),
        "weight_hh": SpecTensor((gates * units, units), (recurrent,), turn),
    }
    if bias:
        size = gates * units
        if name == "GRU":
            biases = call.variable(2, "bias", 2, size, within=store)
            weights["bias_ih"] = SpecTensor((size,), (biases,), _row(0, turn))
            weights["bias_hh"] = SpecTensor((size,), (biases,), _row(1, turn))
        else:
            single = call.variable(2, "bias", size, within=store)
            weights["bias_ih"] = SpecTensor((size,), (single,), as_stored)
            weights["bias_hh"] = filled(0.0, size)
            call.walk.note(call.layer, "Keras has one bias; the second one of a spec is zero")
    return Cell(kind, units, bias, arguments, weights)


def _gates_first(order: Sequence[int]) -> Callable[[Any], Any]:
    """Returns a function that converts (features, gates * units) to (gates * units, features) with reordered gates."""

    def turn(array: Any) -> Any:
        features, width = array.shape
        gates = array.T.reshape(len(order), width // len(order), features)
        return gates[list(order)].reshape(width, features)

    return turn


def _row(number: int, turn: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a function that applies ``turn`` to one row of an array, as a matrix."""

    def make(array: Any) -> Any:
        return turn(array[number : number + 1])

    return make


class Outcome(NamedTuple):
    """The results of a recurrent operation."""

    output: KerasTensor
    """(positions, units), or (units) for the last position."""
    states: list[KerasTensor]
    """(directions, units) each."""


def run(
    call: LayerCall,
    x: KerasTensor,
    cells: Sequence[Cell],
    states: Sequence[KerasTensor] = (),
    *,
    last: bool = False,
    part: str = "",
) -> Outcome:
    """Adds a recurrent operation in one or two directions.

    Args:
        call: the enclosing call.
        x: the sequence.
        cells: one for each direction.
        states: initial states.
        last: whether the result is that of the last position instead of the sequence.
        part: its name within the layer, if it is only a part of it.
    """
    first = cells[0]
    weights: dict[str, SpecTensor] = {}
    for cell, direction in zip(cells, ("", "_reverse"), strict=False):
        if (cell.kind, cell.units, cell.bias, cell.arguments) != (first.kind, first.units, first.bias, first.arguments):
            raise CannotImportError(ARGUMENT, "directions with different settings have no equivalent")
        weights |= {f"{local}_l0{direction}": tensor for local, tensor in cell.weights.items()}
    results = call.add_several(
        first.kind.operation,
        [x, *states],
        part=part,
        weights=weights,
        width=first.units,
        output="last" if last else None,
        bidirectional=True if len(cells) == 2 else None,
        bias=None if first.bias else False,
        **first.arguments,
    )
    return Outcome(results[0], results[1:])


@layer("LSTM", "GRU", "SimpleRNN")
def recurrent(call: LayerCall) -> Result:
    """A recurrent layer over a sequence."""
    call.refuse_masks()
    x = sequence_of(call)
    cell = read_cell(call, call.layer.class_name, call.settings, call.known(x, 1), "cell")
    states = initial_states(call, cell.kind.states)
    return _results(call, run(call, x, [cell], states, last=not call.settings.flag("return_sequences", False)))


@layer("RNN")
def rnn(call: LayerCall) -> Result:
    """A layer with a given cell, or a stack of several."""
    call.refuse_masks()
    x = sequence_of(call)
    form, last = call.settings.inner("cell"), not call.settings.flag("return_sequences", False)
    class_name, settings = str(form.get("class_name")), Settings(form["config"])
    if class_name != "StackedRNNCells":
        cell = read_cell(call, class_name, settings, call.known(x, 1), "cell")
        return _results(call, run(call, x, [cell], initial_states(call, cell.kind.states), last=last))
    if call.settings.flag("return_state", False) or len(call.inputs) > 1 or call.kwargs.get("initial_state"):
        raise CannotImportError(ARGUMENT, "states of stacked cells have no equivalent")
    counts: dict[str, int] = {}
    inners = settings.mappings("cells")
    for number, inner in enumerate(inners):
        name = str(inner.get("class_name"))
        group = snake_case(name)
        index = counts.get(group, 0)
        counts[group] = index + 1
        config = inner.get("config")
        if not is_mapping(config):
            raise CannotImportError(INVALID_SOURCE, "a cell has no configuration")
        store = f"cell/cells/{group}{f'_{index}' if index else ''}"
        cell = read_cell(call, name, Settings(config), call.known(x, 1), store)
        x = run(call, x, [cell], last=last and number == len(inners) - 1, part=f"cell_{number}").output
    return x


def sequence_of(call: LayerCall) -> KerasTensor:
    """Returns the input sequence of a layer, reversed if the layer is configured so."""
    settings, x = call.settings, call.input
    if x.rank != 2:
        raise CannotImportError(INVALID_SOURCE, f"its input must have 2 axes, not {x.rank}, without the batch")
    if settings.flag("stateful", False):
        call.walk.note(call.layer, "states are not kept from one batch to the next")
    if settings.flag("go_backwards", False):
        x = call.add("flip", x, stem="backwards", axis=0)
    return x


def initial_states(call: LayerCall, count: int) -> list[KerasTensor]:
    """Returns the initial states of a layer, as (1, units) each; empty if they are zero."""
    states = call.inputs[1:] or _listed(call.kwargs.get("initial_state"))
    if not states:
        return []
    if len(states) != count or any(state.rank != 1 for state in states):
        raise CannotImportError(ARGUMENT, f"initial states must be {count} {'vector' if count == 1 else 'vectors'}")
    return [call.add("unsqueeze", state, stem="state", axis=0) for state in states]


def _listed(value: Any) -> list[KerasTensor]:
    items = value if is_list(value) else [value]
    return [item for item in items if isinstance(item, KerasTensor)]


def _results(call: LayerCall, outcome: Outcome) -> Result:
    """Returns the output, followed by the states if the layer returns them."""
    results = [outcome.output]
    if call.settings.flag("return_state", False):
        results += [call.add("select", state, stem="state", index=0, axis=0) for state in outcome.states]
    return results


@layer("Bidirectional")
def bidirectional(call: LayerCall) -> Result:
    """Both directions, combined; for the last position, the last one of each direction."""
    call.refuse_masks()
    form = call.settings.inner("layer")
    backward = call.settings.values.get("backward_layer") or form
    class_name, settings = str(form.get("class_name")), Settings(form["config"])
    if class_name not in KINDS or not is_mapping(backward) or backward.get("class_name") != class_name:
        raise CannotImportError(ARGUMENT, "only LSTM, GRU and SimpleRNN have an equivalent in both directions")
    x = call.input
    if x.rank != 2 or len(call.inputs) > 1 or call.kwargs.get("initial_state") is not None:
        raise CannotImportError(ARGUMENT, "initial states have no equivalent")
    other = Settings(backward.get("config") or {})
    if settings.flag("go_backwards", False) or (
        other is not settings and backward is not form and not other.flag("go_backwards", False)
    ):
        raise CannotImportError(ARGUMENT, "only one forward and one backward layer have an equivalent")
    features = call.known(x, 1)
    cells = [
        read_cell(call, class_name, settings, features, "forward_layer/cell"),
        read_cell(call, class_name, other, features, "backward_layer/cell"),
    ]
    outcome = run(call, x, cells)
    units = cells[0].units
    if settings.flag("return_sequences", False):
        result = _merged(call, outcome.output, units)
    else:
        outputs = call.add("flatten", outcome.states[0], stem="last")
        result = _merged(call, outputs, units)
    results = [result] if isinstance(result, KerasTensor) else result
    if settings.flag("return_state", False):
        for direction in (0, 1):
            results += [call.add("select", s, stem="state", index=direction, axis=0) for s in outcome.states]
    return results


def _merged(call: LayerCall, outputs: KerasTensor, units: int) -> Result:
    """Combines the features of both directions, which are consecutive, as the layer is configured."""
    mode = call.settings.values.get("merge_mode", "concat")
    if mode == "concat":
        return outputs
    halves = call.add_several("split", outputs, stem="directions", parts=[units, units], axis=outputs.rank - 1)
    if mode is None:
        return halves
    operation = {"sum": "add", "mul": "multiply", "ave": "average"}.get(mode)
    if operation is None:
        raise CannotImportError(ARGUMENT, f"merge_mode '{clip(str(mode))}' has no equivalent")
    return call.add(operation, halves, stem=operation)
