"""Control flow: branches that are known are taken, and some loops are operations; everything else is refused."""

from __future__ import annotations

from collections.abc import Sequence

import onnx
from onnx import numpy_helper

from netspec.ops.argument import as_list

from ..batch import item_axis, off_axes
from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site
from ..values import SourceTensor
from .conv import convolution_of_each


@rule("If")
def branch(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Inlines the nodes of the branch that is taken, if the condition is known."""
    condition = inputs.need(0).scalar()
    if condition is None:
        raise refused(
            "control flow",
            "the branch depends on the data",
            "export the model with the condition fixed, or with torch.onnx.export(…, dynamo=True)",
        )
    graph = node.attributes.get("then_branch" if condition else "else_branch")
    if not isinstance(graph, onnx.GraphProto) or len(graph.output) < len(node.outputs):
        raise refused("malformed", "a branch is missing")
    return r.run_branch(graph)


@rule("Loop")
def loop(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Rejects loops, whose number of iterations depends on data."""
    raise refused(
        "control flow",
        "loops have no equivalent",
        "export the model with a fixed number of steps, which are unrolled, or with LSTM and GRU operators",
    )


@rule("Scan")
def scan(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """``recurrence``, and convolutions with a weight for each example; other loops have no equivalent."""
    body = node.attributes.get("body")
    if isinstance(body, onnx.GraphProto):
        nodes = r.body_nodes(body)
        if _is_recurrence(node, body, nodes):
            return [None, _recurrence(r, node, inputs)]
        inner = _only_convolution(node, body, nodes)
        if inner is not None:
            return convolution_of_each(r, inner, inputs.need(0), inputs.need(1))
    return loop(r, node, inputs)


def _is_recurrence(node: OnnxNode, body: onnx.GraphProto, nodes: Sequence[OnnxNode]) -> bool:
    """Returns whether the body computes ``a * state + b`` as the next state and as its output."""
    if node.attribute("num_scan_inputs") != 2 or len(body.input) != 3 or len(body.output) != 2:
        return False
    state, a, b = (i.name for i in body.input)
    meanings: dict[str, object] = {state: "state", a: "a", b: "b"}
    for inner in nodes:
        read = [meanings.get(name) for name in inner.inputs]
        if inner.operator == "Identity":
            meanings[inner.outputs[0]] = read[0]
        elif inner.operator in ("Mul", "Add"):
            meanings[inner.outputs[0]] = (inner.operator, frozenset(read))
    expected = ("Add", frozenset([("Mul", frozenset(["a", "state"])), "b"]))
    return all(meanings.get(output.name) == expected for output in body.output)


def _recurrence(r: Site, node: OnnxNode, inputs: Inputs) -> SourceTensor:
    """``recurrence`` along the axis of the steps, from zeros. Raises CannotImportError NS870 for another start."""
    start = inputs.need(0)
    axes = {int(axis) for name in ("scan_input_axes", "scan_output_axes") for axis in as_list(node.attribute(name, 0))}
    directions = [as_list(node.attribute(f"scan_{side}_directions", 0)) for side in ("input", "output")]
    if not start.is_known or start.known is None or start.known.any() or any(map(any, directions)) or len(axes) != 1:
        raise refused("control flow", "a recurrence that is reversed, or does not begin with zeros, has no equivalent")
    (axis,) = axes
    values = [off_axes(r, inputs.need(k), [axis]) for k in (1, 2)]
    if values[0].batch != values[1].batch:
        raise refused("batch", "its inputs have the batch on different axes")
    place = item_axis(values[0], axis)
    (number,) = r.emit("recurrence", [r.number(v) for v in values], {"axis": place})
    return r.output_value(number, values[0].batch, all(v.shared for v in values))


def _only_convolution(node: OnnxNode, body: onnx.GraphProto, nodes: Sequence[OnnxNode]) -> OnnxNode | None:
    """Returns the convolution of one example with its weight, if the body does nothing else."""
    axes = [as_list(node.attribute(name, 0)) for name in ("scan_input_axes", "scan_output_axes")]
    if any(map(any, axes)) or [n.operator for n in nodes] not in (
        ["Unsqueeze", "Conv", "Squeeze"],
        ["Unsqueeze", "ConvTranspose", "Squeeze"],
    ):
        return None
    lone, inner, flat = nodes
    zeros = {t.name for t in body.initializer if numpy_helper.to_array(t).tolist() == [0]}
    is_plain = lone.inputs[1] in zeros and flat.inputs[1] in zeros and len(body.input) == 2
    chain = (body.input[0].name, body.input[1].name, lone.outputs[0], inner.outputs[0], flat.outputs[0])
    read = (lone.inputs[0], inner.inputs[1], inner.inputs[0], flat.inputs[0], body.output[0].name)
    return inner if is_plain and chain == read and len(inner.inputs) == 2 else None
