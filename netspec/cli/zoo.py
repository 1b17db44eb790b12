"""``netspec zoo``: the networks that come with netspec."""

from __future__ import annotations

import argparse
import sys
import textwrap
from functools import cache
from typing import TYPE_CHECKING

from .. import zoo
from ..checking.spec_names import find_network
from ..diagnostics import clean, paint
from ..output.characters import UNICODE, CharacterSet
from ..output.terminal import character_set, terminal_width, use_colour
from .output_files import print_text

if TYPE_CHECKING:
    from ..checking.spec import Spec
    from ..language.reading.dimensions import DimensionDeclaration
    from ..language.reading.document import Document
    from ..language.reading.parameters import ParameterDeclaration

GAP = "  "
VARIANTS_WIDTH = 8
LEAST_DESCRIPTION = 30
"""Minimum number of columns for a description next to the other columns; with less, it goes below them."""


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="[show] NAME",
        help="a network: its variants with their parameters; `show NAME` prints its spec",
    )


def run(args: argparse.Namespace) -> int:
    """Print the list, the variants of one network, or its spec."""
    words = list(args.words)
    show = words[:1] == ["show"]
    names = words[1:] if show else words
    if show and not names:
        print("netspec zoo: `show` needs the name of a network", file=sys.stderr)
        return 2
    columns, painted = min(terminal_width(sys.stdout), 120), use_colour(sys.stdout)
    characters = character_set(sys.stdout)
    if not names:
        print_text(network_list(columns, painted, characters))
        return 0
    for name in names:
        path = find_network(name)
        text = path.read_text(encoding="utf-8") if show else network_text(path.stem, columns, painted, characters)
        print_text(text)
    return 0


def network_list(columns: int = 80, painted: bool = False, characters: CharacterSet = UNICODE) -> str:
    """Returns the list of networks: number of parameters, number of variants, and description."""
    rows = _figures()
    widths = [max(len(r[i]) for r in rows) for i in range(3)]
    widths[2] = max(widths[2], VARIANTS_WIDTH)
    head = ("name".ljust(widths[0]), "params".rjust(widths[1]), "variants".rjust(widths[2]))
    rule = characters.fit("─") * columns
    out = [paint(GAP.join(head), "bold", painted), paint(rule, "dim", painted)]
    left = sum(widths) + len(GAP) * 3
    beside = columns - left >= LEAST_DESCRIPTION
    for name, params, variants, doc in rows:
        line = GAP.join((name.ljust(widths[0]), params.rjust(widths[1]), variants.rjust(widths[2])))
        lines = _wrapped(doc, columns - left if beside else columns - len(GAP), characters) or [""]
        described = [paint(text, "dim", painted) for text in lines]
        if beside:
            out.append(f"{line}{GAP}{described[0]}".rstrip())
            out += [" " * left + text for text in described[1:]]
        else:
            out += [line.rstrip(), *(GAP + text for text in described)]
    summary = (
        f"{len(rows)} networks. `netspec zoo NAME` lists a network's variants and parameters, "
        "`netspec zoo show NAME` its spec, `netspec check NAME@VARIANT` its layers."
    )
    return "\n".join([*out, "", *textwrap.wrap(summary, min(columns, 80))]) + "\n"


@cache
def _figures() -> list[tuple[str, str, str, str]]:
    """Returns for every network its name, parameters, variants and description."""
    from ..checking.spec import Spec
    from ..report.number_format import short_number

    rows: list[tuple[str, str, str, str]] = []
    for name in zoo.names():
        spec = Spec(str(find_network(name)))
        figure = stated_parameter_count(spec.document) if spec.document is not None else None
        if figure is None:
            figure = parameter_count(spec)
        count = len(spec.variants)
        doc = (spec.document.doc or spec.document.cite or "") if spec.document is not None else ""
        params = short_number(figure) if figure is not None else "-"
        rows.append((name, params, str(count) if count else "", doc))
    return rows


def network_text(name: str, columns: int = 80, painted: bool = False, characters: CharacterSet = UNICODE) -> str:
    """Describes one network: its publication, its variants with their figures, and its parameters."""
    from ..analysis.network_figures import analyze
    from ..checking.spec import Spec
    from ..report.number_format import short_number

    spec = Spec(str(find_network(name)))
    out = [paint(name, "bold", painted)]
    doc = spec.document
    for text in (doc.doc, doc.cite) if doc is not None else ():
        out += _wrapped(text or "", columns, characters)
    out.append("")
    wide = max((len(v) for v in spec.variants), default=0)
    for variant in spec.variants or (None,):
        loaded = spec.elaborate(variant)
        if loaded.graph is None:
            continue
        figures = analyze(loaded.graph)
        label = f"{name}@{variant}".ljust(wide + len(name) + 1) if variant else name
        out.append(f"  {label}{GAP}{figures.params:>15,} params{GAP}{short_number(figures.macs):>8} MACs")
    parameters = [(p.name, parameter_text(p)) for p in doc.params or ()] if doc is not None else []
    sizes = [(d.name, size_text(d)) for d in doc.dims or ()] if doc is not None else []
    for title, rows in (
        ("parameters (--set NAME=VALUE) and their defaults", parameters),
        ("named sizes (--at NAME=SIZE) and their defaults", sizes),
    ):
        if rows:
            out += ["", paint(title, "bold", painted), *_rows(rows, columns, painted, characters)]
    return "\n".join(out) + "\n"


def _rows(rows: list[tuple[str, str]], columns: int, painted: bool, characters: CharacterSet) -> list[str]:
    """Returns the lines of names with their texts."""
    width = max(len(name) for name, _ in rows)
    indent = " " * (2 + width + len(GAP))
    out: list[str] = []
    for name, text in rows:
        lines = _wrapped(text, columns - len(indent), characters)
        out.append(f"  {paint(name.ljust(width), 'blue', painted)}{GAP}{lines[0]}")
        out += [indent + line for line in lines[1:]]
    return out


def size_text(size: DimensionDeclaration) -> str:
    """Returns the default of a named size and its declared values: ``224; multiple of 32; at least 64``."""
    from ..language.reading.records import plain_value
    from ..text.writer import flow_style

    promises = (("", size.default), ("multiple of ", size.multiple_of), ("at least ", size.min), ("at most ", size.max))
    texts = [what + flow_style(plain_value(value.node)) for what, value in promises if value is not None]
    return "; ".join([*texts, *filter(None, [clean(" ".join((size.doc or "").split()))])])


def parameter_text(parameter: ParameterDeclaration) -> str:
    """Returns the default of a parameter, its choices and its meaning: ``32; features of a head``."""
    from ..language.reading.records import plain_value
    from ..text.writer import flow_style

    default = parameter.default
    if default is None:
        text = f"required{f', {parameter.type}' if parameter.type else ''}"
    else:
        text = flow_style(plain_value(default.node))
    choices = f"one of {', '.join(flow_style(c) for c in parameter.choices)}" if parameter.choices else ""
    return "; ".join(t for t in (text, choices, clean(" ".join((parameter.doc or "").split()))) if t)


def stated_parameter_count(document: Document) -> int | None:
    """Returns the number of parameters that a spec expects with its default settings.

    It is under ``expect`` in the document, or in a variant whose settings are the defaults. None if it is not given as
    a
    number.
    """
    from ..language.reading.records import plain_value
    from ..text.yaml_reader import Map

    defaults = {p.name: plain_value(p.default.node) for p in document.params or () if p.default is not None}
    expectations = [document.expect]
    for variant in document.variants.values():
        settings = {name: plain_value(value) for name, (_, value) in variant.settings.items()}
        if settings.items() <= defaults.items():
            expectations.append(variant.expect)
    for expectation in expectations:
        node = expectation.get("params") if type(expectation) is Map else None
        count = plain_value(node)
        if isinstance(count, int):
            return count
    return None


def parameter_count(spec: Spec) -> int | None:
    """Returns the number of parameters with the default settings, else with the first variant; None if invalid."""
    graph = spec.elaborate().graph
    if graph is None and spec.variants:
        graph = spec.elaborate(spec.variants[0]).graph
    return sum(p.elements for p in graph.parameters if not p.buffer) if graph is not None else None


def _wrapped(text: str, columns: int, characters: CharacterSet) -> list[str]:
    """Returns the lines of a text, in printable characters; words are not broken at hyphens."""
    return textwrap.wrap(characters.fit(clean(" ".join(text.split()))), columns, break_on_hyphens=False)
