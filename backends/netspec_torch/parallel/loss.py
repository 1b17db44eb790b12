"""The loss that ``train.py`` computes."""

from __future__ import annotations

from typing import Literal, TypeAlias

from netspec.analysis.tensor_split import TensorSplit
from netspec.backend import Plan
from netspec.ir import Graph

Loss: TypeAlias = Literal["tokens", "classes", "values"]
"""Cross-entropy of the next token at each position, or of one class; or mean squared error of values."""


def loss_kind(graph: Graph) -> Loss:
    """Chooses the loss for a network with one output."""
    fixed = graph.at_default
    inputs, (output,) = list(fixed.input_types.values()), fixed.output_types.values()
    if (
        len(inputs) == 1 and inputs[0].dtype == "int64" and len(inputs[0].shape) == 1
        and len(output.shape) == 2 and output.shape[0] == inputs[0].shape[0]
    ):  # fmt: skip
        return "tokens"
    return "classes" if len(output.shape) == 1 and int(output.shape[0]) > 1 else "values"


def loss_parallel(graph: Graph, plan: Plan, split: TensorSplit) -> bool:
    """Whether the cross-entropy is computed from scores divided by classes, so that no device has all of them.

    In a pipeline, the last stage returns complete scores.
    """
    divided = plan.tensor > 1 and plan.pipeline == 1 and split.head is not None
    return divided and split.divides(split.head, plan.tensor) and loss_kind(graph) != "values"
