"""Wrong calls from Python, and the same on the command line: an error that says what is wrong, never a guess."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import netspec
from tests.cli_support import ran

load: Any = netspec.load
loads: Any = netspec.loads
build: Any = netspec.build
draw: Any = netspec.draw
export: Any = netspec.export

SEED = "error[NS711]: seed must be an integer from 0 to 2**64 - 1"
NO_FILE = "error[NS711]: '{}' has no meaning without a file of weights\n  = help: weights names the file"
ERRORS: dict[str, tuple[Callable[[], object], str]] = {
    "a negative seed": (lambda: build("lenet5", seed=-1), SEED),
    "a large seed": (lambda: build("lenet5", seed=2**64), SEED),
    "a seed of very many digits": (lambda: build("lenet5", seed=10**5000), SEED),
    "a text as seed": (lambda: build("lenet5", seed="a"), SEED),
    "a truth value as seed": (lambda: build("lenet5", seed=True), SEED),
    "a seed of a file without weights": (lambda: export("lenet5", "net.py", seed=-1), SEED),
    "a seed of ONNX": (lambda: export("lenet5", "net.onnx", seed=-1), SEED),
    "rename without weights": (lambda: build("lenet5", rename=["a=b"]), NO_FILE.format("rename")),
    "in_order without weights": (lambda: build("lenet5", in_order=True), NO_FILE.format("in_order")),
    "in_order of source text": (lambda: export("lenet5", "net.py", in_order=True), NO_FILE.format("in_order")),
    "an unknown block": (
        lambda: draw("googlenet", opened=["inception3"]),
        "error[NS301]: no block 'inception3' in 'googlenet'\n  = help: did you mean 'inception3b'?",
    ),
    "a block of a network without blocks": (
        lambda: draw("lenet5", opened=["foo"]),
        "error[NS301]: no block 'foo' in 'lenet5'",
    ),
    "a text as opset": (
        lambda: export("lenet5", "net.onnx", options={"opset": "a"}),
        "error[NS711]: opset must be an integer; found 'a'",
    ),
    "a number as flag": (
        lambda: export("lenet5", "net.onnx", options={"optimize": 1}),
        "error[NS711]: optimize must be true or false; found 1",
    ),
    "no name": (
        lambda: load(""),
        "error[NS109]: '' is neither a file nor a network of the zoo\n"
        "  = help: `netspec zoo` lists the networks that come with netspec",
    ),
}
TYPE_ERRORS: dict[str, tuple[Callable[[], object], str]] = {
    "a variant given twice": (
        lambda: load("resnet@18", "50"),
        "the variant is given twice: '18' and '50'",
    ),
    "no text": (lambda: loads(None), "the text of a spec is a str; found NoneType"),
    "a number as name": (lambda: load("lenet5", params={1: 2}), "names of parameters are texts; found 1"),
    "one rule": (lambda: build("lenet5", rename="a=b"), "rename is a list of rules OLD=NEW, not a text"),
}


@pytest.mark.parametrize("row", list(ERRORS))
def test_errors(row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("torch", "onnx"):
        pytest.importorskip(library)
    call, text = ERRORS[row]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(netspec.Error) as caught:
        call()
    assert str(caught.value) == text
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("row", list(TYPE_ERRORS))
def test_type_errors(row: str) -> None:
    pytest.importorskip("torch")
    call, text = TYPE_ERRORS[row]
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == text


@pytest.mark.parametrize("device", ["foo", "cuda:7000", 1.5])
def test_a_device_that_cannot_be_used(device: object) -> None:
    pytest.importorskip("torch")
    with pytest.raises(netspec.BackendError) as caught:
        build("lenet5", device=device)
    assert str(caught.value).startswith(f"error[NS711]: the device '{device}' cannot be used\n  = ")


@pytest.mark.parametrize("value", ["-1", "a", "²", "18446744073709551616", "9" * 5000])
def test_a_seed_on_the_command_line(value: str) -> None:
    said = ran("export", "lenet5", "-o", "net.onnx", f"--seed={value}")
    displayed = value if len(value) < 60 else "9" * 59 + "…"
    line = f"netspec export: error: argument --seed: '{displayed}' is not a seed: an integer from 0 to 2**64 - 1"
    assert (said.status, said.err.splitlines()[-1]) == (2, line)


@pytest.mark.parametrize(("option", "name"), [("--rename=a=b", "rename"), ("--in-order", "in_order")])
def test_options_about_a_file_of_weights(option: str, name: str) -> None:
    said = ran("export", "lenet5", "-o", "net.safetensors", option)
    assert (said.status, said.out, said.err) == (1, "", NO_FILE.format(name) + "\n")
