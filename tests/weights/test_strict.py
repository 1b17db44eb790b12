"""Files of weights that fit a network only in part: an error by default, a warning with ``strict=False``."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import netspec
import netspec_see
import netspec_torch
from netspec.diagnostics import Error
from netspec.ir import Graph
from tests.cli_support import ran

HEAD = "netspec: 1\nname: net\ninput: [3, 8, 8]\n"
SPECS = {
    "net": "layers: {conv: {conv2d: 4, kernel: 3}, flat: flatten, fc: {dense: 2}}\n",
    "more": "layers: {conv: {conv2d: 4, kernel: 3}, flat: flatten, fc: {dense: 2}, head: {dense: 5}}\n",
    "less": "layers: {conv: {conv2d: 4, kernel: 3}, flat: flatten}\n",
    "other": "layers: {conv: {conv2d: 4, kernel: 3}, flat: flatten, tail: {dense: 7}}\n",
    "wide": "layers: {conv: {conv2d: 4, kernel: 3}, flat: flatten, fc: {dense: 3}}\n",
}
EXTRA = """error[NS708]: the file's tensors do not fit the network's parameters
  = 4 tensors of more.safetensors matched
  = unexpected (2): only in the file
  =   head.weight (5, 2)
  =   head.bias (5)
  = help: with --no-strict, tensors that only the file has are ignored"""
MISSING = """error[NS708]: the file's tensors do not fit the network's parameters
  = 2 tensors of less.safetensors matched
  = missing (2): not in the file
  =   fc.weight (2, 144)
  =   fc.bias (2)
  = help: with --no-strict, parameters that the file lacks keep their initial values"""
BOTH = """error[NS708]: the file's tensors do not fit the network's parameters
  = 2 tensors of other.safetensors matched
  = missing (2): not in the file
  =   fc.weight (2, 144); near: tail.weight
  =   fc.bias (2); near: tail.bias
  = unexpected (2): only in the file
  =   tail.weight (7, 144)
  =   tail.bias (7)
  = help: --rename OLD=NEW maps names of the file to those of the network; with --no-strict, parameters that the file \
lacks keep their initial values and tensors that only the file has are ignored"""
WRONG = {"more": EXTRA, "less": MISSING, "other": BOTH}


def lenient(error: str) -> str:
    """The warning for what is an error by default."""
    message = "error[NS708]: the file's tensors do not fit the network's parameters"
    file = next(name for name in SPECS if f"{name}.safetensors" in error)
    warning = f"warning[NS710]: the network has only a part of its weights from {file}.safetensors"
    if file == "more":
        warning = "warning[NS710]: only a part of the tensors in more.safetensors is used"
    lines = error.replace(message, warning).splitlines()
    renaming = "  = help: --rename OLD=NEW maps names of the file to those of the network"
    return "\n".join([*lines[:-1], *([renaming] if file == "other" else [])])


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec and a file of weights for each network."""
    monkeypatch.chdir(tmp_path)
    for name, layers in SPECS.items():
        Path(f"{name}.yaml").write_text(HEAD + layers, encoding="utf-8")
        netspec.export(f"{name}.yaml", f"{name}.safetensors", seed=7)


@pytest.fixture
def graph() -> Graph:
    return netspec.load("net.yaml")


@pytest.mark.parametrize("file", WRONG)
def test_building_is_strict_by_default(graph: Graph, file: str) -> None:
    with pytest.raises(Error) as error:
        netspec.build(graph, weights=f"{file}.safetensors")
    assert str(error.value) == WRONG[file]
    with pytest.raises(Error) as error:
        netspec.export(graph, "net.onnx", weights=f"{file}.safetensors")
    assert str(error.value) == WRONG[file]
    assert not Path("net.onnx").exists()


@pytest.mark.parametrize("file", WRONG)
def test_what_is_left_out_is_a_warning_of_python(graph: Graph, file: str) -> None:
    with pytest.warns(UserWarning, match="NS710") as caught:
        model = netspec.build(graph, weights=f"{file}.safetensors", strict=False)
    assert [str(w.message) for w in caught] == [lenient(WRONG[file])]
    state, given = model.state_dict(), netspec.build("more.yaml", weights="more.safetensors").state_dict()
    initial = netspec.build(graph).state_dict()
    for name, tensor in state.items():
        expected = given if file == "more" or name.startswith("conv") else initial
        assert torch.equal(tensor, expected[name])


def test_another_shape_is_always_an_error(graph: Graph) -> None:
    for strict in (True, False):
        with pytest.raises(Error) as error:
            netspec.build(graph, weights="wide.safetensors", strict=strict)
        assert error.value.code == "NS708"
        assert "  fc.weight is (2, 144); the file has (3, 144)" in error.value.diagnostics[0].notes
        assert error.value.help is None


def test_a_file_that_fits(graph: Graph) -> None:
    model = netspec.build(graph, weights="net.safetensors", strict=False)
    assert torch.equal(model.state_dict()["fc.bias"], netspec.build(graph, seed=7).state_dict()["fc.bias"])
    assert ran("export", "net.yaml", "-o", "net.onnx", "--weights", "net.safetensors", "--no-strict")[2] == ""


def test_strict_needs_a_file(graph: Graph) -> None:
    with pytest.raises(Error, match="'strict' has no meaning without a file of weights"):
        netspec.build(graph, strict=False)
    status, _, err = ran("export", "net.yaml", "-o", "net.onnx", "--no-strict")
    assert (status, err.splitlines()[0]) == (1, "error[NS711]: 'strict' has no meaning without a file of weights")


@pytest.mark.parametrize("file", WRONG)
def test_export(file: str) -> None:
    words = ("export", "net.yaml", "-o", "net.onnx", "--weights", f"{file}.safetensors", "--verify")
    assert ran(*words) == (1, "", WRONG[file] + "\n")
    assert not Path("net.onnx").exists()
    status, out, err = ran(*words, "--no-strict")
    assert (status, err) == (0, lenient(WRONG[file]) + "\n")
    assert "values as PyTorch's" in out


@pytest.mark.parametrize("file", WRONG)
def test_see(file: str) -> None:
    words = ("see", "filters", "net.yaml", "conv", "--weights", f"{file}.safetensors", "-o", "filters.png")
    assert ran(*words) == (1, "", WRONG[file] + "\n")
    status, _, err = ran(*words, "--no-strict")
    assert (status, err) == (0, lenient(WRONG[file]) + "\n")


def test_tensors_given_to_see(graph: Graph) -> None:
    more = netspec_torch.build(netspec.load("more.yaml"))
    less = {name: tensor for name, tensor in more.state_dict().items() if name.startswith("conv")}
    with pytest.raises(Error, match=r"'head.weight' is not a parameter of the network"):
        netspec_see.network(graph, weights=more)
    with pytest.raises(Error, match=r"'fc.weight' is missing; it must be \(2, 144\)"):
        netspec_see.network(graph, weights=less)
    with pytest.warns(UserWarning, match=r"NS710(.|\n)*head.weight(.|\n)*head.bias"):
        netspec_see.network(graph, weights=more, strict=False)
    with pytest.warns(UserWarning, match=r"NS710(.|\n)*fc.weight"):
        net = netspec_see.network(graph, weights=less, strict=False)
    parameter = next(p for p in graph.parameters if p.name == "fc.weight")
    assert torch.equal(torch.from_numpy(net.parameter(parameter)), netspec.build(graph).state_dict()["fc.weight"])
