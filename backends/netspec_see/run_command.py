"""Runs ``netspec see``: loads the network, runs the subcommand, writes its files and prints its text."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

from netspec.backend import find as find_backend
from netspec.backend.export import check_supported
from netspec.checking.spec import SpecResult
from netspec.cli.output_files import to_standard_output
from netspec.diagnostics import Sources, clean, render
from netspec.files import is_stream
from netspec.units import size_text

from .filter_subcommands import see_activations, see_exemplar, see_filters, see_top
from .loaded_network import Network, Progress, network
from .output_options import given_page, given_typefaces
from .score_subcommands import see_gradients, see_occlusion
from .see_errors import join_names
from .see_result import SeeResult, arrays_size, save, save_picture
from .window_subcommand import see_window

Print: TypeAlias = Callable[[str], None]
LARGE_FILE = 100_000_000
"""Bytes of arrays from which their size is printed before they are written."""
GIVEN_INITS = ("values", "constant", "zeros", "ones")
"""Kinds of initial values that are not random: a layer that has only these needs no training."""
SUBCOMMANDS: dict[str, Callable[[Network, argparse.Namespace, Progress], SeeResult]] = {
    "filters": see_filters,
    "activations": see_activations,
    "window": see_window,
    "top": see_top,
    "exemplar": see_exemplar,
    "occlusion": see_occlusion,
    "gradients": see_gradients,
}


def run(args: argparse.Namespace, loaded: SpecResult, progress: Progress, output: Print, warn: Print) -> int:
    """Runs a subcommand; returns the exit status.

    Args:
        args: its arguments; see :mod:`netspec_see.cli`.
        loaded: the spec.
        progress: called with the number of finished steps and the total.
        output: prints a line to standard output.
        warn: prints a line to standard error.

    Raises:
        Error: NS701, NS704 to NS708 and NS8xx; what :mod:`netspec_see.output_options` checks is checked before.
    """
    plot: str | None = getattr(args, "plot", None)
    if any(map(to_standard_output, [*args.output, *([plot] if plot else [])])):
        output = warn
    assert loaded.graph is not None
    check_supported(find_backend("torch"), loaded.graph, loaded.sources)
    net = network(
        loaded.graph,
        weights=args.weights,
        seed=args.seed,
        rename=args.rename,
        in_order=args.in_order,
        strict=not args.no_strict,
        device=args.device,
        on_warning=lambda warning: warn(render(warning, Sources())),
    )
    result = SUBCOMMANDS[args.see](net, args, progress)
    files: list[str] = list(args.output)
    if not files and args.format == "text":
        files = [default_name(net, args)]
    page = given_page(args)
    with given_typefaces(args):
        for path in files:
            size = arrays_size(result, path)
            if size >= LARGE_FILE:
                text = f"{clean(path)}: {size_text(size)} of arrays before compression"
                hint = "; --layers, --dtype float16 and --pixels N write less" if args.see == "activations" else ""
                warn(text + hint)
            save(result, path, page)
        if plot:
            save_picture(result.plots["plot"], plot, page)
            files.append(plot)
    if page.absent:
        characters = join_names(f"'{c}' (U+{ord(c):04X})" for c in sorted(page.absent))
        warn(f"no font has {characters}: shown as '?'; --font FILE names a font that has it")
    if args.format == "json":
        output(result.json())
        return 0
    if not args.quiet:
        for line in result.lines:
            output(clean(line))
        for path in files:
            if not (to_standard_output(path) or is_stream(path)):
                output(f"wrote {clean(path)}")
    if args.weights is None and any(p.init.kind not in GIVEN_INITS and not p.buffer for p in net.graph.parameters):
        warn(f"no --weights: the network is untrained, initialised with seed {args.seed}")
    return 0


def default_name(net: Network, args: argparse.Namespace) -> str:
    """Name of the picture's file if none is given."""
    layer = args.layer if args.see in ("filters", "window", "top", "exemplar") else None
    text = "-".join(part for part in (net.graph.name, layer, args.see) if part)
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in text) + ".png"
