"""The flat spec of every network of the zoo, and of whatever blocks can do, gives the identical graph."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netspec import Graph, SpecError, loads, zoo
from netspec.checking.spec import Spec
from netspec.ir import Parameter
from netspec.language.flatten import flat_spec
from netspec.ops.base import Op
from netspec.ops.formulas import Formula
from netspec.ops.formulas.program import Program
from netspec.shapes.types import is_known
from netspec.weights.formula_values import formula

MOST = 200
"""Nodes of variants that are tested besides the first, and numbers of a constant that are compared."""


def numbers(shape: tuple[int, ...], program: Program) -> Any:
    """The numbers of a small constant, whose terms without positions a flat spec may fold; otherwise its program."""
    if any(type(n) is not int for n in shape) or not 0 < math.prod(shape) <= MOST:
        return program
    values = np.zeros(math.prod(shape))
    formula(shape, program)(0, values)
    return repr(values.tolist())  # texts, since NaN is not equal to itself


def arguments(op: Op) -> dict[str, Any]:
    """The arguments of an operation."""
    if not isinstance(op, Formula) or not op.is_constant:
        return vars(op)
    return {**vars(op), "expression": numbers(op.grid, op.expression)}


def initial(p: Parameter) -> Any:
    """How a parameter begins."""
    return numbers(p.shape, p.init.args[0]) if p.init.kind == "formula" else p.init


def facts(graph: Graph) -> dict[str, Any]:
    """Everything that the flat spec must keep."""
    return {
        "name": graph.name,
        "doc": graph.doc,
        "cite": graph.cite,
        "layout": graph.layout,
        "requires": graph.requires,
        "inputs": list(graph.inputs.items()),
        "outputs": list(graph.outputs.items()),
        "values": graph.values,
        "known names": [list(map(is_known, x.axes)) for x in graph.values],
        "nodes": [
            (n.name, type(n.op), arguments(n.op), n.inputs, n.outputs, n.first_value, n.doc) for n in graph.nodes
        ],
        "weights": [
            [(k, p.name, p.shape, initial(p), p.trainable, p.buffer, p.dtype, p.persistent) for k, p in n.weights]
            for n in graph.nodes
        ],
        "parameters": [p.name for p in graph.parameters],
    }


def without_contained(graph: Graph) -> Graph:
    """The graph without constants that other formulas contain: a flat spec leaves them out."""
    kept = [n for n in graph.nodes if n.op.name != "formula" or n.inputs or graph.use_count(n.first_value)]
    old = [*graph.inputs.values(), *(v for n in kept for v in n.values)]
    new = {v: number for number, v in enumerate(old)}
    nodes = tuple(
        replace(
            n,
            first_value=new[n.first_value],
            inputs=tuple(new[v] for v in n.inputs),
            given_weights=tuple((name, new[v]) for name, v in n.given_weights),
        )
        for n in kept
    )
    outputs = {name: new[v] for name, v in graph.outputs.items()}
    return replace(graph, nodes=nodes, values=tuple(graph.values[v] for v in old), outputs=outputs)


def same(graph: Graph, text: str) -> None:
    """The text gives the graph, part by part."""
    flat = facts(loads(text, name="flat.yaml"))
    for part, value in facts(without_contained(graph)).items():
        assert flat[part] == value, part


@pytest.mark.parametrize("name", zoo.names(""))
def test_zoo(name: str) -> None:
    path = zoo.path(name)
    assert path is not None
    spec = Spec(str(path))
    for number, loaded in enumerate(spec.elaborate_variants("all")):
        graph = loaded.require_graph()
        if number and len(graph.nodes) > MOST:
            continue
        text = flat_spec(graph)
        same(graph, text)
        keys = ("blocks:", "repeat:", "each:", "when: true", "params:", "inline:")
        body = text.split("\nlayers:\n")[1]
        assert not any(key in body for key in keys)
        assert graph.dims or "$" not in body


IMAGE = "netspec: 1\ninput: [3, 8, 8]\n"
CASES = {
    "numbers as names": IMAGE + "layers: [relu, {add: [input, 0]}, {layers: [tanh, {add: [input, 0]}]}]\n",
    "activation of a block": IMAGE + "blocks: {Unit: {layers: {c: {conv2d: 3, kernel: 1}, s: {add: input}}}}\n"
    "layers: {u: {Unit, activation: {leaky_relu: 0.2}}, v: {add: [u, input]}}\n",
    "activation that is read twice": IMAGE + "layers:\n  a: {conv2d: 4, kernel: 1, activation: {softplus: {beta: 2}}}\n"
    "  b: {relu, from: a}\n  c: {add: [a, b]}\n",
    "several outputs of an operation": IMAGE + "layers: {parts: {split: [1, 2]}, a: {relu, from: parts.1},"
    " b: {concat: [a, parts.0]}}\n",
    "outputs by name and number": "netspec: 1\ninput: [5, 4]\nlayers: {r: {lstm: 4}, s: {add: [r.hidden, r.cell]}}\n"
    "outputs: {sequence: r, sum: s}\n",
    "activation of several outputs": "netspec: 1\ninput: [5, 4]\nlayers: {r: {lstm: 4, activation: tanh}}\n"
    "outputs: {sequence: r, cell: r.cell, hidden: r.1}\n",
    "a block of which one output is read": IMAGE
    + "blocks: {Two: {layers: {a: relu, b: tanh}, outputs: {a: a, b: b}}}\n"
    "layers: {t: Two, c: {relu, from: t.a}}\n",
    "a list of outputs": IMAGE + "layers: {a: relu, b: tanh}\noutputs: [a, b]\n",
    "an input that is an output": IMAGE + "layers: {a: relu}\noutputs: {same: input, other: a}\n",
    "inputs of other types": "netspec: 1\ninputs: {x: {shape: [4], dtype: int64}, y: [4, 6]}\n"
    "layers: {e: {embedding: 10, width: 6, from: x}, s: {add: [e, y]}}\n",
    "one input with a name": "netspec: 1\ninputs: {image: [3, 8, 8]}\nlayers: {a: relu, b: {add: [a, image]}}\n",
    "frozen": IMAGE + "layers: {a: {freeze: true, layers: [{conv2d: 3, kernel: 1}, batch_norm, relu]}}\n",
    "shared": IMAGE + "blocks: {Unit: {layers: [{conv2d: 3, kernel: 1}, batch_norm]}}\n"
    "layers: {a: Unit, b: {Unit, share: a}, c: {conv2d: 3, kernel: 1, bias: false, share: b.0, freeze: true}}\n",
    "shared beneath a name that is not a layer": IMAGE + "layers:\n  t.weight: {parameter: [3, 3, 1, 1]}\n"
    "  flat: {reshape: [9], from: t.weight}\n"
    "  c: {conv2d: 3, kernel: 1, bias: false, share: t, from: input}\noutputs: [flat, c]\n",
    "tokens and masks": "netspec: 1\ninput: [4, 6]\nlayers:\n  mask: {buffer: [4, 4], init: ones, persistent: false}\n"
    "  token: {parameter: [1, 6], init: zeros, batch_axis: true}\n  all: {concat: [token, input], axis: 0}\n"
    "  cut: {slice: 0, start: 1}\n  attend: {attention: 2, mask: mask, from: [cut, cut, input]}\n",
    "initial values": IMAGE + "layers:\n  a: {conv2d: 2, kernel: 1, init: {weight: {normal: 0.02}, bias: ones}}\n"
    "  b: {conv2d: 1, kernel: [1, 2], bias: false, init: [[[[1, -2.5]], [[0, 1.0]]]]}\n",
    "channels last": "netspec: 1\ninput: [8, 8, 3]\nlayout: channels_last\nlayers:\n"
    "  a: {conv2d: 4, kernel: 3, padding: [[0, 1], 2]}\n  b: {softmax: height}\n  c: flatten\n",
    "pads and strides by axis": IMAGE + "layers: [{conv2d: 4, kernel: [3, 2], stride: [1, 2], padding: [1, 0]},"
    " {max_pool2d: 2, stride: 1, padding: same}, {pad: [0, 1], mode: reflect}]\n",
    "names that mean something in YAML": IMAGE + 'layers: {null: relu, no: {add: ["null", input]}, 1.0: tanh}\n',
    "remarks": IMAGE + 'name: "a: b # c"\ndoc: "two\\n lines \\u200b\\t"\nlayers: {a: {relu, doc: "x: {y} $(z)"}}\n',
    "merges of one copy": IMAGE
    + "layers: {a: {layers: {x: relu}, repeat: 1}, b: {add: a.*.x}, c: {concat: a.*, axis: 1}}\n"
    "outputs: [b, c]\n",
    "names of axes": "netspec: 1\ninputs: {x: {shape: [4, 6], axes: [points, null]}, y: {shape: [6], dtype: int64, axes: [points]}}\n"
    "layers: {a: {reshape: [4, 2, 3], axes: [points, heads, features], from: x}, e: {embedding: 9, width: 2, from: y}}\n"
    "outputs: [a, e]\n",
    "left out": IMAGE + "layers: {a: {relu, when: false}, b: {add: [a, input]}, c: {parameter: [3], when: false}}\n",
}


@pytest.mark.parametrize("case", CASES)
def test_blocks(case: str) -> None:
    graph = loads(CASES[case], name="net.yaml")
    same(graph, flat_spec(graph))


def test_a_flat_spec_stays_as_it_is() -> None:
    graph = loads(CASES["shared"], name="net.yaml")
    text = flat_spec(graph)
    assert text == (
        "netspec: 1\nname: net\ninput: [3, 8, 8]\n\nlayers:\n"
        "  a.0: {conv2d: 3, kernel: 1}\n  a.1: batch_norm\n"
        "  b.0: {conv2d: 3, kernel: 1, share: a.0}\n  b.1: {batch_norm, share: a.1}\n"
        "  c: {conv2d: 3, kernel: 1, bias: false, share: a.0}\n"
    )
    assert flat_spec(loads(text)) == text


def test_weights_of_two_layers_need_a_block() -> None:
    both = IMAGE + (
        "layers:\n  b: {layers: {d: {conv2d: 3, kernel: 1}}}\n  a: {conv2d: 3, kernel: 1, bias: false}\n"
        "  c: {share: b, layers: {d: {conv2d: 3, kernel: 1, share: a}}}\n"
    )
    with pytest.raises(SpecError) as error:
        flat_spec(loads(both, name="net.yaml"))
    assert str(error.value) == (
        "error[NS713]: 'c.d' cannot be written without blocks: it shares weights with 'a' and 'b.d'\n --> net.yaml"
    )


def test_an_input_that_is_read_after_a_layer_of_its_name_needs_a_block() -> None:
    text = "netspec: 1\ninput: [3]\nlayers:\n  input: {parameter: [3]}\n  b: {add: input, repeat: 1}\n"
    with pytest.raises(SpecError) as error:
        flat_spec(loads(text, name="net.yaml"))
    assert str(error.value) == (
        "error[NS713]: 'input' cannot be written without blocks: it has the name of an input that is read after it\n"
        " --> net.yaml"
    )
    text = "netspec: 1\nname: a\ninput: [3]\n\nlayers:\n  input: relu\n  b: {dense: 3}\n"
    assert flat_spec(loads(text)) == text


NAMED = """
netspec: 1
name: any
dims: {H: {default: 12, multiple_of: 4, min: 8, max: 64}, W: 8}
inputs: {image: [1, H, W], mask: [1, H, W]}
layers:
  conv: {conv2d: 2, kernel: 3, padding: 1, activation: relu, from: image}
  pool: {max_pool2d: 2}
  flat: {reshape: [2, $(pool.shape.1 * pool.shape.2)]}
  cut: {crop: [[0, $(image.height - 8)], [0, 0]], from: mask}
  mean: {mean: 1, from: flat}
  other: {global_avg_pool, from: cut}
outputs: [mean, other]
"""


def test_named_dimensions() -> None:
    graph = Spec("named.yaml", NAMED).elaborate().require_graph()
    text = flat_spec(graph)
    assert "\ndims: {H: {default: 12, multiple_of: 4, min: 8, max: 64}, W: 8}\n" in text
    assert "image: [1, H, W]" in text
    assert "$(((image.shape.2)//2)*(image.shape.1//2))" in text
    again = Spec("flat.yaml", text).elaborate().require_graph()
    assert [str(x.shape) for x in again.values] == [str(x.shape) for x in graph.values]
    assert again.dims == graph.dims
    fixed = Spec("named.yaml", NAMED).elaborate(sizes={"H": 16, "W": 10}).require_graph()
    assert "dims" not in flat_spec(fixed)
    assert [x.shape for x in Spec("flat.yaml", text).elaborate(sizes={"H": 16, "W": 10}).require_graph().values] == [
        x.shape for x in fixed.values
    ]
