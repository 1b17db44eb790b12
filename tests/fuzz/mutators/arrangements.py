"""Mutations of what is around layers: copies, loops, choices, formulas, named dimensions, declared operations."""

# YAML values are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import Any

from tests.random_networks.random_patterns import random_product

from .draft import Draft, operation_of, section
from .expressions import expression
from .values import Mutator, copied, odd

AXES = ("frames", "sequence", "height", "width", "channels", "features", "depth", "length", "x")
FORMULAS = (
    "a", "a + b", "a * i", "exp(a) / sum(exp(a))", "max(a, 0)", "a if a > b else b", "a[i]", "a[i - 1]", "sum(a, i)",
    "a / (i + 1)", "[1, 2][i]", "stop_gradient(a)", "a.shape[0]", "1", "i", "i - j", "input.height", "a // 2", "a == b",
)  # fmt: skip
PATTERNS = (
    "a b -> b a", "a (b c) -> a b c", "... c -> c ...", "a -> a 1", "a b, b c -> a c", "a b c, c d -> a b d", "a b -> a",
    "(a b) -> a b", "1 -> 1", "->", " a", "a a -> a", "(a (b)) -> a b", "a, -> a", "a..b -> a", "height width channels -> channels",
)  # fmt: skip


def run_along(d: Draft) -> None:
    """Run a layer along an axis, or in a loop that carries a state."""
    layers = d.mappings()
    if not layers:
        return
    layer = d.r.choice(layers).value
    axis = d.r.choice(AXES)
    layer["over"] = d.r.choice((axis, axis, [axis, d.r.choice(AXES)], odd(d), expression(d.r, d.parameters())))
    if d.chance(0.6):
        name = d.r.choice(("state", "h", "x", "input", d.reference()))
        start = d.r.choice(([8], [4, 5], 3, d.reference(), "$([incoming.channels])", [0], odd(d)))
        layer["carry"] = d.r.choice(({name: start}, {name: start, "s": [2]}, True, False, [name], odd(d)))


def loop(d: Draft) -> None:
    """Add a block with a state, in a loop along an axis."""
    inputs = d.r.choice((["x", "s"], ["s", "x"], ["x", "s", "y"], ["s"]))
    body = {"sum": {"add": d.r.choice((["x", "s"], ["s", "x"]))}, "y": "tanh"}
    section(d.document, "blocks")["Loop"] = {"inputs": inputs, "layers": body, "outputs": {"y": "sum", "s": "y"}}
    shape = d.r.choice(([8], [3, 8], [5], [6], [4, 5], d.reference()))
    source = d.r.choice((d.reference(), {"x": d.reference()}, {"x": d.reference(), "y": d.reference()}, None))
    layer = {"Loop": None, "over": d.r.choice(AXES), "carry": {"s": shape}, "from": source}
    _put(d, "loop", {key: value for key, value in layer.items() if value is not None or key == "Loop"})


def choose_copies(d: Draft) -> None:
    """Add copies of which each position chooses some, or turn a layer into such copies."""
    count = d.r.choice((1, 2, 4, 4, "$(2 * 2)", 0, 1000))
    route: Any = d.r.choice(
        ("top.index", ["top.index", "top"], ["top.index", "top.values"], d.reference(), [], "input")
    )
    keys: dict[Any, Any] = {"repeat": count, "route": route}
    if d.chance(0.4):
        keys["stacked"] = d.r.choice((True, False, "$(1 > 0)", odd(d)))
    layers = d.mappings()
    if layers and d.chance(0.3):
        d.r.choice(layers).value.update(keys)
        return
    inner = d.r.choice(
        (["relu"], [{"dense": 8}], [{"dense": "$(index + 4)"}, {"dense": 8}], [{"conv1d": 4, "kernel": 3}])
    )
    source = d.reference()
    _put(d, "scores", {"dense": d.r.choice((2, 4)), "from": source})
    _put(d, "top", {"top_k": d.r.choice((1, 2)), "from": "scores"})
    _put(d, "experts", {"layers": copied(inner), "from": source, **keys})


def place_side_by_side(d: Draft) -> None:
    """Copies that do not read each other, copies that hand on several tensors, and runs for several tensors."""
    layers = d.mappings()
    if not layers:
        return
    layer = d.r.choice(layers).value
    names = [d.reference() for _ in range(d.r.choice((1, 2, 3)))]
    kind = d.r.randrange(4)
    if kind == 0:
        layer.update({"repeat": d.r.choice((1, 2, 3)), "parallel": d.r.choice((True, True, False, "$(index)", odd(d)))})
        if d.chance(0.4):
            layer["stacked"] = d.r.choice((True, True, "$(index)", odd(d)))
    elif kind == 1:
        layer.update({"repeat": 2, "carry": d.r.choice((True, False, names, "input", odd(d)))})
    elif kind == 2:
        layer["map"] = d.r.choice((names, f"{names[0]}.*", f"$({names})", odd(d)))
    else:
        layer["from"] = {name.split(".", maxsplit=1)[0]: d.reference() for name in [*names, "input", "x"][:2]}


def compute(d: Draft) -> None:
    """Add a formula, a rearrangement or a product over named axes."""
    kind = d.r.randrange(3)
    if kind == 0:
        text = d.r.choice(FORMULAS) if d.chance(0.7) else expression(d.r, ["a", "b", "i", "j", "a[i]", "a[0]"])[2:-1]
        layer: dict[Any, Any] = {"formula": d.r.choice((f"$({text})", text, odd(d)))}
        layer["from"] = d.r.choice(
            ({"a": d.reference(), "b": d.reference()}, {"a": "input", "b": "input"}, d.reference())
        )
        if d.chance(0.5):
            layer["for"] = d.r.choice(({"i": 3}, {"i": 8, "j": 8}, {"i": "$(input.channels)"}, {"i": 0}, {}, odd(d)))
        if d.chance(0.2):
            layer["init"] = d.r.choice(({"a": f"$({text})"}, f"$({text})", odd(d)))
    elif kind == 1:
        pattern, _, sizes = random_product(d.r, d.r.choice(((3, 8, 8), (8, 4), (6,))))
        pattern = pattern if d.chance(0.6) else d.r.choice(PATTERNS)
        layer = {"einsum": pattern, "from": [d.reference() for _ in range(d.r.choice((1, 2, 2, 3)))], **sizes}
    else:
        layer = {
            "rearrange": d.r.choice(PATTERNS),
            **d.r.choice(({}, {"b": 2}, {"a": 4}, {"by": "mean"}, {"c": odd(d)})),
        }
    _put(d, "computed", layer)


def change_pattern(d: Draft) -> None:
    """Change a character of a pattern."""
    slots = [s for s in d.mappings() if operation_of(s.value) in ("rearrange", "einsum")]
    if slots:
        layer = d.r.choice(slots).value
        op = operation_of(layer)
        text = str(layer[op])
        at = d.r.randrange(len(text) + 1)
        layer[op] = text[:at] + d.r.choice((*"abc1 ().,->", "...", " c", "(d e)", "")) + text[at + d.r.randint(0, 2) :]


def name_dimensions(d: Draft) -> None:
    """Give sizes of inputs names, with promises."""
    dims = section(d.document, "dims")
    name = d.r.choice(("H", "W", "n", "N", "input", *map(str, dims)))
    size = d.r.choice((1, 2, 8, 8, 64, 224, 2**40 - 1, f"$({d.r.choice([*d.parameters(), '4'])} * 2)", odd(d)))
    promises: tuple[dict[str, Any], ...] = (
        {},
        {},
        {"multiple_of": d.r.choice((1, 2, 8, 32))},
        {"min": 2, "max": 512},
        {"max": d.r.choice((1, 8))},
    )
    promise = d.r.choice(promises)
    dims[name] = {"default": size, **promise} if promise or d.chance(0.2) else size
    shapes = [s for s in d.slots() if s.key in ("input", "shape") and isinstance(s.value, list) and s.value]
    inputs = d.document.get("inputs")
    shapes += [s for s in d.slots() if s.holder is inputs and isinstance(s.value, list) and s.value]
    for slot in shapes[:2]:
        shape = list(slot.value)
        shape[d.r.randrange(len(shape))] = name
        slot.put(shape)


def declare_operation(d: Draft) -> None:
    """Declare an operation, and use it."""
    operations = section(d.document, "operations")
    name = d.r.choice(("scan", "warp", "relu", "Scan", *map(str, operations)))
    declared: dict[str, Any] = {}
    texts = (
        "$(u.shape)",
        "$(input.shape)",
        "$([k, 4])",
        "$([u.features, k])",
        "$(3 * k)",
        [4, 4],
        expression(d.r, ["u", "k"]),
    )
    if d.chance(0.6):
        declared["inputs"] = d.r.choice((["u"], ["u", "v"], [], odd(d)))
    if d.chance(0.6):
        declared["params"] = d.r.choice(({"k": "int"}, {"k": 2}, {"k": '"int"'}, {"k": [1, 2]}, odd(d)))
    declared["output"] = d.r.choice((*texts, odd(d)))
    if d.chance(0.3):
        del declared["output"]
        output = {"shape": d.r.choice(texts), "dtype": d.r.choice(("int64", "float32", "bool")), "axes": ["a", "b"]}
        declared["outputs"] = {"first": d.r.choice(texts), "second": d.r.choice((output, odd(d)))}
    if d.chance(0.4):
        declared["weights"] = {"A": d.r.choice((*texts, {"shape": [2, 3], "init": "ones"}, odd(d)))}
    if d.chance(0.4):
        declared["macs"] = d.r.choice((*texts, 7, odd(d)))
    operations[name] = declared
    sources = [d.reference() for _ in range(d.r.choice((1, 1, 2)))]
    _put(d, "declared", {name: d.r.choice((None, 1, 4, odd(d))), "from": sources[0] if len(sources) == 1 else sources})


def change_document(d: Draft) -> None:
    """Change what a document says of itself: the version that it needs, its type, what it cites."""
    key = d.r.choice(("requires", "dtype", "cite", "doc", "name", "layout", "use"))
    values: dict[str, tuple[Any, ...]] = {
        "requires": (">=0.1", ">=0.1, <9", "==0.2.0", ">=99", "~=0.1", "<", ">=1.2.3.4.5.6", "!=0.2", ">=0.2.dev1"),
        "dtype": ("float16", "bfloat16", "float64", "float32", "int64", "$dtype", "$(1)"),
        "layout": ("channels_first", "channels_last", "$layout"),
    }
    d.document[key] = d.r.choice((*values.get(key, ("text", "{a}", "https://x.y", ["lib.yaml"])), odd(d)))


def _put(d: Draft, name: str, layer: dict[Any, Any]) -> None:
    """Add a layer at the end of the document's layers."""
    layers = d.document.get("layers")
    if isinstance(layers, list):
        layers.append(layer)
    elif isinstance(layers, dict):
        layers[name] = layer


MUTATORS: tuple[Mutator, ...] = (
    run_along, loop, choose_copies, place_side_by_side, place_side_by_side, compute, compute, change_pattern,
    name_dimensions, name_dimensions, declare_operation, change_document,
)  # fmt: skip
