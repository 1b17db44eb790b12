"""Loads a model with Keras, with random weights and a given computation type."""

from __future__ import annotations

# Parts of Keras have no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from netspec.backend import BackendError
from netspec.diagnostics import Error

from ..json_values import is_list, is_mapping
from ..saved_models.file_error import CODE_IN_MODEL, WEIGHTS
from ..saved_models.model_file import ModelFile
from ..saved_models.stores import LayerPlaces
from ..tensors import Variable
from .model_copy import copy_weights, is_harmless, modern_config, overwrite, with_type, write_archive
from .random_weights import RandomStore

POOLS = ("AveragePooling1D", "AveragePooling2D", "AveragePooling3D")


def load_model(
    file: ModelFile, variables: Sequence[Variable], folder: Path, dtype: str, notes: list[str]
) -> Callable[[Sequence[Any]], Mapping[str, Any] | Sequence[Any]]:
    """Returns the model as a function of arrays. Only classes of Keras are loaded, in its safe mode.

    Args:
        file: file of the model.
        variables: variables of the model, in the order of its layers.
        folder: folder for a copy of the file.
        dtype: computation type.
        notes: receives notes on deviations of the copy.

    Raises:
        BackendError: NS834, Keras cannot load or run it; NS832, the file refers to code outside of Keras.
    """
    if not is_harmless(file.config):
        raise BackendError(CODE_IN_MODEL, "the file refers to code outside of Keras, so the model is not run")
    keras: Any = import_module("keras")
    try:
        load = _from_archive if file.is_archive else _from_hdf5
        model = load(keras, file, variables, folder, dtype)
    except Error:
        raise
    except Exception as error:  # any exception of an external program
        raise BackendError(WEIGHTS, f"Keras cannot load the model: {_reason(error)}", _WITHOUT) from None
    if keras.backend.backend() == "torch":
        _pool_as_tensorflow(keras, model, notes)

    def run(inputs: Sequence[Any]) -> Mapping[str, Any] | Sequence[Any]:
        try:
            tensors = [keras.ops.convert_to_tensor(x) for x in inputs]
            returned = model(tensors if len(tensors) > 1 else tensors[0], training=False)
        except Exception as error:
            raise BackendError(WEIGHTS, f"Keras cannot run the model: {_reason(error)}", _WITHOUT) from None
        if is_mapping(returned):
            return {str(name): _array(keras, y) for name, y in returned.items()}
        return [_array(keras, y) for y in (returned if is_list(returned) else [returned])]

    return run


def _from_archive(keras: Any, file: ModelFile, variables: Sequence[Variable], folder: Path, dtype: str) -> Any:
    """Loads a copy of an archive with other weights, which also tests where Keras looks for them."""
    weights, path = folder / f"weights_{dtype}.h5", folder / f"model_{dtype}.keras"
    with file.open_weights() as hdf5:
        copy_weights(hdf5, weights)
    overwrite(weights, variables, file.places(variables), RandomStore())
    write_archive(path, with_type(file.config, dtype), file.version, weights)
    weights.unlink()
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def _from_hdf5(keras: Any, file: ModelFile, variables: Sequence[Variable], folder: Path, dtype: str) -> Any:
    """Loads the configuration of an HDF5 file, with weights in the order of the file."""
    del folder
    config = with_type(modern_config(file.config), dtype)
    model = keras.saving.deserialize_keras_object(config, safe_mode=True)
    numbers, places = RandomStore(), LayerPlaces(variables, file.name)
    for variable in variables:
        layer = model.get_layer(variable.top)
        weights = [*layer.trainable_weights, *layer.non_trainable_weights]
        weights[places.number(variable)].assign(numbers.read(variable))
    return model


_WITHOUT = "--no-proof (in Python prove=False) imports it without a comparison"


def _array(keras: Any, tensor: Any) -> Any:
    return keras.ops.convert_to_numpy(tensor)


def _reason(error: BaseException) -> str:
    """Returns the message of a Keras error in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = next((line for line in lines if not line.startswith("Exception encountered")), type(error).__name__)
    return "".join(c for c in text.replace("\x1b[1m", "").replace("\x1b[0m", "") if c.isprintable())[:200]


def _layers(model: Any) -> Iterator[Any]:
    """Yields the layers of a model and of nested models."""
    for layer in model.layers:
        yield layer
        if hasattr(layer, "layers"):
            yield from _layers(layer)
        elif hasattr(layer, "layer"):
            yield layer.layer


def _pool_as_tensorflow(keras: Any, model: Any, notes: list[str]) -> None:
    """Makes average pooling with ``same`` exclude padding, as in TensorFlow and JAX.

    On PyTorch, Keras repeats the border if the padding is uneven, and averages over that.
    """
    pools = [layer for layer in _layers(model) if type(layer).__name__ in POOLS and layer.padding == "same"]
    for layer in pools:
        layer.call = _average_pool(keras, layer)
    note = "average pooling with padding was run as in TensorFlow: on PyTorch, Keras counts some of the padding"
    if pools and note not in notes:
        notes.append(note)


def _average_pool(keras: Any, layer: Any) -> Callable[[Any], Any]:
    """Returns a function that divides sums of windows by the number of positions within the input."""

    def call(inputs: Any) -> Any:
        rank, ops = len(layer.pool_size), keras.ops
        axes = range(1, rank + 1) if layer.data_format == "channels_last" else range(2, rank + 2)
        widths = [(0, 0)] * (rank + 2)
        for axis, size, stride in zip(axes, layer.pool_size, layer.strides, strict=True):
            n = inputs.shape[axis]
            total = max((-(-n // stride) - 1) * stride + size - n, 0)
            widths[axis] = (total // 2, total - total // 2)
        window = (layer.pool_size, layer.strides, "valid", layer.data_format)
        sums = ops.average_pool(ops.pad(inputs, widths), *window)
        return sums / ops.average_pool(ops.pad(ops.ones_like(inputs), widths), *window)

    return call
