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

from .modules.base import Module
from .simulated.nodes import make, needs_graph
from .simulated.run import current
from .simulated.tensors import Tensor
from .simulated.trace import Kind
from .simulated.work import FunctionCall, Tally


class UnequalBlocksError(Exception):
    """Blocks that look the same do not take the same memory."""


def equal_blocks(graph: Graph, chain: BlockChain) -> dict[str, str]:
    """For each block that need not run, the block that takes its place: the second of a row of equal ones. By names."""
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
    """Runs some of several equal blocks in place of all.

    Args:
        modules: the modules of a network by name.
        likes: names of blocks that are not run, each with that of the block in whose place it stands.
    """

    def __init__(self, modules: Mapping[str, Module], likes: Mapping[str, str]) -> None:
        self.modules, self.likes = modules, likes
        self.entered: dict[str, dict[Kind, int]] = {}
        """Bytes in use when a block began that stands for others."""
        self.added: dict[str, int] = {}
        """Bytes that it keeps."""
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
        """Bytes of activations by which a block made memory grow, when the next one begins."""
        if name not in self.added:
            before, now = self.entered.get(name), current().meter.kinds
            if before is None or any(now[kind] != before[kind] for kind in now if kind != "activations"):
                raise UnequalBlocksError
            self.added[name] = now["activations"] - before["activations"]
            if self.added[name] < 0:
                raise UnequalBlocksError
        return self.added[name]

    def _pass_through(self, x: Tensor, module: Module, size: int) -> Tensor:
        """The output of a block that is not run: the input, with the memory that the block keeps until it goes back."""
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
        """Gives each module of a block that was not run the size of the module in whose place it stands."""
        inner: dict[str, list[tuple[str, int]]] = {}
        for like in set(self.likes.values()):
            inner[like] = [(name[len(like) :], size) for name, size in sizes.items() if _within(name, like)]
        for name, like in self.likes.items():
            for rest, size in inner[like]:
                sizes[f"{name}{rest}"] = size

    def spread_calls(self, tally: Tally) -> None:
        """Adds the functions of the blocks that were not run, each after those in whose place they stand."""
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
    """Whether the same modules of each block are checkpointed as of that which takes its place, and none around."""
    blocks = {*likes, *likes.values()}
    if any(_within(block, name) for name in checkpointed if name not in blocks for block in blocks):
        return False
    inner = {block: {name[len(block) :] for name in checkpointed if _within(name, block)} for block in blocks}
    return all(inner[name] == inner[like] for name, like in likes.items())
