"""Help texts on supplying an unknown operation with ``netspec.register``."""

from __future__ import annotations

from ..ir import Graph, Node
from ..ops.registered import BACKENDS
from ..shapes.types import TensorType


def help_of_registration(backend: str, graph: Graph, node: Node) -> str | None:
    """Returns help for an operation of another package, or one declared by a spec; None for other backends.

    For PyTorch it shows the call: inputs by their shapes, then weights and arguments by name.
    """
    op = node.op
    if backend not in BACKENDS:
        return None
    if backend == "onnx":
        return (
            f"netspec.register('{op.name}', onnx=rule) supplies it: rule(op, site) adds nodes and returns their values"
        )
    arguments = [_tensor(x) for x in graph.inputs_of(node)]
    arguments += [f"{name}=({', '.join(map(str, p.shape))})" for name, p in node.weights]
    arguments += [f"{name}={value!r}" for name, value in op.numbers().items()]
    results = ", ".join(map(_tensor, node.outputs))
    return f"netspec.register('{op.name}', torch=f) supplies it: f({', '.join(arguments)}) returns {results}"


def _tensor(x: TensorType) -> str:
    """Returns the shape of a tensor, with the batch."""
    return f"({', '.join(('N', *map(str, x.shape)))}){'' if x.dtype == 'float32' else f' of {x.dtype}'}"
