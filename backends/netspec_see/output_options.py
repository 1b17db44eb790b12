"""The options that decide about files and the pictures in them, checked before PyTorch and the weights are loaded."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from netspec.backend import Need
from netspec.cli.output_files import to_standard_output
from netspec.diagnostics import Error, clip
from netspec.files import is_stream
from netspec_picture.lengths import NAMED_WIDTHS, POINTS, parse_length
from netspec_picture.typefaces import use_typefaces

from .see_errors import require_libraries
from .sheet_layout import Page

ARRAYS: Final = ".npz"
PICTURES: Final[dict[str, tuple[Need, ...]]] = {
    ".png": (Need("resvg_py", "resvg", "resvg-py"),),
    ".svg": (),
    ".pdf": (Need("fpdf", "fpdf2", "fpdf2"),),
}
"""The extensions of pictures, and the libraries that write them."""
FONTS: Final = (Need("fontTools", "fontTools", "fonttools"),)
"""The library that reads the files of ``--font``."""
LEAST_WIDTH, MOST_WIDTH = 72.0, 7200.0
"""The range of ``--width`` in points."""


def output_format(path: str) -> str:
    """The format of a file by its extension; of standard output, a pipe or a device without one, a picture.

    Raises:
        Error: NS815, an unknown extension.
    """
    extension = Path(path).suffix.lower()
    if not extension and (to_standard_output(path) or is_stream(path)):
        return ".png"
    if extension not in (*PICTURES, ARRAYS):
        message = f"cannot write '{clip(path)}': results are written as {', '.join(PICTURES)} and {ARRAYS}"
        raise Error("NS815", message)
    return extension


def picture_format(path: str, option: str) -> str:
    """The format of a file that can only be a picture. Raises Error NS815."""
    extension = output_format(path)
    if extension == ARRAYS:
        *others, last = PICTURES
        raise Error(
            "NS815", f"cannot write '{clip(path)}': {option} is a picture, written as {', '.join(others)} or {last}"
        )
    return extension


def check_output_options(args: argparse.Namespace) -> None:
    """Checks the files that the command line names, and the options of pictures.

    Raises:
        Error: NS712, standard output would take JSON and a picture, or an option needs another file; NS721, an
            invalid width; NS797, a file is not a font; NS810, a library is missing; NS815, an unknown extension.
    """
    plot: str | None = getattr(args, "plot", None)
    formats = [output_format(path) for path in args.output]
    if plot:
        formats.append(picture_format(plot, "--plot"))
    if not args.output and args.format == "text":
        formats.append(".png")
    _check_array_options(args, formats)
    if args.format == "json" and any(map(to_standard_output, [*args.output, *([plot] if plot else [])])):
        raise Error("NS712", "standard output takes the JSON or a picture, not both", "use -o FILE")
    require_libraries([need for extension in dict.fromkeys(formats) for need in PICTURES.get(extension, ())])
    given_page(args)
    with given_typefaces(args):
        pass


def _check_array_options(args: argparse.Namespace, formats: Sequence[str]) -> None:
    """Checks that options of arrays are given with a file of arrays. Raises Error NS712."""
    options = {
        "--dtype": getattr(args, "dtype", None) == "float16",
        "--pixels": getattr(args, "pixels", None) is not None,
    }
    for option, is_set in options.items():
        if is_set and ARRAYS not in formats:
            raise Error("NS712", f"{option} is for the arrays of a {ARRAYS} file", f"-o FILE{ARRAYS} writes one")


def given_page(args: argparse.Namespace) -> Page:
    """How large sheets are, according to the command line. Raises Error NS721."""
    if args.width is None:
        width = Page.width
    elif args.width in NAMED_WIDTHS:
        width = NAMED_WIDTHS[args.width][0] * POINTS["in"]
    else:
        width = parse_length("width", args.width, LEAST_WIDTH, MOST_WIDTH, f"{', '.join(NAMED_WIDTHS)} or ")
    title = "" if args.title == "none" else args.title
    return Page(width, args.dpi, title=title)


def given_typefaces(args: argparse.Namespace) -> AbstractContextManager[None]:
    """A context in which texts have the fonts of the command line. Raises Error NS797, NS810."""
    if not args.font:
        return use_typefaces(None)
    require_libraries(FONTS)
    from netspec_picture.font_files import load_typefaces

    return use_typefaces(load_typefaces(tuple(args.font)))
