"""The arguments of ``netspec see``. PyTorch and the rest of the package are loaded when the command runs."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from netspec.cli import spec_arguments
from netspec.cli.argument_types import (
    float_list,
    float_to_1000,
    integer_list,
    name_list,
    non_negative_integer,
    positive_float,
    positive_integer,
    seed,
)
from netspec.cli.progress import ProgressBar
from netspec.cli.size_arguments import parse_size
from netspec.diagnostics import clip
from netspec.output.terminal import use_colour

if TYPE_CHECKING:
    from netspec.checking.spec import SpecResult

HELP = "show what a network has learned"
METHODS = ("saliency", "integrated", "grad-cam")


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command and its subcommands."""
    subparsers = parser.add_subparsers(dest="see", metavar="WHAT", title="what to show", required=True)
    for name, (help, description, add_arguments) in SUBCOMMANDS.items():
        add_arguments(subparsers.add_parser(name, help=help, description=description))


def _add_filters_arguments(sub: argparse.ArgumentParser) -> None:
    _add_common(sub, layer=True)
    sub.add_argument("--filter", type=integer_list, metavar="N,A-B", help="which filters (default: all)")


def _add_activations_arguments(sub: argparse.ArgumentParser) -> None:
    _add_common(sub)
    _add_image(sub)
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
    sub.add_argument("--plot", metavar="FILE", help="plot the fraction of zeros over the network's depth")


def _add_window_arguments(sub: argparse.ArgumentParser) -> None:
    _add_common(sub, layer=True, position=True)
    _add_image(sub)
    sub.add_argument("--filter", type=non_negative_integer, default=0, metavar="N", help="which filter (default: 0)")
    sub.add_argument(
        "--around",
        type=non_negative_integer,
        default=2,
        metavar="N",
        help="rows and columns to draw around a window of a large map (default: 2)",
    )


def _add_top_arguments(sub: argparse.ArgumentParser) -> None:
    _add_common(sub, layer=True)
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
    _add_preparation(sub)
    _add_before_activation(sub)


def _add_exemplar_arguments(sub: argparse.ArgumentParser) -> None:
    _add_common(sub, layer=True)
    sub.add_argument("--filter", type=integer_list, metavar="N,A-B", required=True, help="which filters")
    sub.add_argument(
        "--steps", type=positive_integer, default=160, metavar="N", help="steps of gradient ascent (default: 160)"
    )
    sub.add_argument(
        "--rate",
        type=positive_float,
        default=0.02,
        metavar="X",
        help="step size (default: 0.02; from black to white is 1)",
    )
    sub.add_argument(
        "--jitter",
        type=non_negative_integer,
        default=4,
        metavar="PIXELS",
        help="random shift before each step; 0: none (default: 4)",
    )
    sub.add_argument(
        "--blur",
        type=float_to_1000,
        default=0.5,
        metavar="PIXELS",
        help="blur after every fourth step; 0: none (default: 0.5)",
    )
    sub.add_argument(
        "--variation",
        type=float_to_1000,
        default=0.25,
        metavar="W",
        help="weight of the total variation; 0: none (default: 0.25)",
    )
    sub.add_argument(
        "--start",
        choices=("decayed", "white"),
        default="decayed",
        help="initial noise: with a 1/f spectrum, or white (default: decayed)",
    )
    sub.add_argument("--unbounded", action="store_true", help="allow pixels outside the range from black to white")
    sub.add_argument(
        "--plain", action="store_true", help="gradient ascent without jitter, blur, variation, decay and bounds"
    )
    sub.add_argument("--classes", metavar="FILE", help="names of the classes, one per line, as labels of the filters")
    _add_preparation(sub)
    _add_before_activation(sub)


def _add_occlusion_arguments(sub: argparse.ArgumentParser) -> None:
    _add_common(sub)
    _add_image(sub)
    _add_class(sub)
    sub.add_argument(
        "--size", type=positive_integer, default=8, metavar="PIXELS", help="side of the square (default: 8)"
    )
    sub.add_argument(
        "--stride", type=positive_integer, default=4, metavar="PIXELS", help="distance between squares (default: 4)"
    )


def _add_gradients_arguments(sub: argparse.ArgumentParser) -> None:
    _add_common(sub)
    _add_image(sub)
    _add_class(sub)
    sub.add_argument(
        "--method", type=_methods, metavar="A,B", help="saliency, integrated, grad-cam (default: all three)"
    )
    sub.add_argument(
        "--layer", metavar="LAYER", help="Grad-CAM: the layer (default: the last with more than one position)"
    )
    sub.add_argument(
        "--steps",
        type=positive_integer,
        default=64,
        metavar="N",
        help="integrated gradients: number of interpolated images (default: 64)",
    )


def _add_common(parser: argparse.ArgumentParser, *, layer: bool = False, position: bool = False) -> None:
    parser.add_argument("spec", metavar="SPEC", help="a file, FILE@variant, a network of the zoo, or -")
    if layer:
        parser.add_argument("layer", metavar="LAYER", help="a layer's dotted name, as netspec check shows it")
    spec_arguments.add_set_option(parser)
    if position:
        parser.add_argument(
            "--at",
            action="append",
            default=[],
            type=_position_or_size,
            metavar="ROW,COLUMN|NAME=SIZE",
            help="position of the output (default: the middle); or the size of a named dimension (repeatable)",
        )
    else:
        spec_arguments.add_at_option(parser)
    spec_arguments.add_strict_option(parser)
    parser.add_argument("--weights", metavar="FILE", help="read weights from a .safetensors, .pt or .pth file")
    parser.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="map names of that file to the network's (can be repeated)",
    )
    parser.add_argument(
        "--in-order", action="store_true", help="match the remaining tensors by order and shape, if that is unambiguous"
    )
    spec_arguments.add_no_strict_option(parser)
    parser.add_argument(
        "--seed",
        type=seed,
        default=0,
        metavar="N",
        help="seed for noise and for weights that are not in the file (default: 0)",
    )
    parser.add_argument(
        "--device",
        default="cpu",
        metavar="DEVICE",
        help="the device that runs the network, as PyTorch names it: cpu, cuda, cuda:1, mps (default: cpu)",
    )
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FILE",
        help="write a .png picture or the arrays as .npz (can be repeated)",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format (default: text)")
    parser.add_argument("--quiet", action="store_true", help="print nothing on success")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=argparse.SUPPRESS)


def _add_image(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--image", required=True, metavar="FILE", help="the image")
    _add_preparation(parser)


def _add_preparation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mean",
        type=float_list,
        metavar="A,B,C",
        help="subtracted from each channel, in units of 0 to 1 (default: 0)",
    )
    parser.add_argument("--std", type=float_list, metavar="A,B,C", help="each channel is divided by it (default: 1)")
    parser.add_argument(
        "--fit",
        choices=("crop", "pad", "stretch", "exact"),
        default="crop",
        help="how to fit an image of another size: crop, black borders, stretch, or reject (default: crop)",
    )


def _add_class(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--target", metavar="CLASS", help="number or name of the class (default: the one with the highest score)"
    )
    parser.add_argument("--classes", metavar="FILE", help="names of the classes, one per line")


def _add_before_activation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--before-activation", action="store_true", help="use the value before the layer's activation")


def _methods(text: str) -> list[str]:
    methods = name_list(text)
    for word in methods:
        if word not in METHODS:
            raise argparse.ArgumentTypeError(f"there is no method '{word}'; available methods: {', '.join(METHODS)}")
    return methods


def _position_or_size(text: str) -> tuple[int, int] | tuple[str, int]:
    return parse_size(text) if "=" in text else _position(text)


def _position(text: str) -> tuple[int, int]:
    numbers = [non_negative_integer(part) for part in text.split(",")]
    if len(numbers) != 2:
        raise argparse.ArgumentTypeError(f"'{clip(text)}' is not a position: a row and a column, such as 3,5")
    return numbers[0], numbers[1]


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
        "The input that maximises a filter's mean activation, by gradient ascent from noise.",
        _add_exemplar_arguments,
    ),
    "occlusion": (
        "how much a score drops where the image is hidden",
        "How much a class score drops where a grey square hides the image.",
        _add_occlusion_arguments,
    ),
    "gradients": (
        "which pixels a score depends on",
        "Which pixels a class score depends on, by gradients.",
        _add_gradients_arguments,
    ),
}
"""For each its help, its description, and what adds its arguments."""


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
    from . import run_command

    with ProgressBar(f"see {args.see}", use_colour(sys.stderr, args.color), quiet=args.quiet) as bar:
        return run_command.run(args, loaded, bar.update, print, _warn)


def _check_names(args: argparse.Namespace, loaded: SpecResult) -> None:
    """Check the layers that the command line names before PyTorch and the weights are loaded. Raises Error NS801."""
    from .layer_lookup import find_layer

    assert loaded.graph is not None
    layer: str | None = getattr(args, "layer", None)
    layers: list[str] | None = getattr(args, "layers", None)
    for name in (layer, *(layers or ())):
        if name is not None:
            find_layer(loaded.graph, name)


def _warn(line: str) -> None:
    print(line, file=sys.stderr)
