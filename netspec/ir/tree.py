"""The network as a tree of blocks and layers, in which a run of equal copies appears once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from .node import Layer, Node
from .scope import Scope


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Leaf:
    """A layer in the tree; it also represents the equal copies that follow it."""

    layer: Layer
    further_copies: tuple[Leaf, ...] = ()

    @property
    def copies(self) -> tuple[Leaf, ...]:
        """All copies, this one first."""
        return (self, *self.further_copies)

    @property
    def name(self) -> str:
        """Full dotted name of the layer."""
        return self.layer.name

    @property
    def label(self) -> str:
        """The name within its scope; for several copies a range: ``conv1–3``."""
        return _label(self.layer.local_name, len(self.further_copies))

    @property
    def value(self) -> int:
        """Number of the output value; for several copies, that of the last."""
        return self.copies[-1].layer.value

    def layers(self) -> Iterator[Layer]:
        """The layer, without further copies."""
        yield self.layer

    def __repr__(self) -> str:
        return f"<Leaf {self.label}: {self.layer.operation}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Branch:
    """A scope in the tree with its contents; it also represents the equal copies that follow it."""

    scope: Scope
    depth: int
    """Depth in the tree: 0 for the network, 1 for its direct contents, and so on."""
    children: tuple[TreeItem, ...]
    further_copies: tuple[Branch, ...] = ()

    @property
    def copies(self) -> tuple[Branch, ...]:
        """All copies, this one first."""
        return (self, *self.further_copies)

    @property
    def name(self) -> str:
        """Full dotted name of the scope; empty for the network."""
        return self.scope.name

    @property
    def label(self) -> str:
        """The name within the parent scope; for several copies a range: ``1–2``."""
        return _label(self.scope.local_name, len(self.further_copies))

    @property
    def value(self) -> int | None:
        """Number of the first output value, after the activation; for several copies, that of the last.

        A scope without explicit outputs, such as a chain of copies, has the output of its last child. None for an empty
        network.
        """
        last = self.copies[-1]
        if last.activation is not None:
            return last.activation.value
        for _, value in last.scope.outputs:
            return value
        return last.children[-1].value if last.children else None

    @property
    def activation(self) -> Leaf | None:
        """The ``activation`` of the block as a whole, which is its last child; None if it has none."""
        last = self.children[-1] if self.children else None
        return last if isinstance(last, Leaf) and last.layer.node.layer == self.name != last.name else None

    def layers(self) -> Iterator[Layer]:
        """Yields every layer below, in order, including those of all copies of its children."""
        for child in self.children:
            for copy in child.copies:
                yield from copy.layers()

    def __repr__(self) -> str:
        block = f" {self.scope.block}," if self.scope.block is not None else ""
        count = sum(1 for _ in self.layers())
        return f"<Branch {self.label or '(network)'}:{block} {count:,} layer{'s' if count != 1 else ''}>"


TreeItem: TypeAlias = Leaf | Branch


def build_tree(root: Scope, layers: Sequence[Layer]) -> Branch:
    """Returns the tree of a network with this root scope, in time linear in the number of layers, which are in order.

    The activation of a block is the last layer in that block.
    """
    contents: dict[Scope, list[Scope | Layer]] = {root: []}
    by_name: dict[str, Scope] = {}

    def contents_of(scope: Scope) -> list[Scope | Layer]:
        items = contents.get(scope)
        if items is None:
            items = contents[scope] = []
            by_name[scope.name] = scope
            assert scope.parent is not None
            contents_of(scope.parent).append(scope)
        return items

    for layer in layers:
        node = layer.node
        owner = by_name.get(node.layer, node.scope) if node.name != node.layer else node.scope
        contents_of(owner).append(layer)
    return _branch(root, 0, contents)


def _branch(scope: Scope, depth: int, contents: dict[Scope, list[Scope | Layer]]) -> Branch:
    items = [Leaf(x) if isinstance(x, Layer) else _branch(x, depth + 1, contents) for x in contents[scope]]
    return Branch(scope, depth, _fold_copies(items))


def _fold_copies(items: Sequence[TreeItem]) -> tuple[TreeItem, ...]:
    """Folds each run of equal copies into its first item, with the others in ``further_copies``."""
    runs: list[list[TreeItem]] = []
    for item in items:
        if runs and _continues(runs[-1], item):
            runs[-1].append(item)
        else:
            runs.append([item])
    return tuple(_folded(run) for run in runs)


def _folded(run: list[TreeItem]) -> TreeItem:
    first, *others = run
    if not others:
        return first
    if isinstance(first, Leaf):
        return replace(first, further_copies=tuple(x for x in others if isinstance(x, Leaf)))
    return replace(first, further_copies=tuple(x for x in others if isinstance(x, Branch)))


def _continues(run: list[TreeItem], item: TreeItem) -> bool:
    """Whether an item is a further copy: from the same repeat, with the same arguments, for the same shapes."""
    first, last = run[0], run[-1]
    if isinstance(first, Branch) and isinstance(item, Branch):
        a, b = first.scope, item.scope
        return None not in (a.copy, b.copy, a.key) and a.key == b.key and _equal(first, item)
    if isinstance(first, Leaf) and isinstance(item, Leaf) and isinstance(last, Leaf):
        # Repeated layers have one location in the text, and each reads the previous one.
        a_layer, b_layer, before = first.layer, item.layer, last.layer
        return (
            a_layer.node.trace.location == b_layer.node.trace.location
            and a_layer.scope is b_layer.scope
            and b_layer.inputs[:1] == (before.value,)
            and _equal(first, item)
            and before.output == a_layer.output
        )
    return False


def _equal(a: TreeItem, b: TreeItem) -> bool:
    """Whether two items have the same structure, operations and output types."""
    if isinstance(a, Leaf) and isinstance(b, Leaf):
        mine, other = _nodes_inside(a.layer), _nodes_inside(b.layer)
        return len(mine) == len(other) and all(
            m.op == n.op and m.outputs == n.outputs for m, n in zip(mine, other, strict=True)
        )
    if isinstance(a, Branch) and isinstance(b, Branch):
        return len(a.children) == len(b.children) and all(
            len(x.further_copies) == len(y.further_copies) and _equal(x, y)
            for x, y in zip(a.children, b.children, strict=True)
        )
    return False


def _nodes_inside(layer: Layer) -> list[Node]:
    """Returns the nodes of a layer, without those around copies with stacked weights."""
    return [n for n in layer.all_nodes if n.weight_of is None or n.scope.name.startswith(layer.name)]


def _label(first: str, further: int) -> str:
    """Returns the name of the first copy, or a range if it ends in a number: ``1–2``, ``denselayer1–6``."""
    stem = first.rstrip("0123456789")
    number = first[len(stem) :]
    return f"{stem}{number}–{int(number) + further}" if further and number else first
