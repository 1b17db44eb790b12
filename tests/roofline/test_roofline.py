"""The least time of layers: bytes and operations by hand, against PyTorch's counter, and what the command prints."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

import netspec
from netspec.backend import Roofline
from netspec.devices import Device, find_device
from netspec.diagnostics import Error
from netspec_fit.simulation import Network
from tests.cli_support import ran
from tests.memory.test_forecast import TEXTS

SLOW = Device("slow", "Slow", 10**9, 1000.0, {"float32": 8000.0, "bfloat16": 16000.0, "tf32": 16000.0}, None, None, "")
"""1000 bytes and 8000 operations per second."""


def bound(layers: str, inputs: str = "[6]", **settings: object) -> Roofline:
    """The bound of some layers."""
    graph = netspec.loads(f"{{netspec: 1, input: {inputs}, layers: {layers}}}")
    options = {"device": SLOW, **settings}
    return netspec.roofline(graph, **options)  # type: ignore[arg-type]  # any option


def test_a_dense_layer() -> None:
    time = bound("{fc: {dense: 10}}", batch=4)
    layer = next(layer for layer in time.layers if layer.name == "fc")
    x, weight, bias, y = 4 * 6 * 4, 6 * 10 * 4, 10 * 4, 4 * 10 * 4
    assert (layer.functions, layer.forward.operations) == (("Addmm",), 2 * 4 * 6 * 10)
    assert layer.forward.bytes == x + weight + bias + y
    assert layer.forward.seconds == layer.forward.bytes / 1000
    assert layer.forward.limited_by == "memory"
    # the input needs no gradient; that of the bias is a sum of the gradient of the loss, which is one expanded number
    assert layer.backward.operations == 2 * 4 * 6 * 10
    assert layer.backward.bytes == (x + y + weight) + (4 + bias)
    assert time.step.bytes == 7 * (weight + bias)
    assert time.total.seconds == pytest.approx(time.forward.seconds + time.backward.seconds + time.step.seconds)
    assert time.examples_per_second == pytest.approx(4 / time.seconds)
    assert time.tokens is None


def test_what_limits() -> None:
    """A product of 64 by 64 by 64 takes 524,288 operations and moves 49,152 bytes: 10.7 per byte, of which 8 are had."""
    layer = bound("[{dense: 64, bias: false}]", "[64]", batch=64, optimizer=None).forward
    assert (layer.operations, layer.bytes) == (2 * 64**3, 3 * 64 * 64 * 4)
    assert layer.limited_by == "compute"
    assert layer.seconds == 2 * 64**3 / 8000
    assert layer.intensity == pytest.approx(64 / 6)
    # in half precision half of the bytes, at twice the rate
    half = bound("[{dense: 64, bias: false}]", "[64]", batch=64, optimizer=None, dtype="bfloat16").forward
    assert (half.operations, half.bytes, half.seconds) == (layer.operations, layer.bytes / 2, layer.seconds / 2)


def test_convolutions_take_tf32() -> None:
    time = bound("[{conv2d: 64, kernel: 3, padding: 1, bias: false}]", "[64, 8, 8]", optimizer=None, batch=8)
    operations = 2 * 8 * 64 * 64 * 64 * 9
    assert time.forward.operations == operations
    assert time.forward.seconds == operations / 16000


BYTES = {
    "a view": ("[{flatten: }]", 0),
    "an activation": ("[sigmoid]", 2),
    "in place": ("[identity, {dense: 24, bias: false}, relu]", 1 + 24 + 1 + 2),
    "a copy": ("[{permute: [1, 0]}, {flatten: }]", 2),
    "a sum of two": ("{a: sigmoid, b: {sigmoid: , from: input}, c: {add: [a, b]}}", 2 + 2 + 3),
    "half": ("[{slice: 0, stop: 2}, sigmoid]", 1),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_of_inference(name: str) -> None:
    """In units of the input, 4 by 6 numbers of 4 bytes."""
    layers, units = BYTES[name]
    shape = "[24]" if "dense" in layers else "[4, 6]"
    assert bound(layers, shape, optimizer=None).forward.bytes == units * 4 * 6 * 4


def test_a_lookup_reads_what_it_looks_up() -> None:
    text = "{netspec: 1, input: {shape: [5], dtype: int64}, layers: [{embedding: 1000, width: 8}]}"
    time = netspec.roofline(netspec.loads(text), device=SLOW, batch=2, optimizer=None)
    assert time.forward.bytes == 2 * 5 * 8 + 2 * (2 * 5 * 8 * 4)
    assert time.tokens_per_second == pytest.approx(10 / time.seconds)


@pytest.mark.parametrize("name", TEXTS)
def test_operations_are_those_of_pytorch(name: str) -> None:
    from .operations import counted_operations, forecast_operations

    warnings.filterwarnings("ignore", category=DeprecationWarning)
    network = Network(netspec.loads(TEXTS[name]))
    assert forecast_operations(network) == counted_operations(network) > 0


def test_checkpointed_blocks_run_again() -> None:
    graph = netspec.loads(TEXTS["blocks"])
    whole = netspec.roofline(graph, device=SLOW, batch=2)
    again = netspec.roofline(graph, device=SLOW, batch=2, checkpoint=["Residual"])
    block = next(layer for layer in whole.layers if layer.name == "a.conv1").forward.operations
    assert again.forward.operations == whole.forward.operations
    assert again.backward.operations == whole.backward.operations + 6 * block
    assert again.memory.total < whole.memory.total


def test_text() -> None:
    status, out, err = ran("fit", "lenet5", "--batch", "64", "--device", "H100")
    assert (status, err) == (0, "")
    assert (
        out.partition("\n\nTime")[2]
        == """ on NVIDIA H100 SXM5 80GB: at least 13.3 µs a step, at most 4,800,000 examples per second.

          operations      bytes  per byte   at least  limited by
forward       53.2 M    18.0 MB       3.0    5.36 µs  memory
backward      91.4 M    25.0 MB       3.7    7.47 µs  memory
step               0    1.68 MB       0.0     501 ns  memory
in all         145 M    44.7 MB       3.2    13.3 µs  memory

block                operations      bytes  per byte   at least  limited by
(outside of blocks)           0    23.7 MB       0.0    7.07 µs  memory
c1                       30.1 M    4.14 MB       7.3    1.24 µs  memory
s2                            0    7.23 MB       0.0    2.16 µs  memory
c3                       92.2 M    2.61 MB      35.3     780 ns  memory
s4                            0    2.46 MB       0.0     734 ns  memory
c5                       18.4 M    1.01 MB      18.3     301 ns  memory
f6                       3.87 M     300 kB      12.9    89.5 ns  memory
output                        0    1.55 MB       0.0     464 ns  memory

A bound, not a forecast: every function reads its inputs and writes its results once, at the device's peak.
Measured times are longer, by launches, by kernels below the peak, and by loading data.

It fits into 80.0 GB, of which it takes 0%. The largest batch that fits is 977,125.
"""
    )


def test_every_layer() -> None:
    out = ran("fit", "lenet5", "--batch", "64", "--device", "H100", "--layers")[1]
    lines = out[out.index("layer ") :].splitlines()
    assert lines[0].split() == [
        "layer",
        "operations",
        "bytes",
        "per",
        "byte",
        "at",
        "least",
        "limited",
        "by",
        "functions",
    ]
    assert lines[1] == "c1                       30.1 M    4.14 MB       7.3    1.24 µs  memory      Convolution"
    assert sum(line.startswith("c3 ") for line in lines) == 1


def test_json() -> None:
    status, out, _ = ran("fit", "lenet5", "--device", "l4", "--infer", "--format", "json")
    data = json.loads(out)
    time = data["time"]
    assert (status, data["limit"], time["device"]) == (0, 24 * 10**9, "l4")
    assert time["source"] == find_device("l4").source
    for key in ("operations", "bytes", "seconds"):
        assert time["forward"][key] == pytest.approx(sum(layer["forward"][key] for layer in time["layers"]))
    assert (time["backward"]["bytes"], time["step"]["seconds"]) == (0, 0)
    assert json.loads(ran("fit", "lenet5", "--format", "json")[1])["time"] is None


ROWS = {
    "an unknown device": ("--device l44", """\
error[NS827]: there is no device 'l44'
  = help: did you mean 'l4'? Describe any other in a file for --device-file.
"""),
    "no rate": ("--device t4 --dtype bfloat16", """\
error[NS829]: no peak rate of NVIDIA T4 16GB is known for bfloat16
  = help: known are float32, float16, int8
"""),
    "several devices": ("--device-file two.yaml", """\
error[NS827]: --device-file has several devices
  = help: choose one with --device: a, b
"""),
    "not in the file": ("--device-file two.yaml --device h100", """\
error[NS827]: there is no device 'h100'
  = help: known devices: a, b
"""),
    "no file": ("--device-file none.yaml", """\
error[NS706]: cannot read 'none.yaml': no such file or directory
"""),
    "too small": ("--device a --device-file two.yaml", """\
error[NS820]: it does not fit: the peak is 1.23 MB, 226 kB more than 1.00 MB
  = help: it fits with --dtype bfloat16
"""),
}  # fmt: skip
TWO = "{title: A, memory: 1 MB, bandwidth: 1 GB/s, teraflops: {float32: 1, bfloat16: 1}, source: mine}"


@pytest.mark.parametrize("name", ROWS)
def test_errors(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("two.yaml").write_text(f"a: {TWO}\nb: {TWO}\n", encoding="utf-8")
    words, expected = ROWS[name]
    status, _, err = ran("fit", "lenet5", *words.split())
    assert (status, err) == (1, expected)


def test_in_python() -> None:
    with pytest.raises(Error, match="there is no device 'none'"):
        netspec.roofline("lenet5", device="none")
    text = str(netspec.roofline("lenet5", device="a100", batch=64))
    assert text == "lenet5 on NVIDIA A100 SXM4 80GB: at least 2.2e-05 s, at most 2,914,086 examples per second"
    assert netspec.roofline("lenet5", device=find_device("a100"), batch=64).seconds == pytest.approx(2.2e-5, rel=0.01)
