"""Writes the file of a graph, via bodies, classes and statements."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from netspec.blocks import walk
from netspec.ir import Graph
from netspec.ir.axes_as_batch import axes_as_batch
from netspec.ir.axis_order import channels_first
from netspec.ops import OTHER, family_of
from netspec.ops.registered import address

from ..classes.decide_arguments import Class
from ..classes.grouping import Classes
from ..library import names as library_names
from ..library import needed_pieces, needs
from ..structure.bodies import BodyBuilder
from ..structure.shared_constants import shared_constants
from ..structure.stacked_names import check_stacked_names
from ..syntax.documents import WIDTH
from ..syntax.expression_trees import Attribute, Literal, Name, call
from ..syntax.lines import function_lines
from ..syntax.literals import documentation
from ..syntax.statements import Assign, Evaluate, Function, Parameter, Statement
from .constructor import Constructor
from .forward import Forward
from .substitution import SELF, argument_expression


@dataclass(frozen=True, slots=True)
class PythonSource:
    """The source of a network, and the name of its class."""

    text: str
    cls: str


@dataclass(frozen=True, slots=True)
class WrittenClass:
    """A class of the written file."""

    name: str
    bases: tuple[str, ...]
    doc: str
    methods: tuple[Function, ...]

    def lines(self) -> list[str]:
        """Returns the lines of the class."""
        parts = [docstring(self.doc, 4), *(function_lines(method, 4) for method in self.methods)]
        out = [f"class {self.name}({', '.join(self.bases)}):"]
        for n, part in enumerate(part for part in parts if part):
            out += ["", *part] if n else part
        return out

    def names(self) -> Iterator[str]:
        """Yields the names that it uses; names within a module are given by the module."""
        yield from self.bases
        for method in self.methods:
            for tree in walk(method):
                if isinstance(tree, Name):
                    yield from re.findall(r"(?<![\w.])[^\W\d]\w*", tree.id)


@dataclass(frozen=True, slots=True)
class WrittenNetwork:
    """The classes of a network before they are formatted."""

    classes: dict[Class, WrittenClass]
    """In the order of the file: each after those that it uses."""
    root: Class
    modules: list[str]
    """Modules of registered functions."""
    used_names: frozenset[str]
    """Names that have another meaning in the file."""


def write(graph: Graph) -> PythonSource:
    """Returns the source of a graph.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations without a rule.
    """
    network = written_network(graph)
    return PythonSource(file_text(network.classes.values(), network.modules), network.root.name)


def written_network(graph: Graph, reserved: frozenset[str] = frozenset()) -> WrittenNetwork:
    """Builds the classes of a graph.

    Args:
        graph: the network.
        reserved: further names that classes must not have.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations without a rule.
        netspec.backend.BackendError: NS717, a name that a layer of stacked copies cannot have.
    """
    graph = axes_as_batch(channels_first(graph))
    modules = registered_modules(graph)
    check_stacked_names(graph)
    used_names = library_names().union(reserved, (module.partition(".")[0] for module in modules))
    bodies = BodyBuilder(graph, used_names)
    root = bodies.root()
    classes = Classes(root, used_names, title(graph))
    written = {cls: written_class(cls, bodies, graph if cls is classes.root else None) for cls in classes.order}
    return WrittenNetwork(written, classes.root, modules, used_names)


def file_text(classes: Iterable[WrittenClass], modules: Sequence[str]) -> str:
    """Returns the text of a file with these classes and the pieces of the library that they need."""
    written = list(classes)
    words = {name for cls in written for name in cls.names()}
    library = needed_pieces(words)
    body = "\n\n\n".join("\n".join(cls.lines()) for cls in written)
    parts = [f"{header()}\n\n{imports(words.union(*map(needs, library)), modules)}", *library.values(), body]
    return "\n\n\n".join(parts) + "\n"


def written_class(cls: Class, bodies: BodyBuilder, graph: Graph | None) -> WrittenClass:
    """Builds one class; ``graph`` is only given for the class of the whole network."""
    content = cls.content
    constructor = Constructor(cls)
    ties = bodies.weight_owners.ties() if graph is not None else []
    bases: tuple[str, ...] = (constructor.containers.base,)
    if any(path[0] == "training" for path in content.members):
        bases = ("TrainingModule",)
    constants = shared_constants(graph) if graph is not None else []
    for base in [*(["TiedModule"] if ties else []), *(["SharedConstants"] if constants else [])]:
        bases = (base, *(other for other in bases if other != "nn.Module"))
    statements = constructor.statements()
    methods: list[Function] = []
    attributes: set[str] = set()
    if content.chain is None:
        forward = Forward(constructor, bodies.prepared.batch, bodies.used_names, graph).definition()
        methods.append(forward)
        attributes = {t.name for t in walk(forward) if isinstance(t, Attribute) and t.owner == SELF}
    stored: list[Statement] = [
        Assign((Attribute(SELF, argument.attribute),), argument_expression(argument))
        for argument in (*cls.arguments, *cls.derived)
        if argument.in_forward and argument.attribute in attributes
    ]
    if statements != [Evaluate(call("super().__init__"))] or stored or ties or constants:
        tied = [Evaluate(call("self._tie", Literal(a), Literal(b))) for a, b in ties]
        tied += [Evaluate(call("self._share", *map(Literal, names))) for names in constants]
        parameters = (Parameter(argument.name, argument.annotation, argument.default) for argument in cls.arguments)
        converted: list[Statement] = []
        if graph is not None and bodies.usual != "float32":
            converted.append(Evaluate(call("self.to", Name(f"torch.{bodies.usual}"))))
        body = (*statements[:1], *stored, *statements[1:], *tied, *converted)
        methods.insert(0, Function("__init__", (Parameter("self"), *parameters), Name("None"), body))
    return WrittenClass(cls.name, bases, network_doc(graph) if graph is not None else content.doc or "", tuple(methods))


def network_doc(graph: Graph) -> str:
    """Returns the docstring of a network."""
    cite = f"Reference: {graph.cite}" if graph.cite else ""
    return "\n\n".join(part for part in (graph.doc or "", cite) if part) or f"The network '{graph.name}'."


def title(graph: Graph) -> str:
    """Returns the title from which the name of the network's class is derived."""
    if graph.variant and not graph.variant.startswith(graph.name):
        return f"{graph.name}_{graph.variant}"
    return graph.variant or graph.name or "Net"


def header() -> str:
    """Returns the line that says which version wrote the file."""
    from netspec import __version__

    return f"# Written by netspec {__version__}."


def registered_modules(graph: Graph) -> list[str]:
    """Returns the modules of functions registered with ``netspec.register`` that the network uses."""
    names = {node.op.name for node in graph.nodes if family_of(node.op.name) == OTHER}
    addresses = {address(name, "torch") for name in names}
    return sorted({text.partition(":")[0] for text in addresses if text is not None})


def imports(words: set[str], modules: Sequence[str] = ()) -> str:
    """Returns the imports for these names and further modules, in isort's order."""
    standard: list[str] = []
    if "OrderedDict" in words:
        standard.append("from collections import OrderedDict")
    abstract = sorted(words & {"Callable", "Iterable", "Mapping", "Sequence"})
    if abstract:
        standard.append(f"from collections.abc import {', '.join(abstract)}")
    if "partial" in words:
        standard.append("from functools import partial")
    typing = sorted(words & {"Any", "Self"})
    if typing:
        standard.append(f"from typing import {', '.join(typing)}")
    framework = [f"import {module}" for module in sorted({*modules, *(words & {"torch"})})]
    framework.append("from torch import Tensor, nn" if "Tensor" in words else "from torch import nn")
    if "F" in words:
        framework.append("from torch.nn import functional as F")
    blocks = ["\n".join(block) for block in (standard, framework) if block]
    return "\n\n".join(blocks)


def docstring(text: str, indent: int) -> list[str]:
    """Formats a user's text as a docstring, wrapped to the line width."""
    pad = " " * indent
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", documentation(text))]
    paragraphs = [part for part in paragraphs if part]
    if not paragraphs:
        return []
    first = paragraphs[0]
    if first.endswith(('"', "\\")):
        paragraphs[0] = first = first + " ."
    if len(paragraphs) == 1 and len(first) + indent + 6 <= WIDTH:
        return [f'{pad}"""{first}"""']
    paragraphs[0] = f'"""{first}'
    filled = [
        textwrap.wrap(part, WIDTH - indent, break_long_words=False, break_on_hyphens=False) for part in paragraphs
    ]
    lines = "\n\n".join("\n".join(part) for part in filled).split("\n")
    return [*(f"{pad}{line}".rstrip() for line in lines), f'{pad}"""']
