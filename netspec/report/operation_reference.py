"""The reference of the operations as text for a terminal, as JSON and as Markdown."""

from __future__ import annotations

import json
import textwrap

from ..diagnostics import paint
from ..ops import TABLE
from ..ops.reference import FAMILIES, OperationReference, families, joint_name, operation
from ..shapes.types import shape_text

NAME_COLUMN = 27
LABEL = 9
ARGUMENT_COLUMN = 16


def list_text(*, width: int = 80, colour: bool = False) -> str:
    """Returns the summary of every operation, by family."""
    out: list[str] = []
    for family, classes in families().items():
        out += [paint(FAMILIES[family], "bold", colour)]
        for names in classes.values():
            line = operation(names[0]).line.replace("`", "")
            label = joint_name(names)
            first, *rest = textwrap.wrap(line, width - NAME_COLUMN - 2, break_on_hyphens=False)
            out.append(f"  {paint(label, 'blue', colour)}{' ' * (NAME_COLUMN - len(label))}{first}")
            out += [" " * (NAME_COLUMN + 2) + r for r in rest]
        out.append("")
    out.append(f"{len(TABLE)} operations. `netspec ops NAME` shows one in full.")
    return "\n".join(out) + "\n"


def operation_text(name: str, *, width: int = 80, colour: bool = False) -> str:
    """Returns the full description of one operation."""
    op = operation(name)
    out = [paint(op.name, "bold", colour) + f"  {FAMILIES[op.family].lower()}", ""]
    for paragraph in op.doc.split("\n\n"):
        out += [*textwrap.wrap(paragraph.replace("`", ""), width), ""]
    out += _wrapped("layer", f"{{{op.signature}}}", width, colour)
    if op.keys:
        out += _wrapped("keys", op.keys, width, colour)
    out += _wrapped("inputs", op.inputs, width, colour)
    if op.types:
        out += _wrapped("types", op.types.replace("`", ""), width, colour)
    out += _wrapped("outputs", op.outputs, width, colour)
    out += _wrapped("size", op.size.replace("`", ""), width, colour)
    for label, words in (("weights", op.weights), ("MACs", op.macs)):
        if words:
            out += _wrapped(label, words.replace("`", ""), width, colour)
    if op.traits:
        out += _wrapped("traits", "; ".join(op.traits).replace("`", ""), width, colour)
    if op.arguments:
        out += ["", paint("arguments", "bold", colour)]
    for a in op.arguments:
        out += _argument(a.name, a.default, a.doc.replace("`", ""), a.must_be, width, colour)
    out += ["", paint("example", "bold", colour)]
    out += [f"  {line}" for line in op.spec.splitlines()[1:]]
    out += [f"  {paint('# ' + line, 'dim', colour)}" for line in textwrap.wrap(result(op), width - 4)]
    return "\n".join(out) + "\n"


def result(op: OperationReference) -> str:
    """Returns the result of the example: ``(3, 224, 224) -> (64, 112, 112); 9,408 parameters``."""
    from ..analysis.network_figures import analyze
    from ..checking.spec import Spec

    graph = Spec(op.name, op.spec).elaborate().require_graph()
    node = next(n for n in graph.nodes if n.op.name == op.name)
    types = graph.inputs_of(node)
    before = " and ".join(shape_text(t.shape) for t in types)
    after = ", ".join(shape_text(t.shape) for t in node.outputs)
    count = analyze(graph)
    weights = f"; {count.params:,} parameters" if count.params else ""
    weights += f"; {count.buffers:,} numbers in buffers" if count.buffers else ""
    return f"{before} -> {after}{weights}" if types else f"{after}{weights}"


def _wrapped(label: str, words: str, width: int, colour: bool) -> list[str]:
    first, *rest = textwrap.wrap(words, width - LABEL, break_on_hyphens=False, break_long_words=False)
    head = paint(label, "blue", colour) + " " * (LABEL - len(label))
    return [head + first, *(" " * LABEL + line for line in rest)]


def _argument(name: str, default: str | None, doc: str, must_be: str, width: int, colour: bool) -> list[str]:
    """Returns the ``name`` of an argument, its meaning, valid values and default."""
    tail = f"{must_be}; " + ("required" if default is None else f"default: {default.replace('`', '')}")
    room = width - ARGUMENT_COLUMN - 2
    lines = textwrap.wrap(doc, room, break_on_hyphens=False)
    notes = textwrap.wrap(tail, room, break_on_hyphens=False)
    head = paint(name, "blue", colour) + " " * (ARGUMENT_COLUMN - len(name))
    indent = " " * (ARGUMENT_COLUMN + 2)
    return [
        f"  {head}{lines[0]}",
        *(indent + line for line in lines[1:]),
        *(indent + paint(line, "dim", colour) for line in notes),
    ]


def as_json(name: str | None = None) -> str:
    """Returns one operation, or a list of all, as data."""
    data = [_data(operation(n)) for n in ([name] if name else TABLE)]
    return json.dumps(data[0] if name else data, indent=1, ensure_ascii=False) + "\n"


def _data(op: OperationReference) -> dict[str, object]:
    return {
        "name": op.name,
        "family": op.family,
        "doc": op.doc,
        "keys": op.keys,
        "inputs": op.inputs,
        "types": op.types,
        "outputs": op.outputs,
        "size": op.size,
        "weights": op.weights,
        "macs": op.macs,
        "activation": op.is_activation,
        "traits": list(op.traits),
        "arguments": [a._asdict() for a in op.arguments],
        "example": op.example,
        "spec": op.spec,
    }


def as_markdown(name: str | None = None) -> str:
    """Returns one operation, or the whole reference, as a page."""
    if name is not None:
        return "\n".join(_section((name,), "#"))
    out = [
        "# Operations",
        "",
        "<!-- Written by `netspec ops --format markdown`; a test keeps it so. -->",
        "",
        f"The {len(TABLE)} operations of the language. The primary argument, in **bold**, may be the value of",
        "the operation's name: `{conv2d: 64, kernel: 3}`. Sizes are those along one axis, n the input's.",
        "",
    ]
    for family, classes in families().items():
        out.append(
            f"- [{FAMILIES[family]}](#{_anchor(FAMILIES[family])}): "
            + ", ".join(f"`{n}`" for names in classes.values() for n in names)
        )
    for family, classes in families().items():
        out += ["", f"## {FAMILIES[family]}"]
        for names in classes.values():
            out += ["", *_section(names, "###")]
    return "\n".join(out) + "\n"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _section(names: tuple[str, ...], level: str) -> list[str]:
    op = operation(names[1] if len(names) == 3 else names[0])  # the example in two dimensions is the most informative
    out = [f"{level} {', '.join(names)}", "", op.doc, "", f"- size: {op.size}"]
    out += [f"- further keys: {op.keys}"] if op.keys else []
    out.append(f"- inputs: {op.inputs}")
    if types := _types(names):
        out.append(f"- types: {types}")
    if op.outputs != "one":
        out.append(f"- outputs: {op.outputs}")
    out += [f"- {label}: {words}" for label, words in (("weights", op.weights), ("MACs", op.macs)) if words]
    if op.traits:
        out.append(f"- traits: {'; '.join(op.traits)}")
    if op.arguments:
        out += ["", "| argument | | must be | default |", "|---|---|---|---|"]
    for a in op.arguments:
        label = f"**{a.name}**" if a.primary else f"`{a.name}`"
        out.append(f"| {label} | {_cell(a.doc)} | {_cell(a.must_be)} | {_cell(a.default or 'required')} |")
    spec = op.spec.partition("\n")[2]
    return [*out, "", "```yaml", f"{spec}# {result(op)}", "```"]


def _types(names: tuple[str, ...]) -> str | None:
    """Returns the element types that operations of a class accept, separately for each name if they differ."""
    types = {name: operation(name).types for name in names}
    if len(set(types.values())) == 1:
        return types[names[0]]
    return "; ".join(f"`{name}` {words}" for name, words in types.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
