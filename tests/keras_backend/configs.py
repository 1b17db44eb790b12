"""Configurations of small models as Keras writes them, and archives of them, made without Keras."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

FLOAT32 = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}


def layer(class_name: str, name: str, *calls: Any, module: str = "keras.layers", **config: Any) -> dict[str, Any]:
    """A layer and its calls: each a name, several, or a mapping of positional and named arguments."""
    return {
        "module": module,
        "class_name": class_name,
        "config": {"name": name, "trainable": True, "dtype": FLOAT32, **config},
        "registered_name": None,
        "name": name,
        "inbound_nodes": [_node(call) for call in calls],
    }


def operation(class_name: str, name: str, *args: Any, **config: Any) -> dict[str, Any]:
    """A function of ``keras.ops``, called once; texts among its arguments are names of layers."""
    form = layer(class_name, name, module="keras.src.ops.numpy")
    form["registered_name"], form["config"] = class_name, {"name": name, **config}
    form["inbound_nodes"] = [{"args": [tensor(a) if isinstance(a, str) else a for a in args], "kwargs": {}}]
    return form


def _node(call: str | Sequence[str] | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(call, Mapping):
        return {"args": call.get("args", []), "kwargs": call.get("kwargs", {})}
    if isinstance(call, str):
        return {"args": [tensor(call)], "kwargs": {}}
    return {"args": [[tensor(name) for name in call]], "kwargs": {}}


def tensor(name: str, call: int = 0, output: int = 0) -> dict[str, Any]:
    """A reference to what a layer outputs."""
    history = [name, call, output]
    return {"class_name": "__keras_tensor__", "config": {"shape": [None], "dtype": "float32", "keras_history": history}}


def entry(name: str, *shape: Any, dtype: str = "float32") -> dict[str, Any]:
    """An input."""
    form = layer("InputLayer", name, batch_shape=[None, *shape])
    form["config"] |= {"dtype": dtype}
    return form


def functional(*layers: dict[str, Any], inputs: Any = None, outputs: Any = None, name: str = "net") -> dict[str, Any]:
    """A model; by default the first layer is its input and the last its output."""
    config = {
        "name": name,
        "layers": list(layers),
        "input_layers": inputs or [layers[0]["name"], 0, 0],
        "output_layers": outputs or [layers[-1]["name"], 0, 0],
    }
    module = "keras.src.models.functional"
    return {"module": module, "class_name": "Functional", "config": config, "registered_name": "Functional"}


def sequential(*layers: dict[str, Any], name: str = "net") -> dict[str, Any]:
    """A sequential model."""
    config = {"name": name, "layers": [{k: v for k, v in form.items() if k != "inbound_nodes"} for form in layers]}
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}


def dense(name: str, units: int, *calls: Any, **config: Any) -> dict[str, Any]:
    """A dense layer."""
    given: dict[str, Any] = {"units": units, "activation": "linear", "use_bias": True, **config}
    return layer("Dense", name, *calls, **given)


SMALL = functional(entry("x", 3), dense("fc", 2, "x"))
"""A dense layer from 3 features to 2."""


def write_archive(
    path: Path, config: Any, weights: dict[str, Any] | bytes | None = None, compressed: bool = False
) -> str:
    """A ``.keras`` file; weights are arrays by path, or the bytes of their file."""
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", kind) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        if isinstance(weights, bytes):
            archive.writestr("model.weights.h5", weights)
        elif weights is not None:
            archive.writestr("model.weights.h5", hdf5_bytes(weights))
    return str(path)


def hdf5_bytes(arrays: dict[str, Any]) -> bytes:
    """An HDF5 file of arrays by path."""
    import io

    import h5py  # type: ignore[import-untyped, unused-ignore] # it has no types

    file = io.BytesIO()
    with h5py.File(file, "w") as hdf5:
        for path, array in arrays.items():
            hdf5[path] = array
    return file.getvalue()


WEIGHTS = {
    "layers/dense/vars/0": np.arange(6, dtype=np.float32).reshape(3, 2),
    "layers/dense/vars/1": np.array([7, 8], dtype=np.float32),
}
"""Those of ``SMALL``."""
