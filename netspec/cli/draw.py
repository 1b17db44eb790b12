"""``netspec draw``: a drawing of a network."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from . import spec_arguments
from .output_files import destination, print_size, to_standard_output

FORMATS = ("svg", "png", "pdf", "dot", "html")
OPTIONS = ("style", "depth", "show", "direction", "shade_by", "width_by")


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "spec", metavar="SPEC", help="a file, FILE@variant, a network of the zoo, or - for standard input"
    )
    spec_arguments.add_set_option(parser)
    spec_arguments.add_at_option(parser)
    spec_arguments.add_strict_option(parser)
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="a .svg, .png, .pdf, .dot or .html file; - is standard output",
    )
    parser.add_argument(
        "--format", choices=FORMATS, help="the format, whatever the extension; for a pipe or a device svg by default"
    )
    parser.add_argument(
        "--style",
        metavar="STYLE",
        help="graph (default); volumes: feature maps as boxes; neurons: units and connections",
    )
    parser.add_argument(
        "--depth", type=int, metavar="N", help="levels of blocks to open; deeper ones are drawn as one box"
    )
    parser.add_argument("--show", metavar="A,B,…", help="figures to write into layers: params, macs, …")
    parser.add_argument("--direction", metavar="DIRECTION", help="down (default) or right")
    parser.add_argument("--dark", action="store_true", default=None, help="use a dark background")
    parser.add_argument("--shade-by", metavar="FIGURE", help="shade layers by a cost: params, macs, …")
    parser.add_argument("--width-by", metavar="FIGURE", help="widen layers by a cost")
    parser.add_argument("--no-legend", action="store_true", help="omit the legend")
    parser.add_argument("--quiet", action="store_true", help="print nothing if there are no problems")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Draw; 0 when the file is there."""
    from ..backend.export import export

    loaded = spec_arguments.load_one(args.spec, dict(args.set), strict=args.strict, sizes=dict(args.at))
    assert loaded.graph is not None
    options: dict[str, Any] = {k: getattr(args, k) for k in (*OPTIONS, "dark") if getattr(args, k) is not None}
    if args.no_legend:
        options["legend"] = False
    if args.format is not None:
        options["format"] = args.format
    options["sources"] = loaded.sources
    with destination(args.output, f".{args.format or 'svg'}") as path:
        export(loaded.graph, path, to="graphviz", sources=loaded.sources, options=options)
        if not to_standard_output(args.output) and not args.quiet:
            print_size(path, sys.stdout)
    return 0
