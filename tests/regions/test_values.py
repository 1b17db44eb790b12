"""Values in PyTorch and ONNX Runtime: of all kinds of regions in both, and of each kind against PyTorch's own."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import netspec
import netspec_onnx
from netspec.ir import Graph
from netspec.weights.weight_source import SeedSource

from ..onnx_backend.support import run, write_onnx
from .specs import NAMED, SPECS, document

torch.set_num_threads(1)


def inputs_of(graph: Graph, sizes: dict[str, int] | None = None, batch: int = 2) -> list[Tensor]:
    """Random inputs; integers are numbers of copies, each once at a position."""
    generator = torch.Generator().manual_seed(1)
    at = graph.at({**{name: d.default for name, d in graph.dims.items()}, **(sizes or {})})
    actual: list[Tensor] = []
    for type in at.input_types.values():
        if type.dtype == "float32":
            actual.append(torch.randn(batch, *type.shape, generator=generator))
            continue
        axis = type.channel if type.channel is not None else type.rank - 1
        order = torch.rand(batch, *type.shape[:axis], 4, *type.shape[axis + 1 :], generator=generator).argsort(axis + 1)
        actual.append(order.narrow(axis + 1, 0, type.shape[axis]).to(getattr(torch, type.dtype)))
    return actual


def outputs(result: Any) -> list[Tensor]:
    return list(result.values()) if isinstance(result, dict) else [result]


def compare(graph: Graph, folder: Path, sizes: dict[str, int] | None = None) -> None:
    """Both backends output the same, and gradients reach every parameter."""
    model = netspec.build(graph, seed=3)
    x = inputs_of(graph, sizes)
    expected = outputs(model.eval()(*x))
    file = write_onnx(graph, folder / "net.onnx")
    netspec.export(graph, folder / "net.onnx", seed=3)
    actual = run(file, {name: tensor.numpy() for name, tensor in zip(graph.inputs, x, strict=True)})
    for a, b in zip(expected, actual, strict=True):
        assert a.shape == b.shape
        assert np.abs(a.detach().numpy() - b).max() < 1e-5
    if any(graph.parameters):
        torch.autograd.backward([y.sum() + y.square().sum() for y in expected if y.requires_grad])
    assert all(p.grad is not None for p in model.parameters())


@pytest.mark.parametrize("name", SPECS)
def test_backends_agree(name: str, tmp_path: Path) -> None:
    compare(netspec.loads(document(SPECS[name])), tmp_path)


@pytest.mark.parametrize("name", NAMED)
def test_any_size(name: str, tmp_path: Path) -> None:
    dims = "dims: {s: 6}\n" if "f," not in NAMED[name] else "dims: {f: 3, s: 4}\n"
    graph = netspec.loads(document(NAMED[name], dims))
    compare(graph, tmp_path, {key: n for key, n in {"f": 1, "s": 9}.items() if key in graph.dims})


def test_rows_are_those_of_torch() -> None:
    model = netspec.build(netspec.loads(document(SPECS["rows"])))
    (x,) = inputs_of(netspec.loads(document(SPECS["rows"])))
    lstm = nn.LSTM(8, 5, batch_first=True)
    lstm.load_state_dict({key.removeprefix("rows."): value for key, value in model.state_dict().items()})
    expected = torch.stack([lstm(x[:, frame])[0] for frame in range(3)], 1)
    torch.testing.assert_close(model(x), expected)


def test_loop_is_a_recurrent_network_of_torch() -> None:
    model = netspec.build(netspec.loads(document(SPECS["loop"])))
    (x,) = inputs_of(netspec.loads(document(SPECS["loop"])))
    rnn = nn.RNN(8, 5)
    state = {key.removeprefix("loop."): value for key, value in model.state_dict().items()}
    rnn.load_state_dict(
        {
            "weight_ih_l0": state["new.weight"],
            "bias_ih_l0": state["new.bias"],
            "weight_hh_l0": state["old.weight"],
            "bias_hh_l0": state["old.bias"],
        }
    )
    y, h = rnn(x.movedim(1, 0).flatten(1, 2))
    result = model(x)
    torch.testing.assert_close(result["y"], y.unflatten(1, (2, 4)).movedim(0, 1))
    torch.testing.assert_close(result["h"], h[0].unflatten(0, (2, 4)))


def test_results_have_the_axis_where_the_first_input_has_it_that_is_not_carried() -> None:
    graph = netspec.loads(document(SPECS["loop with the state first"]))
    (x,) = inputs_of(graph)
    result = netspec.build(graph)(x)
    torch.testing.assert_close(result["y"], x.cumsum(-1))
    torch.testing.assert_close(result["h"], x.sum(-1))
    assert graph.output_types["y"].axes[1] == graph.input_types["input"].axes[1]


def reference(state: Mapping[str, Tensor], x: Tensor, index: Tensor, shares: Tensor) -> Tensor:
    """A mixture of experts, token by token."""
    rows: list[Tensor] = []
    for b in range(len(x)):
        for token, chosen, share in zip(x[b], index[b], shares[b], strict=True):
            results: list[Tensor] = []
            for e, weight in zip(chosen.tolist(), share, strict=True):

                def linear(v: Tensor, name: str, e: int = e) -> Tensor:
                    return state[f"e.{e}.{name}.weight"] @ v + state[f"e.{e}.{name}.bias"]

                gate = nn.functional.silu(linear(token, "gate"))
                results.append(weight * linear(gate * linear(token, "up"), "down"))
            rows.append(torch.stack(results).sum(0))
    return torch.stack(rows).reshape(x.shape)


def test_experts_are_the_chosen_ones() -> None:
    """Values, and gradients of inputs, shares and weights."""
    graph = netspec.loads(document(SPECS["experts"]))
    model = netspec.build(graph)
    x, index, shares = inputs_of(graph)
    x.requires_grad_()
    shares.requires_grad_()
    state = dict(model.named_parameters())
    expected = reference(state, x, index, shares)
    actual = model(x, index, shares)
    torch.testing.assert_close(actual, expected)
    desired = torch.autograd.grad(expected.square().sum(), [x, shares, *state.values()])
    given = torch.autograd.grad(actual.square().sum(), [x, shares, *state.values()])
    for a, b in zip(desired, given, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


def test_stacked_experts_are_the_same() -> None:
    single = netspec.build(netspec.loads(document(SPECS["experts"])))
    graph = netspec.loads(document(SPECS["stacked"]))
    stacked = netspec.build(graph)
    names = {name: tensor.shape for name, tensor in stacked.state_dict().items()}
    assert names["e.gate.weight"] == (4, 16, 8)
    assert {name: p.shape for name, p in zip(names, graph.parameters, strict=True)} == names
    state = single.state_dict()
    stacked.load_state_dict({n: torch.stack([state[n.replace("e.", f"e.{i}.", 1)] for i in range(4)]) for n in names})
    x = inputs_of(graph)
    torch.testing.assert_close(single(*x), stacked(*x))


def test_a_number_without_a_copy_is_an_error() -> None:
    graph = netspec.loads(document(SPECS["experts"]))
    x, index, shares = inputs_of(graph)
    for wrong in (4, -1):
        index[1, 2, 0] = wrong
        with pytest.raises(IndexError, match=f"no expert {wrong}"):
            netspec.build(graph)(x, index, shares)


@pytest.mark.parametrize("name", ["experts", "stacked", "loop"])
def test_torch_export(name: str) -> None:
    graph = netspec.loads(document(SPECS[name]))
    model = netspec.build(graph).eval()
    x = inputs_of(graph)
    batch = torch.export.Dim("batch", min=1, max=100)
    program = torch.export.export(model, tuple(x), dynamic_shapes=tuple({0: batch} for _ in x), strict=False)
    more = [torch.cat([tensor, tensor.flip(0)]) for tensor in x]
    for a, b in zip(outputs(program.module()(*more)), outputs(model(*more)), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize(
    ("name", "options", "limit"),
    [
        ("stacked", {"functions": True}, 1e-5),
        ("experts in a loop", {"functions": True}, 1e-5),
        ("block", {"functions": True}, 1e-5),
        ("rows", {"batch": 2}, 1e-5),
        ("experts", {"dtype": "float16"}, 2e-2),
    ],
)
def test_options_of_files(name: str, options: dict[str, Any], limit: float, tmp_path: Path) -> None:
    graph = netspec.loads(document(SPECS[name]))
    x = inputs_of(graph)
    expected = outputs(netspec.build(graph, seed=3).eval()(*x))
    netspec_onnx.export(graph, tmp_path / "net.onnx", source=SeedSource(3), **options)
    half = "dtype" in options
    feeds = {
        key: (v.half() if half and v.is_floating_point() else v).numpy() for key, v in zip(graph.inputs, x, strict=True)
    }
    for a, b in zip(expected, run(tmp_path / "net.onnx", feeds), strict=True):
        assert np.abs(a.detach().numpy() - b).max() < limit
