"""Arguments that several subcommands of ``netspec see`` have."""

from __future__ import annotations

import argparse

from netspec.cli import spec_arguments
from netspec.cli.argument_types import dpi, float_list, seed

from .see_argument_types import position_or_size


def add_common_arguments(
    parser: argparse.ArgumentParser, *, layer: bool = False, position: bool = False, layer_help: str | None = None
) -> None:
    """Adds the spec, its weights, the device and the files.

    Args:
        parser: the parser of a subcommand.
        layer: whether it has a layer.
        position: whether ``--at`` also takes a position.
        layer_help: what the layer is; with it, the layer may be omitted.
    """
    parser.add_argument("spec", metavar="SPEC", help="a file, FILE@variant, a network of the zoo, or -")
    if layer:
        usual = "a layer's dotted name, as netspec check shows it"
        parser.add_argument("layer", metavar="LAYER", nargs="?" if layer_help else None, help=layer_help or usual)
    spec_arguments.add_set_option(parser)
    if position:
        parser.add_argument(
            "--at",
            action="append",
            default=[],
            type=position_or_size,
            metavar="ROW,COLUMN|NAME=SIZE",
            help="position of the output (default: the middle); or the size of a named dimension (repeatable)",
        )
    else:
        spec_arguments.add_at_option(parser)
    spec_arguments.add_strict_option(parser)
    _add_weights(parser)
    parser.add_argument(
        "--device",
        default="cpu",
        metavar="DEVICE",
        help="the device that runs the network, as PyTorch names it: cpu, cuda, cuda:1, mps (default: cpu)",
    )
    _add_output(parser)


def _add_weights(parser: argparse.ArgumentParser) -> None:
    """Adds the file of weights, and the seed of those that it lacks."""
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


def _add_output(parser: argparse.ArgumentParser) -> None:
    """Adds the files that are written, the style of pictures, and what is printed."""
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FILE",
        help="write a .png, .svg or .pdf picture, or the arrays as .npz (can be repeated)",
    )
    parser.add_argument(
        "--width",
        metavar="WIDTH",
        help="greatest width of a picture: page, column, slide, or a length such as 3.3in (default: page, 6.5in)",
    )
    parser.add_argument(
        "--dpi",
        type=dpi,
        default=144.0,
        metavar="N",
        help="pixels per inch of a .png file; tiles are aligned to them in every format (default: 144)",
    )
    parser.add_argument("--title", metavar="TEXT", help="title in place of the picture's own; none omits it")
    parser.add_argument(
        "--font",
        metavar="FILE",
        action="append",
        default=[],
        help="font to use, as a TrueType or OpenType file; given again, for bold text",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format (default: text)")
    parser.add_argument("--quiet", action="store_true", help="print nothing on success")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=argparse.SUPPRESS)


def add_image_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the image and its preparation."""
    parser.add_argument("--image", required=True, metavar="FILE", help="the image")
    add_preparation_arguments(parser)


def add_preparation_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds how an image becomes an input."""
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


def add_class_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the class to explain."""
    parser.add_argument(
        "--target", metavar="CLASS", help="number or name of the class (default: the one with the highest score)"
    )
    parser.add_argument("--classes", metavar="FILE", help="names of the classes, one per line")


def add_before_activation_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds whether values are those before an activation."""
    parser.add_argument("--before-activation", action="store_true", help="use the value before the layer's activation")
