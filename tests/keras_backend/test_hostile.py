"""Files whose values no layer expects, or that say much more than they store; and mutants of small models."""

# h5py has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.diagnostics import Error
from netspec.importing import ImportRefused, Request, import_source
from netspec_keras import reader
from netspec_keras.read import read_config

from .configs import dense, entry, functional, layer, write_archive
from .fuzz import mutant, outcome

pytest.importorskip("h5py")


def refused(*layers: dict[str, Any]) -> str:
    """What is said of a model of these layers."""
    with pytest.raises(ImportRefused) as caught:
        import_source(read_config(functional(*layers)), prove=False)
    return str(caught.value)


def test_a_tensor_that_is_not_stored(tmp_path: Path) -> None:
    """HDF5 needs no space for numbers that were never written, however many there are."""
    import h5py  # type: ignore[import-untyped, unused-ignore] # it has no types

    file = io.BytesIO()
    with h5py.File(file, "w") as hdf5:
        hdf5.create_dataset("layers/dense/vars/1", (1 << 32,), np.float32)
    config = functional(entry("x", 3), dense("fc", 1 << 32, "x"))
    source = reader.read(write_archive(tmp_path / "m.keras", config, file.getvalue()), Request())
    with pytest.raises(Error) as caught:
        source.tensor("fc.bias")
    text = "error[NS831]: 'fc.bias' unpacks from 0 to 17,179,869,184 bytes"
    assert str(caught.value) == f"{text}\n --> {tmp_path / 'm.keras'}"


def test_a_tensor_that_only_the_spec_has() -> None:
    """The gain of a batch norm without one, whose size is as large as the file says."""
    norm = layer("BatchNormalization", "norm", "x", scale=False)
    tensors = read_config(functional(entry("x", 1 << 30), norm)).tensors
    with pytest.raises(Error) as caught:
        tensors["norm.weight"]
    text = "error[NS831]: 'norm.weight' has 1,073,741,824 elements, and none of them is in the file\n --> the model"
    assert str(caught.value) == text


def test_a_setting_of_another_kind() -> None:
    """What no rule expects is refused like what one refuses itself."""
    form = layer("EinsumDense", "f", "x", equation="abc,cd->abd", output_shape=[None, 2], bias_axes=2)
    assert refused(entry("x", 4, 6), form) == (
        "error[NS846]: EinsumDense: its configuration or arguments are invalid: 'int' object is not iterable\n"
        " --> the model\n  = f\n"
        "  = help: save the model again with `model.save('model.keras')`, or copy the file again"
    )


def test_mutants(tmp_path: Path) -> None:
    """``python -m tests.keras_backend.fuzz`` tries more."""
    results = {outcome(*mutant(seed), tmp_path) for seed in range(40)}
    assert {"imported", "NS830", "NS846"} <= results
