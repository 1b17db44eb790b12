"""``dtype`` of a spec, a layer or a block: which values are converted, where, and under which names."""

from __future__ import annotations

import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.ir import Graph
from netspec.language.flatten import flat_spec

TENSOR = "dtype: bfloat16\ninputs: {x: [8, 6]}"
BOTH = "dtype: bfloat16\ninputs: {x: [8, 6], n: {shape: [8, 6], dtype: int64}}"


def graph(layers: str, head: str = TENSOR) -> Graph:
    """The network of these layers."""
    return netspec.loads(f"netspec: 1\n{head}\nlayers:\n  {layers}\n")


def types(net: Graph) -> dict[str, str]:
    """The types of all results by the names of their nodes."""
    return {node.name: ", ".join(t.dtype for t in node.outputs) for node in net.nodes}


def weights(net: Graph) -> dict[str, str]:
    """The types of all weights by name."""
    return {p.name: p.dtype for p in net.parameters}


def test_the_type_of_a_spec_is_that_of_weights_and_inputs() -> None:
    net = graph("e: {embedding: 9, width: 6, from: n}\n  a: {dense: 4, from: x}\noutputs: [e, a]", BOTH)
    assert [t.dtype for t in net.input_types.values()] == ["bfloat16", "int64"]
    assert types(net) == {"e": "bfloat16", "a": "bfloat16"}
    assert set(weights(net).values()) == {"bfloat16"}
    assert net.dtype == "bfloat16"


def test_statistics_are_weights_and_counters_are_not() -> None:
    assert weights(graph("bn: batch_norm", "dtype: float16\ninput: [3, 8, 8]")) == {
        **dict.fromkeys(("bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"), "float16"),
        "bn.num_batches_tracked": "int64",
    }


def test_a_layer_converts_its_inputs_each_value_once() -> None:
    net = graph("a: {dense: 4, dtype: float32}\n  b: {dense: 4, dtype: float32, from: x}\n  s: {add: [a, b]}")
    assert types(net) == {"a_to_float32": "float32", "a": "float32", "b": "float32", "s": "float32"}
    assert net.node("b").inputs == net.node("a").inputs
    assert set(weights(net).values()) == {"float32"}


def test_a_block_converts_its_inputs_and_outputs() -> None:
    net = graph("b: {layers: [{dense: 4, dtype: float64}, {cast: float16}], dtype: float32}\n  c: identity")
    assert types(net) == {
        "b.to_float32": "float32",
        "b.0_to_float64": "float64",
        "b.0": "float64",
        "b.1": "float16",
        "b.to_float32_1": "float32",
        "c": "float32",
    }
    assert weights(net) == {"b.0.weight": "float64", "b.0.bias": "float64"}


def test_a_use_of_a_block() -> None:
    head = f"{TENSOR}\nblocks: {{B: {{layers: [{{dense: 6}}]}}}}"
    net = graph("a: B\n  b: {B, dtype: float32, repeat: 2}\n  c: {cast: bfloat16}\n  s: {add: a}", head)
    expected = {"a.0": "bfloat16", "b_to_float32": "float32", "b.0.0": "float32", "b.1.0": "float32"}
    assert types(net) == {**expected, "c": "bfloat16", "s": "bfloat16"}


@pytest.mark.parametrize(
    ("layer", "results"),
    [
        ("{add: [n, n], dtype: float32, activation: relu}", ["int64", "float32", "float32"]),
        ("{split: 2, axis: 1, from: n, dtype: float32}", ["int64, int64"]),
        ("{split: 2, axis: 1, from: x, dtype: float32}", ["float32", "float32, float32"]),
    ],
)
def test_results_of_integers(layer: str, results: list[str]) -> None:
    """A single one is converted; those beside others are not."""
    net = graph(f"a: {layer}\noutputs: {{a: a, x: x, n: n}}", BOTH)
    assert list(types(net).values()) == results


def test_a_mask_follows_the_query() -> None:
    net = graph("m: {buffer: [8, 8], dtype: float32}\n  a: {dot_product_attention: 2, mask: m, from: [x, x, x]}")
    assert types(net) == {"m": "float32", "a_to_bfloat16": "bfloat16", "a": "bfloat16"}


def test_a_parameter_may_choose_the_type() -> None:
    head = "params: {p: float32}\nvariants: {half: {p: float16}}\ndtype: $p\ninput: [4]"
    text = f"netspec: 1\n{head}\nlayers: [{{dense: 2}}]"
    assert set(weights(netspec.loads(text)).values()) == {"float32"}
    assert set(weights(netspec.loads(text, "half")).values()) == {"float16"}


def test_weights_of_two_types_are_not_shared() -> None:
    with pytest.raises(SpecError, match="name, shape and type"):
        graph("a: {dense: 6}\n  b: {dense: 6, share: a, dtype: float32}")


def test_names_that_are_taken() -> None:
    net = graph("a_to_float32: {dense: 6}\n  a: {dense: 6, dtype: float32}")
    assert list(types(net)) == ["a_to_float32", "a_to_float32_1", "a"]


def test_the_flat_spec_yields_the_same_network() -> None:
    net = graph(
        "a: {dense: 6}\n  b: {layers: [{dense: 6}, relu], dtype: float32}\n  t: {buffer: [6]}\n"
        "  u: {buffer: [6], dtype: float32}\n  p: {parameter: [6], dtype: float32}\n  c: {add: [b, p]}\n"
        "  d: {add: [c, u]}\n  e: {add: [a, t]}\noutputs: [d, e]"
    )
    again = netspec.loads(flat_spec(net))
    assert types(again) == types(net)
    assert weights(again) == weights(net)
    assert flat_spec(again) == flat_spec(net)
