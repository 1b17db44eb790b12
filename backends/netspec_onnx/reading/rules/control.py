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
            "the branch depends on the data",
            "export the model with the condition fixed, or with torch.onnx.export(…, dynamo=True)",
        )
    graph = node.attributes.get("then_branch" if condition else "else_branch")
    if not isinstance(graph, onnx.GraphProto) or len(graph.output) < len(node.outputs):
        raise refused("malformed", "a branch is missing")
    return r.run_branch(graph)


@rule("Loop", "Scan")
def loop(r: Site, node: OnnxNode, inputs: Inputs) -> Result:
    """Never read: the data determine how often its body runs."""
    raise refused(
        "control flow",
        "loops have no equivalent",
        "export the model with a fixed number of steps, which are unrolled, or with LSTM and GRU operators",
    )
