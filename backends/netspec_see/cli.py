"""The arguments of ``netspec see``. PyTorch and the rest of the package are loaded when the command runs."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from netspec.cli import spec_arguments
from netspec.cli.argument_types import (
    integer_list,
    name_list,
    non_negative_integer,
    positive_integer,
)
from netspec.cli.progress import ProgressBar
from netspec.output.terminal import use_colour

from .exemplar_arguments import add_exemplar_arguments, check_exemplar_options
from .method_options import check_method_options
from .see_argument_types import grid, methods
from .subcommand_arguments import (
    add_before_activation_arguments,
    add_class_arguments,
    add_common_arguments,
    add_image_arguments,
    add_preparation_arguments,
)

if TYPE_CHECKING:
    from netspec.checking.spec import SpecResult

HELP = "show what a network has learned"


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command and its subcommands."""
    subparsers = parser.add_subparsers(dest="see", metavar="WHAT", title="what to show", required=True)
    for name, (help, description, add_arguments) in SUBCOMMANDS.items():
        add_arguments(subparsers.add_parser(name, help=help, description=description))


def _add_filters_arguments(sub: argparse.ArgumentParser) -> None:
    add_common_arguments(sub, layer=True)
    sub.add_argument("--filter", type=integer_list, metavar="N,A-B", help="which filters (default: all)")


def _add_activations_arguments(sub: argparse.ArgumentParser) -> None:
    add_common_arguments(sub)
    add_image_arguments(sub)
    sub.add_argument("--layers", type=name_list, metavar="A,B", help="which layers (default: all)")
    sub.add_argument(
        "--filter", type=integer_list, metavar="N,A-B", help="which filters to draw (default: the first 8)"
    )
    sub.add_argument(
        "--size",
        type=positive_integer,
        metavar="N",
        help="N×N pixels for each value of a map, 1 for its own size (default: maps of about 84 pixels)",
    )
    sub.add_argument(
        "--dtype", choices=("float32", "float16"), default="float32", help="type of the values in a .npz file"
    )
    sub.add_argument(
        "--pixels",
        type=positive_integer,
        metavar="N",
        help="at most N rows and columns of each map in a .npz file; larger maps are averaged (default: all)",
    )
    sub.add_argument("--plot", metavar="FILE", help="plot the fraction of zeros over the network's depth")


def _add_window_arguments(sub: argparse.ArgumentParser) -> None:
    add_common_arguments(sub, layer=True, position=True)
    add_image_arguments(sub)
    sub.add_argument("--filter", type=non_negative_integer, default=0, metavar="N", help="which filter (default: 0)")
    sub.add_argument(
        "--around",
        type=non_negative_integer,
        default=2,
        metavar="N",
        help="rows and columns to draw around a window of a large map (default: 2)",
    )


def _add_top_arguments(sub: argparse.ArgumentParser) -> None:
    add_common_arguments(sub, layer=True)
    sub.add_argument("--filter", type=integer_list, metavar="N,A-B", required=True, help="which filters")
    sub.add_argument(
        "--images",
        nargs="+",
        required=True,
        metavar="FOLDER",
        help="folders, searched with their subfolders, and files",
    )
    sub.add_argument(
        "--count", type=positive_integer, default=9, metavar="N", help="images to keep per filter (default: 9)"
    )
    sub.add_argument("--batch", type=positive_integer, default=16, metavar="N", help="images per batch (default: 16)")
    add_preparation_arguments(sub)
    add_before_activation_arguments(sub)


def _add_occlusion_arguments(sub: argparse.ArgumentParser) -> None:
    add_common_arguments(sub)
    add_image_arguments(sub)
    add_class_arguments(sub)
    sub.add_argument(
        "--size", type=positive_integer, default=8, metavar="PIXELS", help="side of the square (default: 8)"
    )
    sub.add_argument(
        "--stride", type=positive_integer, default=4, metavar="PIXELS", help="distance between squares (default: 4)"
    )


def _add_gradients_arguments(sub: argparse.ArgumentParser) -> None:
    add_common_arguments(sub)
    add_image_arguments(sub)
    add_class_arguments(sub)
    sub.add_argument(
        "--method",
        type=methods,
        metavar="A,B",
        help="saliency, integrated, grad-cam, rollout, which is attention rollout (default: the first three)",
    )
    sub.add_argument(
        "--layer", metavar="LAYER", help="Grad-CAM: the layer (default: the last with more than one position)"
    )
    sub.add_argument(
        "--grid",
        type=grid,
        metavar="[AXIS:]ROWSxCOLUMNS[+FIRST]",
        help="Grad-CAM and rollout: how tokens are arranged as an image, such as 14x14, along which axis, and how many "
        "come before (default: as in the patch embedding)",
    )
    sub.add_argument(
        "--steps",
        type=positive_integer,
        metavar="N",
        help="integrated gradients: number of interpolated images (default: 64)",
    )


SUBCOMMANDS = {
    "filters": (
        "the kernels of a layer",
        "The kernels of a layer as a grid; zero is mid-grey.",
        _add_filters_arguments,
    ),
    "activations": (
        "the activations of layers for an image, and how many are zero",
        "The activations of layers for an image, and the fraction of zeros.",
        _add_activations_arguments,
    ),
    "window": (
        "the numbers under a window of a layer, and what it makes of them",
        "The numbers under one window of a convolution or pooling, its weights, and the value that they "
        "make. A transposed convolution is shown as a convolution over its input with zeros between.",
        _add_window_arguments,
    ),
    "top": (
        "the images of a folder that activate a filter most, and where",
        "The images of folders that activate filters most, each with the receptive field of the greatest activation.",
        _add_top_arguments,
    ),
    "exemplar": (
        "the input that maximises a filter",
        "The input that maximises a filter, a neuron, a class or a direction, by gradient ascent from noise.",
        add_exemplar_arguments,
    ),
    "occlusion": (
        "how much a score drops where the image is hidden",
        "How much a class score drops where a grey square hides the image.",
        _add_occlusion_arguments,
    ),
    "gradients": (
        "which pixels a score depends on",
        "Which pixels a class score depends on, by gradients, or by the attention of a transformer.",
        _add_gradients_arguments,
    ),
}
"""For each subcommand its help, its description, and the function that adds its arguments."""


def run(args: argparse.Namespace) -> int:
    """Runs the command; returns the exit status."""
    from netspec.backend import find, require

    sizes = dict(pair for pair in args.at if isinstance(pair[0], str))
    args.position = next((pair for pair in reversed(args.at) if not isinstance(pair[0], str)), None)
    loaded = spec_arguments.load_one(args.spec, dict(args.set), strict=args.strict, sizes=sizes)
    assert loaded.graph is not None
    loaded = replace(loaded, graph=loaded.graph.at_default)
    require(find("torch"))
    _check_names(args, loaded)
    from . import output_options

    output_options.check_output_options(args)
    from . import run_command

    with ProgressBar(f"see {args.see}", use_colour(sys.stderr, args.color), quiet=args.quiet) as bar:
        return run_command.run(args, loaded, bar.update, print, _warn)


def _check_names(args: argparse.Namespace, loaded: SpecResult) -> None:
    """Checks the layers and filters that the command line names before PyTorch and the weights are loaded.

    Raises:
        Error: NS712, two options exclude each other; NS801, NS802, there is no such layer or filter; NS820, there is
            nothing to maximise.
    """
    from .layer_lookup import find_layer, select_filters

    assert loaded.graph is not None
    layer: str | None = getattr(args, "layer", None)
    layers: list[str] | None = getattr(args, "layers", None)
    for name in (layer, *(layers or ())):
        if name is not None:
            find_layer(loaded.graph, name)
    if args.see == "exemplar":
        check_exemplar_options(args)
    if args.see == "gradients":
        check_method_options(args)
    if args.see in ("top", "exemplar") and layer is not None and args.filter:
        output = find_layer(loaded.graph, layer)
        if output.type.channel is not None:
            select_filters(output, args.filter)


def _warn(line: str) -> None:
    print(line, file=sys.stderr)
