"""From a source that was read to a spec: the comparison by value, notes, weights, and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netspec
from netspec.backend import Need
from netspec.importing import Comparison, DraftNetwork, ImportDiagnostic, ImportRefused, Request, import_source, readers
from netspec.importing.block_search import structured_spec
from netspec.importing.problems import NO_EQUIVALENT
from netspec.ir import Graph
from netspec.weights.numpy_types import Array
from netspec.weights.weight_source import WeightSource
from tests.cli_support import ran

from .networks import Network


class FakeSource:
    """A dense layer of ones, and a table; ``largest`` is the difference that a comparison finds."""

    def __init__(self, largest: float = 0.0, problem: ImportDiagnostic | None = None) -> None:
        net = Network(x=(3,))
        net.add("a", "dense", "x", (2,), {"units": 2}, "fc", {"fc.weight": (2, 3), "fc.bias": (2,)})
        net.add("t", "buffer", "", (2,), {"shape": [2]}, weights={"=table": (2,)})
        net.add("b", "add", "a t", (2,))
        if problem is not None:
            net.add("b", "mystery", "b", (2,), opaque=True)
            net.drafts.problems.append(problem)
        net.drafts.tables["table"] = np.array([5.0, 6.0])
        net.drafts.notes.append("dropout is not in the graph")
        self.network: DraftNetwork = net.output("b")
        self.weight_shapes: Mapping[str, tuple[int, ...]] = {"fc.weight": (2, 3), "fc.bias": (2,)}
        self.largest = largest

    def tensor(self, name: str) -> Array:
        """Ones."""
        return np.ones(self.weight_shapes[name])

    def compare(self, graph: Graph, weights: WeightSource) -> Comparison:
        """Checks the weights."""
        numbers = {p.name: weights.values(p).tolist() for p in graph.parameters}
        assert numbers == {"fc.weight": [[1.0] * 3] * 2, "fc.bias": [1.0, 1.0], "table": [5.0, 6.0]}
        return Comparison(self.largest, 1e-9, "float64", (2, 3), ({"input": (3,)},), ("a mask was not compared",))


class FakeReader:
    """Reads files that end in ``.fake``."""

    sources = (".fake",)
    needs = ()

    def __init__(self, source: FakeSource) -> None:
        self.source = source
        self.request: Request | None = None

    def read(self, source: str, request: Request) -> FakeSource:
        """The source."""
        self.request = request
        return self.source

    def read_model(self, model: Any, example: object = None, *, name: str | None = None) -> FakeSource:
        """The source."""
        return self.source


MISSING = ImportDiagnostic.of(NO_EQUIVALENT, "mystery", "netspec has no such operation", "mystery at b", opaque=True)
SPEC = """\
netspec: 1
name: net
input: [3]

layers:
  fc: {dense: 2}
  table: {buffer: [2]}
  add: {add: table}

expect: {params: 8, macs: 6}
"""
FLAT = SPEC.partition("\nexpect")[0].replace("add: table", "add: [fc, table]")


def test_a_source_becomes_a_spec(tmp_path: Path) -> None:
    imported = import_source(FakeSource(3e-16))
    assert imported.text() == SPEC
    assert imported.text(flat=True) == FLAT
    assert imported.notes[:2] == ("dropout is not in the graph", "a mask was not compared")
    assert (imported.proof.largest, imported.proof.batch_sizes) == (3e-16, (2, 3))
    assert imported.summary() == (
        "net: 3 layers, 8 parameters; outputs differ by at most 3.0e-16 in float64 (batches of 2 and 3, inputs of (3))"
    )
    imported.save_weights(tmp_path / "w.safetensors")
    with pytest.raises(KeyError):
        imported.weights["fc"]
    assert {name: tensor.tolist() for name, tensor in imported.weights.items()} == {
        "fc.weight": [[1.0] * 3] * 2,
        "fc.bias": [1.0, 1.0],
        "table": [5.0, 6.0],
    }
    (tmp_path / "net.yaml").write_text(imported.text())
    again = netspec.load(tmp_path / "net.yaml")
    assert [p.name for p in again.parameters] == list(imported.weights)


def test_outputs_that_differ_are_refused() -> None:
    with pytest.raises(ImportRefused) as caught:
        import_source(FakeSource(0.25))
    assert str(caught.value) == (
        "error[NS849]: outputs differ by 2.5e-01 of their largest number in float64; rounding explains 1e-09\n"
        "  = help: this is a fault of the importer: please report the network. --no-proof skips the comparison"
    )
    assert import_source(FakeSource(0.25), prove=False).proof.outputs is None
    with pytest.raises(ImportRefused):
        import_source(FakeSource(float("nan")))


def test_opaque_networks_are_not_compared() -> None:
    with pytest.raises(ImportRefused, match="mystery"):
        import_source(FakeSource(problem=MISSING))
    imported = import_source(FakeSource(problem=MISSING), opaque=True)
    assert "mystery: {mystery: [2]}" in imported.text()
    assert imported.notes[1] == "outputs were not compared: operations that the spec only declares cannot be run"


def use_reader(monkeypatch: pytest.MonkeyPatch, source: FakeSource) -> FakeReader:
    """Let the command line read ``.fake``."""
    reader = FakeReader(source)
    monkeypatch.setattr(readers, "_entries", lambda: {"fake": f"{__name__}:READER"})
    monkeypatch.setitem(globals(), "READER", reader)
    return reader


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "m.fake").touch()
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_folder")
def test_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reader = use_reader(monkeypatch, FakeSource())
    spec, weights = tmp_path / "net.yaml", tmp_path / "net.safetensors"
    output = ran(
        "import", "m.fake", "-o", str(spec), "--weights-out", str(weights), "--name", "mine",
        "--input", "3,H", "--input", "ids=5:int64", "--args", '{"depth": 2}',
    )  # fmt: skip
    assert reader.request is not None
    assert reader.request.inputs == {"0": ((3, "H"), None), "ids": ((5,), "int64")}
    assert reader.request.arguments == {"depth": 2}
    assert output == (
        0,
        f"""\
{spec}: {spec.stat().st_size} bytes
{weights}: {weights.stat().st_size} bytes
mine: 3 layers, 8 parameters; outputs are equal in float64 (batches of 2 and 3, inputs of (3))
note: dropout is not in the graph
note: a mask was not compared
""",
        "",
    )
    assert spec.read_text() == SPEC.replace("name: net", "name: mine")


@pytest.mark.usefixtures("_folder")
def test_command_line_prints_the_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    use_reader(monkeypatch, FakeSource())
    status, out, err = ran("import", "m.fake", "--no-proof")
    assert (status, out) == (0, SPEC)
    assert err.startswith("net: 3 layers, 8 parameters; its outputs were not compared with those of the source\n")
    assert ran("import", "m.fake", "--flat", "--quiet") == (0, FLAT, "")


@pytest.mark.usefixtures("_folder")
def test_command_line_refuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use_reader(monkeypatch, FakeSource(problem=MISSING))
    spec = tmp_path / "net.yaml"
    assert ran("import", "m.fake", "-o", str(spec)) == (
        1,
        "",
        """\
error[NS841]: mystery: netspec has no such operation
  = mystery at b
  = help: --opaque (in Python: opaque=True) declares it as an operation of which only the shapes are known
""",
    )
    assert not spec.exists()
    assert ran("import", "m.fake", "-o", str(spec), "--opaque").status == 0
    assert ran("import", "m.fake", "--weights-out", "-") == (
        1,
        "",
        """\
error[NS712]: standard output takes one file, but the weights are a second one
  = help: use -o FILE for the spec, or another name for the weights
""",
    )
    assert ran("import", "m.what") == (
        1,
        "",
        """\
error[NS850]: no reader accepts the source 'm.what'
  = help: give package.module:callable, or a file that ends in .fake
""",
    )


@pytest.mark.parametrize("name", ["nosuch.onnx", "nosuch.keras", "nosuch.pt2"])
def test_a_file_that_does_not_exist(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is reported before libraries that are missing."""
    monkeypatch.setattr(readers, "missing_libraries", list[Need])
    assert ran("import", name) == (1, "", f"error[NS706]: cannot read '{name}': there is no such file\n")


@pytest.mark.parametrize(("option", "value", "message"), [
    ("--input", "3,x-y", "'3,x-y' is not an input such as 3,224,224 or tokens=128:int64, without the batch"),
    ("--input", "a=0", "'a=0' is not an input such as 3,224,224 or tokens=128:int64, without the batch"),
    ("--input", "3:int7", "'3:int7' is not an input such as 3,224,224 or tokens=128:int64, without the batch"),
    ("--args", "[1]", "it must be a JSON object, of names and values; found [1]"),
    ("--args", "{", "it is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
])  # fmt: skip
def test_usage(option: str, value: str, message: str) -> None:
    status, _, err = ran("import", "m.onnx", option, value)
    assert status == 2
    assert err.endswith(f"netspec import: error: argument {option}: {message}\n")


@pytest.mark.parametrize(
    ("wrong", "structure", "text", "note"),
    [
        ((False,), "identical only", SPEC, "only copies that differ in numbers alone became blocks"),
        ((False, True), "flat", FLAT, "the spec has no blocks"),
    ],
)
def test_a_structure_that_is_another_network_is_given_up(
    monkeypatch: pytest.MonkeyPatch, wrong: tuple[bool, ...], structure: str, text: str, note: str
) -> None:
    def other(*arguments: Any, identical: bool, **rest: Any) -> str:
        spec = structured_spec(*arguments, identical=identical, **rest)
        return spec.replace("dense: 2", "dense: 3") if identical in wrong else spec

    monkeypatch.setattr("netspec.importing.result.structured_spec", other)
    imported = import_source(FakeSource())
    assert imported.proof.structure == structure
    assert imported.text().startswith(text.partition("\nexpect")[0])
    assert any(each.startswith(note) for each in imported.notes)
