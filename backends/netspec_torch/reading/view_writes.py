"""Detects in-place operations on views, which also change the base tensor and cannot be followed in program order."""

from __future__ import annotations

from typing import Any

from torch.fx import Node

VIEWS = frozenset({
    "view", "reshape", "permute", "transpose", "slice", "select", "unsqueeze", "squeeze", "expand", "alias", "detach",
    "flatten", "t", "unflatten", "narrow", "split", "chunk", "unbind", "diagonal",
})  # fmt: skip


class Views:
    """The views of a graph; detects writes through a view that is an alias of a tensor in use."""

    def __init__(self) -> None:
        self._of: dict[Node, Node] = {}
        self.written = False
        """Whether the program must be functionalised."""

    def record(self, node: Node, operation: str, of: Node) -> None:
        """Records that a node may be a view of another."""
        if operation in VIEWS:
            self._of[node] = of

    def write(self, target: Node, values: dict[Node, Any]) -> None:
        """Records an in-place write; sets ``written`` if the view's base, or a view of the tensor, is used later."""
        if target in self._of:
            readers = self._of[target].users
            self.written |= any(user is not target and user not in values for user in readers)
        for view, of in self._of.items():
            if of is target:
                self.written |= any(user not in values for user in view.users)
