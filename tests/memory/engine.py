"""PyTorch's backward pass in Python, in the order of its engine, which does not start for fake tensors on CUDA."""

# torch is typed in part:
# mypy: disable-error-code="no-untyped-call"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import heapq
from typing import Any

import torch
from torch import Tensor


def _key(node: Any) -> Any:
    return ("parameter", id(node.variable)) if hasattr(node, "variable") else node._sequence_nr()


def backward(root: list[Any]) -> None:
    """The backward pass of a scalar, which is taken out of a list: nothing else may hold what is to be freed."""
    with torch.no_grad():
        waiting = _count_edges(root[0].grad_fn)
        first = root[0].grad_fn
        received: dict[Any, dict[int, Tensor]] = {_key(first): {0: torch.ones_like(root.pop())}}
        heap: list[tuple[int, int, Any]] = [(-first._sequence_nr(), 0, first)]
        del first
        count = 0
        while heap:
            _, _, node = heapq.heappop(heap)
            got = received.pop(_key(node))
            if hasattr(node, "variable"):
                _accumulate(node.variable, got)
                del node, got
                continue
            size = len(node._input_metadata)
            arguments = [got.get(i) for i in range(size)]
            del got
            results = node(*arguments)
            del arguments
            outputs = list(results) if isinstance(results, tuple) else [results]
            del results
            targets = node.next_functions
            del node
            for i, (target, number) in enumerate(targets):
                if target is None:
                    continue
                key = _key(target)
                waiting[key] -= 1
                gradient, outputs[i] = outputs[i], None
                if gradient is not None:
                    _send(gradient, target, number, received.setdefault(key, {}))
                del gradient
                if not waiting[key] and key in received:
                    count += 1
                    order = -(1 << 62) if hasattr(target, "variable") else -target._sequence_nr()
                    heapq.heappush(heap, (order, count, target))
            target = None
            del targets, outputs


def _count_edges(first: Any) -> dict[Any, int]:
    waiting: dict[Any, int] = {}
    seen: set[Any] = set()
    todo = [first]
    while todo:
        for target, _ in todo.pop().next_functions:
            if target is None:
                continue
            key = _key(target)
            waiting[key] = waiting.get(key, 0) + 1
            if key not in seen:
                seen.add(key)
                todo.append(target)
    return waiting


def _send(gradient: Tensor, target: Any, number: int, buffer: dict[int, Tensor]) -> None:
    like = target.variable if hasattr(target, "variable") else target._input_metadata[number]
    if gradient.shape != like.shape:
        gradient = gradient.sum_to_size(like.shape)
    if gradient.dtype != like.dtype:
        gradient = gradient.to(like.dtype)
    buffer[number] = gradient if number not in buffer else buffer[number] + gradient


def _accumulate(parameter: Tensor, got: dict[int, Tensor]) -> None:
    gradient = got.pop(0)
    if parameter.grad is not None:
        parameter.grad += gradient
        return
    whole = gradient.untyped_storage().nbytes() == gradient.numel() * gradient.element_size()
    own = gradient.stride() == parameter.stride() and whole
    parameter.grad = gradient.detach() if own else gradient.detach().clone(memory_format=torch.contiguous_format)
