"""``netspec zoo``: the networks that come with netspec."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from .. import zoo
from ..checking.spec_names import find_network
from .terminal import terminal_width, use_colour

if TYPE_CHECKING:
    from ..checking.spec import Spec

VARIANTS_WIDTH = 8
SEPARATOR = "  "


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
    if not names:
        print(network_list(columns, painted), end="")
        return 0
    for name in names:
        path = find_network(name)
        print(path.read_text(encoding="utf-8") if show else network_text(path.stem, columns, painted), end="")
    return 0


def network_list(columns: int = 80, painted: bool = False) -> str:
    """Every network: its number of parameters, its number of variants, and what it is."""
    from ..checking.spec import Spec
    from ..diagnostics import paint
    from ..report.number_format import short_number

    rows: list[tuple[str, str, str, str]] = []
    for name in zoo.names():
        spec = Spec(str(find_network(name)))
        figure = parameter_count(spec, None)
        count = len(spec.variants)
        doc = (spec.document.doc or spec.document.cite or "") if spec.document is not None else ""
        params = short_number(figure) if figure is not None else "-"
        rows.append((name, params, str(count) if count else "", first_sentence(doc)))
    widths = [max(len(r[i]) for r in rows) for i in range(3)]
    widths[2] = max(widths[2], VARIANTS_WIDTH)
    head = ("name".ljust(widths[0]), "params".rjust(widths[1]), "variants".rjust(widths[2]), "")
    out = [paint(SEPARATOR.join(head).rstrip(), "bold", painted), paint("─" * columns, "dim", painted)]
    room = columns - sum(widths) - len(SEPARATOR) * 3
    for row in rows:
        text = row[3] if len(row[3]) <= room else f"{row[3][: room - 1].rstrip()}…"
        numbers = (row[1].rjust(widths[1]), row[2].rjust(widths[2]))
        cells = (row[0].ljust(widths[0]), *numbers, paint(text, "dim", painted))
        out.append(SEPARATOR.join(cells).rstrip())
    out += [
        "",
        f"{len(rows)} networks. `netspec zoo NAME` lists a network's variants,",
        "`netspec zoo show NAME` its spec, `netspec check NAME@VARIANT` its layers.",
    ]
    return "\n".join(out) + "\n"


def network_text(name: str, columns: int = 80, painted: bool = False) -> str:
    """One network: what it is, where it was published, and its variants with their parameters and cost."""
    import textwrap

    from ..checking.spec import Spec
    from ..diagnostics import clean, paint
    from ..report.number_format import short_number

    spec = Spec(str(find_network(name)))
    out = [paint(name, "bold", painted)]
    doc = spec.document
    for text in (doc.doc, doc.cite) if doc is not None else ():
        out += textwrap.wrap(clean(" ".join(text.split())), columns) if text else []
    out.append("")
    wide = max((len(v) for v in spec.variants), default=0)
    for variant in spec.variants or (None,):
        from ..analysis.network_figures import analyze

        loaded = spec.elaborate(variant)
        if loaded.graph is None:
            continue
        figure = parameter_count(spec, variant) or 0
        macs = analyze(loaded.graph).macs
        label = f"{name}@{variant}".ljust(wide + len(name) + 1) if variant else name
        out.append(f"  {label}{SEPARATOR}{figure:>15,} params{SEPARATOR}{short_number(macs):>8} MACs")
    if doc is not None and doc.params:
        out += ["", paint("parameters (--set NAME=VALUE)", "bold", painted)]
        out += [f"  {p.name}" + (f"{SEPARATOR}{clean(p.doc)}" if p.doc else "") for p in doc.params]
    return "\n".join(out) + "\n"


def parameter_count(spec: Spec, variant: str | None) -> int | None:
    """The number of parameters with a variant; None for an invalid spec."""
    graph = spec.elaborate(variant).graph
    if graph is None and variant is None and spec.variants:
        graph = spec.elaborate(spec.variants[0]).graph
    return sum(p.elements for p in graph.parameters if not p.buffer) if graph is not None else None


def first_sentence(text: str) -> str:
    """The first sentence of a text."""
    joined = " ".join(text.split())
    end = re.search(r"(?<=[a-z])(?<!\bal)\.(?= )", joined)  # not that of "et al." or of an initial
    return joined[: end.start() if end else None].rstrip(".;")
