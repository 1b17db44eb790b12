"""Properties of valid networks that are lowered with every backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import netspec
from netspec.backend import BackendError
from netspec.ops import OTHER, family_of
from netspec.ops.base import Op
from netspec.ops.region import Route

from .costs import SECONDS_LOWERED, time_limit

MOST_STEPS = 2_000
"""Steps of recurrent layers without numbers: each takes milliseconds."""
MOST_ELEMENTS = 1 << 62
"""Elements of a tensor without numbers: PyTorch counts them in 64 bits."""
MOST_WORK = 5_000_000
"""Multiply-accumulates, activations and parameters of a network that is built and run, each."""
MOST_OF_OTHERS = 100
"""Arguments of an operation of another package: the example adds nodes for each degree."""
MOST_NODES_LOWERED = 300
"""Nodes of a network that is lowered."""
READING_INDICES = ("embedding", "gather", "take_along", "scatter_add", "one_hot")
"""The operations whose numbers may lie beyond a table, which PyTorch reports when they run."""


def is_small(graph: netspec.Graph) -> bool:
    """Whether the network can be built and run in well under a second."""
    graph = graph.at_default
    elements = sum(_product(y.shape) for node in graph.nodes for y in node.outputs)
    elements += sum(_product(graph.values[v].shape) for v in graph.inputs.values())
    weights = sum(p.elements for p in graph.parameters)
    macs = sum(node.op.macs(graph.inputs_of(node), node.outputs) for node in graph.nodes)
    largest = max((n for node in graph.nodes for n in _integers(tuple(vars(node.op).values()))), default=0)
    return max(elements, weights, macs) <= MOST_WORK and largest <= MOST_WORK and len(graph.nodes) <= MOST_NODES_LOWERED


def _integers(value: object) -> Iterator[int]:
    """The integers in the value of an argument: padding, for example, makes an intermediate result large."""
    if isinstance(value, tuple):
        for item in value:  # pyright: ignore[reportUnknownVariableType] - of any type
            yield from _integers(item)  # pyright: ignore[reportUnknownArgumentType] - of any type
    elif isinstance(value, int):
        yield abs(value)


def _product(shape: tuple[int, ...]) -> int:
    out = 1
    for n in shape:
        out *= n
    return out


def operations(nodes: Iterable[Any]) -> Iterator[Op]:
    """The operations of nodes, and of the bodies within them."""
    for node in nodes:
        yield node.op
        for body in node.op.bodies:
            yield from operations(body.nodes)


def check_backends(graph: netspec.Graph, folder: Path, *, draw: bool = True) -> bool:
    """Lower a valid network with every backend; return False for one that is too large to run.

    Shapes and types of PyTorch's outputs and of ONNX's inferred values are compared with the graph's: those of a network
    that is too large, or whose computed indices lie beyond a table, without its numbers. ``draw`` is whether it is drawn,
    too.

    Raises:
        PropertyError, AssertionError, TimeLimitError: see :func:`check_text`.
    """
    if len(graph.nodes) > MOST_NODES_LOWERED:
        return False
    import netspec_onnx
    from netspec_torch.rules.lowered import lower
    from netspec_torch.structure.stacked_names import check_stacked_names

    if lower.unsupported(graph):  # operations that the spec declares
        return False
    try:
        check_stacked_names(graph)
    except BackendError:
        return False
    from tests.random_networks.checks import check_file

    if any(
        max(_integers(tuple(vars(op).values())), default=0) > MOST_OF_OTHERS
        for op in operations(graph.nodes)
        if family_of(op.name) == OTHER
    ):
        return False
    small = is_small(graph)
    runs = small and _runs(graph)
    with time_limit(SECONDS_LOWERED):
        if not runs:
            check_without_numbers(graph)
        if small:
            check_file(graph, folder)
        elif max(n for kind in graph.values for n in kind.shape) <= MOST_WORK:
            check_file(graph, folder, weights=False)
        else:  # ONNX's inference needs memory for an axis
            netspec_onnx.export(graph, folder / "net.onnx", weights=False)
    if draw:
        with time_limit(SECONDS_LOWERED):
            netspec.export(graph, folder / "net.dot")
    return runs


def _runs(graph: netspec.Graph) -> bool:
    """Build, run and compare a network in PyTorch; return False if indices that it computes lie beyond a table."""
    import torch

    import netspec_torch
    from netspec_onnx.verification.random_inputs import random_inputs
    from tests.torch_backend.support import check_facts, check_source

    with time_limit(SECONDS_LOWERED):
        model = netspec_torch.build(graph).eval()
        feeds = random_inputs(graph, 2)
        kinds = {name: getattr(torch, graph.values[value].dtype) for name, value in graph.inputs.items()}
        given = [torch.from_numpy(feeds[name]).to(kind) for name, kind in kinds.items()]  # pyright: ignore[reportUnknownMemberType] - PyTorch's own type
        try:
            facts = check_facts(graph, model, given)
        except (IndexError, RuntimeError):
            if not any(op.name in READING_INDICES or isinstance(op, Route) for op in operations(graph.nodes)):
                raise
            return False
        check_source(graph, model, given, facts)
    return True


def _steps(graph: netspec.Graph) -> int:
    """Steps of recurrent layers, which PyTorch takes one by one on the device ``meta``, too."""
    recurrent = [node for node in graph.nodes if node.op.name in ("rnn", "lstm", "gru")]
    return sum(
        graph.inputs_of(node)[0].shape[0]
        * getattr(node.op, "num_layers", 1)
        * (1 + getattr(node.op, "bidirectional", False))
        for node in recurrent
    )


def _most_elements(graph: netspec.Graph) -> int:
    """Elements of the largest tensor: PyTorch adds up cumulatively through a square mask on the device ``meta``."""
    accumulates = any(op.name == "cumsum" for op in operations(graph.nodes))
    return max(2 * _product(kind.shape) * (max(kind.shape, default=1) if accumulates else 1) for kind in graph.values)


def check_without_numbers(graph: netspec.Graph) -> None:
    """Build a network on PyTorch's device ``meta``, from the graph and from its source, and compare shapes and types."""
    if _steps(graph.at_default) > MOST_STEPS or any(isinstance(op, Route) for op in operations(graph.nodes)):
        return  # experts are chosen by numbers
    if _most_elements(graph.at_default) > MOST_ELEMENTS:
        return
    import torch

    import netspec_torch
    from tests.torch_backend.support import check_facts, from_text

    given = [
        torch.empty((2, *kind.shape), dtype=getattr(torch, kind.dtype), device="meta")
        for kind in graph.input_types.values()
    ]
    check_facts(graph, netspec_torch.build(graph, device="meta"), given)
    with torch.device("meta"):
        check_facts(graph, from_text(graph), given)
