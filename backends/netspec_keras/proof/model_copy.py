"""Copies a model's file with other weights and another type, for Keras to load."""

from __future__ import annotations

# h5py has no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
import json
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from ..json_values import is_list, is_mapping
from ..model_config import MODELS, SAVED_AS
from ..saved_models.archive import CONFIG, METADATA, WEIGHTS_FILE
from ..saved_models.stores import VariablePlaces
from ..tensors import Variable, VariableStore

FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})


def write_archive(path: Path, config: Mapping[str, Any], version: str, weights: Path) -> None:
    """Writes a ``.keras`` archive with a configuration and HDF5 weights."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(METADATA, json.dumps({"keras_version": version, "date_saved": ""}))
        archive.writestr(CONFIG, json.dumps(config))
        archive.write(weights, WEIGHTS_FILE)


def copy_weights(source: IO[bytes], path: Path) -> None:
    """Copies HDF5 data to a separate file."""
    source.seek(0)
    with path.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def overwrite(path: Path, variables: Iterable[Variable], places: VariablePlaces, numbers: VariableStore) -> None:
    """Overwrites variables in an HDF5 file.

    Args:
        path: the file.
        variables: the variables to change.
        places: their locations in the file.
        numbers: the new values.
    """
    import h5py  # type: ignore[import-untyped, unused-ignore] # it has no types

    with h5py.File(path, "r+") as hdf5:
        for variable in variables:
            place = places.path(hdf5, variable)
            if place is not None:
                dataset: Any = hdf5[place]
                dataset[...] = numbers.read(variable)


def modern_config(form: Mapping[str, Any]) -> dict[str, Any]:
    """Converts the configuration of an HDF5 model to Keras 3's form: with modules, and without initialisers."""
    config = {key: _modern_value(key, value) for key, value in form["config"].items() if not key.endswith(_UNNEEDED)}
    class_name = str(form["class_name"])
    if class_name in MODELS:
        class_name = "Sequential" if class_name == "Sequential" else "Functional"
        module = "keras" if class_name == "Sequential" else "keras.src.models.functional"
    else:
        is_layer = "trainable" in form["config"] or "dtype" in form["config"]
        module, class_name = _module_of(class_name, is_layer)
        module = str(form.get("module") or module)
    rest = {key: value for key, value in form.items() if key in ("name", "inbound_nodes", "build_config")}
    return {"registered_name": None, **rest, "module": module, "class_name": class_name, "config": config}


def _module_of(class_name: str, is_layer: bool) -> tuple[str, str]:
    """Returns the module of a Keras layer or function, and the name of its class in configurations."""
    public = {saved: name for name, saved in SAVED_AS.items()}.get(class_name, class_name)
    if is_layer and hasattr(import_module("keras.layers"), public):
        return "keras.layers", public
    for family in ("numpy", "nn", "core", "math", "image"):
        if hasattr(import_module(f"keras.src.ops.{family}"), class_name):
            return f"keras.src.ops.{family}", class_name
    return "keras.layers", class_name


_UNNEEDED = ("_initializer", "_regularizer", "_constraint")


def _modern_value(key: str, value: Any) -> Any:
    if key in ("layers", "cells") and is_list(value):
        return [_modern_value("layer", item) for item in value]
    if key in ("layer", "backward_layer", "cell") and is_mapping(value) and "class_name" in value:
        return modern_config(value)
    return value


def with_type(value: Any, dtype: str) -> Any:
    """Replaces all policies and input types of a configuration by a type."""
    if is_mapping(value):
        if value.get("class_name") == "DTypePolicy":
            return {"module": "keras", "class_name": "DTypePolicy", "config": {"name": dtype}, "registered_name": None}
        return {
            key: dtype if key == "dtype" and isinstance(item, str) and item in FLOATS else with_type(item, dtype)
            for key, item in value.items()
        }
    if is_list(value):
        return [with_type(item, dtype) for item in value]
    return value


def is_harmless(value: Any) -> bool:
    """Whether a configuration only refers to classes of Keras, so that loading it runs no foreign code."""
    if is_list(value):
        return all(map(is_harmless, value))
    if not is_mapping(value):
        return True
    class_name, module = value.get("class_name"), value.get("module")
    if isinstance(class_name, str):
        known = class_name in MODELS or class_name.isidentifier()
        if class_name in ("Lambda", "__lambda__", "function", "__typespec__") or not known:
            return False
        if module is not None and str(module).partition(".")[0] != "keras":
            return False
        if ">" in str(value.get("registered_name") or ""):
            return False
    return all(map(is_harmless, value.values()))
