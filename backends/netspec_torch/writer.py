"""The text of the module: what ``build`` executes and ``export`` writes."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from netspec.ir import Graph
from netspec.ir.axis_order import channels_first

from .body import REQUIRED
from .constructor import Constructor
from .describe import Describer
from .fold import WIDTH, fold
from .library import names as library_names
from .library import needs, spoken, used
from .old_classes import Argument, Class, Classes
from .syntax.literals import documentation, literal, quoted


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a network, and the name of its class in it."""

    text: str
    cls: str


def write(graph: Graph) -> Source:
    """The text of a graph.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations without a rule.
    """
    graph = channels_first(graph)
    describer = Describer(graph, library_names())
    root = describer.root()
    classes = Classes(root, library_names(), title(graph))
    chunks: list[list[str]] = []
    for cls in classes.order:
        chunks.append(Writing(classes, cls, graph if cls.first is root else None, describer.sharing.ties()).lines())
    body = "\n\n\n".join("\n".join(chunk) for chunk in chunks)
    words = spoken(body)
    library = used(words)
    text = "\n\n\n".join([f"{header()}\n\n{imports(words.union(*map(needs, library)))}", *library.values(), body])
    return Source(f"{text}\n", classes.of(root).name)


def title(graph: Graph) -> str:
    """What the class of a network is called after."""
    if graph.variant and not graph.variant.startswith(graph.name):
        return f"{graph.name}_{graph.variant}"
    return graph.variant or graph.name or "Net"


def header() -> str:
    """The one line that says where the text comes from."""
    from netspec import __version__

    return f"# Written by netspec {__version__}."


def imports(words: set[str]) -> str:
    """The imports that a text with these names needs, in the order that isort gives them."""
    standard: list[str] = []
    if "OrderedDict" in words:
        standard.append("from collections import OrderedDict")
    abstract = sorted(words & {"Callable", "Sequence"})
    if abstract:
        standard.append(f"from collections.abc import {', '.join(abstract)}")
    typing = sorted(words & {"Any", "Self"})
    if typing:
        standard.append(f"from typing import {', '.join(typing)}")
    ours = ["import torch"] if "torch" in words else []
    ours.append("from torch import Tensor, nn" if "Tensor" in words else "from torch import nn")
    if "F" in words:
        ours.append("from torch.nn import functional as F")
    blocks = ["\n".join(b) for b in (standard, ours) if b]
    return "\n\n".join(blocks)


def docstring(text: str, indent: int) -> list[str]:
    """A docstring of a user's text, filled to the width."""
    pad = " " * indent
    paragraphs = [" ".join(p.split()) for p in re.split(r"\n\s*\n", documentation(text))]
    paragraphs = [p for p in paragraphs if p]
    if not paragraphs:
        return []
    first = paragraphs[0]
    if first.endswith(('"', "\\")):
        paragraphs[0] = first = first + " ."
    if len(paragraphs) == 1 and len(first) + indent + 6 <= WIDTH:
        return [f'{pad}"""{first}"""']
    filled = [
        textwrap.wrap(p, WIDTH - indent - (3 if i == 0 else 0), break_long_words=False, break_on_hyphens=False)
        for i, p in enumerate(paragraphs)
    ]
    filled[0] = textwrap.wrap('"""' + paragraphs[0], WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    lines = "\n\n".join("\n".join(p) for p in filled).split("\n")
    return [*(f"{pad}{line}".rstrip() for line in lines), f'{pad}"""']


class Writing:
    """One class of the text."""

    def __init__(self, classes: Classes, cls: Class, root: Graph | None, ties: list[tuple[str, str]]) -> None:
        self.classes = classes
        self.cls = cls
        self.body = cls.first
        self.graph = root
        self.ties = ties if root is not None else []
        self.constructor = Constructor(classes, cls)

    def lines(self) -> list[str]:
        """The class as lines."""
        base = self.constructor.base
        if any(path[0] == "training" for path in self.body.members):
            base = "TrainingModule"
        if self.ties:
            base = "TiedModule" if base == "nn.Module" else f"TiedModule, {base}"
        out = [f"class {self.cls.name}({base}):"]
        doc = self.doc()
        if doc:
            out += [*docstring(doc, 4), ""]
        made = self.constructor.statements()
        kept = [f"self.{a.attribute} = {a.text}" for a in [*self.cls.arguments, *self.cls.derived] if a.forward]
        if made != ["super().__init__()"] or kept or self.ties:
            arguments = ", ".join(["self", *map(self.argument, self.cls.arguments)])
            out += fold(f"def __init__({arguments}) -> None:", 4)
            for statement in [*made[:1], *kept, *made[1:]]:
                text = statement.lstrip(" ")
                out += fold(text, 8 + len(statement) - len(text))
            for name, owner in self.ties:
                out += fold(f"self._tie({quoted(name)}, {quoted(owner)})", 8)
            out.append("")
        if self.body.chain is None:
            out += self.forward()
        while out[-1] == "":
            out.pop()
        return out

    def doc(self) -> str:
        """What the docstring says."""
        if self.graph is None:
            return self.body.doc or ""
        cite = f"Reference: {self.graph.cite}" if self.graph.cite else ""
        return "\n\n".join(p for p in (self.graph.doc or "", cite) if p) or f"The network '{self.graph.name}'."

    @staticmethod
    def argument(a: Argument) -> str:
        """An argument as the constructor declares it."""
        default = "" if a.default is REQUIRED else f" = {literal(a.default)}"
        return f"{a.name}: {a.annotation}{default}"

    def forward(self) -> list[str]:
        """The ``forward`` method."""
        body = self.body
        inputs = "".join(f", {name}: Tensor" for name in body.inputs)
        kind = "Tensor" if body.outputs == 1 else f"tuple[{', '.join(['Tensor'] * body.outputs)}]"
        if self.graph is not None:
            kind = "Tensor" if len(self.graph.outputs) == 1 else "dict[str, Tensor]"
        out = fold(f"def forward(self{inputs}) -> {kind}:", 4)
        if self.graph is not None:
            for name, (public, value) in zip(body.inputs, self.graph.inputs.items(), strict=True):
                sizes = tuple(n if type(n) is int else None for n in self.graph.values[value].shape)
                out += fold(f"check_shape({name}, {quoted(public)}, {literal(sizes)})", 8)
        before: tuple[int, ...] | None = None
        for i, line in enumerate(body.lines):
            text = self.constructor.text(line.text)
            shapes = {b.lines[i].shape for b in self.cls.bodies}
            shape = next(iter(shapes)) if len(shapes) == 1 else None
            comment = f"({', '.join(map(str, shape))})" if shape and shape != before else ""
            if line.condition:
                out += fold(f"if {self.constructor.text(line.condition)}:", 8)
            out += fold(text, 12 if line.condition else 8, comment=comment)
            before = shape
        return out
