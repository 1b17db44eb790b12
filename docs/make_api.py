"""Writes ``docs/api.md`` from the docstrings of the public interface: ``python docs/make_api.py``."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import netspec
from netspec import api, exploration, forecasts
from netspec.analysis import Analysis, Figures, Row
from netspec.backend import (
    BackendError,
    BackendOptions,
    BlockMemory,
    CostColumn,
    Direction,
    Drawing,
    DrawingFileOptions,
    DrawingOptions,
    LayerTime,
    Memory,
    MemoryPeak,
    MemorySettings,
    OnnxDtype,
    OnnxOptions,
    Plan,
    Roofline,
    Style,
    TimeBound,
    TorchOptions,
    UnsupportedError,
)
from netspec.devices import Device, Link
from netspec.diagnostics import Diagnostic, Error, Location, SpecError, TraceStep
from netspec.files import FileError, FileReadError, FileWriteError
from netspec.importing import Comparison, Import, ImportDiagnostic, ImportRefused, Proof, models
from netspec.ir import Graph, UnknownNameError
from netspec.ops.registered import register

PAGE = Path(__file__).with_name("api.md")
IMPORTS = (models.from_onnx, models.from_torch, models.from_keras)
FUNCTIONS = (
    api.load,
    api.loads,
    api.analyze,
    api.build,
    api.export,
    api.draw,
    exploration.explore,
    forecasts.memory,
    forecasts.roofline,
    *IMPORTS,
    register,
)
OPTIONS = (OnnxOptions, TorchOptions, DrawingOptions, DrawingFileOptions, BackendOptions)
CLASSES = (
    Graph,
    Analysis,
    Row,
    Figures,
    Memory,
    MemoryPeak,
    BlockMemory,
    MemorySettings,
    Plan,
    Roofline,
    TimeBound,
    LayerTime,
    Device,
    Link,
    Drawing,
    exploration.Exploration,
    *OPTIONS,
    Import,
    Proof,
    Comparison,
    ImportDiagnostic,
    Diagnostic,
    Location,
    TraceStep,
)
BACKEND_ERRORS = (BackendError, UnsupportedError)
FILE_ERRORS = (FileError, FileReadError, FileWriteError)
ERRORS = (Error, SpecError, UnknownNameError, *BACKEND_ERRORS, *FILE_ERRORS, ImportRefused)
PARAMETER_VALUE = f"ParameterValue = {inspect.getattr_static(api, 'ParameterValue')}"
CHOICES = {"Style": Style, "Direction": Direction, "CostColumn": CostColumn, "OnnxDtype": OnnxDtype}
VALUE_TEXT = 'a text is read as YAML reads it: `"64"` is an integer.'
ERRORS_TEXT = """\
Everything that netspec raises for something that a user can correct is a `netspec.Error`. It holds diagnostics, and
`str()` of it is the text that the command line prints. A wrong call from Python, such as a parameter that is given
twice, is an ordinary `TypeError` or `ValueError`.
"""
PACKAGES = """\
Programs, analyses and backends may also use the names in `__all__` of `netspec.analysis`, `netspec.backend`,
`netspec.blocks`, `netspec.devices`, `netspec.diagnostics`, `netspec.files`, `netspec.importing`, `netspec.ir`,
`netspec.ops`, `netspec.report`, `netspec.shapes`, `netspec.units` and `netspec.weights`, and the modules that
[Adding a backend](adding-a-backend.md#what-a-backend-may-import) lists. Everything else is private, and names that
begin with `_` are private everywhere.
"""
INTERNAL = """\
Operations raise `ShapeError` and `ArgumentError`, and the reader of specs `LocatedError`: errors too, which loading a
spec collects into one `SpecError`.
"""


def page() -> str:
    """The text of the page."""
    out = ["# netspec from Python", "This page is written by `python docs/make_api.py` from the docstrings."]
    out.append(paragraphs(inspect.getdoc(api) or "").split("\n\n", 1)[1])
    out += ["## Functions", f"The type of a parameter's value is `{PARAMETER_VALUE}`; {VALUE_TEXT}"]
    out.append(
        "\n".join(f"- `{name}`: one of {', '.join(map(code, get_args(type_)))}" for name, type_ in CHOICES.items())
    )
    for function in FUNCTIONS:
        out += function_section(function.__name__, inspect.getsource(function), inspect.getdoc(function) or "")
    out.append("## Classes")
    for cls in CLASSES:
        out += class_section(cls)
    out += ["## Errors", ERRORS_TEXT.strip(), "\n".join(hierarchy(Error)), INTERNAL.strip()]
    for error in ERRORS:
        out += class_section(error)
    out += ["## Packages", PACKAGES.strip()]
    return "\n\n".join(part for part in out if part) + "\n"


def code(text: str) -> str:
    """A text of Python, as code."""
    return f'`"{text}"`'


def class_section(cls: type) -> Iterator[str]:
    """The section of a class: text, arguments, attributes and methods."""
    yield f"### `{public_name(cls)}`"
    yield from docstring(inspect.getdoc(cls) or "")
    listed = "\n".join(members(cls))
    if listed:
        yield f"Attributes and methods:\n\n{listed}"


def public_name(cls: type) -> str:
    """The shortest dotted name of a class that can be imported."""
    if cls.__name__ in netspec.__all__:
        return f"netspec.{cls.__name__}"
    return f"{'.'.join(cls.__module__.split('.')[:2])}.{cls.__name__}"


def hierarchy(cls: type[Error], depth: int = 0) -> Iterator[str]:
    """The public errors as nested list items."""
    yield f"{'  ' * depth}- `{public_name(cls)}`"
    for sub in sorted(cls.__subclasses__(), key=lambda c: ERRORS.index(c) if c in ERRORS else -1):
        if sub in ERRORS:
            yield from hierarchy(sub, depth + 1)


def function_section(name: str, source: str, doc: str) -> Iterator[str]:
    """The section of a function: signature, text, arguments, errors, example."""
    yield f"### `netspec.{name}`"
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    yield f"```python\n{signature(node)}\n```"
    yield from docstring(doc)


def signature(node: ast.FunctionDef) -> str:
    """A function's signature, one parameter a line."""
    arguments = node.args
    lines: list[str] = []
    positional = arguments.posonlyargs + arguments.args
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    lines += [parameter(a, d) for a, d in zip(positional, defaults, strict=True) if a.arg != "self"]
    if arguments.kwonlyargs:
        lines.append("*")
    lines += [parameter(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    if arguments.kwarg is not None:
        lines.append("**" + parameter(arguments.kwarg, None))
    returns = ast.unparse(node.returns) if node.returns is not None else "None"
    inside = "".join(f"\n    {line}," for line in lines)
    return f"{node.name}({inside}\n) -> {returns}" if lines else f"{node.name}() -> {returns}"


def parameter(argument: ast.arg, default: ast.expr | None) -> str:
    """A parameter with its type and default."""
    text = argument.arg + (f": {ast.unparse(argument.annotation)}" if argument.annotation is not None else "")
    return text + (f" = {ast.unparse(default)}".replace("'", '"') if default is not None else "")


SECTION = re.compile(r"^(Args|Raises[^\n:]*):\n((?:[ ]+.*\n?|\n(?=[ ]))+)", re.MULTILINE)


def docstring(doc: str) -> Iterator[str]:
    """A docstring as Markdown: text, lists of arguments and errors, examples."""
    examples = re.findall(r"^>>>.*?(?=\n\n|\Z)", doc, re.MULTILINE | re.DOTALL)
    text = re.sub(r"^>>>.*?(?=\n\n|\Z)", "", doc, flags=re.MULTILINE | re.DOTALL)
    yield paragraphs(SECTION.sub("", text)).strip()
    for heading, body in SECTION.findall(text):
        items = re.split(r"\n(?=\S)", textwrap.dedent(body).strip())
        listed = [
            "- `{}`: {}".format(*(part.strip() for part in " ".join(item.split()).split(":", 1))) for item in items
        ]
        yield f"{'Arguments' if heading == 'Args' else heading}:\n\n" + paragraphs("\n".join(listed))
    if examples:
        yield "```pycon\n" + "\n".join(examples) + "\n```"


def paragraphs(text: str) -> str:
    """Text with the roles and literals of docstrings as code."""
    text = re.sub(r":\w+:`~?(?:[\w.]*\.)?([\w]+)`", r"`\1`", text)
    return re.sub(r"``(.+?)``", r"`\1`", text)


def members(cls: type) -> Iterator[str]:
    """A list of the public attributes and methods that a class itself defines."""
    node = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(node, ast.ClassDef)
    for number, item in enumerate(node.body):
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.target.id[0] != "_":
            after = node.body[number + 1] if number + 1 < len(node.body) else None
            text = ""
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                text = f": {one_line(str(after.value.value))}"
            yield f"- `{item.target.id}` (`{ast.unparse(item.annotation)}`){text}"
        elif isinstance(item, ast.FunctionDef) and item.name[0] != "_":
            returns = ast.unparse(item.returns) if item.returns is not None else "None"
            text = one_line(ast.get_docstring(item) or "")
            if any("property" in ast.unparse(decorator) for decorator in item.decorator_list):
                yield f"- `{item.name}` (`{returns}`): {text}"
            else:
                arguments = ", ".join(a.arg for a in [*item.args.args, *item.args.kwonlyargs] if a.arg != "self")
                yield f"- `{item.name}({arguments})` (`{returns}`): {text}"


def one_line(doc: str) -> str:
    """The first paragraph of a docstring, on one line."""
    return paragraphs(" ".join(doc.split("\n\n", maxsplit=1)[0].split()))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
