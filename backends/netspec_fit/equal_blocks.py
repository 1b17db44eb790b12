"""Equal blocks in a row, of which some are run in place of all.

Memory in use grows by the same number of bytes with each of several equal blocks in the forward pass, and falls by the
same number in the backward pass: it is highest within the first or the last of them. The first two and the last one are
run; those between them add what the second one added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from netspec.analysis.block_chain import BlockChain
from netspec.ir import Graph

from .modules.module_base import Module
from .simulated.nodes import make, needs_graph
from .simulated.run import current
from .simulated.tensors import Tensor
from .simulated.trace import Kind
from .simulated.work import FunctionCall, Tally


class UnequalBlocksError(Exception):
    """Blocks with equal structure use different amounts of memory."""


def equal_blocks(graph: Graph, chain: BlockChain) -> dict[str, str]:
    """Maps each block that need not run to the block that represents it, the second of a run of equal ones."""
    if chain.carried is None:
        return {}
    uses = Counter(p.name for node in graph.nodes for p in {p for _, p in node.weights})
    keys = [
        [
            (node.name[len(scope.name) :], node.op, [graph.values[v] for v in node.inputs], node.outputs)
            for node in nodes
        ]
        for nodes, scope in zip(chain.nodes, chain.blocks, strict=True)
    ]
    shares = [any(uses[p.name] > 1 for node in nodes for _, p in node.weights) for nodes in chain.nodes]
    names = [scope.name for scope in chain.blocks]
    out: dict[str, str] = {}
    for n in range(2, len(names) - 1):
        if keys[n] == keys[n - 1] == keys[n + 1] == keys[n - 2] and not any(shares[n - 2 : n + 2]):
            out[names[n]] = out.get(names[n - 1], names[n - 1])
    return out


class RepeatedBlocks:
    """Runs only some of several equal blocks."""

    def __init__(self, modules: Mapping[str, Module], likes: Mapping[str, str]) -> None:
        self.modules, self.likes = modules, likes
        self.entered: dict[str, dict[Kind, int]] = {}
        """Bytes in use when a representative block began."""
        self.added: dict[str, int] = {}
        """Bytes that it adds permanently."""
        for name in set(likes.values()):
            self._observe(name)
        for name, like in likes.items():
            self._replace(name, like)

    def _observe(self, name: str) -> None:
        module = self.modules[name]
        for kind in (module.named_parameters(), module.named_buffers()):
            for inner, tensor in kind:  # what is kept of them is spread by their places
                tensor.storage.place = f"{name}.{inner}"
        forward = module.forward

        def run(*args: Any, **kwargs: Any) -> Any:
            self.entered.setdefault(name, dict(current().meter.kinds))
            return forward(*args, **kwargs)

        module.__dict__["forward"] = run

    def _replace(self, name: str, like: str) -> None:
        module = self.modules[name]
        module.configure(name, False)

        def run(x: Tensor, *_: Any, **__: Any) -> Tensor:
            return self._pass_through(x, module, self._growth(like))

        module.__dict__["forward"] = run

    def _growth(self, name: str) -> int:
        """Returns by how many bytes a block increased the memory of activations, once the next one begins."""
        if name not in self.added:
            before, now = self.entered.get(name), current().meter.kinds
            if before is None or any(now[kind] != before[kind] for kind in now if kind != "activations"):
                raise UnequalBlocksError
            self.added[name] = now["activations"] - before["activations"]
            if self.added[name] < 0:
                raise UnequalBlocksError
        return self.added[name]

    def _pass_through(self, x: Tensor, module: Module, size: int) -> Tensor:
        """Returns the output of a skipped block: its input, with the memory that the block would hold."""
        if size and not needs_graph(x):
            raise UnequalBlocksError
        saved = [Tensor((size,), "uint8")] if size else []

        def backward(g: Tensor) -> list[Tensor | None]:
            saved.clear()
            for parameter in module.parameters():
                if parameter.requires_grad:
                    gradient = Tensor(parameter.shape, parameter.dtype)
                    gradient.storage.become("gradients")
                    parameter.grad = gradient
            return [g]

        out = make(x.shape, x.dtype, [x], backward, "Repeated", stride=x.stride, storage=x.storage)
        out.view_of = x.view_of
        return out

    def spread_sizes(self, sizes: dict[str, int]) -> None:
        """Gives each module of a skipped block the size of the corresponding module of its representative."""
        inner: dict[str, list[tuple[str, int]]] = {}
        for like in set(self.likes.values()):
            inner[like] = [(name[len(like) :], size) for name, size in sizes.items() if _within(name, like)]
        for name, like in self.likes.items():
            for rest, size in inner[like]:
                sizes[f"{name}{rest}"] = size

    def spread_calls(self, tally: Tally) -> None:
        """Adds the functions of skipped blocks, each after those of its representative."""
        copies: dict[str, list[str]] = {}
        for name, like in self.likes.items():
            copies.setdefault(like, []).append(name)
        calls: Counter[FunctionCall] = Counter()
        waiting: list[tuple[FunctionCall, int]] = []
        current_like = ""

        def flush() -> None:
            for copy in copies.get(current_like, ()):
                for call, times in waiting:
                    calls[call._replace(place=f"{copy}{call.place[len(current_like) :]}")] += times
            waiting.clear()

        for call, times in tally.calls.items():
            like = next((like for like in copies if _within(call.place, like)), "")
            if like != current_like:
                flush()
                current_like = like
            calls[call] += times
            if like:
                waiting.append((call, times))
        flush()
        tally.calls = calls


def _within(name: str, block: str) -> bool:
    return name == block or name.startswith(f"{block}.")


def checkpointed_alike(likes: Mapping[str, str], checkpointed: Collection[str]) -> bool:
    """Whether the same modules are checkpointed in each block and its representative, and no enclosing module is."""
    blocks = {*likes, *likes.values()}
    if any(_within(block, name) for name in checkpointed if name not in blocks for block in blocks):
        return False
    inner = {block: {name[len(block) :] for name in checkpointed if _within(name, block)} for block in blocks}
    return all(inner[name] == inner[like] for name, like in likes.items())
