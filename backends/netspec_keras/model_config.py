"""A model's configuration as data: layers, and the input tensors of each of their calls.

Keras 3 writes a call as positional and keyword arguments with embedded tensors; Keras 2 as a list of ``[layer, call,
output, keyword arguments]``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeAlias

from netspec.diagnostics import clip
from netspec.free_names import free_name
from netspec.importing import CannotImportError

from .json_values import is_list, is_mapping
from .layer_settings import Settings
from .saved_models.file_error import CODE_IN_MODEL, NO_MODEL, NO_STRUCTURE, KerasFileError

MODELS = frozenset({"Functional", "Sequential", "Model"})
"""Classes of models that consist of layers."""
SAVED_AS = {"GroupQueryAttention": "GroupedQueryAttention"}
"""Class names in groups of weights that differ from those in configurations."""
LAYERS = 100_000
"""Maximum number of layers of a model."""


@dataclass(frozen=True, slots=True)
class TensorRef:
    """The output of a call of a layer."""

    layer: str
    call: int
    output: int
    shape: tuple[int | None, ...] | None = field(default=None, compare=False)
    """Shape including the batch, if the reference states it."""
    dtype: str = field(default="float32", compare=False)


class Constant(NamedTuple):
    """A constant tensor in a call."""

    value: Any
    """Nested lists."""
    dtype: str


class Described(NamedTuple):
    """Another Keras object among the arguments, such as a dtype policy."""

    class_name: str
    config: Mapping[str, Any]


class RecordedCall(NamedTuple):
    """A call of a layer. Arguments are references, constants, numbers, slices, and lists and mappings of these."""

    args: list[Any]
    kwargs: dict[str, Any]
    of_keras_2: bool = False
    """Whether it has the form of Keras 2."""


Layout: TypeAlias = Any
"""Inputs or outputs: a reference, or lists and mappings of references."""


@dataclass(eq=False, slots=True)
class LayerConfig:
    """A layer of a model, or a nested model."""

    class_name: str
    module: str
    """The module of the class; empty in files of Keras 2."""
    name: str
    settings: Settings
    calls: list[RecordedCall]
    path: str
    """Its name, preceded by those of enclosing models: ``encoder.dense``."""
    store: str
    """The group with its weights in ``model.weights.h5``: ``layers/functional/layers/dense``."""
    top: str
    """The top-level layer that contains it, which is its group in the HDF5 files of Keras 2."""
    model: Model | None = None
    """Its layers, if it is a model."""
    uses: int = 0
    """Number of its calls so far."""

    @property
    def policy(self) -> str:
        """Its dtype policy: ``float32``, ``mixed_float16``; empty if not specified."""
        policy = self.settings.values.get("dtype")
        if is_mapping(policy) and is_mapping(policy.get("config")):
            policy = policy["config"].get("name") or policy["config"].get("source_name")
        return policy if isinstance(policy, str) and self.class_name != "InputLayer" else ""

    @property
    def is_operation(self) -> bool:
        """Whether it is a function of ``keras.ops`` instead of a layer."""
        if self.module:
            return ".ops." in f"{self.module}."
        return not {"trainable", "dtype", "batch_shape", "batch_input_shape"} & set(self.settings.values)


@dataclass(eq=False, slots=True)
class Model:
    """The layers of a model, its inputs and outputs."""

    name: str
    layers: dict[str, LayerConfig] = field(default_factory=dict[str, LayerConfig])
    inputs: Layout = None
    outputs: Layout = None


def read_model(config: Mapping[str, Any], file: str) -> Model:
    """Returns the model in a configuration.

    Args:
        config: configuration of the model, including its class.
        file: name of the file in messages.

    Raises:
        KerasFileError: NS830, NS832 or NS833: it does not contain a model of layers.
    """
    class_name, inner = config.get("class_name"), config.get("config")
    module, registered = str(config.get("module") or ""), config.get("registered_name")
    if not isinstance(class_name, str) or not is_mapping(inner):
        raise KerasFileError(NO_MODEL, "the configuration does not describe a Keras model", file=file)
    if class_name not in MODELS or not _is_of_keras(module, class_name, registered):
        if not _is_of_keras(module, class_name, registered):
            raise KerasFileError(
                CODE_IN_MODEL,
                f"the code of the model's class '{clip(class_name)}' is not in the file",
                help="with the class at hand, `netspec.from_keras(keras.Model(x, model.call(x)))`, where x is its "
                "`keras.Input(…)`, follows the calls of its layers",
                file=file,
            )
        raise KerasFileError(NO_MODEL, "the configuration does not describe a Keras model", file=file)
    if "layers" not in inner:
        raise KerasFileError(NO_STRUCTURE, "the configuration does not contain the layers of the model", file=file)
    try:
        return _Reader(file).model(class_name, Settings(inner, "the model"), "", "", "")
    except CannotImportError as error:
        raise KerasFileError(NO_MODEL, error.message, file=file) from None


class _Reader:
    """Reads nested models, and counts their layers."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0
        self.shared: dict[Any, LayerConfig] = {}
        """Layers by the identifiers with which Keras marks shared objects."""

    def model(self, class_name: str, settings: Settings, path: str, store: str, top: str) -> Model:
        """Returns a model; ``path``, ``store`` and ``top`` are a :class:`LayerConfig`'s; empty for the whole model."""
        model = Model(str(settings.values.get("name") or class_name.lower()))
        containers: dict[str, int] = {}
        for form in settings.mappings("layers"):
            layer = self.layer(form, path, store, top, containers, is_sequential=class_name == "Sequential")
            if layer.name in model.layers:
                raise CannotImportError(NO_MODEL, f"two layers have the name '{clip(layer.name)}'")
            model.layers[layer.name] = layer
        if class_name == "Sequential":
            _chain(model, settings)
        else:
            model.inputs = _references(settings.values.get("input_layers"))
            model.outputs = _references(settings.values.get("output_layers"))
            _count_calls_from_zero(model)
        return model

    def layer(
        self, form: Mapping[str, Any], path: str, store: str, top: str, containers: dict[str, int], is_sequential: bool
    ) -> LayerConfig:
        """Returns one layer; ``containers`` counts earlier classes, from which groups of weights are numbered."""
        self.count += 1
        if self.count > LAYERS:
            raise CannotImportError(NO_MODEL, f"the model has more than {LAYERS:,} layers")
        class_name, config = form.get("class_name"), form.get("config")
        if not isinstance(class_name, str) or not is_mapping(config):
            raise CannotImportError(NO_MODEL, "a layer has no class or no configuration")
        name = str(form.get("name") or config.get("name") or class_name)
        full = f"{path}.{name}" if path else name
        module = str(form.get("module") or "")
        settings = Settings(config, f"'{clip(full)}'" if class_name in MODELS else "")
        if not _is_of_keras(module, class_name, form.get("registered_name")):
            module = f"{module or 'another package'} "  # no module has a blank in its name: nothing matches it
        layer = LayerConfig(
            class_name, module, name, settings, _calls(form.get("inbound_nodes")), full, "", top or name
        )
        if not layer.is_operation and not (class_name == "InputLayer" and is_sequential):
            group = snake_case(SAVED_AS.get(class_name, class_name))
            number = containers.get(group, 0)
            containers[group] = number + 1
            layer.store = f"{f'{store}/' if store else ''}layers/{group}{f'_{number}' if number else ''}"
        if class_name in MODELS and not module.endswith(" "):
            layer.model = self.model(class_name, settings, full, layer.store, layer.top)
        return layer


def _is_of_keras(module: str, class_name: str, registered: object) -> bool:
    """Whether a class is part of Keras. Custom classes have no module, and are registered."""
    if not module:
        return not registered
    return module.partition(".")[0] in ("keras", "tf_keras") and registered in (None, "", class_name)


def _chain(model: Model, settings: Settings) -> None:
    """Connects the layers of a sequential model."""
    names = list(model.layers)
    first = model.layers[names[0]] if names else None
    if first is None:
        raise CannotImportError(NO_STRUCTURE, "the model has no layers")
    if first.class_name != "InputLayer":
        shape = settings.values.get("build_input_shape") or first.settings.values.get("batch_input_shape")
        if is_mapping(shape):
            shape = None
        name = free_name("input", names)
        form = {"batch_shape": shape, "name": name, "dtype": "float32"}
        first = LayerConfig("InputLayer", "keras.layers", name, Settings(form), [], name, "", name)
        names.insert(0, name)
        model.layers = {name: first, **model.layers}
    for before, name in itertools.pairwise(names):
        model.layers[name].calls = [RecordedCall([TensorRef(before, 0, 0)], {})]
    model.inputs = TensorRef(names[0], 0, 0)
    model.outputs = TensorRef(names[-1], 0, 0)


def snake_case(name: str) -> str:
    """Converts the name of a class to that in names of groups: ``conv2d``, ``multi_head_attention``."""
    import re

    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _count_calls_from_zero(model: Model) -> None:
    """Renumbers references to calls of nested models from 0.

    Keras counts the construction of such a model as its first call in ``output_layers``, and Keras 2 everywhere.
    """

    def changed(value: Layout, models: set[str]) -> Layout:
        if isinstance(value, TensorRef):
            return replace(value, call=value.call - 1) if value.layer in models and value.call else value
        if is_list(value):
            return [changed(item, models) for item in value]
        if is_mapping(value):
            return {key: changed(item, models) for key, item in value.items()}
        return value

    inner = {layer.name for layer in model.layers.values() if layer.model is not None}
    if not inner:
        return
    of_keras_2 = [call for layer in model.layers.values() for call in layer.calls if call.of_keras_2]
    first = {ref.layer for call in of_keras_2 for ref in references_in(call.args) if ref.call == 0}
    first |= {ref.layer for ref in references_in(model.outputs) if ref.call == 0}
    model.outputs = changed(model.outputs, inner - first)
    for layer in model.layers.values():
        layer.calls = [
            call._replace(args=changed(call.args, inner - first)) if call.of_keras_2 else call for call in layer.calls
        ]


def references_in(value: Any) -> Iterator[TensorRef]:
    """Yields the references among arguments, in order."""
    if isinstance(value, TensorRef):
        yield value
    elif is_list(value) and not isinstance(value, (Constant, Described)):
        for item in value:
            yield from references_in(item)
    elif is_mapping(value):
        for item in value.values():
            yield from references_in(item)


def _references(value: Any) -> Layout:
    """Parses inputs or outputs: ``["layer", 0, 0]``, or lists and mappings of these."""
    if is_list(value):
        if len(value) == 3 and isinstance(value[0], str) and all(type(n) is int for n in value[1:]):
            return TensorRef(*value)
        return [_references(item) for item in value]
    if is_mapping(value):
        return {str(key): _references(item) for key, item in value.items()}
    raise CannotImportError(NO_MODEL, "an input or output does not refer to a layer")


def _calls(nodes: Any) -> list[RecordedCall]:
    """Parses the calls of a layer."""
    if not is_list(nodes):
        return []
    return [_call(node) for node in nodes]


def _call(node: Any) -> RecordedCall:
    if is_mapping(node):
        args, named = decoded(node.get("args", [])), decoded(node.get("kwargs", {}))
        if not is_list(args) or not is_mapping(named):
            raise CannotImportError(NO_MODEL, "the arguments of a call must be a list")
        return RecordedCall(list(args), named)
    if not is_list(node):
        raise CannotImportError(NO_MODEL, "a call of a layer must be a list or an object")
    tensors: list[TensorRef] = []
    kwargs: dict[str, Any] = {}
    for item in node:
        if not is_list(item) or len(item) not in (3, 4):
            raise CannotImportError(NO_MODEL, "an input of a layer must be [layer, call, output]")
        tensors.append(_references(item[:3]))
        if len(item) == 4 and is_mapping(item[3]):
            kwargs = {str(key): decoded(value) for key, value in item[3].items()}
    return RecordedCall([tensors[0] if len(tensors) == 1 else tensors], kwargs, of_keras_2=True)


def decoded(value: Any) -> Any:
    """Replaces the mappings that represent references, constants and slices in an argument."""
    if is_list(value):
        return [decoded(item) for item in value]
    if not is_mapping(value):
        return value
    form: dict[str, Any] = value
    class_name, config = form.get("class_name"), form.get("config")
    if not isinstance(class_name, str) or "config" not in form:
        return {key: decoded(item) for key, item in form.items()}
    if class_name == "__ellipsis__":
        return ...
    if class_name == "__tuple__":
        items: Any = form.get("items", config)
        return tuple(decoded(item) for item in items) if is_list(items) else items
    if not is_mapping(config):
        return Described(class_name, {"": config})
    inner: dict[str, Any] = config
    if class_name == "__keras_tensor__":
        history = inner.get("keras_history")
        ref = _references(list(history) if is_list(history) else None)
        if not isinstance(ref, TensorRef):
            raise CannotImportError(NO_MODEL, "an input or output does not refer to a layer")
        shape, dtype = inner.get("shape"), inner.get("dtype")
        sizes = tuple(shape) if is_list(shape) and all(n is None or type(n) is int for n in shape) else None
        return replace(ref, shape=sizes, dtype=dtype if isinstance(dtype, str) else "float32")
    if class_name == "__slice__":
        return slice(*(decoded(inner.get(key)) for key in ("start", "stop", "step")))
    if class_name in ("__numpy__", "__tensor__"):
        return Constant(inner.get("value"), str(inner.get("dtype")))
    return Described(class_name, inner)
