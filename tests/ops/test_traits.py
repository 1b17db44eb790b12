"""Traits agree with what operations do."""

from __future__ import annotations

import pytest

from netspec import loads
from netspec.ops import TABLE, find
from netspec.ops.reference import TRAITS, operation
from netspec.shapes.reads import pointwise_reads


def example(op: str) -> tuple[object, ...]:
    """The reads of the example of an operation, and those of an elementwise one."""
    graph = loads(operation(op).spec, name=op)
    node = next(n for n in graph.nodes if n.op.name == op)
    inputs = graph.inputs_of(node)
    return node.op.reads(inputs, node.outputs), tuple(pointwise_reads(x, node.outputs[0]) for x in inputs)


@pytest.mark.parametrize("op", TABLE)
def test_elementwise_operations_read_position_by_position(op: str) -> None:
    if find(op).elementwise:
        reads, by_position = example(op)
        assert reads == by_position


def test_operations_of_several_inputs_broadcast() -> None:
    several = {op for op in TABLE if find(op).elementwise and find(op).arity != (1, 1)}
    assert several == {"add", "subtract", "multiply", "divide", "maximum", "average", "formula"}


def test_traits_have_words() -> None:
    assert all(isinstance(getattr(find("relu"), trait), bool) for trait in TRAITS)
    assert operation("batch_norm").traits == (
        "independent of the order of axes",
        "depends on the other examples of the batch in training",
    )
