"""The backward pass, in the order of PyTorch's engine."""

from __future__ import annotations

import heapq

from .nodes import moved_bytes, ungraded
from .run import current
from .tensors import Accumulate, Node, Tensor
from .types import SIZE, contiguous_stride
from .work import Work


def backward(root: list[Tensor]) -> None:
    """Runs the backward pass of a scalar.

    Nodes run in descending order. Gradients of the same tensor are added. A node's saved tensors are freed after it has
    run; a parameter takes ownership of the first gradient if that fits.

    Args:
        root: a list with the scalar, which is removed from it; nothing else may refer to what is to be freed.
    """
    run = current()
    meter = run.meter
    scalar = root.pop()
    if scalar.node is None:
        return
    waiting = _count_edges(scalar.node)
    buffers: dict[int, dict[int, Tensor]] = {id(scalar.node): {0: Tensor(scalar.shape, scalar.dtype)}}
    heap: list[tuple[float, int, Node | Accumulate]] = [(-scalar.node.number, 0, scalar.node)]
    del scalar
    pushed = 0
    while heap:
        _, _, node = heapq.heappop(heap)
        received = buffers.pop(id(node), {})
        if isinstance(node, Accumulate):
            if 0 in received:
                _accumulate(node.of, received)
            continue
        meter.place = node.place
        gradients = _gradients(node, received)
        del received
        for position, edge in enumerate(node.edges):
            gradient, gradients[position] = gradients[position], None
            if edge is None:
                continue
            target, output = edge
            if gradient is not None:
                _send([gradient], target, output, buffers.setdefault(id(target), {}))
                del gradient
            waiting[id(target)] -= 1
            if not waiting[id(target)]:
                pushed += 1
                heapq.heappush(heap, (-target.number, pushed, target))
            del target, edge
        gradient = None
        del node


def _count_edges(first: Node) -> dict[int, int]:
    """Counts the gradients that each node waits for, by ``id``."""
    waiting: dict[int, int] = {}
    seen, todo = {id(first)}, [first]
    while todo:
        for edge in todo.pop().edges:
            if edge is not None:
                target = edge[0]
                waiting[id(target)] = waiting.get(id(target), 0) + 1
                if isinstance(target, Node) and id(target) not in seen:
                    seen.add(id(target))
                    todo.append(target)
    return waiting


def _gradients(node: Node, received: dict[int, Tensor]) -> list[Tensor | None]:
    """Computes the gradients of a node's inputs from those of its results; frees its saved tensors."""
    if not received:
        out: list[Tensor | None] = [None] * len(node.edges)
    else:
        node.restore()
        run = current()
        before = run.meter.created, run.tally.count if run.tally is not None else 0
        read = moved_bytes([*received.values(), *(node.saved or ())]) if run.tally is not None else 0
        dtype = received[min(received)].dtype
        if node.backward_of_many is not None:
            out = list(node.backward_of_many(received))
        else:
            assert node.backward is not None
            out = list(node.backward(received.pop(0)))
        if run.tally is not None:
            _count_gradients(node, out, dtype, read, *before)
    node.saved = node.backward = node.backward_of_many = node.region = None
    return out + [None] * (len(node.edges) - len(out))


def _count_gradients(
    node: Node, gradients: list[Tensor | None], dtype: str, read: int, storages: int, functions: int
) -> None:
    """Counts the functions that computed a node's gradients, unless they were counted already or only created views.

    Args:
        node: the node.
        gradients: the gradients that were computed.
        dtype: type of the received gradient.
        read: bytes of that gradient and of the node's saved tensors.
        storages: previous number of storages.
        functions: previous number of functions.
    """
    run = current()
    assert run.tally is not None
    new = [g for g in gradients if g is not None and g.storage.number > storages]
    if run.tally.count == functions and new:
        for part in node.parts or [Work("none", 0, 0)]:
            moved = part.nbytes or read + moved_bytes(new)
            run.count_function(node.name, dtype, moved, part.operations, part.unit)


def _send(gradients: list[Tensor], target: Node | Accumulate, output: int, buffer: dict[int, Tensor]) -> None:
    """Passes a gradient to a node or parameter, in its shape and type, and adds it to any earlier one."""
    gradient = gradients.pop()
    if isinstance(target, Accumulate):
        shape, dtype = target.of.shape, target.of.dtype
    else:
        shape, dtype = target.results[output if output < len(target.results) else 0]
    if gradient.shape != shape:
        gradient = ungraded(Tensor(shape, gradient.dtype), [gradient], "Sum")
    if gradient.dtype != dtype:
        cast = Tensor(shape, dtype, gradient.stride if gradient.is_dense else None)
        gradient = ungraded(cast, [gradient], "ToCopy")
        del cast
    if output in buffer:
        gradient = ungraded(Tensor(gradient.shape, gradient.dtype), [gradient, buffer[output]], "Add")
    buffer[output] = gradient


def _accumulate(parameter: Tensor, received: dict[int, Tensor]) -> None:
    """Sets a parameter's gradient: the tensor itself if its storage and strides permit, else a copy."""
    gradient = received.pop(0)
    if parameter.grad is not None:
        return
    is_whole = gradient.storage.nbytes == gradient.numel * SIZE[gradient.dtype]
    same = all(a == b for a, b, n in zip(gradient.stride, parameter.stride, gradient.shape, strict=True) if n != 1)
    if not is_whole or not same:
        copy = Tensor(gradient.shape, gradient.dtype, contiguous_stride(gradient.shape))
        gradient = ungraded(copy, [gradient], "Clone")
        del copy
    parameter.grad = gradient.alias()
    parameter.grad.storage.become("gradients")
