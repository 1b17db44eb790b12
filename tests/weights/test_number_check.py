"""NaN, infinities, and numbers that an element type cannot hold: reported with the names of their tensors."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

import netspec
from netspec.diagnostics import Error
from tests.cli_support import ran

SPEC = "{netspec: 1, name: small, input: [4], layers: {a: {dense: 3}, b: {dense: 2}}}"


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SPEC)
    return "small.yaml"


def save(spec: str, dtype: torch.dtype = torch.float32, **changes: list[float]) -> None:
    """Writes ``w.pt`` and ``w.safetensors`` with some numbers changed."""
    tensors = {k: v.to(dtype) for k, v in netspec.build(spec).state_dict().items()}
    for name, numbers in changes.items():
        tensors[name.replace("_", ".")].view(-1)[: len(numbers)] = torch.tensor(numbers, dtype=dtype)
    torch.save(tensors, "w.pt")


NAN, INFINITY = float("nan"), float("inf")
WARNING = (
    "warning[NS709]: 2 tensors of w.pt contain numbers that are not finite\n"
    "  = a.weight: 2 NaN, 1 infinite of 12\n"
    "  = b.bias: 1 infinite of 2"
)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("output", ["x.onnx", "x.safetensors"])
def test_numbers_that_are_not_finite_are_a_warning(spec: str, output: str, dtype: torch.dtype) -> None:
    save(spec, dtype, a_weight=[NAN, NAN, -INFINITY], b_bias=[INFINITY])
    status, out, err = ran("export", spec, "-o", output, "--weights", "w.pt")
    assert (status, err) == (0, f"{WARNING}\n")
    assert out.endswith(" bytes\n")
    assert ran("export", spec, "-o", output, "--weights", "w.pt", "--quiet").err == f"{WARNING}\n"


def test_python_callers_get_a_python_warning(spec: str) -> None:
    save(spec, a_weight=[NAN, NAN, -INFINITY], b_bias=[INFINITY])
    with pytest.warns(UserWarning, match="not finite") as caught:
        netspec.export(spec, "x.safetensors", weights="w.pt")
    assert [str(w.message) for w in caught] == [WARNING]
    with pytest.warns(UserWarning, match="not finite") as caught:
        model = netspec.build(spec, weights="w.pt")
    assert [str(w.message) for w in caught] == [WARNING]
    assert torch.isnan(model.state_dict()["a.weight"]).sum() == 2


def test_finite_numbers_are_no_warning(spec: str) -> None:
    save(spec, a_weight=[3e38, -3e38])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        netspec.build(spec, weights="w.pt")


def test_numbers_beyond_the_range_are_an_error(spec: str) -> None:
    save(spec, torch.float64, a_weight=[1e39, -1e300, NAN], b_bias=[1.0])
    expected = (
        "error[NS709]: numbers in w.pt do not fit the network's element types\n"
        "  = a.weight: 2 of 12 do not fit float32\n"
        "  = help: save the tensors in the element types of the network\n"
    )
    assert ran("export", spec, "-o", "x.onnx", "--weights", "w.pt") == (1, "4 tensors of w.pt matched\n", expected)
    assert not Path("x.onnx").exists()
    with pytest.raises(Error, match="do not fit the network's element types"):
        netspec.build(spec, weights="w.pt")


def test_integers_that_do_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``num_batches_tracked`` is int64."""
    monkeypatch.chdir(tmp_path)
    Path("bn.yaml").write_text("{netspec: 1, input: [3, 2, 2], layers: {bn: batch_norm}}")
    tensors = netspec.build("bn.yaml").state_dict()
    tensors["bn.num_batches_tracked"] = torch.tensor(1.5)
    torch.save(tensors, "w.pt")
    with pytest.raises(Error) as caught:
        netspec.build("bn.yaml", weights="w.pt")
    assert caught.value.diagnostics[0].notes == ("bn.num_batches_tracked: 1 of 1 do not fit int64",)


def test_the_list_of_tensors_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deep.yaml").write_text("{netspec: 1, input: [2], layers: [{dense: 2, bias: false, repeat: 25}]}")
    tensors = {k: torch.full_like(v, np.nan) for k, v in netspec.build("deep.yaml").state_dict().items()}
    torch.save(tensors, "w.pt")
    with pytest.warns(UserWarning, match="not finite") as caught:
        netspec.build("deep.yaml", weights="w.pt")
    lines = str(caught[0].message).splitlines()
    assert lines[0] == "warning[NS709]: 25 tensors of w.pt contain numbers that are not finite"
    assert (len(lines), lines[-1]) == (22, "  = … and 5 more")
