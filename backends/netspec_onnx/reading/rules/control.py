"""Control flow: branches that are known are taken, everything else is refused."""

from __future__ import annotations

import onnx

from ..errors import refused
from ..node import OnnxNode
from ..rule_table import Inputs, Result, rule
from ..site import Site


@rule("If")
def branch(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """The nodes of the branch that is taken, where the condition is known."""
    condition = inputs.need(0).scalar()
    if condition is None:
        raise refused(
            "control flow",
            "which branch is taken depends on data",
            "export the model for one of the branches, or by torch.onnx.export(…, dynamo=True)",
        )
    graph = node.attributes.get("then_branch" if condition else "else_branch")
    if not isinstance(graph, onnx.GraphProto) or len(graph.output) < len(node.outputs):
        raise refused("malformed", "a branch is missing")
    return r.run_branch(graph)


@rule("Loop", "Scan")
def loop(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Never read: its body runs as often as data say."""
    raise refused(
        "control flow",
        f"the body of a '{node.operator}' runs step after step",
        "export the model with a fixed number of steps, which are written out, or with LSTM and GRU as such",
    )
