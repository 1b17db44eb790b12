"""The arguments of ``netspec see exemplar``."""

from __future__ import annotations

import argparse

from netspec.cli.argument_types import (
    float_to_1000,
    integer_list,
    non_negative_integer,
    positive_float,
    positive_integer,
)
from netspec.diagnostics import Error

from .method_options import check_method_options
from .see_argument_types import direction, share
from .subcommand_arguments import add_before_activation_arguments, add_common_arguments, add_preparation_arguments


def add_exemplar_arguments(sub: argparse.ArgumentParser) -> None:
    """Adds the arguments of the subcommand."""
    add_common_arguments(sub, layer=True, position=True, layer_help="a layer's dotted name (default: the class scores)")
    _add_objectives(sub)
    _add_ascent(sub)
    sub.add_argument("--classes", metavar="FILE", help="names of the classes, one per line, as labels of the filters")
    add_preparation_arguments(sub)
    add_before_activation_arguments(sub)


def _add_objectives(sub: argparse.ArgumentParser) -> None:
    """Adds the arguments for the objectives, and the number of images."""
    sub.add_argument("--filter", type=integer_list, metavar="N,A-B", help="which filters, or which classes")
    sub.add_argument(
        "--objective",
        choices=("channel", "neuron"),
        default="channel",
        help="maximise the mean over positions, or one position: the middle, or that of --at (default: channel)",
    )
    sub.add_argument(
        "--direction",
        action="append",
        default=[],
        type=direction,
        metavar="N:WEIGHT,N:WEIGHT",
        help="maximise a weighted sum of filters, such as 3,7:-0.5 (can be repeated)",
    )
    sub.add_argument(
        "--count", type=positive_integer, default=1, metavar="N", help="images for each objective (default: 1)"
    )
    sub.add_argument(
        "--diversity",
        type=float_to_1000,
        metavar="W",
        help="weight of the similarity of these images; 0: none (default: 1)",
    )


def _add_ascent(sub: argparse.ArgumentParser) -> None:
    """Adds the arguments for the method of gradient ascent and its steps."""
    sub.add_argument(
        "--method",
        choices=("pixels", "fourier"),
        default="pixels",
        help="ascend in pixels, or in frequencies with decorrelated colours and random transformations "
        "(default: pixels)",
    )
    sub.add_argument(
        "--steps", type=positive_integer, default=160, metavar="N", help="steps of gradient ascent (default: 160)"
    )
    sub.add_argument(
        "--rate",
        type=positive_float,
        metavar="X",
        help="step size (default: 0.02, where black to white is 1; fourier: 0.05)",
    )
    _add_regularisation(sub)


def _add_regularisation(sub: argparse.ArgumentParser) -> None:
    """Adds the arguments for regularisation."""
    sub.add_argument(
        "--jitter",
        type=non_negative_integer,
        metavar="PIXELS",
        help="random shift before each step; 0: none (default: 4)",
    )
    sub.add_argument(
        "--rotation",
        type=float_to_1000,
        metavar="DEGREES",
        help="fourier: random rotation before each step; 0: none (default: 10)",
    )
    sub.add_argument(
        "--scaling",
        type=share,
        metavar="SHARE",
        help="fourier: random change of size before each step; 0: none (default: 0.1)",
    )
    sub.add_argument(
        "--blur",
        type=float_to_1000,
        metavar="PIXELS",
        help="pixels: blur after every fourth step; 0: none (default: 0.5)",
    )
    sub.add_argument(
        "--variation",
        type=float_to_1000,
        metavar="W",
        help="pixels: weight of the total variation; 0: none (default: 0.25)",
    )
    sub.add_argument(
        "--start",
        choices=("decayed", "white"),
        help="pixels: initial noise, with a 1/f spectrum, or white (default: decayed)",
    )
    sub.add_argument(
        "--unbounded",
        action="store_const",
        const=True,
        help="pixels: allow values outside the range from black to white",
    )
    sub.add_argument(
        "--plain",
        action="store_const",
        const=True,
        help="pixels: gradient ascent without jitter, blur, variation, decay and bounds",
    )


def check_exemplar_options(args: argparse.Namespace) -> None:
    """Checks that the options of the subcommand are compatible.

    Raises:
        Error: NS712, two options exclude each other; NS820, there is nothing to maximise.
    """
    neuron = args.objective == "neuron"
    if not (args.filter or args.direction):
        help_ = "--filter N,A-B selects filters or classes, --direction N:WEIGHT,N:WEIGHT a sum of them"
        raise Error("NS820", "no filter and no direction is given to maximise", help_)
    if args.direction and args.filter:
        raise Error("NS712", "--direction names its own filters", "drop --filter or --direction")
    if args.direction and neuron:
        message = "--direction is averaged over all positions; --objective neuron maximises one position"
        raise Error("NS712", message, "drop --objective neuron or --direction")
    if args.position is not None and not neuron:
        message = "--at ROW,COLUMN is the position of a neuron; --objective channel is averaged over all positions"
        raise Error("NS712", message, "add --objective neuron, or drop --at")
    if args.diversity is not None and args.count == 1:
        message = "--diversity keeps several images of one objective different, and --count is 1"
        raise Error("NS712", message, "add --count N, or drop --diversity")
    check_method_options(args)
