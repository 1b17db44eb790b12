"""What cannot be imported: every problem in one run, with its full text."""

# Calls of functions of any kind.
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import netspec
from netspec.importing import ImportRefused
from netspec.importing.assemble import assemble
from netspec.importing.readers import GivenInput, Request
from netspec_torch.reading.exported_program import quiet

from .support import Function, imported, normal, read

OPAQUE = "--opaque (in Python: opaque=True) declares it as an operation of which only the shapes are known"
ONE_EXAMPLE = "  = help: the batch must be the first axis of every input, and each example must be computed by itself"
INNER = nn.MultiheadAttention(4, 2)
REFUSED: dict[str, tuple[Callable[..., Any], str]] = {
    "operation": (
        lambda m, x: torch.linalg.inv(x) + torch.special.bessel_j0(x),
        "error[NS841]: aten.linalg_inv: netspec has no such operation\n"
        "  = aten.linalg_inv\n"
        "  = help: --opaque (in Python: opaque=True) declares it as an operation of which only the shapes are known\n\n"
        "error[NS841]: aten.special_bessel_j0: netspec has no such operation\n"
        "  = aten.special_bessel_j0\n"
        "  = help: --opaque (in Python: opaque=True) declares it as an operation of which only the shapes are known",
    ),
    "argument": (
        lambda m, x: x.norm(p=3, dim=1),
        "error[NS842]: aten.linalg_vector_norm: a norm of order 3 has no equivalent\n  = aten.linalg_vector_norm\n"
        f"  = help: {OPAQUE}",
    ),
    "batch": (
        lambda m, x: x - x.mean(0),
        "error[NS843]: aten.mean.dim: 'mean' reduces the batch axis\n  = aten.mean.dim\n" + ONE_EXAMPLE,
    ),
    "a module over the batch": (
        lambda m, x: INNER(x, x, x, need_weights=False)[0],
        "error[NS843]: aten.scaled_dot_product_attention: it attends along the batch axis\n"
        "  = aten.scaled_dot_product_attention\n" + ONE_EXAMPLE,
    ),
    "between examples": (
        lambda m, x: x[:, 0] @ x[:, 1].T,
        "error[NS843]: aten.matmul: it multiplies each example of the batch with every other one\n"
        "  = aten.matmul\n" + ONE_EXAMPLE,
    ),
    "mixed": (
        lambda m, x: x.transpose(0, 1).reshape(-1, 4),
        "error[NS843]: the network has no output that can be imported; output 'output' is left out: its examples are "
        "folded into another axis\n" + ONE_EXAMPLE,
    ),
    "random numbers": (
        lambda m, x: x + torch.rand(4) * 2,
        "error[NS841]: aten.rand: it samples random numbers\n"
        "  = aten.rand\n"
        "  = help: choose arguments with which the module returns the same output at each call",
    ),
    "a size that depends on values": (
        lambda m, x: x[x > 0] * 2,
        "error[NS845]: aten.index.Tensor: its output shape depends on the values of its inputs\n"
        "  = aten.index.Tensor\n"
        "  = help: instead of selecting elements, multiply by a mask or use `torch.where`",
    ),
    "types": (
        lambda m, x: torch.fft.fft(x).real,
        "error[NS842]: aten.fft_fft: netspec has no complex numbers, only `rfft` and `irfft` of one axis\n"
        "  = aten.fft_fft",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_text(case: str) -> None:
    function, expected = REFUSED[case]
    source = read(Function(function), normal(4, 4))
    with pytest.raises(ImportRefused) as error:
        assemble(source.network, source.weight_shapes)
    assert str(error.value) == expected


def test_an_opaque_operation_is_declared() -> None:
    result = netspec.from_torch(Function(lambda m, x: torch.special.bessel_j0(x) * 2), [normal(4)], opaque=True)
    assert "special_bessel_j0" in result.text()
    assert "operations that the spec only declares cannot be run" in result.notes[0]


def test_random_numbers_that_nothing_reads() -> None:
    def ignored(m: nn.Module, x: torch.Tensor) -> torch.Tensor:
        nn.Linear(2, 2)
        return x * 2

    assert netspec.from_torch(Function(ignored), [normal(4)]).proof.largest == 0


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    def prints(m: nn.Module, x: torch.Tensor) -> torch.Tensor:
        print("a module's own text")
        return x * 2

    netspec.from_torch(Function(prints), [normal(4)])
    with pytest.raises(ImportRefused):
        read(Function(lambda m, x: x if x.sum() > 0 else -x), normal(4))  # of which torch prints the graph
    assert capfd.readouterr() == ("", "")


def test_control_flow_that_depends_on_data() -> None:
    def branch(m: nn.Module, x: torch.Tensor) -> torch.Tensor:
        return x * 2 if x.sum() > 0 else x

    with pytest.raises(ImportRefused) as error:
        read(Function(branch), normal(4))
    (problem,) = error.value.diagnostics
    assert problem.code == "NS845"
    assert problem.message.startswith(
        "torch.export: the module uses the values of tensors, of which only the shapes are known: "
    )
    assert problem.places[0].startswith("reading/test_problems.py:")


def test_a_module_that_fails() -> None:
    with pytest.raises(ImportRefused) as error:
        read(nn.Linear(3, 4), normal(5))
    (problem,) = error.value.diagnostics
    assert (problem.code, problem.message) == (
        "NS879",
        "the module fails for an input of shape [2, 5], of which the first axis is the batch: RuntimeError: mat1 and mat2 "
        "shapes cannot be multiplied (2x5 and 3x4)",
    )


def test_outputs_that_are_not_numbers() -> None:
    with pytest.raises(ImportRefused) as error:
        imported(Function(lambda m, x: torch.log(x)), normal(4))
    assert str(error.value) == (
        "error[NS849]: output 'log' is NaN for some of the inputs, so the comparison proves nothing\n"
        "  = log\n"
        "  = help: --no-proof (in Python: prove=False) imports without the comparison"
    )


def test_outputs_that_differ_from_example_to_example_only_by_chance() -> None:
    with pytest.raises(ImportRefused) as error:
        imported(Function(lambda m, x: x * 0), normal(4))
    assert str(error.value) == (
        "error[NS849]: output 'scale' is the same for all inputs, so the comparison proves nothing\n"
        "  = scale\n"
        "  = help: --no-proof (in Python: prove=False) imports without the comparison"
    )


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "from torch import nn\nsmall = nn.Linear\nnumber = 5\ndef broken():\n    return 1 / 0\ndef five(): return 5\n"
    )
    (tmp_path / "given_module.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])


SOURCES = {
    "given_module:smal": "error[NS875]: 'given_module' has no 'smal'\n  = help: did you mean 'small'?",
    "no_such_module:f": (
        "error[NS875]: the Python module 'no_such_module' cannot be imported: ModuleNotFoundError: No module named "
        "'no_such_module'\n  = help: install it, or start netspec in its folder"
    ),
    "given_module:broken": (
        "error[NS875]: 'given_module:broken' fails: ZeroDivisionError: division by zero\n"
        "  = help: pass arguments as JSON: --args '{\"num_classes\": 10}'"
    ),
    "given_module:number": (
        "error[NS876]: 'given_module:number' must be callable; found int\n"
        "  = help: name a subclass of torch.nn.Module, or a function that returns a module"
    ),
    "given_module:five": (
        "error[NS876]: 'given_module:five' must return a torch.nn.Module; found int\n"
        "  = help: name a subclass of torch.nn.Module, or a function that returns a module"
    ),
}


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize("source", SOURCES)
def test_source(source: str) -> None:
    from netspec_torch import reader

    with pytest.raises(netspec.Error) as error:
        reader.read(source, Request())
    assert str(error.value) == SOURCES[source]


@pytest.mark.usefixtures("_folder")
def test_a_source_with_its_inputs() -> None:
    from netspec_torch import reader

    arguments = {"in_features": 3, "out_features": 4}
    with pytest.raises(netspec.Error) as error:
        reader.read("given_module:small", Request(arguments=arguments))
    assert str(error.value) == (
        "error[NS877]: 'given_module:small' does not say what inputs it takes\n"
        "  = help: give their shapes without the batch: --input 3,224,224 or --input ids=128:int64"
    )
    source = reader.read("given_module:small", Request({"0": GivenInput(("L", 3))}, arguments, "net"))
    graph = assemble(source.network, source.weight_shapes)
    assert str(graph.values[-1].shape) == "(L, 4)"
    assert list(source.weight_shapes) == ["weight", "bias"]
    assert source.tensor("weight").shape == (4, 3)


def test_an_archive(tmp_path: Path) -> None:
    from netspec_torch import reader

    path = tmp_path / "net.pt2"
    module = nn.Sequential(nn.Linear(3, 4), nn.ReLU()).eval()
    with quiet():
        torch.export.save(torch.export.export(module, (torch.randn(23, 3),)), path)
    source = reader.read(str(path), Request())
    graph = assemble(source.network, source.weight_shapes)
    assert [node.op.name for node in graph.nodes] == ["dense", "relu"]
    comparison = source.compare(graph, None)  # type: ignore[arg-type] # it has the source's
    assert comparison.agrees
    path.write_bytes(b"PK, but no archive")
    with pytest.raises(netspec.Error) as error:
        reader.read(str(path), Request())
    assert error.value.code == "NS878"
    assert error.value.help is not None
    assert error.value.help.startswith("write it with torch.export.save(program, path), or import")
