"""``netspec explain``: what a diagnostic means, or how every number of a layer comes about."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from . import specs
from .terminal import colour, width

if TYPE_CHECKING:
    from ..checking.load import Loaded
    from ..diagnostics.codes import Code

_CODE = re.compile(r"(?:ns)?[0-9]{3}\Z", re.IGNORECASE)


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("what", metavar="CODE|SPEC", help="a code (NS512), or a spec whose LAYER is explained")
    parser.add_argument("layer", nargs="?", metavar="LAYER", help="the full name of a layer (layer1.0.conv1)")
    specs.add_set(parser)


def run(args: argparse.Namespace) -> int:
    """Print the explanation."""
    columns, painted = min(width(sys.stdout), 100), colour(sys.stdout)
    if args.layer is None and _CODE.match(args.what):
        return _code(args.what, columns, painted)
    loaded = specs.one(args.what, dict(args.set))
    if args.layer is None:
        from ..diagnostics import Diagnostic, SpecError

        raise SpecError([Diagnostic("NS301", "which layer is to be explained?", file=loaded.spec,
                                    help=f"netspec explain {args.what} LAYER; `netspec check {args.what}` lists them")])
    print(layer_text(loaded, args.layer, columns, painted), end="")
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
    print(code_text(full, entry, columns, painted), end="")
    return 0


def code_text(full: str, entry: Code, columns: int = 80, painted: bool = False) -> str:
    """What a code means, with a spec that has it, what is said of it, and the spec mended."""
    import textwrap

    from ..diagnostics import paint

    out = [paint(full, "bold", painted) + f"  {entry.title}", "", *textwrap.wrap(entry.text, columns)]
    if entry.wrong is not None and entry.spec(entry.wrong).strip():
        out += ["", paint("for example", "bold", painted), *_indented(entry.spec(entry.wrong), columns)]
    if entry.wrong is not None:
        out += ["", *_said(entry.spec(entry.wrong), full, painted)]
    if entry.mended is not None:
        out += ["", paint("mended", "bold", painted), *_indented(entry.spec(entry.mended), columns)]
    return "\n".join(out) + "\n"


def _indented(text: str, columns: int) -> list[str]:
    lines = text.rstrip("\n").split("\n")
    return [f"  {line}" if len(line) < columns - 2 else f"  {line[: columns - 3]}…" for line in lines]


def _said(text: str, code: str, painted: bool) -> list[str]:
    """What `netspec check` says of an example."""
    from ..checking.expectations import checked
    from ..checking.load import Spec
    from ..diagnostics import render

    loaded = Spec("example.yaml", text).graph()
    found = list(loaded.diagnostics)
    if loaded.graph is not None and loaded.expect:
        from ..analysis.summary import analyze

        found += checked(loaded, analyze(loaded.graph))
    return [render(d, loaded.sources, painted) for d in found if d.code == code][:1]


def layer_text(loaded: Loaded, layer: str, columns: int = 80, painted: bool = False) -> str:
    """How every number of a layer comes about. Raises SpecError for a name that is none."""
    from ..diagnostics import Diagnostic, SpecError, clip, did_you_mean
    from ..report.layer import Explanation

    graph = loaded.graph
    assert graph is not None
    nodes = {node.name: node for node in graph.nodes}
    node = nodes.get(layer)
    if node is None:
        inner = [name for name in nodes if name.startswith(f"{layer}.")]
        listed = ", ".join(clip(name) for name in inner[:6]) + (", …" if len(inner) > 6 else "")
        if inner:
            raise SpecError([Diagnostic("NS301", f"'{clip(layer)}' is a block: its layers are explained one by one",
                                        file=loaded.spec, help=f"it holds {listed}")])
        help_ = did_you_mean(layer, nodes) or f"`netspec check {clip(loaded.spec)}` lists them"
        raise SpecError([Diagnostic("NS301", f"there is no layer '{clip(layer)}'", file=loaded.spec, help=help_)])
    if node.layer != node.name and node.layer in nodes:
        node = nodes[node.layer]
    activation = nodes.get(f"{node.name}.activation")
    if activation is not None and activation.layer != node.name:
        activation = None
    return Explanation(graph, node, activation, loaded.sources, width=columns, colour=painted).text()
