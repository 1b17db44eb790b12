"""Mutations of the structure of a network: its layers, references, blocks, parameters, inputs and outputs."""

# YAML values are of any type:
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import Any

from netspec.checking.expectations import KEYS
from netspec.checking.expected_memory import SETTINGS
from netspec.ops import TABLE, find
from netspec.ops.layer_keys import LAYER_KEYS
from netspec.shapes.types import input_type
from tests.random_networks.random_arguments import Placement, random_arguments

from .draft import Draft, operation_of, section, walk
from .expressions import expression
from .values import OPERATIONS, Mutator, copied, odd

FAMILIES: dict[str, list[str]] = {}
for _name, _entry in TABLE.items():
    FAMILIES.setdefault(_entry.family, []).append(_name)
ACTIVATIONS = (
    "relu",
    "gelu",
    "softmax",
    "tanh",
    "glu",
    "prelu",
    {"leaky_relu": 0.2},
    {"softplus": {"beta": 2}},
    {"clamp": 1},
)


def _new_layer(d: Draft) -> Any:
    """A layer with arguments that suit an image, a sequence or a vector, some of them odd."""
    op = d.r.choice(OPERATIONS)
    cls = find(op)
    shape = d.r.choice(((3, 8, 8), (8, 4), (6,), (4, 5, 6, 7)))
    args = random_arguments(Placement(d.r, op, input_type(shape, "float32", False), False))
    for name, argument in cls.arguments.items():
        if d.chance(0.1):
            args[name] = d.reference() if argument.validator.kind == "layer" else odd(d)
    if cls.primary == "from":
        names = [d.reference() for _ in range(d.r.choice((1, 2, 2, 3)))]
        layer: dict[str, Any] = {op: names[0] if len(names) == 1 and d.chance(0.5) else names}
    else:
        layer = {op: args.pop(cls.primary, None) if cls.primary is not None else None}
    return {**layer, **args}


def _put_layer(d: Draft, layer: Any, name: str | None = None) -> None:
    """Insert a layer somewhere."""
    groups = d.layer_groups()
    if not groups:
        return
    group = d.r.choice(groups)
    at = d.r.randint(0, len(group))
    if isinstance(group, list):
        group.insert(at, layer)
        return
    entries = list(group.items())
    entries.insert(at, (name if name is not None and name not in group else f"new{len(group)}", layer))
    group.clear()
    group.update(entries)


def add_layer(d: Draft) -> None:
    """Add a layer."""
    _put_layer(d, _new_layer(d))


def take_layers(d: Draft) -> None:
    """Take layers of the other document, with its blocks and parameters."""
    donors = [
        s for s in walk(d.donor) if s.key in ("layers", "inline") and isinstance(s.value, (list, dict)) and s.value
    ]
    if not donors:
        return
    taken = d.r.choice(donors).value
    layers = list(taken.items()) if isinstance(taken, dict) else [(None, layer) for layer in taken]
    start = d.r.randrange(len(layers))
    for name, layer in layers[start : start + d.r.choice((1, 1, 2, 4))]:
        _put_layer(d, copied(layer), str(name) if name is not None else None)
    for key in ("params", "blocks", "operations", "dims"):
        if isinstance(d.donor.get(key), dict):
            own = section(d.document, key)
            for name, value in d.donor[key].items():
                own.setdefault(name, copied(value))


def swap_operation(d: Draft) -> None:
    """Put another operation in place of one, usually of the same family, with the same arguments."""
    layers = [s for s in d.layers() if operation_of(s.value) is not None]
    if not layers:
        return
    slot = d.r.choice(layers)
    old = operation_of(slot.value)
    assert old is not None
    new = d.r.choice(FAMILIES.get(TABLE[old].family, OPERATIONS) if d.chance(0.6) else OPERATIONS)
    if isinstance(slot.value, str):
        slot.put(new)
        return
    layer = {new if key == old else key: value for key, value in slot.value.items()}
    if d.chance(0.8):
        known = (*find(new).arguments, *LAYER_KEYS, new)
        layer = {key: value for key, value in layer.items() if key in known}
    slot.put(layer)


def change_argument(d: Draft) -> None:
    """Give an operation an argument, or another value for one."""
    layers = [s for s in d.mappings() if operation_of(s.value) is not None]
    if not layers:
        return
    slot = d.r.choice(layers)
    op = operation_of(slot.value)
    assert op is not None
    shape = d.r.choice(((3, 8, 8), (8, 4), (6,), (4, 5, 6, 7)))
    args = random_arguments(Placement(d.r, op, input_type(shape, "float32", False), False))
    for name, value in args.items():
        if d.chance(0.5):
            slot.value[op if name == find(op).primary else name] = value
    arguments = list(find(op).arguments)
    if arguments and d.chance(0.3):
        name = d.r.choice(arguments)
        slot.value[op if name == find(op).primary else name] = odd(d)


def enclose(d: Draft) -> None:
    """Enclose a layer in a block in place, a list, a repetition or a table."""
    layers = d.layers()
    if not layers:
        return
    slot = d.r.choice(layers)
    inner = slot.value
    body: Any = [inner] if d.chance(0.5) else {"a": inner}
    count = d.r.choice((0, 1, 2, 2, 3, "$(index + 1)", "$(2 if true else 0)"))
    forms: tuple[Any, ...] = (
        body,
        {"layers": body},
        {"layers": body, "repeat": count},
        {"layers": body, "each": {"columns": ["x", "y"], "rows": [[1, 2], [3, 4]]}},
        {"layers": body, "each": {"columns": "n", "rows": {"p": 1, "q": 2}}, "repeat": "$n"},
        {"layers": {"a": inner, "b": {"relu": None, "from": "input"}}, "outputs": {"x": "a", "y": "b"}},
        {"layers": body, "inputs": ["x"], "from": d.reference()},
        {"inline": [inner, "relu"], "repeat": count},
        {"inline": [inner], "each": {"columns": "n", "rows": [1, 2]}},
    )
    slot.put(d.r.choice(forms))


def repeat(d: Draft) -> None:
    """Repeat a layer, or change what is repeated."""
    layers = d.mappings()
    if layers:
        layer = d.r.choice(layers).value
        layer["repeat"] = d.r.choice((0, 1, 2, 3, 5, "$(index)", expression(d.r, d.parameters())))
        if d.chance(0.2):
            layer["first"] = (
                {"stride": 2} if d.chance(0.5) else copied({k: v for k, v in layer.items() if k != "repeat"})
            )
        if d.chance(0.2):
            layer["each"] = {"columns": ["c", "n"], "rows": [[8, 1], [4, 2]]}


def omit(d: Draft) -> None:
    """Make a layer, or an output, depend on a condition."""
    layers = [s for s in d.layers() if isinstance(s.value, (dict, str)) and s.value]
    if not layers:
        return
    slot = d.r.choice(layers)
    conditions = (
        False, False, True, "$(index > 0)", "$(index == 0)", "$(incoming.channels > 4)", "$(not true)",
        expression(d.r, d.parameters()),
    )  # fmt: skip
    layer: dict[Any, Any] = {slot.value: None} if isinstance(slot.value, str) else slot.value
    layer["when"] = d.r.choice(conditions)
    slot.put(layer)


def rewire(d: Draft) -> None:
    """Change what a layer reads, shares or refers to."""
    layers = d.mappings()
    if not layers:
        return
    slot = d.r.choice(layers)
    single = d.reference()
    several = [d.reference() for _ in range(d.r.choice((1, 2, 2, 3)))]
    value: Any = d.r.choice(
        (single, several, f"$('{single}' if {d.r.choice(('true', 'false'))} else false)", f"$({several})")
    )
    op = operation_of(slot.value)
    cls = find(op) if op is not None else None
    if cls is not None and cls.primary == "from" and d.chance(0.7):
        slot.value[op] = value
        return
    named = [a for a, c in cls.arguments.items() if c.validator.kind == "layer"] if cls is not None else []
    slot.value[d.r.choice(("from", "from", "from", "share", *named, *named))] = value


def change_weights(d: Draft) -> None:
    """Share, freeze, convert, initialise or compute the weights of a layer."""
    layers = d.mappings()
    if layers:
        layer = d.r.choice(layers).value
        kind = d.r.randrange(7)
        if kind == 0:
            layer["freeze"] = d.r.choice((True, False, "$(index > 0)", "weight", ["weight", "bias"]))
        elif kind == 5:
            name = d.r.choice(("weight", "weight", "bias", "gain", d.reference()))
            in_place = d.r.choice(({"tanh": None}, {"weight_norm": 0}, {"spectral_norm": 1}, [{"softmax": 0}, "sin"]))
            layer["weights"] = {name: d.r.choice((copied(in_place), d.reference(), f"{d.reference()}.weight", False))}
        elif kind == 6:
            layer["unused"] = d.r.choice((True, False, "$(index > 0)"))
        elif kind == 1:
            layer["share"] = d.reference()
        elif kind == 2:
            layer["activation"] = copied(d.r.choice(ACTIVATIONS))
        elif kind == 3:
            layer["dtype"] = d.r.choice(("float32", "float16", "bfloat16", "float64", "int64", "$dtype"))
        else:
            layer["init"] = odd(d)


def make_parameter(d: Draft) -> None:
    """Make a parameter of a value, with variants that give it other values."""
    params = d.params()
    slots = [
        s for s in d.slots() if isinstance(s.value, (int, float, str, list)) and s.key not in ("netspec", "layers")
    ]
    if not slots:
        return
    slot = d.r.choice(slots)
    name = f"p{len(params)}"
    value = slot.value
    kinds = {bool: "bool", int: "int", float: "float", list: "list"}
    params[name] = d.r.choice(
        (
            value,
            value,
            {"default": value},
            {"type": kinds.get(type(value), "str"), "default": value},
            f"$({value})",
            kinds.get(type(value), "str"),
        )
    )
    slot.put(d.r.choice((f"${name}", f"$({name})", f"$({name} if {name} else {name})", f"$({name} * 1)")))
    if d.chance(0.5):
        variants = section(d.document, "variants")
        variants[f"v{len(variants)}"] = {name: d.r.choice((value, odd(d), 2, 0)), "doc": "a variant"}


def make_block(d: Draft) -> None:
    """Make a block of layers, and use it, also more than once."""
    groups = [g for g in d.layer_groups() if len(g)]
    if not groups:
        return
    group = d.r.choice(groups)
    body = copied(group)
    blocks = section(d.document, "blocks")
    name = f"New{len(blocks)}"
    block: dict[str, Any] = {"layers": body}
    if d.chance(0.4):
        block["params"] = {"n": d.r.choice(("int", 2, "$(input.channels)", {"default": 1, "min": 0, "max": 3}))}
    if d.chance(0.3):
        block["inputs"] = d.r.choice((["input"], ["x"], ["x", "y"]))
    if isinstance(body, dict) and d.chance(0.4):
        some = d.r.sample(list(body), min(len(body), 2))
        block["outputs"] = some if d.chance(0.5) else {f"o{i}": n for i, n in enumerate(some)}
    blocks[name] = block
    for _ in range(d.r.choice((1, 1, 2))):
        use: Any = d.r.choice(
            (name, {name: None}, {name: 2}, {name: None, "repeat": 2}, {name: None, "from": d.reference()})
        )
        _put_layer(d, use)


def use_blocks(d: Draft) -> None:
    """Use a block of the document once more."""
    blocks = d.document.get("blocks")
    if isinstance(blocks, dict) and blocks:
        name = d.r.choice(list(blocks))
        use: dict[Any, Any] = {name: None, **({"from": d.reference()} if d.chance(0.3) else {})}
        block = blocks[name]
        params = block.get("params") if isinstance(block, dict) else None
        for parameter in params if isinstance(params, dict) else ():
            if d.chance(0.5):
                use[parameter] = d.r.choice((1, 2, 4, True, "relu", odd(d)))
        _put_layer(d, use)


def change_inputs(d: Draft) -> None:
    """Change the inputs: their shapes, types, names and layout."""
    shape = d.r.choice(([3, 8, 8], [8, 4], [6], [4, 5, 6, 7], [1, 1, 1], [5, 1], [2, 3, 4, 5, 6], [1] * 12))
    dtype = d.r.choice(("float32", "float32", "int64", "int32", "bool", "float16", "bfloat16", "float64"))
    kind = d.r.randrange(4)
    if kind == 0:
        d.document["layout"] = d.r.choice(("channels_first", "channels_last"))
    elif kind == 1:
        d.document.pop("inputs", None)
        d.document["input"] = shape
    else:
        old = d.document.pop("input", None)
        inputs = section(d.document, "inputs")
        if old is not None:
            inputs["input"] = old
        inputs[d.r.choice(("a", "mask", "input", *map(str, inputs)))] = (
            shape if kind == 2 else {"shape": shape, "dtype": dtype}
        )


def change_outputs(d: Draft) -> None:
    """Change the outputs of the document or of a block."""
    scopes: list[dict[Any, Any]] = [d.document]
    scopes += [s.value for s in walk(d.document) if isinstance(s.value, dict) and "layers" in s.value]
    scope = d.r.choice(scopes)
    name = d.reference()
    forms: tuple[Any, ...] = (
        name, [name], [name, d.reference()], {"x": name}, {"x": name, "y": d.reference()},
        {"x": {"from": name, "when": d.r.choice((True, False, "$(1 > 2)"))}, "z": d.reference()}, {}, f"$(['{name}', false])",
        f"{name}.*",
    )  # fmt: skip
    scope.pop("output", None)
    scope["outputs"] = d.r.choice(forms)


def expect(d: Draft) -> None:
    """Add expectations and default arguments."""
    kind = d.r.randrange(3)
    if kind == 0:
        op = d.r.choice(OPERATIONS)
        arguments = list(find(op).arguments) or ["x"]
        section(d.document, "defaults")[op] = {d.r.choice(arguments): d.r.choice((False, 1, 2, 0.1, odd(d)))}
        return
    key = d.r.choice(KEYS)
    memory = {
        "value": "<= 1 GB",
        "batch": 8,
        d.r.choice((*SETTINGS, "below")): d.r.choice((2, "adam", "float16", odd(d))),
    }
    values = (
        0,
        4.5,
        memory,
        "<= 5M",
        "<= 2 GiB",
        ">= 0",
        "1e9 +- 1%",
        "5 +- 5",
        [3, 8, 8],
        [1, 10],
        {d.reference(): [3, 8, 8]},
        odd(d),
    )
    section(d.document, "expect")[key] = copied(d.r.choice(values))


def rename(d: Draft) -> None:
    """Rename a layer wherever it is named, to a name that may have a meaning elsewhere."""
    groups = [g for g in d.layer_groups() if isinstance(g, dict) and g]
    if not groups:
        return
    group = d.r.choice(groups)
    old = d.r.choice(list(group))
    new: str = d.r.choice(
        ("class", "self", "forward", "weight", "training", "a.b", "0", "1.0", "input", "type", "__init__", "bias", "x-y", "é",
         f"{old}.weight", f"{old}$(1)", "None", "torch", "a" * 101, "T_destination", "_modules", "layer.0")
    )  # fmt: skip
    entries = [(new if key == old else key, value) for key, value in group.items()]
    group.clear()
    group.update(entries)
    for slot in walk(d.document):
        if slot.value == old and isinstance(slot.value, str):
            slot.put(new)


MUTATORS: tuple[Mutator, ...] = (
    add_layer, add_layer, take_layers, take_layers, swap_operation, swap_operation, change_argument, change_argument, enclose,
    repeat, omit, rewire, rewire, change_weights, make_parameter, make_block, use_blocks, change_inputs, change_outputs, expect,
    rename,
)  # fmt: skip
