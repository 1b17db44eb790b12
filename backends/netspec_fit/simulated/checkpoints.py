"""Checkpointed blocks: only their inputs are saved, and they are recomputed in the backward pass (Chen et al. 2016)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .run import current
from .tensors import Node, Tensor


class _CompleteError(Exception):
    """A block has recomputed everything that was saved, so the rest of it need not run."""


class CheckpointedBlock:
    """A call of a checkpointed block, which behaves like ``torch.utils.checkpoint`` with ``use_reentrant=False``."""

    def __init__(self, forward: Callable[..., Any], inputs: Sequence[Any]) -> None:
        self.forward = forward
        self.inputs: list[Any] = [_detach(x) for x in inputs]
        self.autocast = current().autocast
        self._recomputed: list[list[Tensor | None] | None] | None = None
        self._count = 0
        self._last = -1
        """Position of the last node that saves anything."""

    def run(self, inputs: Sequence[Any]) -> Any:
        """Runs the block and returns its result; only its inputs are saved."""
        run = current()
        before, run.region = run.region, self
        try:
            return self.forward(*inputs)
        finally:
            run.region = before

    def add_node(self, node: Node) -> None:
        """Adds a node of the block. Raises an exception to stop the block once it has recomputed all saved tensors."""
        if self._recomputed is None:
            node.region, node.position = self, self._count
            if any(t is not None for t in node.saved or ()):
                self._last = self._count
            node.saved = None
            self._count += 1
        else:
            self._recomputed.append(node.saved)
            if len(self._recomputed) > self._last:
                raise _CompleteError

    def pop_saved(self, position: int) -> list[Tensor | None] | None:
        """Returns the tensors that a node saved, once. The first request reruns the block."""
        if self._recomputed is None:
            self._run_again()
        assert self._recomputed is not None
        out, self._recomputed[position] = self._recomputed[position], None
        return out

    def _run_again(self) -> None:
        run = current()
        self._recomputed = []
        region, run.region, place = run.region, self, run.meter.place
        inputs = [_detach(x) for x in self.inputs]
        try:
            with run.recording(True), run.casting(self.autocast):
                self.forward(*inputs)
        except _CompleteError:
            pass
        finally:
            for x in inputs:
                if isinstance(x, Tensor):
                    x.accumulate = None  # it contains a reference cycle, and tensors are freed by reference counts only
            run.region, run.meter.place = region, place
        self._recomputed += [[] for _ in range(self._count - len(self._recomputed))]
        self.inputs = []


def _detach(value: Any) -> Any:
    """Detaches an input of a block from the graph."""
    if not isinstance(value, Tensor):
        return value
    out = value.alias()
    out.requires_grad = value.requires_grad
    return out
