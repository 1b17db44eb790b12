"""``netspec import``: writes the spec of an external network, and verifies that both are equivalent."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..diagnostics import Error
from ..output.terminal import use_colour
from .argument_types import example_input, json_object, non_negative_integer
from .output_files import destination, print_size, print_text, to_standard_output, write_text
from .progress import StageLine

if TYPE_CHECKING:
    from ..importing.result import Import


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="an ONNX or Keras file, a .pt2 archive, a configuration (config.json of Hugging Face, a .yaml file of "
        "Ultralytics, Darknet's .cfg), or package.module:callable, which is called and returns a PyTorch module; its "
        "code is run",
    )
    parser.add_argument("-o", "--output", default="-", metavar="FILE", help="the spec to write (default: -, to print)")
    parser.add_argument("--weights-out", metavar="FILE", help="write the weights, too, as safetensors")
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        type=example_input,
        metavar="SHAPE",
        help="shape of an input without the batch: 3,224,224, or NAME=SHAPE:TYPE (repeatable); a "
        "name in place of a size leaves it open",
    )
    parser.add_argument(
        "--args", type=json_object, default={}, metavar="JSON", help='arguments of the callable: {"num_classes": 10}'
    )
    parser.add_argument("--name", metavar="NAME", help="name of the network (default: that of the source)")
    parser.add_argument("--flat", action="store_true", help="one layer for each operation, without blocks")
    parser.add_argument("--depth", type=non_negative_integer, metavar="N", help="levels of modules that may be blocks")
    parser.add_argument(
        "--opaque", action="store_true", help="declare operations without an equivalent, with their shapes"
    )
    parser.add_argument("--no-proof", action="store_true", help="do not compare outputs with those of the source")
    parser.add_argument("--quiet", action="store_true", help="print nothing but the spec if there are no problems")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Write the spec; returns the exit status."""
    from ..importing.configs import SOURCES

    if args.source.endswith(SOURCES):
        return _import_config(args)
    from ..importing.readers import GivenInput, Request, reader_for

    if args.weights_out is not None and to_standard_output(args.weights_out) and to_standard_output(args.output):
        message = "standard output takes one file, but the weights are a second one"
        raise Error("NS712", message, "use -o FILE for the spec, or another name for the weights")
    gc.enable()  # exporting a module makes cycles
    inputs = {name or str(number): GivenInput(*rest) for number, (name, *rest) in enumerate(args.input)}
    with StageLine(quiet=args.quiet) as line:
        line.show(f"reading {args.source}")
        source = reader_for(args.source).read(args.source, Request(inputs, args.args, args.name))
        from ..importing.result import import_source  # needs NumPy, which readers need anyway

        imported = import_source(
            source,
            name=args.name,
            opaque=args.opaque,
            prove=not args.no_proof,
            depth=0 if args.flat else args.depth,
            stage=line.show,
        )
    if args.weights_out is not None:
        with destination(args.weights_out, ".safetensors") as path:
            imported.save_weights(path)
    text = imported.text(flat=args.flat)
    if to_standard_output(args.output):
        print_text(text)
    else:
        write_text(args.output, text)
    if not args.quiet:
        _print_summary(args, imported, sys.stderr if to_standard_output(args.output) else sys.stdout)
    return 0


def _import_config(args: argparse.Namespace) -> int:
    """Write the spec of a configuration. Raises Error with the reason if there is none."""
    from ..importing.configs import import_config
    from ..report.number_format import short_number

    for option in ("weights_out", "input", "args", "flat", "depth", "opaque"):
        if getattr(args, option) not in (None, False, [], {}):
            name = "--" + option.replace("_", "-")
            raise Error("NS895", f"{name} means nothing for a configuration", "leave it out", file=args.source)
    imported = import_config(args.source, args.name)
    if to_standard_output(args.output):
        print_text(imported.text)
    else:
        write_text(args.output, imported.text)
    if not args.quiet:
        messages = sys.stderr if to_standard_output(args.output) else sys.stdout
        params = sum(p.elements for p in imported.graph.parameters if not p.buffer)
        if not to_standard_output(args.output):
            print_size(Path(args.output), messages)
        lines = len(imported.text.splitlines())
        _print_lines([f"{lines} lines, {short_number(params)} parameters"], imported.notes, args, messages)
    return 0


def _print_summary(args: argparse.Namespace, imported: Import, messages: TextIO) -> None:
    """Print what was written, how it was verified, and remarks."""
    if not to_standard_output(args.output):
        print_size(Path(args.output), messages)
    if args.weights_out is not None and not to_standard_output(args.weights_out):
        print_size(Path(args.weights_out), messages)
    _print_lines([imported.summary()], imported.notes, args, messages)


def _print_lines(lines: Sequence[str], notes: Sequence[str], args: argparse.Namespace, messages: TextIO) -> None:
    """Print lines, and then notes."""
    from ..diagnostics import clean
    from ..output.terminal import character_set

    bullet = "\x1b[36mnote\x1b[0m" if use_colour(messages, args.color) else "note"
    fit = character_set(messages).fit
    for text in (*map(clean, lines), *(f"{bullet}: {clean(note)}" for note in notes)):
        print(fit(text), file=messages)
