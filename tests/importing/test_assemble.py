"""Drafts become the graph that their flat spec describes, with the names and weights of the source."""

from __future__ import annotations

import pytest

from netspec.importing import ImportDiagnostic, ImportRefused
from netspec.importing.assemble import assemble, weight_names
from netspec.language.flatten import flat_spec
from netspec.shapes.named_sizes import NamedDim, NamedSizes

from .networks import Network


def flat(net: Network, *outputs: str) -> str:
    """The lines of the flat spec below its name."""
    return flat_spec(assemble(net.output(*outputs), net.weights)).partition("name: net\n")[2]


def test_names_are_those_of_weights_then_of_modules_then_of_operations() -> None:
    net = Network(x=(3, 8, 8))
    net.add("a", "conv2d", "x", (4, 8, 8), {"filters": 4, "kernel": [3, 3], "padding": [1, 1]}, "stem stem.conv",
            {"stem.conv.weight": (4, 3, 3, 3), "stem.conv.bias": (4,)})  # fmt: skip
    net.add("b", "relu", "a", (4, 8, 8), {}, "stem stem.act")
    net.add("c", "relu", "b", (4, 8, 8), {}, "stem stem.act@")
    net.add("d", "add", "c a", (4, 8, 8), {}, "stem")
    net.add("e", "global_avg_pool", "d", (4,))
    net.add("f", "dense", "e", (2,), {"units": 2, "bias": False}, "head", {"head.weight": (2, 4)})
    assert (
        flat(net, "f")
        == """\
input: [3, 8, 8]

layers:
  stem.conv: {conv2d: 4, kernel: 3, padding: 1}
  stem.act: relu
  stem.act_1: relu
  stem.add: {add: [stem.act_1, stem.conv]}
  pool: global_avg_pool
  head: {dense: 2, bias: false}
"""
    )


def test_names_that_are_none_and_inputs_called_like_modules() -> None:
    net = Network(**{"features.x": (4,), "mask": (4,)})
    net.add("a", "dense", "features.x", (2,), {"units": 2, "bias": False}, "mask", {"mask.weight": (2, 4)})
    net.add("b", "dense", "mask", (2,), {"units": 2, "bias": False}, weights={"/fc/$:0.weight": (2, 4)})
    net.add("c", "add", "a b", (2,))
    net.drafts.outputs = {"the sum": net.values["c"]}
    text = flat_spec(assemble(net.drafts, net.weights))
    assert (
        text.partition("name: net\n")[2]
        == """\
inputs: {features_x: [4], mask_input: [4]}

layers:
  mask: {dense: 2, bias: false, from: features_x}
  _fc___0: {dense: 2, bias: false, from: mask_input}
  add: {add: [mask, _fc___0]}

outputs: {the_sum: add}
"""
    )
    assert weight_names(net.drafts) == {"mask.weight": "mask.weight", "_fc___0.weight": "/fc/$:0.weight"}


def test_shared_weights() -> None:
    net = Network(x=(6, "int64"))
    net.add("e", "embedding", "x", (6, 8), {"vocabulary": 10, "width": 8}, "embed", {"embed.weight": (10, 8)})
    net.add("d", "dense", "e", (6, 10), {"units": 10}, "head",
            {"weight=embed.weight": (10, 8), "bias=head.bias": (10,)})  # fmt: skip
    assert (
        flat(net, "d")
        == """\
inputs: {input: {shape: [6], dtype: int64}}

layers:
  embed: {embedding: 10, width: 8}
  head: {dense: 10, share: embed}
"""
    )


def test_a_tied_table_is_read_as_a_tensor() -> None:
    net = Network(x=(6, "int64"))
    net.add("e", "embedding", "x", (6, 8), {"vocabulary": 10, "width": 8}, "embed", {"embed.weight": (10, 8)})
    net.add("p", "parameter", "", (10, 8), {"shape": [10, 8]}, weights={"=embed.weight": (10, 8)})
    net.add("t", "permute", "p", (8, 10), {"order": [1, 0]})
    net.add("m", "matmul", "e t", (6, 10))
    assert "permute: {permute: [1, 0], from: embed.weight}" in flat(net, "m")


def test_weights_of_other_names_are_parameters() -> None:
    net = Network(x=(4,))
    net.add("w", "parameter", "", (2, 4), {"shape": [2, 4]}, weights={"=raw": (2, 4)})
    net.add("s", "tanh", "w", (2, 4))
    net.add("a", "dense", "x", (2,), {"units": 2}, "fc", {"bias=shift": (2,)}, computed={"weight": "s"})
    assert (
        flat(net, "a")
        == """\
input: [4]

layers:
  raw: {parameter: [2, 4]}
  tanh: {tanh, from: raw}
  shift: {parameter: [2]}
  fc: {dense: 2, from: input, weights: {weight: tanh, bias: shift}}
"""
    )


def test_layers_as_arguments_formulas_infinities_and_several_outputs() -> None:
    net = Network(x=(6, 8), unread=(2,))
    net.add("parts", "split", "x", [(6, 4), (6, 4)], {"parts": 2, "axis": 1})
    net.add("m", "formula", "", (6, 6), {"expression": "$(0 if k <= q else -inf)", "for": {"q": 6, "k": 6}})
    net.add("a", "dot_product_attention", "parts.0 parts.1 parts.1", (6, 4), {"heads": 2, "mask": "m"})
    net.add("c", "clamp", "a", (6, 4), {"low": -1.0})
    net.add("f", "formula", "c a", (6, 4), {"expression": "$(x0 * sigmoid(x1))"})
    assert (
        flat(net, "f")
        == """\
inputs: {x: [6, 8], unread: [2]}

layers:
  split: {split: 2, from: x}
  formula: {formula: $(0 if k <= q else -inf), for: {q: 6, k: 6}}
  attend: {dot_product_attention: 2, mask: formula, from: [split, split.1, split.1]}
  clamp: {clamp, low: -1.0}
  formula_1: {formula: $(clamp * sigmoid(attend))}

outputs: {formula_1: formula_1, unread0: {from: unread, when: false}}
"""
    )


def test_named_dimensions() -> None:
    size = NamedSizes([NamedDim("H", 8)]).size("H")
    net = Network(x=(3, size, 4))
    net.drafts.dims = {"H": {"default": 8, "min": 2}}
    net.add("a", "reshape", "x", (3, size * 4), {"shape": [3, size * 4]})
    net.add("b", "mean", "a", (3,), {"axis": 1})
    assert (
        flat(net, "b")
        == """\
dims: {H: {default: 8, min: 2}}
input: [3, H, 4]

layers:
  reshape: {reshape: [3, $(4*input.shape.1)]}
  mean: {mean: 1}
"""
    )


def refused_network() -> Network:
    """One layer of each kind that is refused, one after the other, and what depends on it."""
    net = Network(x=(3, 8, 8))
    net.add("a", "conv2d", "x", (4, 8, 8), {"filters": 4, "kernel": [30, 3]}, origin="aten.conv2d at a")
    for k in range(2):
        net.add("f", "aten.fft_rfft", "a", (4, 8, 5), opaque=True)
        reason = "has no equivalent in netspec"
        net.drafts.problems.append(ImportDiagnostic.of("NS841", "aten.fft_rfft", reason, f"fft.{k}", opaque=True))
    net.add("b", "avg_pool2d", "f", (4, 8, 5), {"size": 1, "speed": 3}, origin="aten.avg_pool2d at b")
    net.add("c", "max_pool2d", "b", (4, 4, 3), {"size": 2}, origin="aten.max_pool2d at c")
    return net


def test_everything_that_is_refused_is_reported_at_once() -> None:
    net = refused_network()
    with pytest.raises(ImportRefused) as caught:
        assemble(net.output("c"), {})
    assert (
        str(caught.value)
        == """\
error[NS841]: aten.fft_rfft: has no equivalent in netspec (2 times)
  = fft.0, fft.1
  = help: --opaque (in Python: opaque=True) declares it as an operation of which only the shapes are known

error[NS510]: conv2d: the window of 'conv2d' is larger than its input in height: 30 over 8
  = aten.conv2d at a

error[NS213]: avg_pool2d: 'avg_pool2d' has no argument 'speed'
  = aten.avg_pool2d at b

error[NS847]: max_pool2d: the output shape is (4, 4, 2); in the source it is (4, 4, 3)
  = aten.max_pool2d at c
  = help: this is a bug of the importer: please report the network"""
    )
    assert [(p.code, len(p.places)) for p in caught.value.diagnostics] == [
        ("NS841", 2),
        ("NS510", 1),
        ("NS213", 1),
        ("NS847", 1),
    ]


def test_operations_without_an_equivalent_are_declared() -> None:
    net = Network(x=(3, 8, 8))
    net.add("f", "aten.fft_rfft.default", "x", (3, 8, 5), opaque=True)
    net.add("k", "TopK", "f", [(3, 8, 2), (3, 8, 2)], opaque=True)
    net.add("s", "softmax", "k.0", (3, 8, 2), {"axis": 2})
    net.drafts.dtypes[net.values["k.1"]] = "int64"
    net.drafts.problems.append(ImportDiagnostic.of("NS841", "aten.fft_rfft", "has no equivalent", "fft", opaque=True))
    graph = assemble(net.output("s"), {}, opaque=True)
    assert (
        flat_spec(graph).partition("name: net\n")[2]
        == """
operations:
  fft_rfft: {inputs: [x0], params: {shape: list}, output: {shape: $shape}}
  top_k_op:
    inputs: [x0]
    params: {shape_y0: list, shape_y1: list}
    outputs: {y0: {shape: $shape_y0}, y1: {shape: $shape_y1, dtype: int64}}

input: [3, 8, 8]

layers:
  fft_rfft: {fft_rfft: [3, 8, 5]}
  top_k: {top_k_op: [3, 8, 2], shape_y1: [3, 8, 2]}
  softmax: {softmax: 2}
"""
    )


def test_a_weight_of_another_shape_or_of_no_tensor() -> None:
    net = Network(x=(4,))
    net.add("a", "dense", "x", (2,), {"units": 2}, weights={"fc.weight": (2, 5)})
    with pytest.raises(ImportRefused) as caught:
        assemble(net.output("a"), net.weights)
    assert (
        str(caught.value)
        == """\
error[NS848]: dense: 'fc.weight' has the shape (2, 5); in the spec it has (2, 4)
  = dense 'a'
  = help: this is a bug of the importer: please report the network

error[NS848]: dense: the source has no tensor 'fc.bias'
  = dense 'a'
  = help: this is a bug of the importer: please report the network"""
    )
