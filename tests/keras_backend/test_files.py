"""Files that are damaged, hostile, or no models of Keras: a diagnostic, and nothing in them is run."""

# h5py has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.diagnostics import Error
from netspec.importing import ImportRefused, Request, import_source
from netspec_keras import reader
from tests.cli_support import ran

from .configs import SMALL, WEIGHTS, dense, entry, functional, hdf5_bytes, layer, sequential, write_archive

pytest.importorskip("h5py")


SAVE_AGAIN = "  = help: save the model again with `model.save('model.keras')`, or copy the file again"


def said(path: str, attempt: Callable[[], object]) -> str:
    """The text of an error, without the folder of the file."""
    with pytest.raises(Error) as caught:
        attempt()
    return str(caught.value).replace(str(Path(path).parent) + "/", "")


def test_small_model_without_keras(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "m.keras", SMALL, WEIGHTS)
    before = set(sys.modules)
    imported = import_source(reader.read(path, Request()), prove=False)
    assert imported.text(flat=True) == (
        "netspec: 1\nname: net\nlayout: channels_last\ninput: [3]\n\nlayers:\n  fc: {dense: 2}\n"
    )
    assert imported.weights["fc.weight"].tolist() == [[0, 2, 4], [1, 3, 5]]
    assert imported.weights["fc.bias"].tolist() == [7, 8]
    assert not {name for name in set(sys.modules) - before if name.partition(".")[0] in ("keras", "torch", "onnx")}


def test_compressed_weights(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "m.keras", SMALL, WEIGHTS, compressed=True)
    source = reader.read(path, Request())
    assert source.tensor("fc.bias").tolist() == [7, 8]


def archive(members: dict[str, bytes]) -> bytes:
    """The bytes of an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return file.getvalue()


def called(call: Any) -> dict[str, Any]:
    """A layer with a call of any form."""
    return {**dense("fc", 2), "inbound_nodes": [call]}


NOT_UTF8, NO_CONFIG = archive({"config.json": b"\xff\xfe"}), archive({"other": b""})
MANY_FILES = archive(dict.fromkeys(map(str, range(10_001)), b""))
NO_CLASS = {**SMALL, "class_name": "Model2", "module": "my.package", "registered_name": "my>Model2"}
FILES: list[tuple[str, Any, str]] = [
    ("no archive", b"PK\3\4 what is this", "error[NS830]: the archive cannot be read: File is not a zip file"),
    (
        "no JSON",
        "{",
        "error[NS830]: config.json is not valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    ),
    ("no mapping", "[]", "error[NS830]: config.json is not a JSON object"),
    ("no model", "{}", "error[NS830]: the configuration does not describe a Keras model"),
    ("deep", "[" * 101, "error[NS831]: config.json has more than 100 nested levels"),
    ("of others", NO_CLASS, "error[NS832]: the code of the model's class 'Model2' is not in the file"),
    (
        "no layers",
        {**SMALL, "config": {"name": "m"}},
        "error[NS833]: the configuration does not contain the layers of the model",
    ),
    (
        "a class of no name",
        {**SMALL, "class_name": {"a": 1}},
        "error[NS830]: the configuration does not describe a Keras model",
    ),
    (
        "an input that is none",
        functional(entry("x", 3), entry("y", 3), layer("Add", "sum", ["x", "y"])),
        "error[NS830]: an output depends on an input that is not declared as one",
    ),
    (
        "no class",
        functional(entry("x", 3), {"class_name": "Dense", "name": "f"}),
        "error[NS830]: a layer has no class or no configuration",
    ),
    ("not UTF-8", NOT_UTF8, "error[NS830]: config.json is not UTF-8"),
    ("no configuration", NO_CONFIG, "error[NS830]: the archive has no config.json"),
    ("many files", MANY_FILES, "error[NS831]: the archive has more than 10,000 files"),
    (
        "no references",
        functional(entry("x", 3), outputs=3),
        "error[NS830]: an input or output does not refer to a layer",
    ),
    (
        "arguments",
        functional(entry("x", 3), called({"args": 3})),
        "error[NS830]: the arguments of a call must be a list",
    ),
    ("a call", functional(entry("x", 3), called(3)), "error[NS830]: a call of a layer must be a list or an object"),
    (
        "an old call",
        functional(entry("x", 3), called([["x"]])),
        "error[NS830]: an input of a layer must be [layer, call, output]",
    ),
    ("an unknown shape", sequential(dense("fc", 2)), "error[NS833]: the shape of the input 'input' is unknown"),
    (
        "an invalid size",
        functional(entry("x", "a"), dense("fc", 2, "x")),
        "error[NS846]: the shape of the input 'x' must consist of sizes and None",
    ),
    (
        "a type",
        functional(entry("x", 3, dtype="string"), dense("fc", 2, "x")),
        "error[NS844]: an input of type 'string' has no equivalent",
    ),
    ("an input", functional(dense("fc", 2, "x")), "error[NS846]: an input of the model is not an InputLayer"),
    (
        "no list of layers",
        {**SMALL, "config": {"layers": 3}},
        "error[NS830]: 'layers' of the model must be a list of layers",
    ),
    ("twice", functional(entry("x", 3), entry("x", 3)), "error[NS830]: two layers have the name 'x'"),
    ("nothing", sequential(), "error[NS830]: the model has no layers"),
]


@pytest.mark.parametrize(("config", "text"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
def test_no_model(tmp_path: Path, config: Any, text: str) -> None:
    path = str(tmp_path / "m.keras")
    if isinstance(config, bytes):
        Path(path).write_bytes(config)
    else:
        write_archive(Path(path), config)
    assert said(path, lambda: reader.read(path, Request())).splitlines()[:2] == [text, " --> m.keras"]


def test_weights_alone(tmp_path: Path) -> None:
    path = tmp_path / "w.h5"
    path.write_bytes(hdf5_bytes(WEIGHTS))
    assert said(str(path), lambda: reader.read(str(path), Request())) == (
        "error[NS830]: the HDF5 file contains weights without a model\n --> w.h5\n"
        "  = help: save both with `model.save('model.keras')`"
    )


def test_truncated_hdf5(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "m.keras", SMALL, hdf5_bytes(WEIGHTS)[:900])
    text = said(path, lambda: reader.read(path, Request()).tensor("fc.bias"))
    assert text.startswith("error[NS830]: the HDF5 data cannot be read: ")


def _linked(kind: str) -> bytes:
    import h5py  # type: ignore[import-untyped, unused-ignore] # it has no types

    file = io.BytesIO()
    with h5py.File(file, "w") as hdf5:
        group = hdf5.create_group("layers/dense/vars")
        if kind == "external":
            group["1"] = h5py.ExternalLink("/etc/passwd", "/x")
        elif kind == "soft":
            group["1"] = h5py.SoftLink("/layers/dense/vars/0")
        elif kind == "elsewhere":
            group.create_dataset("1", (2,), np.float32, external=[("/etc/passwd", 0, 8)])
        elif kind == "bomb":
            group.create_dataset("1", (1 << 40,), np.float32, chunks=(1 << 20,), compression="gzip")
        elif kind == "texts":
            group["1"] = ["a", "b"]
        elif kind == "group":
            group.create_group("1")
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("external", "'1' in the HDF5 data is a link"),
        ("soft", "'1' in the HDF5 data is a link"),
        ("elsewhere", "'layers/dense/vars/1' in the HDF5 data refers to another file"),
        ("bomb", "'fc.bias' has the shape (1099511627776,) in the file, in the model (2,)"),
        ("texts", "'fc.bias' does not contain numbers"),
        ("group", "'layers/dense/vars/1' in the HDF5 data is not a tensor"),
        ("nothing", "the file has no weights for 'fc.bias'"),
    ],
)
def test_hostile_weights(tmp_path: Path, kind: str, text: str) -> None:
    path = write_archive(tmp_path / "m.keras", SMALL, _linked(kind))
    source = reader.read(path, Request())
    assert said(path, lambda: source.tensor("fc.bias")) == f"error[NS834]: {text}\n --> m.keras\n{SAVE_AGAIN}"


def test_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps(SMALL))
        with archive.open("model.weights.h5", "w") as file:
            for _ in range(65):
                file.write(bytes(1 << 20))
    text = said(str(path), lambda: reader.read(str(path), Request()).tensor("fc.bias"))
    assert text == "error[NS831]: the weights unpack to more than 67,108,864 bytes\n --> m.keras"


def _refused(*layers: dict[str, Any], **given: Any) -> str:
    from netspec_keras.read import read_config

    with pytest.raises(ImportRefused) as caught:
        import_source(read_config(functional(*layers, **given)), prove=False)
    return str(caught.value)


LAMBDA = layer("Lambda", "f", "x", function={"class_name": "__lambda__", "config": {"code": "4wEAAAAAAAAA"}})
CUSTOM = layer("MyLayer", "f", "x", module="my.package")
REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        LAMBDA,
        "error[NS832]: Lambda: the file contains its Python code, which is not run\n --> the model\n"
        "  = f\n"
        "  = help: replace it with layers or functions of `keras.ops`, and save the model again",
    ),
    (
        CUSTOM,
        "error[NS832]: MyLayer: it is not a layer of Keras, and its code is not run\n --> the model\n"
        "  = f\n"
        "  = help: replace it with layers or functions of `keras.ops`, and save the model again",
    ),
    (
        dense(
            "f",
            2,
            "x",
            activation={
                "module": "builtins",
                "class_name": "function",
                "config": "my>act",
                "registered_name": "function",
            },
        ),
        "error[NS832]: Dense: activation 'my>act' is not a function of Keras, and is not run\n --> the model\n  = f\n"
        "  = help: replace it with layers or functions of `keras.ops`, and save the model again",
    ),
    (
        dense("f", 2, "y"),
        "error[NS846]: Dense: an input is not the output of a layer\n --> the model\n  = f\n" + SAVE_AGAIN,
    ),
    (
        dense("f", 2, "f"),
        "error[NS846]: Dense: an input is not the output of a layer\n --> the model\n  = f\n" + SAVE_AGAIN,
    ),
    (dense("f", 1 << 50, "x"), "error[NS846]: Dense: 'units' must be an integer\n --> the model\n  = f\n" + SAVE_AGAIN),
    (layer("Dense", "f", "x"), "error[NS846]: Dense: 'units' is missing\n --> the model\n  = f\n" + SAVE_AGAIN),
    (
        layer("GRU", "f", "x", units=2, reset_after=False),
        "error[NS846]: GRU: its input must have 2 axes, not 1, without the batch\n --> the model\n  = f\n" + SAVE_AGAIN,
    ),
    (
        layer("StringLookup", "f", "x"),
        "error[NS841]: StringLookup: it processes strings\n --> the model\n  = f\n"
        "  = help: --opaque requires the shapes of its outputs, which the file states where other layers read them",
    ),
    (
        layer("Softmax", "f", "x", axis=0),
        "error[NS843]: Softmax: it operates along the batch axis\n --> the model\n  = f\n"
        "  = help: the batch must be the first axis of every input, and each example must be computed by itself",
    ),
    (
        layer("Reshape", "f", "x", target_shape=[2, 2]),
        "error[NS541]: Reshape: 'reshape' keeps the number of elements: (3) has 3, which does not make (2, 2)\n --> the model\n  = f",
    ),
]


@pytest.mark.parametrize(("form", "text"), REFUSED, ids=[text[:40] for _, text in REFUSED])
def test_refused(form: dict[str, Any], text: str) -> None:
    assert _refused(entry("x", 3), form) == text


def test_precision() -> None:
    """The types of a layer are said where they are not those of the spec; quantised weights are refused."""
    from netspec_keras.read import read_config

    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}
    source = read_config(
        functional(entry("x", 3), dense("f", 2, "x", dtype=policy), dense("g", 2, "f", dtype="float64"))
    )
    assert source.network.notes == ["layers with the policy float64, mixed_float16 are float32 in the spec"]
    policy = {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "name": "int8_from_float32"}}
    assert _refused(entry("x", 3), dense("f", 2, "x", dtype=policy)) == (
        "error[NS842]: Dense: weights quantised as int8_from_float32 have no equivalent\n --> the model\n  = f\n"
        "  = help: import the model before quantisation"
    )


def test_all_problems_at_once() -> None:
    text = _refused(entry("x", 3), LAMBDA, {**CUSTOM, "name": "g"}, layer("Add", "sum", ["f", "g"]))
    assert [line for line in text.splitlines() if line.startswith("error")] == [
        "error[NS832]: Lambda: the file contains its Python code, which is not run",
        "error[NS832]: MyLayer: it is not a layer of Keras, and its code is not run",
    ]


def test_code_beside_the_network_is_not_run_by_the_comparison(tmp_path: Path) -> None:
    """Nothing reads the Lambda, so that nothing refuses it; Keras would load it."""
    from netspec_keras.proof.keras_model import load_model
    from netspec_keras.read import read_file

    path = write_archive(tmp_path / "m.keras", functional(entry("x", 3), LAMBDA, dense("fc", 2, "x")), WEIGHTS)
    source = read_file(path)
    assert source.network.problems == []
    text = said(path, lambda: load_model(source.saved, source.variables, tmp_path, "float32", []))
    assert text == "error[NS832]: the file refers to code outside of Keras, so the model is not run"


def test_command_line(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "m.keras", SMALL, WEIGHTS)
    out = tmp_path / "m.yaml"
    status, printed, errors = ran("import", path, "-o", str(out), "--no-proof")
    assert (status, errors) == (0, "")
    assert printed.splitlines()[1:] == [
        "net: 1 layer, 8 parameters; its outputs were not compared with those of the source"
    ]
    assert "fc: {dense: $classes}" in out.read_text()
    status, _, errors = ran("import", path, "--input", "3")
    assert status == 2 or errors.startswith("error[NS711]: --input and --args have no meaning for a Keras file")


def test_calls_as_keras_2_writes_them() -> None:
    """Lists of [layer, call, output, arguments]; calls of models within the model are counted from 1."""
    from netspec_keras.read import read_config

    def old(class_name: str, name: str, *calls: list[Any], **config: Any) -> dict[str, Any]:
        return {
            "class_name": class_name,
            "name": name,
            "config": {"name": name, **config},
            "inbound_nodes": list(calls),
        }

    inner = {
        "name": "inner",
        "layers": [
            old("InputLayer", "y", batch_input_shape=[None, 2], dtype="float32"),
            old("Dense", "fc", [["y", 0, 0, {}]], units=4, activation="linear", dtype="float32"),
        ],
        "input_layers": [["y", 0, 0]],
        "output_layers": [["fc", 0, 0]],
    }
    layers = [
        old("InputLayer", "x", batch_input_shape=[None, 3], dtype="float32"),
        old("Dense", "a", [["x", 0, 0, {}]], units=2, activation="relu", dtype="float32"),
        old("Functional", "inner", [["a", 0, 0, {}]], [["a", 0, 0, {}]]) | {"config": inner},
        old("Subtract", "sum", [["inner", 1, 0, {}], ["inner", 2, 0, {}]], dtype="float32"),
    ]
    config = {"name": "net", "layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["sum", 0, 0]]}
    imported = import_source(read_config({"class_name": "Functional", "config": config}), prove=False)
    assert imported.text(flat=True).partition("layers:\n")[2] == (
        "  a: {dense: 2}\n"
        "  a.activation: relu\n"
        "  inner.fc: {dense: 4}\n"
        "  inner.fc.dense: {dense: 4, from: a.activation, share: inner.fc}\n"
        "  sum: {subtract: [inner.fc, inner.fc.dense]}\n"
    )
