"""Copies, some of which positions choose, mapped layers, layers along an axis and in loops, chains of several tensors, blocks that use themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netspec.ops.argument import as_list
from netspec.text import writer
from netspec.text.yaml_reader import Name

from .level import Level

if TYPE_CHECKING:
    from .network_builder import NetworkBuilder


def arranged(builder: NetworkBuilder, first: str) -> str | None:
    """Adds a random arrangement that reads a tensor, and a layer that reads the results: the name of that layer."""
    inner, value = builder.chain(first)
    if value == "input":
        return None
    kinds = (
        [_mapped]
        if builder.numbered
        else [*(_parallel, _mapped, _carried, _recursive, _kids, _along, _looped, _routed)]
    )
    return builder.r.choice(kinds)(builder, first, inner, value)


def _added(
    builder: NetworkBuilder, layer: dict[str, Any], read: dict[str, Any], block: str | None = None
) -> str | None:
    """Adds a layer with several results, and one that reads them; nothing if the spec is not valid then."""
    root = builder.root
    name = root.name("group")
    root.layers[name] = layer
    reader = root.name("read")
    read = {
        key: [Name(str(n).replace("@", name)) for n in as_list(v)] if isinstance(v, list) else v
        for key, v in read.items()
    }
    if builder.add_if_valid(reader, read):
        return reader
    del root.layers[name]
    if block is not None:
        del builder.blocks[block]
    return None


def _block(builder: NetworkBuilder, body: dict[str, Any]) -> str:
    name = f"Block{len(builder.blocks)}"
    builder.blocks[name] = body
    return name


def _parallel(builder: NetworkBuilder, first: str, inner: Level, value: str) -> str | None:
    layer = {"layers": inner.layers, "from": Name(first), "repeat": builder.r.randint(1, 3), "parallel": True}
    if builder.r.random() < 0.4:
        layer["stacked"] = True
    name = _added(builder, layer, {builder.r.choice(["add", "concat"]): ["@.*"]})
    builder.root.used |= {first} if name else set()
    return name


def _mapped(builder: NetworkBuilder, first: str, inner: Level, value: str) -> str | None:
    types = builder.root.types
    x = types[first]
    alike = [n for n, t in types.items() if t.rank == x.rank and t.dtype == x.dtype and "." not in n and "-" not in n]
    tensors = [first, *builder.r.choices(alike, k=builder.r.randint(0, 2))] if alike else [first]
    layer = {"layers": inner.layers, "map": [Name(n) for n in tensors]}
    name = _added(builder, layer, {"add": ["@.*"]})
    name = name or _added(builder, layer, {"identity": writer.ALONE, "from": ["@.0"]})
    builder.root.used |= set(tensors) if name else set()
    return name


def _carried(builder: NetworkBuilder, first: str, inner: Level, value: str) -> str | None:
    layers = {**inner.layers, "sum": {"add": [Name(value), Name("y")]}}
    block = _block(builder, {"inputs": ["input", "y"], "layers": layers, "outputs": {"input": Name(value), "y": "sum"}})
    carry = builder.r.choice([True, ["y"], ["input", "y"], False])
    layer = {block: writer.ALONE, "from": [Name(first), Name(first)], "repeat": builder.r.randint(1, 3), "carry": carry}
    name = _added(builder, layer, {"add": ["@.y", "@.input"]}, block)
    builder.root.used |= {first} if name else set()
    return name


def _recursive(builder: NetworkBuilder, first: str, inner: Level, value: str) -> str | None:
    block = f"Block{len(builder.blocks)}"
    deeper = {block: "$(n - 1)", "from": Name("input"), "when": "$(n > 1)"}
    layers = {"deeper": deeper, **inner.layers, "sum": {"add": [Name(value), Name("deeper")]}}
    _block(builder, {"params": {"n": "int"}, "layers": layers})
    layer = {block: builder.r.randint(1, 3), "from": Name(first)}
    name = _added(builder, layer, {"identity": writer.ALONE, "from": ["@"]}, block)
    builder.root.used |= {first} if name else set()
    return name


def _kids(builder: NetworkBuilder, first: str, inner: Level, value: str) -> str | None:
    types = builder.root.types
    alike = [n for n, t in types.items() if t == types[first]]
    kids = builder.r.choices(alike, k=builder.r.randint(1, 2))
    layers = {**inner.layers, "sum": {"concat": [Name(value), Name("kids.*")]}}
    block = _block(builder, {"inputs": ["input", "kids.*"], "layers": layers})
    layer = {block: writer.ALONE, "from": {"kids": [Name(n) for n in kids], "input": Name(first)}}
    name = _added(builder, layer, {"identity": writer.ALONE, "from": ["@"]}, block)
    builder.root.used |= {first, *kids} if name else set()
    return name


ALONG: list[Any] = [{"dense": 3}, "layer_norm", "tanh", {"softmax": 0}, {"flip": 0}, {"cumsum": 0}, {"unsqueeze": 0}]
"""Layers that accept what is left at a position of an axis."""


def _axis(builder: NetworkBuilder, first: str) -> tuple[str, int] | None:
    """A named axis of a tensor of floating-point numbers, and its number."""
    x = builder.root.types[first]
    named = [(str(name), a) for a, name in enumerate(x.axes) if name]
    return builder.r.choice(named) if named and x.rank > 1 and x.dtype == "float32" else None


def _along(builder: NetworkBuilder, first: str, inner: Level, value: str) -> str | None:
    axis = _axis(builder, first)
    layers = [Name(n) if isinstance(n, str) else n for n in builder.r.choices(ALONG, k=builder.r.randint(1, 3))]
    if axis is None:
        return None
    name = _added(
        builder, {"layers": layers, "from": Name(first), "over": axis[0]}, {"identity": writer.ALONE, "from": ["@"]}
    )
    builder.root.used |= {first} if name else set()
    return name


def _looped(builder: NetworkBuilder, first: str, inner: Level, value: str) -> str | None:
    axis = _axis(builder, first)
    if axis is None:
        return None
    shape = [n for a, n in enumerate(builder.root.types[first].shape) if a != axis[1]]
    layers = {"sum": {"add": [Name("x"), Name("state")]}, "y": builder.r.choice(["tanh", "sigmoid", "relu6"])}
    outputs = builder.r.choice([{"state": Name("y")}, {"y": Name("sum"), "state": Name("y")}])
    inputs = builder.r.choice([["x", "state"], ["state", "x"]])
    block = _block(builder, {"inputs": inputs, "layers": layers, "outputs": outputs})
    layer = {block: writer.ALONE, "from": {"x": Name(first)}, "over": axis[0], "carry": {"state": shape}}
    name = _added(builder, layer, {"identity": writer.ALONE, "from": ["@"]}, block)
    builder.root.used |= {first} if name else set()
    return name


OF_TOKENS: list[Any] = [{"dense": 4}, {"dense": 5}, "layer_norm", "tanh", {"leaky_relu": 0.2}, {"softmax": "channels"}]
"""Layers that are token by token."""


def _routed(builder: NetworkBuilder, first: str, inner: Level, value: str) -> str | None:
    r, x = builder.r, builder.root.types[first]
    if x.dtype != "float32" or x.rank < 2:
        return None
    count, chosen = r.choice([(1, 1), (2, 1), (3, 2), (4, 4)])
    tokens = [Name(n) if isinstance(n, str) else n for n in r.choices(OF_TOKENS, k=r.randint(1, 3))]
    copies: dict[str, Any] = {"layers": tokens, "from": Name("input"), "repeat": count}
    copies["route"] = [Name("top.index"), Name("top")] if r.random() < 0.6 else Name("top.index")
    if r.random() < 0.4:
        copies["stacked"] = True
    axis = x.channel if x.channel is not None else x.rank - 1
    layers = {"scores": {"dense": count}, "top": {"top_k": chosen, "axis": axis}, "copies": copies}
    name = _added(builder, {"layers": layers, "from": Name(first)}, {"identity": writer.ALONE, "from": ["@"]})
    builder.root.used |= {first} if name else set()
    return name
