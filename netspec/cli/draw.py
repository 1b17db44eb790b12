"""``netspec draw``: a drawing of a network."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import is_stream
from ..output.terminal import use_colour
from . import spec_arguments
from .output_files import destination, print_json, print_report, print_size, to_standard_output
from .weight_options import add_weight_options

if TYPE_CHECKING:
    from ..backend import FigureSummary

FORMATS = ("svg", "png", "pdf", "tex", "dot", "html")
OPTIONS = (
    "style", "form", "depth", "show", "direction", "shade_by", "width_by", "width", "height", "min_text", "engine",
    "dark", "background", "title", "palette", "font", "dpi", "image", "maps",
)  # fmt: skip


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
        help="a .svg, .png, .pdf, .tex, .dot or .html file; - is standard output",
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
        "--form", metavar="FORM", help="of volumes: planes, levels, row, branches or layers; by default what suits"
    )
    parser.add_argument("--image", metavar="FILE", help="of volumes: an image to show on the input")
    parser.add_argument(
        "--maps",
        metavar="FILE.npz",
        help="of volumes: values to show on the maps, written by netspec see activations -o FILE.npz",
    )
    parser.add_argument(
        "--depth", type=int, metavar="N", help="levels of blocks to open; deeper ones are drawn as one box"
    )
    parser.add_argument("--show", metavar="A,B,…", help="figures to write into layers: params, macs, …")
    parser.add_argument("--direction", metavar="DIRECTION", help="down (default) or right")
    parser.add_argument(
        "--engine", metavar="ENGINE", help="what lays the graph out: bundled (default), or dot, the program on the PATH"
    )
    parser.add_argument("--shade-by", metavar="FIGURE", help="shade layers by a cost: params, macs, …")
    parser.add_argument("--width-by", metavar="FIGURE", help="widen layers by a cost")
    parser.add_argument(
        "--width",
        metavar="WIDTH",
        help="make a figure for paper that fits: page, column, slide, or a length such as 3.3in",
    )
    parser.add_argument("--height", metavar="HEIGHT", help="with --width: the height that the figure may have")
    parser.add_argument("--min-text", metavar="SIZE", help="with --width: the smallest size of text; 6pt by default")
    parser.add_argument("--json", action="store_true", help="print size, smallest text and what is left out as JSON")
    _add_appearance(parser)
    add_weight_options(
        parser, "with -o FILE.html: show histograms and filters of the weights in a .safetensors, .pt or .pth file"
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing if there are no problems")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=argparse.SUPPRESS)


def _add_appearance(parser: argparse.ArgumentParser) -> None:
    """Adds the options for the appearance of a drawing."""
    parser.add_argument("--no-legend", action="store_true", help="omit the legend")
    parser.add_argument("--title", metavar="TEXT", help="title in place of the network's name; none omits it")
    parser.add_argument(
        "--dark",
        action=argparse.BooleanOptionalAction,
        help="use a dark or a light background; by default .svg and .html follow the reader's system",
    )
    parser.add_argument("--background", metavar="COLOR", help="transparent, or a colour such as #f5f8fb")
    parser.add_argument(
        "--palette", metavar="NAME|FILE", help="colours of layers: okabe-ito, grey (for print without colour), a file"
    )
    parser.add_argument(
        "--font",
        metavar="FILE",
        action="append",
        help="font to use, as a TrueType or OpenType file; given again, for bold text and for italic text",
    )
    parser.add_argument("--dpi", type=float, metavar="N", help="pixels per inch of a .png file (default: 144)")


def run(args: argparse.Namespace) -> int:
    """Draw the network; returns 0 on success."""
    from ..backend.export import export
    from ..diagnostics import Sources, render

    loaded = spec_arguments.load_one(args.spec, dict(args.set), strict=args.strict, sizes=dict(args.at))
    assert loaded.graph is not None
    options: dict[str, Any] = {k: getattr(args, k) for k in OPTIONS if getattr(args, k) is not None}
    if args.no_legend:
        options["legend"] = False
    if args.format is not None:
        options["format"] = args.format
    options["sources"] = loaded.sources
    summaries: list[FigureSummary] = []
    options["on_figure"] = summaries.append
    colour = use_colour(sys.stderr, args.color)
    with destination(args.output, f".{args.format or 'svg'}") as path:
        export(
            loaded.graph,
            path,
            to="graphviz",
            weights=args.weights,
            rename=args.rename,
            in_order=args.in_order,
            strict=not args.no_strict,
            on_warning=lambda warning: print(render(warning, Sources(), colour), file=sys.stderr),
            sources=loaded.sources,
            options=options,
        )
        if to_standard_output(args.output) or args.quiet:
            return 0
        if args.json:
            _print_json(path, summaries)
        else:
            print_size(path, sys.stdout)
            for summary in summaries:
                _print_summary(summary)
    return 0


def _print_summary(summary: FigureSummary) -> None:
    """Print the size of a figure, its smallest text, and what it leaves out."""
    size = f"{summary.width:.2f} × {summary.height:.2f} in, text of {summary.smallest_text:.1f} pt and more"
    print_report(f"{size}\n")
    if summary.left_out:
        print_report(f"to fit: {'; '.join(summary.left_out)}\n")


def _print_json(path: Path, summaries: list[FigureSummary]) -> None:
    """Print the same as JSON, with the name and size of the file."""
    report: dict[str, object] = {"file": str(path), "bytes": None if is_stream(path) else path.stat().st_size}
    for summary in summaries:
        report |= {
            "width_in": round(summary.width, 3),
            "height_in": round(summary.height, 3),
            "smallest_text_pt": round(summary.smallest_text, 2),
            "left_out": list(summary.left_out),
        }
    print_json(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
