"""The walk over a model, which converts every call of a layer once, in topological order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netspec.diagnostics import Error, clip
from netspec.importing import CannotImportError, Draft, DraftInput, DraftNetwork, ImportDiagnostic, ModuleCall
from netspec.importing.problems import INVALID_SOURCE, MAY_BE_OPAQUE, UNKNOWN_WEIGHT
from netspec.ops import ArgumentError, create
from netspec.shapes import TensorType
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.types import input_type

from .call import LayerCall, Result, Rule
from .call_order import all_layers, calls_in_order, needed_calls, read_by_embeddings, said_shapes, without_mask
from .inputs import input_form, names_of_open
from .json_values import is_list, is_mapping
from .layer_names import legal_name, level_class, spec_names
from .model_config import Constant, Described, LayerConfig, Model, RecordedCall, TensorRef, references_in
from .rules import find_rule
from .saved_models.file_error import HELPS, NO_SHAPES
from .tensors import SpecTensor, Variable
from .values import KerasTensor

IMAGE_SIZE, SEQUENCE_SIZE = 224, 64
"""Default values of dynamic sizes."""

MASK_ENDS = ("conv", "depthwise_conv", "separable_conv", "max_pool", "avg_pool", "flatten", "reshape", "global")
"""Operations whose Keras layers do not propagate masks."""

Known = dict[TensorRef, KerasTensor | None]
"""Values by reference; None for those that could not be imported."""


class Walk:
    """Writes the drafts of a model.

    Args:
        model: the model.
        layout: ``channels_first`` or ``channels_last``.
    """

    def __init__(self, model: Model, layout: str) -> None:
        self.model = model
        self.channels_last = layout == "channels_last"
        self.network = DraftNetwork(model.name, layout=layout)
        self.tensors: dict[str, SpecTensor] = {}
        """The tensors of the spec, by name."""
        self.variables: dict[Variable, int] = {}
        """The variables of the model, with the number of their layer in the configuration."""
        self._order = {layer.path: number for number, layer in enumerate(all_layers(model))}

    @property
    def stops(self) -> bool:
        """Whether an output is unknown due to an earlier problem."""
        return len(self.network.outputs) < len(list(references_in(self.model.outputs)))

    def order_of(self, layer: LayerConfig) -> int:
        """Returns the number of a layer in the configuration."""
        return self._order[layer.path]

    def run(self) -> DraftNetwork:
        """Returns the network; its problems include everything that cannot be imported."""
        inputs = self._inputs(self.model)
        outputs = self._outputs(self.model, inputs, (), "")
        for number, (name, value) in enumerate(_named_outputs(self.model, outputs)):
            if value is None:
                continue
            if value.masked:
                self._note("a mask of positions goes with the output in Keras, and is left out")
            unique = name if name not in self.network.outputs else f"{name}_{number}"
            self.network.outputs[unique] = value.number
        return self.network

    # -- inputs and outputs ------------------------------------------------------------------------------------------
    def _inputs(self, model: Model) -> Known:
        layers = [model.layers.get(ref.layer) for ref in references_in(model.inputs)]
        forms = [input_form(layer) for layer in layers]
        looked_up = read_by_embeddings(model)
        sizes = self._open_sizes([shape for _, shape, _ in forms])
        known: Known = {}
        for ref, (name, _, declared), closed in zip(references_in(model.inputs), forms, sizes, strict=True):
            if ref in known:
                continue
            dtype = declared
            if declared == "float32" and ref in looked_up:
                dtype = "int64"
                self._note(f"the input '{name}' is one of integers: only embeddings read it")
            value = self.value(input_type(closed, dtype, self.channels_last))
            plain = "input" if len(forms) == 1 else legal_name(name).replace(".", "_")
            while plain in self.network.inputs:
                plain += "_"
            self.network.inputs[plain] = DraftInput(value.number, closed, dtype)
            known[ref] = value
        return known

    def _open_sizes(self, shapes: Sequence[tuple[int | None, ...]]) -> list[tuple[int, ...]]:
        """Replaces dynamic sizes in shapes by named dimensions."""
        names = [names_of_open(shape, number) for number, shape in enumerate(shapes)]
        dims: dict[str, NamedDim] = {}
        for shape, row in zip(shapes, names, strict=True):
            default = IMAGE_SIZE if len(shape) >= 3 else SEQUENCE_SIZE
            dims |= {name: NamedDim(name, default) for name in row if name}
        named = NamedSizes(dims.values())
        self.network.dims = {name: {"default": dim.default} for name, dim in dims.items()}
        return [
            tuple([named.size(name) if name else n for n, name in zip(shape, row, strict=True)])  # type: ignore[misc] # of a length that is not known
            for shape, row in zip(shapes, names, strict=True)
        ]

    def _outputs(
        self, model: Model, inputs: Known, calls: tuple[ModuleCall, ...], prefix: str
    ) -> list[KerasTensor | None]:
        """Returns the outputs of a model with known inputs, in order."""
        needed, names, shapes = needed_calls(model), spec_names(model), said_shapes(model)
        known = dict(inputs)
        for layer, number in calls_in_order(model):
            if layer.class_name == "InputLayer":
                known.setdefault(TensorRef(layer.name, number, 0), None)
                continue
            if (layer.name, number) not in needed:
                continue
            call = layer.calls[number]
            results = self._call(layer, call, known, calls, (prefix, names[layer.name]), shapes[layer.name, number])
            known |= {TensorRef(layer.name, number, k): value for k, value in enumerate(results)}
        return [known.get(ref) for ref in references_in(model.outputs)]

    # -- calls -------------------------------------------------------------------------------------------------------
    def _call(
        self,
        layer: LayerConfig,
        call: RecordedCall,
        known: Known,
        calls: tuple[ModuleCall, ...],
        names: tuple[str, str],
        shapes: Mapping[int, TensorRef],
    ) -> Sequence[KerasTensor | None]:
        """Returns the results of a call of a layer; if there is a problem, records it and returns unknown results.

        Args:
            layer: the layer.
            call: one of its calls.
            known: the values so far.
            calls: the enclosing modules.
            names: the name of the model in the spec, and that of the layer within it, which may have levels.
            shapes: references to the outputs of the call that state their shapes, by output number.
        """
        prefix, name = names
        full = f"{prefix}.{name}" if prefix else name
        around = (*calls, *_levels(prefix, name, calls))
        key = full if not layer.uses else f"{full}@{layer.uses}"
        key = f"{around[-1].key}/{key}" if around else key
        layer.uses += 1
        around = (*around, ModuleCall(key, full, f"keras.{layer.class_name}"))
        masked = next(references_in(call.kwargs.get("mask")), None) is not None
        call = without_mask(call)
        if any(known.get(ref) is None for ref in references_in([call.args, call.kwargs])):
            if not all(ref in known for ref in references_in([call.args, call.kwargs])):
                self._problem(layer, CannotImportError(INVALID_SOURCE, "an input is not the output of a layer"))
            return [None]
        try:
            if layer.model is not None:
                return self._nested(layer.model, call, known, around, full)
            rule = find_rule(layer)
            site = LayerCall(self, layer, around, _filled(call.args, known), _filled(call.kwargs, known), full, masked)
            result = _result(rule, site)
        except CannotImportError as error:
            results = self._opaque(layer, call, known, around, shapes) if error.code in MAY_BE_OPAQUE else None
            self._problem(layer, error, opaque=results is not None)
            return results if results is not None else [None]
        return [result] if isinstance(result, KerasTensor) else result

    def _opaque(
        self,
        layer: LayerConfig,
        call: RecordedCall,
        known: Known,
        calls: tuple[ModuleCall, ...],
        shapes: Mapping[int, TensorRef],
    ) -> list[KerasTensor | None] | None:
        """Returns results with the shapes stated by their readers; None if one is unknown."""
        outputs: list[KerasTensor] = []
        for number in range(len(shapes)):
            shape = shapes[number].shape if number in shapes else None
            if not shape or any(n is None for n in shape[1:]):
                return None
            dtype = shapes[number].dtype if shapes[number].dtype in ("bool", "int32", "int64") else "float32"
            sizes = tuple(n for n in shape[1:] if n is not None)
            outputs.append(self.value(TensorType(sizes, dtype, ("",) * len(sizes))))
        if not outputs:
            return None
        inputs = [known[ref] for ref in references_in([call.args, call.kwargs])]
        self.network.drafts.append(
            Draft(
                layer.class_name,
                [value.number for value in inputs if value is not None],
                {},
                [value.number for value in outputs],
                calls=calls,
                origin=f"{layer.class_name} '{layer.path}'",
                opaque=True,
            )
        )
        self.network.dtypes |= {value.number: value.type.dtype for value in outputs}
        return [*outputs]

    def _nested(
        self, model: Model, call: RecordedCall, known: Known, calls: tuple[ModuleCall, ...], prefix: str
    ) -> list[KerasTensor | None]:
        """Returns the outputs of a nested model."""
        inputs = [known[ref] for ref in references_in([call.args, call.kwargs])]
        references = list(references_in(model.inputs))
        if len(inputs) != len(references):
            raise CannotImportError(INVALID_SOURCE, f"it requires {len(references)} inputs; found {len(inputs)}")
        return self._outputs(model, dict(zip(references, inputs, strict=True)), calls, prefix)

    def _problem(self, layer: LayerConfig, error: CannotImportError, *, opaque: bool = False) -> None:
        problem = ImportDiagnostic.of_error(
            error, layer.class_name, layer.path, HELPS, opaque=opaque, no_shapes=NO_SHAPES
        )
        self.network.problems.append(problem)

    def _note(self, text: str) -> None:
        if text not in self.network.notes:
            self.network.notes.append(text)

    def note(self, layer: LayerConfig, text: str) -> None:
        """Adds a note on a layer; only once for all layers of one class."""
        self._note(f"{layer.class_name}: {text}")

    # -- drafts ------------------------------------------------------------------------------------------------------
    def value(self, type: TensorType) -> KerasTensor:
        """A new value of a type."""
        return KerasTensor(self.network.value(type.shape), type)

    def add(
        self,
        call: LayerCall,
        operation: str,
        inputs: list[KerasTensor],
        arguments: Mapping[str, Any],
        stem: str,
        weights: Mapping[str, tuple[str, SpecTensor]],
        frozen: tuple[str, ...],
    ) -> list[KerasTensor]:
        """Appends a draft; returns its results.

        Raises:
            CannotImportError: with netspec's own code, the operation does not accept the arguments or the inputs;
                NS848, the shape of a weight in Keras is different.
        """
        named = {name: value for name, value in arguments.items() if isinstance(value, KerasTensor)}
        numbers = {name: value.number if isinstance(value, KerasTensor) else value for name, value in arguments.items()}
        types = tuple([value.type for value in (*inputs, *named.values())])
        try:
            outputs, shapes = self._infer(operation, {**arguments, **dict.fromkeys(named, True)}, types)
        except ArgumentError as error:
            raise CannotImportError(INVALID_SOURCE, error.problems[0][1]) from None
        except (ShapeError, ValueError) as error:
            code, message = (error.code, error.message) if isinstance(error, Error) else (INVALID_SOURCE, str(error))
            raise CannotImportError(code, message) from None
        for local, shape in shapes.items():
            tensor = weights.get(local)
            if tensor is None or tensor[1].shape != shape:
                actual = "none" if tensor is None else str(tensor[1].shape)
                raise CannotImportError(UNKNOWN_WEIGHT, f"weight '{local}' must have the shape {shape}; found {actual}")
        self.tensors |= dict(weights.values())
        masked = any(value.masked for value in inputs) and not operation.startswith(MASK_ENDS)
        results = [self.value(type).with_mask(masked) for type in outputs]
        self.network.drafts.append(_draft(operation, inputs, numbers, results, call, stem, weights, frozen))
        return results

    def _infer(
        self, operation: str, arguments: Mapping[str, Any], types: tuple[TensorType, ...]
    ) -> tuple[tuple[TensorType, ...], dict[str, tuple[int, ...]]]:
        """Returns the types of the results, and the shapes of the weights in the state dict."""
        if operation == "formula":  # only elementwise ones without positions occur
            return create("add" if len(types) > 1 else "abs", {}, types, self.channels_last).infer(*types), {}
        op = create(operation, arguments, types, self.channels_last)
        outputs = op.infer(*types)
        if operation == "buffer" and not arguments.get("persistent", True):
            return outputs, {}
        return outputs, {weight.name: weight.shape for weight in op.typed_weights(*types)}


def _result(rule: Rule, call: LayerCall) -> Result:
    """Applies a rule. Raises CannotImportError NS846 for values with types or sizes that no Keras layer accepts."""
    try:
        return rule(call)
    except _MISFITS as error:
        reason = clip(" ".join(str(error).split()))
        raise CannotImportError(INVALID_SOURCE, f"its configuration or arguments are invalid: {reason}") from None


_MISFITS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""Exceptions of Python and NumPy for configuration values whose type or size the layer does not accept."""


def _draft(
    operation: str,
    inputs: list[KerasTensor],
    arguments: dict[str, Any],
    results: list[KerasTensor],
    call: LayerCall,
    stem: str,
    weights: Mapping[str, tuple[str, SpecTensor]],
    frozen: tuple[str, ...],
) -> Draft:
    untrained = call.settings.values.get("trainable") is False and bool(weights)
    return Draft(
        operation,
        [value.number for value in inputs],
        arguments,
        [value.number for value in results],
        calls=call.calls,
        weights={local: name for local, (name, _) in weights.items()},
        origin=f"{call.layer.class_name} '{call.layer.path}'",
        stem=stem,
        frozen=untrained,
        frozen_weights=frozen,
    )


def _levels(prefix: str, name: str, calls: tuple[ModuleCall, ...]) -> list[ModuleCall]:
    """Returns the levels in the dotted name of a layer, as modules."""
    levels: list[ModuleCall] = []
    outer = f"{calls[-1].key}/" if calls else ""
    for end in (k for k, c in enumerate(name) if c == "."):
        path = f"{prefix}.{name[:end]}" if prefix else name[:end]
        levels.append(ModuleCall(f"{outer}{path}", path, level_class(name[:end].rpartition(".")[2])))
    return levels


def _filled(value: Any, known: Known) -> Any:
    """Replaces references in arguments by values."""
    if isinstance(value, TensorRef):
        return known[value]
    if isinstance(value, (Constant, Described)):
        return value
    if is_list(value):
        return [_filled(item, known) for item in value]
    if is_mapping(value):
        return {key: _filled(item, known) for key, item in value.items()}
    return value


def _named_outputs(model: Model, values: Sequence[KerasTensor | None]) -> list[tuple[str, KerasTensor | None]]:
    """Returns the outputs with their names in Keras: keys, or names of layers."""
    layout, references = model.outputs, list(references_in(model.outputs))
    if is_mapping(layout) and len(layout) == len(references):
        return list(zip(layout, values, strict=True))
    names = spec_names(model)
    return [(names.get(r.layer, "output").rpartition(".")[2], v) for r, v in zip(references, values, strict=True)]
