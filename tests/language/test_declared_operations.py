"""Operations that a spec declares: shapes, counts, flat specs, sizes with names, files that others use, PyTorch."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import gc
import pickle
import weakref
from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec.ir import Node
from netspec.language.flatten import flat_spec
from netspec.ops import registered

from .test_flatten import same

SCAN = """
operations:
  scan:
    doc: Gu & Dao 2023
    inputs: [u, delta]
    params: {states: int, scale: 2.0}
    output: $(u.shape)
    weights: {A: "$([u.features, states])", D: {shape: "$([u.features])", init: ones}}
    macs: $(3 * u.sequence * u.features * states)
  ends:
    outputs: {first: {shape: "$([input.features])", axes: [channels]}, sign: {shape: [2], dtype: bool}}
layers:
  proj: {dense: 8}
  scan: {scan: 4, from: [input, proj]}
  ends: ends
  out: {dense: 3, from: ends.first}
outputs: {out: out, scan: scan, sign: ends.sign}
"""
SPEC = f"netspec: 1\nname: net\ninput: [6, 8]\n{SCAN}"


def scan(u: Any, delta: Any, A: Any, D: Any, states: int, scale: float) -> Any:  # noqa: N803 - the names of the weights
    """A function of the declared inputs, weights and arguments."""
    assert A.shape == (8, states)
    return u * D + scale * (delta @ A).sum(-1, keepdim=True)


def ends(x: Any) -> Any:
    """Two outputs."""
    return x[:, 0], x[:, -1, :2] > 0


def node_of(graph: netspec.Graph, name: str) -> Node:
    return next(node for node in graph.nodes if node.name == name)


def test_shapes_counts_and_the_flat_spec() -> None:
    graph = netspec.loads(SPEC)
    node = node_of(graph, "scan")
    assert (node.outputs[0].shape, node.outputs[0].axes) == ((6, 8), ("sequence", "channels"))
    assert [(p.name, p.shape) for _, p in node.weights] == [("scan.A", (8, 4)), ("scan.D", (8,))]
    assert netspec.analyze(graph).macs == 6 * 8 * 8 + 3 * 6 * 8 * 4 + 8 * 3
    assert [(y.shape, y.dtype) for y in node_of(graph, "ends").outputs] == [((8,), "float32"), ((2,), "bool")]
    assert "operations:\n  scan:\n    doc: Gu" in flat_spec(graph)
    same(graph, flat_spec(graph))
    same(graph, flat_spec(pickle.loads(pickle.dumps(graph))))


@pytest.mark.parametrize(("name", "kinds"), [("one", ("int", '"int"')), ("other", ('"int"', "int"))])
def test_a_type_and_the_same_text_in_quotes_make_two_declarations(name: str, kinds: tuple[str, str]) -> None:
    """Without quotes it is the type of a parameter that must be given, with them the parameter's default."""
    for kind in kinds:
        operations = f"operations: {{{name}: {{params: {{a: 1, b: {kind}}}, output: $(input.shape)}}}}"
        graph = netspec.loads(f"netspec: 1\ninput: [4]\n{operations}\nlayers: [{{{name}: 2, b: 3}}]\n")
        assert f"b: {kind}}}" in flat_spec(graph)


def test_classes_of_operations_go_with_the_networks_that_use_them() -> None:
    graph = netspec.loads("netspec: 1\ninput: [4]\noperations: {gone: {output: $(input.shape)}}\nlayers: [gone]\n")
    cls = weakref.ref(type(graph.nodes[0].op))
    assert cls() is not None
    del graph
    gc.collect()
    assert cls() is None


def test_sizes_with_names() -> None:
    graph = netspec.loads(SPEC.replace("input: [6, 8]", "dims: {n: 6}\ninput: [n, 8]"))
    assert str(node_of(graph, "scan").outputs[0].shape[0]) == "n"
    assert netspec.analyze(graph).macs == netspec.analyze(netspec.loads(SPEC)).macs
    assert netspec.analyze(graph.at({"n": 12})).macs == 12 * 8 * 8 + 3 * 12 * 8 * 4 + 8 * 3
    same(graph, flat_spec(graph))


def test_operations_of_a_file_that_is_used(tmp_path: Path) -> None:
    (tmp_path / "ops.yaml").write_text("netspec: 1\n" + SCAN.split("layers:", maxsplit=1)[0], encoding="utf-8")
    text = "netspec: 1\nuse: ops.yaml\ninput: [6, 8]\nlayers: [{scan: 4, from: [input, input]}]\n"
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    assert netspec.analyze(netspec.load(tmp_path / "net.yaml")).params == 40


def test_lowering_says_what_it_needs_and_uses_what_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(registered, "_addresses", {})
    graph = netspec.loads(SPEC)
    with pytest.raises(netspec.BackendError) as caught:
        netspec.build(graph)
    assert [d.help for d in caught.value.diagnostics] == [
        "netspec.register('scan', torch=f) supplies it: f((N, 6, 8), (N, 6, 8), A=(8, 4), D=(8), states=4, scale=2.0) "
        "returns (N, 6, 8)",
        "netspec.register('ends', torch=f) supplies it: f((N, 6, 8)) returns (N, 8), (N, 2) of bool",
    ]
    netspec.register("scan", torch=scan)
    netspec.register("ends", torch=f"{__name__}:ends")
    model = netspec.build(graph)
    x = torch.rand(2, 6, 8)
    out = model(x)
    layer: Any = model.get_submodule("scan")
    proj: Any = model.get_submodule("proj")
    expected = x * layer.D + 2.0 * (proj(x) @ layer.A).sum(-1, keepdim=True)
    torch.testing.assert_close(out["scan"], expected)
    assert out["sign"].dtype == torch.bool
    assert (layer.D == 1).all()
    assert layer.A.std() > 0.1
    named = netspec.build(netspec.loads(SPEC.replace("input: [6, 8]", "dims: {n: 6}\ninput: [n, 8]")))
    assert named(torch.rand(2, 9, 8))["scan"].shape == (2, 9, 8)
