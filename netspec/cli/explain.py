"""``netspec explain``: explains a diagnostic, or how every number of a layer is computed."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from ..output.terminal import terminal_width, use_colour
from . import spec_arguments
from .output_files import print_text

if TYPE_CHECKING:
    from ..checking.spec import SpecResult
    from ..diagnostics import Error
    from ..diagnostics.codes import Code
    from ..ir import Graph

_CODE = re.compile(r"(?:ns)?[0-9]{3}\Z", re.IGNORECASE)


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("what", metavar="CODE|SPEC", help="a code (NS512), or a spec whose LAYER is explained")
    parser.add_argument("layer", nargs="?", metavar="LAYER", help="the full name of a layer (layer1.0.conv1)")
    spec_arguments.add_set_option(parser)
    spec_arguments.add_at_option(parser)
    spec_arguments.add_strict_option(parser)


def run(args: argparse.Namespace) -> int:
    """Print the explanation."""
    columns, painted = min(terminal_width(sys.stdout), 100), use_colour(sys.stdout)
    if args.layer is None and _CODE.match(args.what):
        return _code(args.what, columns, painted)
    result = spec_arguments.load_one(args.what, dict(args.set), strict=args.strict, sizes=dict(args.at))
    if args.layer is None:
        from ..diagnostics import Error

        help_ = f"netspec explain {args.what} LAYER; `netspec check {args.what}` lists them"
        raise Error("NS301", "a layer is required", help_, file=result.spec)
    print_text(layer_text(result, args.layer, columns, painted))
    return 0


def _code(code: str, columns: int, painted: bool) -> int:
    from ..diagnostics.codes import catalogue, find

    entry = find(code)
    full = f"NS{code[-3:]}"
    if entry is None:
        near = [c for c in catalogue() if c[:3] == full[:3]]
        known = f"codes NS{full[2]}xx are {near[0]} to {near[-1]}" if near else "codes are NS1xx to NS9xx"
        print(f"netspec explain: there is no code {full}; {known}", file=sys.stderr)
        return 2
    print_text(code_text(full, entry, columns, painted))
    return 0


def code_text(full: str, entry: Code, columns: int = 80, painted: bool = False) -> str:
    """Returns the explanation of a code: its meaning, an example with its diagnostic, and the corrected example."""
    import textwrap

    from ..diagnostics import paint

    out = [paint(full, "bold", painted) + f"  {entry.title}", "", *textwrap.wrap(entry.text, columns)]
    if entry.wrong is not None and entry.spec(entry.wrong).strip():
        out += ["", paint("for example", "bold", painted), *_indented(entry.spec(entry.wrong), columns)]
    if entry.wrong is not None:
        out += ["", *diagnostic_text(entry.spec(entry.wrong), full, painted)]
    if entry.corrected is not None:
        out += ["", paint("corrected", "bold", painted), *_indented(entry.spec(entry.corrected), columns)]
    return "\n".join(out) + "\n"


def _indented(text: str, columns: int) -> list[str]:
    lines = text.rstrip("\n").split("\n")
    return [f"  {line}" if len(line) < columns - 2 else f"  {line[: columns - 5]}..." for line in lines]


def diagnostic_text(text: str, code: str, painted: bool = False) -> list[str]:
    """Returns the first diagnostic of an example with that code, as `netspec check` prints it; empty if none."""
    from ..checking.expectations import check_expectations
    from ..checking.spec import Spec
    from ..diagnostics import render

    result = Spec("example.yaml", text).elaborate()
    diagnostics = list(result.diagnostics)
    if result.graph is not None and result.expect:
        from ..analysis.network_figures import analyze

        diagnostics += check_expectations(result, analyze(result.graph))
    return [render(d, result.sources, painted) for d in diagnostics if d.code == code][:1]


def layer_text(result: SpecResult, layer: str, columns: int = 80, painted: bool = False) -> str:
    """Explains how every number of a layer is computed. Raises Error NS301 if there is no layer of that name."""
    from ..ir import UnknownNameError
    from ..report.explanation import Explanation

    assert result.graph is not None
    try:
        explained = result.graph.layer(layer)
    except UnknownNameError:
        raise _unknown_layer(result, result.graph, layer) from None
    return Explanation(result.graph, explained, result.sources, width=columns, colour=painted).text()


def _unknown_layer(result: SpecResult, graph: Graph, layer: str) -> Error:
    """Returns the error for a name that is not a layer's."""
    from ..diagnostics import Error, clip, did_you_mean

    nodes = [node.name for node in graph.nodes]
    inner = [clip(name) for name in nodes if name.startswith(f"{layer}.")]
    if inner:
        listed = ", ".join(inner[:6]) + (", …" if len(inner) > 6 else "")
        return Error(
            "NS301",
            f"'{clip(layer)}' is a block: its layers are explained one by one",
            f"it holds {listed}",
            file=result.spec,
        )
    hint = did_you_mean(layer, nodes) or f"`netspec check {clip(result.spec)}` lists them"
    return Error("NS301", f"there is no layer '{clip(layer)}'", hint, file=result.spec)
