"""Writes in place through views: the tensor that is viewed changes, too, which a walk in order cannot follow."""

from __future__ import annotations

from typing import Any

from torch.fx import Node

VIEWS = frozenset({
    "view", "reshape", "permute", "transpose", "slice", "select", "unsqueeze", "squeeze", "expand", "alias", "detach",
    "flatten", "t", "unflatten", "narrow", "split", "chunk", "unbind", "diagonal",
})  # fmt: skip


class Views:
    """The views of a graph, and whether one is written through while something else reads the tensor."""

    def __init__(self) -> None:
        self._of: dict[Node, Node] = {}
        self.written = False
        """Whether the program has to be functionalised."""

    def record(self, node: Node, operation: str, of: Node) -> None:
        """Note that a node may be a view of another one."""
        if operation in VIEWS:
            self._of[node] = of

    def write(self, target: Node, values: dict[Node, Any]) -> None:
        """Note a write in place: of a view whose tensor is read later, or of a tensor whose views are."""
        if target in self._of:
            readers = self._of[target].users
            self.written |= any(user is not target and user not in values for user in readers)
        for view, of in self._of.items():
            if of is target:
                self.written |= any(user not in values for user in view.users)
