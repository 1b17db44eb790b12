"""The arguments of ``netspec see``. PyTorch and the rest of the package are loaded only when the command runs."""

from __future__ import annotations

import argparse
import sys

from netspec.cli import specs, words
from netspec.cli.progress import Bar
from netspec.cli.terminal import colour

HELP = "look at what a network has learned"
METHODS = ("saliency", "integrated", "grad-cam")


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command and its subcommands."""
    looks = parser.add_subparsers(dest="see", metavar="WHAT", title="what to look at", required=True)
    one = looks.add_parser("filters", help="the kernels of a layer",
                           description="The kernels of a layer as a grid; zero is mid grey.")
    _common(one, layer=True)
    one.add_argument("--filter", type=words.numbers, metavar="N,A-B", help="which filters (default: all)")

    one = looks.add_parser("activations", help="what filters answer to an image, and how much of it is zero",
                           description="What the filters of layers answer to an image, and the share of zeros.")
    _common(one)
    _image(one)
    one.add_argument("--layers", type=words.names, metavar="A,B", help="which layers (default: all)")
    one.add_argument("--filter", type=words.numbers, metavar="N,A-B",
                     help="which filters to draw (default: the first 8)")
    one.add_argument("--plot", metavar="FILE", help="draw the share of zeros over the network's depth")

    one = looks.add_parser("top", help="the images of a folder that excite a filter most, and where",
                           description="The images of folders that excite filters most, each with the receptive field "
                           "of the place that answered most.")
    _common(one, layer=True)
    one.add_argument("--filter", type=words.numbers, metavar="N,A-B", required=True, help="which filters")
    one.add_argument("--images", nargs="+", required=True, metavar="FOLDER",
                     help="folders, searched to the bottom, and files")
    one.add_argument("--count", type=words.positive, default=9, metavar="N", help="images to keep (default 9)")
    one.add_argument("--batch", type=words.positive, default=16, metavar="N", help="images run at once (default 16)")
    _preparing(one)
    _before(one)

    one = looks.add_parser("exemplar", help="the input that a filter looks for",
                           description="The input that maximises a filter's mean answer, by ascent from noise.")
    _common(one, layer=True)
    one.add_argument("--filter", type=words.numbers, metavar="N,A-B", required=True, help="which filters, all at once")
    one.add_argument("--steps", type=words.positive, default=160, metavar="N", help="steps of ascent (default 160)")
    one.add_argument("--rate", type=words.above, default=0.02, metavar="X",
                     help="length of a step (default 0.02; black to white is 1)")
    one.add_argument("--jitter", type=words.whole, default=4, metavar="PIXELS",
                     help="moves before each step; 0: none (default 4)")
    one.add_argument("--blur", type=words.extent, default=0.5, metavar="PIXELS",
                     help="blur after every fourth step; 0: none (default 0.5)")
    one.add_argument("--variation", type=words.extent, default=0.25, metavar="W",
                     help="weight of the total variation; 0: none (default 0.25)")
    one.add_argument("--start", choices=("decayed", "white"), default="decayed",
                     help="noise whose frequencies decay, or white noise (default: decayed)")
    one.add_argument("--unbounded", action="store_true", help="let pixels leave the range from black to white")
    one.add_argument("--plain", action="store_true", help="none of these aids: gradient ascent alone")
    one.add_argument("--classes", metavar="FILE", help="names of the classes, one a line, to name filters by")
    _preparing(one)
    _before(one)

    one = looks.add_parser("occlusion", help="how a score falls where the image is hidden",
                           description="How far a class's score falls where a grey square hides the image.")
    _common(one)
    _image(one)
    _class(one)
    one.add_argument("--size", type=words.positive, default=8, metavar="PIXELS", help="side of the square (default 8)")
    one.add_argument("--stride", type=words.positive, default=4, metavar="PIXELS",
                     help="from one square to the next (default 4)")

    one = looks.add_parser("gradients", help="which pixels a score depends on",
                           description="Which pixels a class's score depends on, by gradients.")
    _common(one)
    _image(one)
    _class(one)
    one.add_argument("--method", type=_methods, metavar="A,B",
                     help="saliency, integrated, grad-cam (default: all three)")
    one.add_argument("--layer", metavar="LAYER",
                     help="Grad-CAM: the layer (default: the last with more than one place)")
    one.add_argument("--steps", type=words.positive, default=64, metavar="N",
                     help="integrated gradients: images on the way (default 64)")


def _common(parser: argparse.ArgumentParser, *, layer: bool = False) -> None:
    parser.add_argument("spec", metavar="SPEC", help="a file, FILE@variant, a network of the zoo, or -")
    if layer:
        parser.add_argument("layer", metavar="LAYER", help="a layer's dotted name, as netspec check shows it")
    specs.add_set(parser)
    parser.add_argument("--weights", metavar="FILE", help="take weights from a .safetensors, .pt or .pth file")
    parser.add_argument("--rename", action="append", default=[], metavar="OLD=NEW",
                        help="map names of that file to the network's (may be given several times)")
    parser.add_argument("--in-order", action="store_true",
                        help="match the remaining tensors by order and shape, if that is unambiguous")
    parser.add_argument("--seed", type=words.whole, default=0, metavar="N",
                        help="draw noise, and weights that no file gives, from this seed (default 0)")
    parser.add_argument("-o", "--output", action="append", default=[], metavar="FILE",
                        help="a .png to draw, or an .npz for the arrays (may be given several times)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default: text)")
    parser.add_argument("--quiet", action="store_true", help="print nothing when all is well")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=argparse.SUPPRESS)


def _image(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--image", required=True, metavar="FILE", help="the image")
    _preparing(parser)


def _preparing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mean", type=words.floats, metavar="A,B,C",
                        help="taken off each channel, of 0 to 1 (default 0)")
    parser.add_argument("--std", type=words.floats, metavar="A,B,C", help="each channel is divided by it (default 1)")
    parser.add_argument("--fit", choices=("crop", "pad", "stretch", "exact"), default="crop",
                        help="how an image of another size fits: cut, black around, stretched, not (default: crop)")


def _class(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", metavar="CLASS",
                        help="number or name of the class (default: that of the highest score)")
    parser.add_argument("--classes", metavar="FILE", help="names of the classes, one a line")


def _before(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--before-activation", action="store_true", help="the value before the layer's activation")


def _methods(text: str) -> list[str]:
    found = words.names(text)
    for word in found:
        if word not in METHODS:
            raise argparse.ArgumentTypeError(f"there is no method '{word}'; there are {', '.join(METHODS)}")
    return found


def run(args: argparse.Namespace) -> int:
    """Look; 0 when what was seen is written."""
    from netspec.backend import find, require

    loaded = specs.one(args.spec, dict(args.set))
    require(find("torch"))
    from . import command

    with Bar(f"looking ({args.see})", colour(sys.stderr, args.color)) as bar:
        return command.run(args, loaded, bar.to, print, _warn)


def _warn(line: str) -> None:
    print(line, file=sys.stderr)
