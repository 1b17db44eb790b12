"""Weights computed by layers in the graph: names, scopes, what belongs to a layer, sharing and freezing."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from netspec.analysis import analyze
from netspec.ir import Graph

HEAD = """netspec: 1
input: [3, 8, 8]
defaults:
  conv2d: {bias: false, weights: {weight: {layer_norm: {axis: [1, 2, 3], affine: false}}}}
  dense: {weights: {weight: {LoRA: 2}}, freeze: weight}
blocks:
  LoRA:
    inputs: [weight]
    params: {rank: int}
    layers:
      down: {parameter: [$rank, "$(weight.shape[1])"]}
      up: {parameter: ["$(weight.shape[0])", $rank], init: zeros}
      change: {matmul: [up, down]}
      sum: {add: [weight, change]}
  Gained:
    inputs: [weight_v]
    layers:
      gain: {parameter: [1], init: ones}
      out: {multiply: [weight_v, gain]}
layers:
"""


def graph(tmp_path: Path, layers: str) -> Graph:
    path = tmp_path / "net.yaml"
    path.write_text(HEAD + layers, encoding="utf-8")
    return netspec.load(path)


def names(net: Graph) -> list[str]:
    return [f"{p.name}{'' if p.trainable else ' (frozen)'}" for p in net.parameters]


def test_names_and_counts(tmp_path: Path) -> None:
    net = graph(
        tmp_path,
        "  a: {conv2d: 4, kernel: 3}\n  b: {conv2d: 4, kernel: 1, weights: {weight: {Gained}}}\n"
        "  c: {conv2d: 4, kernel: 1, weights: {weight: false}}\n  pool: global_avg_pool\n  fc: {dense: 5}\n",
    )
    assert names(net) == [
        *("a.weight", "b.weight_v", "b.gain", "c.weight"),
        *("fc.weight (frozen)", "fc.down", "fc.up", "fc.bias"),
    ]
    assert [layer.name for layer in net.layers] == ["a", "b", "c", "pool", "fc"]
    assert [row.params for row in analyze(net).layers] == [108, 17, 16, 0, 20 + 8 + 10 + 5]
    assert net.layer("fc.change").name == "fc"
    assert [n.name for n in net.layer("b").all_nodes] == ["b.weight_v", "b.gain", "b.out", "b"]
    fc = net.node("fc")
    assert dict(fc.given_weights) == {"weight": net.value("fc.sum"), "bias": net.value("fc.bias")}
    assert net.producer(fc.given_weights[0][1]) in net.ancestors(net.outputs.values())
    assert net.readers(net.value("fc.bias")) == (fc,)


def test_macs_that_depend_on_no_input_count_once(tmp_path: Path) -> None:
    figures = analyze(graph(tmp_path, "  flat: flatten\n  fc: {dense: 5}\n"))
    assert (figures.macs, figures.macs_once) == (5 * 192 + 5 * 2 * 192, 5 * 2 * 192)
    assert figures.for_batch(10).macs == 10 * 5 * 192 + 5 * 2 * 192


def test_weights_depend_on_inputs(tmp_path: Path) -> None:
    """CondConv (Yang et al. 2019): through the kernel every result depends on the whole image."""
    net = graph(
        tmp_path,
        "  pool: global_avg_pool\n  row: {dense: 36, weights: {weight: false}}\n  kernel: {reshape: [4, 3, 1, 3]}\n"
        "  conv: {conv2d: 4, kernel: [1, 3], from: input, weights: {weight: kernel}}\n"
        "  plain: {conv2d: 4, kernel: [1, 3], from: input}\noutputs: [conv, plain]\n",
    )
    fields = analyze(net).receptive_fields
    assert [str(f) for f in fields.of(net.value("conv")) or ()] == ["all", "all"]
    assert [str(f) for f in fields.of(net.value("plain")) or ()] == ["1", "3"]
    assert analyze(net).layer("conv").inputs == ("input", "kernel")


def test_conditions(tmp_path: Path) -> None:
    net = graph(
        tmp_path,
        "  t: {parameter: [4, 3, 1, 1], unused: true}\n"
        "  a: {conv2d: 4, kernel: 1, from: input, weights: {weight: {from: t, when: false}}}\n"
        "  b: {conv2d: 4, kernel: 1, from: input, weights: {weight: {tanh, when: false}}, share: a}\n"
        "  c: {conv2d: 4, kernel: 1, from: input, weights: {weight: t}, share: {from: a, when: false}}\n"
        "  sum: {add: [a, b, c]}\n",
    )
    assert names(net) == ["t", "a.weight"]
    assert [bool(net.node(name).given_weights) for name in "abc"] == [False, False, True]


def test_parametrised_weights_are_shared(tmp_path: Path) -> None:
    net = graph(tmp_path, "  a: {conv2d: 3, kernel: 1}\n  b: {conv2d: 3, kernel: 1, share: a}\n")
    assert names(net) == ["a.weight"]
    assert [row.params for row in analyze(net).layers] == [9, 0]


def test_buffers_are_shared(tmp_path: Path) -> None:
    net = graph(tmp_path, "  a: {buffer: [8], init: ones}\n  b: {buffer: [8], share: a}\n  sum: {add: [input, a, b]}\n")
    assert names(net) == ["a (frozen)"]


@pytest.mark.parametrize(
    ("freeze", "frozen"),
    [("[a, b.bias]", ["p.a.weight", "p.a.bias", "p.b.bias"]), ("b", ["p.b.weight", "p.b.bias"]), ("false", [])],
)
def test_freeze_by_name(tmp_path: Path, freeze: str, frozen: list[str]) -> None:
    layers = f"  flat: flatten\n  p: {{layers: {{a: {{dense: 8, FREE}}, b: {{dense: 8, FREE}}}}, freeze: {freeze}}}\n"
    net = graph(tmp_path, layers.replace("FREE", "freeze: false, weights: {weight: false}"))
    assert [p.name for p in net.parameters if not p.trainable] == frozen


def test_flat_spec(tmp_path: Path) -> None:
    from netspec.language.flatten import flat_spec

    net = graph(
        tmp_path,
        "  a: {conv2d: 4, kernel: 3, bias: true, freeze: bias}\n  b: {conv2d: 4, kernel: 1, weights: {weight: {Gained}}}\n"
        "  c: {conv2d: 4, kernel: 1, weights: {weight: b.weight}}\n  d: {conv2d: 4, kernel: 1, share: b, weights: {weight: {Gained}}}\n"
        "  e: {conv2d: 4, kernel: 1, weights: {weight: c.weight}}\n",
    )
    (tmp_path / "flat.yaml").write_text(flat_spec(net), encoding="utf-8")
    flat = netspec.load(tmp_path / "flat.yaml")
    assert names(flat) == names(net)
    assert [n.op for n in flat.nodes if n.op.name == "conv2d"] == [n.op for n in net.nodes if n.op.name == "conv2d"]
