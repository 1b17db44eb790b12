"""The tree of names: from the exporter's metadata, from names with separators, or from beginnings that recur."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from netspec.importing import ModuleCall

from .node import OnnxNode
from .recurring import recurring_levels

_GENERATED = re.compile(r"(onnx::.*|\d+|val_\d+|const.*__\d+|.*::.*)", re.DOTALL)
"""Names of tensors that an exporter made up."""
_TAIL = re.compile(
    r"(?:[_./:](?:w|b|weights?|bias(?:es)?|scale|s|riv|rm|mean|var|B|W|gamma|beta|kernel|moving_mean|moving_variance|"
    r"BatchNorm|ReadVariableOp(?::0|_\d+:0)?|AvgImg))+(?:_\d+)?$"
)
"""What follows the name of a layer in the names of its tensors."""
_LOCAL = re.compile(r"weight|bias|running_mean|running_var|in_proj_(weight|bias)|(weight|bias)_[ih]h_l\d+(_reverse)?")
"""Local names of tensors in PyTorch."""
_COUNTED = re.compile(r"[A-Z][A-Za-z0-9]*_\d+|[a-z]?\d+")
"""Names of nodes that count the operators: ``Conv_12``."""


def is_generated(name: str) -> bool:
    """Whether an exporter made up the name of an initialiser."""
    return _GENERATED.fullmatch(name) is not None


class Hierarchy:
    """Names of layers, and the modules around them.

    Args:
        nodes: of the graph.
        tensors: names of its initialisers.
        inputs: names of its inputs.
    """

    def __init__(self, nodes: Sequence[OnnxNode] = (), tensors: Sequence[str] = (), inputs: Sequence[str] = ()) -> None:
        self._inputs = frozenset(inputs)
        named = [node.name for node in nodes if node.name]
        self._paths = sum(name.startswith("/") for name in named) * 2 > len(named)
        levels = sum("/" in name and "." not in name.partition("/")[0] for name in named)
        self._slashes = not self._paths and levels * 2 > len(named)
        self._top = _common_top([n for n in tensors if not _GENERATED.fullmatch(n)])
        self._node_top = _common_top(named) if self._slashes else ""
        cleaned = {self.cleaned(n) for n in tensors if not _GENERATED.fullmatch(n)}
        self._levels = {} if self._has_levels(nodes, cleaned) else recurring_levels({self._stem(n) for n in cleaned})

    def plain_name(self, name: str) -> str:
        """The name of an input or output without what all names begin with, and without what counts."""
        return re.sub(r"_\d+$", "", name.removeprefix(self._top)) if self._top and name.startswith(self._top) else name

    def _has_levels(self, nodes: Sequence[OnnxNode], cleaned: set[str]) -> bool:
        scoped = any(node.scopes for node in nodes) or self._paths or self._slashes
        return scoped or any("." in name.rpartition(".")[0] for name in cleaned)

    # -- modules -----------------------------------------------------------------------------------------------------
    def calls(self, node: OnnxNode) -> tuple[ModuleCall, ...]:
        """The modules around a node, outermost first."""
        if node.scopes:
            scopes = [(name, cls) for name, cls in node.scopes if name]
            return tuple(ModuleCall(name, name, cls) for name, cls in scopes)
        return calls_of(self._path(node))

    def _path(self, node: OnnxNode) -> str:
        """The dotted path of the module that a node is in, by the node's name."""
        name = node.name
        if name.startswith("/"):
            return _joined(name.strip("/").split("/")[:-1])
        if self._slashes:
            return ".".join(_legal(p) for p in name.removeprefix(self._node_top).split("/")[:-1])
        layer = _layer_of(name)
        return layer.removesuffix(".activation").rpartition(".")[0] if "." in layer else ""

    def stem(self, node: OnnxNode) -> str:
        """The stem of the name of a layer without weights, if the name of its node says something."""
        name = _layer_of(node.name)
        if not name or _COUNTED.fullmatch(name) or name.startswith("node_"):
            return ""
        last = name.rpartition(".")[2]
        return "" if last == "activation" or last in self._inputs else last

    # -- layers with weights -----------------------------------------------------------------------------------------
    def layer_name(self, node: OnnxNode, sources: Mapping[str, str], operation: str) -> str:
        """The name of a layer with weights.

        Args:
            node: what it is made from.
            sources: the initialisers that it reads, by the local names of the weights.
            operation: of netspec.
        """
        good = {local: name for local, name in sources.items() if not _GENERATED.fullmatch(name)}
        parts = [name.rpartition(".") for name in good.values()]
        prefixes = {prefix for prefix, _, local in parts if _LOCAL.fullmatch(local)}
        if len(prefixes) == 1 and "" not in prefixes and all(_LOCAL.fullmatch(local) for _, _, local in parts):
            return prefixes.pop()
        calls = self.calls(node)
        if node.scopes and calls:
            return calls[-1].path
        if node.name.startswith("/"):
            path = self._path(node)
            return path or _legal(node.name.strip("/"))
        if "." in (layer := _layer_of(node.name)):
            return layer
        if good:
            stems = {self._stem(self.cleaned(name)) for name in good.values()}
            shortest = min(stems, key=len)
            if all(stem.startswith(shortest) for stem in stems):
                return self._levels.get(shortest, shortest)
        if self._slashes:
            return ".".join(_legal(p) for p in node.name.removeprefix(self._node_top).split("/")) or operation
        if node.name and not _COUNTED.fullmatch(node.name):
            return _legal(node.name)
        return operation

    def tensor_name(self, node: OnnxNode, initialiser: str) -> str:
        """The name of an initialiser that a node reads as a tensor."""
        if is_generated(initialiser):
            calls = self.calls(node)
            return f"{calls[-1].path}.table" if calls else "table"
        name = self.cleaned(initialiser)
        return self._levels.get(name, name)

    def cleaned(self, name: str) -> str:
        """The name of a tensor with dots between its levels, without what all tensors begin with."""
        parts = name.removeprefix(self._top).strip("/").split("/")
        return ".".join(_legal(part, ".") for part in parts if part)

    @staticmethod
    def _stem(name: str) -> str:
        return _TAIL.sub("", name) or name


def _layer_of(name: str) -> str:
    """The layer that a node is of, by a name like ``layer1.0.attend/scores``; empty for names of another form."""
    layer, slash, _ = name.partition("/")
    return "" if ":" in name or (slash and "." not in layer) else layer


def _common_top(names: Sequence[str]) -> str:
    """The level that nearly all names begin with: ``gpu_0/``; empty if there is none."""
    firsts = Counter(name.partition("/")[0] for name in names if "/" in name)
    top, count = firsts.most_common(1)[0] if firsts else ("", 0)
    return f"{top}/" if count > 2 and count >= 0.9 * len(names) else ""


def _legal(name: str, more: str = "") -> str:
    """A name of letters, digits, ``_`` and ``-`` alone."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-" + more) else "_" for c in name).strip("-.") or "_"


def _joined(parts: Sequence[str]) -> str:
    """The path of levels of which each begins with the whole path or the last part before: ``layer1``, ``layer1.0``."""
    path = ""
    for part in parts:
        legal = _legal(part, ".")
        last = path.rpartition(".")[2]
        if not path or legal.startswith(f"{path}."):
            path = legal
        elif legal.startswith(f"{last}."):
            path = path[: len(path) - len(last)] + legal
        else:
            path = f"{path}.{legal}"
    return path


def calls_of(path: str) -> tuple[ModuleCall, ...]:
    """The levels of a dotted path; their classes are their names without what counts."""
    parts = path.split(".") if path else []
    calls: list[ModuleCall] = []
    for k, part in enumerate(parts):
        whole = ".".join(parts[: k + 1])
        if part.isdigit():
            word = (re.sub(r"\d+$", "", parts[k - 1]) if k else "") + "_item"
        else:
            word = re.sub(r"\d+[a-z]?(?=_|$)|_\d+[a-z]?$", "", part)
        calls.append(ModuleCall(whole, whole, word.strip("_").title().replace("_", "") or "Block"))
    return tuple(calls)
