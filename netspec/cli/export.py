"""``netspec export``: write a network to a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ..output.terminal import use_colour
from . import spec_arguments
from .argument_types import seed
from .output_files import check_readable, destination, print_size, to_standard_output
from .progress import ProgressBar
from .weight_options import add_weight_options

if TYPE_CHECKING:
    from ..backend import VerifyingBackend
    from ..diagnostics import Diagnostic
    from ..ir import Graph
    from ..weights.matching import Match

BATCH = "N"
"""The name for ``--at`` of the number of examples in an ONNX file."""
OPTIONS = ("plan", "opset", "ir_version", "dtype", "external_data", "optimize", "functions")


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
        help="the file to write; its extension says what: .py, .onnx, .safetensors (see netspec "
        "backends); with --to, - is standard output, and any pipe or device is written, too",
    )
    parser.add_argument("--to", metavar="BACKEND", help="the backend, whatever the extension")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="seed of the initial weights (default: 0)")
    add_weight_options(parser, "take weights from a .safetensors, .pt or .pth file")
    parser.add_argument("--no-weights", action="store_true", help="ONNX: write the architecture without weights")
    parser.add_argument("--opset", type=int, metavar="N", help="ONNX: version of the operator set")
    parser.add_argument("--ir-version", type=int, metavar="N", help="ONNX: version of the file format")
    parser.add_argument(
        "--dtype", choices=("float32", "float16", "bfloat16"), help="ONNX: element type in place of the spec's"
    )
    parser.add_argument(
        "--external-data", action="store_true", default=None, help="ONNX: write weights to a second file"
    )
    parser.add_argument(
        "--optimize",
        action="store_true",
        default=None,
        help="ONNX: fold batch normalisation, remove operations without effect in inference",
    )
    parser.add_argument("--functions", action="store_true", default=None, help="ONNX: keep blocks as functions")
    parser.add_argument(
        "--plan",
        metavar="FILE",
        help="PyTorch: a plan of netspec plan; the file then has parallelize(model, mesh), and train.py is beside it",
    )
    parser.add_argument("--verify", action="store_true", help="ONNX: run the file and compare it with the spec")
    parser.add_argument("--quiet", action="store_true", help="print nothing if there are no problems")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Write the file; returns the exit status."""
    from ..backend.export import export
    from ..diagnostics import Sources, render

    extension = _extension(args)
    if args.verify:
        check_readable(args.output, "--verify")
        _verifying_backend(args)
    sizes: dict[str, int] = dict(args.at)
    batch = sizes.pop(BATCH, None)
    result = spec_arguments.load_one(args.spec, dict(args.set), strict=args.strict, sizes=sizes)
    assert result.graph is not None
    messages = sys.stderr if to_standard_output(args.output) else sys.stdout
    options: dict[str, Any] = {k: getattr(args, k) for k in OPTIONS if getattr(args, k) is not None}
    if args.no_weights:
        options["weights"] = False
    if batch is not None:
        options["batch"] = batch

    def print_match(match: Match) -> None:
        from ..weights.match_report import report

        if not args.quiet and match.complete:
            print("\n".join(report(match, args.weights)), file=messages)

    def print_warning(warning: Diagnostic) -> None:
        print(render(warning, Sources(), use_colour(sys.stderr, args.color)), file=sys.stderr)

    with destination(args.output, extension) as path:
        with ProgressBar(f"writing {path.name}", use_colour(sys.stderr, args.color), quiet=args.quiet) as bar:
            export(
                result.graph,
                path,
                to=args.to,
                seed=args.seed,
                weights=args.weights,
                rename=args.rename,
                in_order=args.in_order,
                strict=not args.no_strict,
                progress=bar.update,
                on_match=print_match,
                on_warning=print_warning,
                sources=result.sources,
                options=options,
            )
        if messages is sys.stdout and not args.quiet:
            print_size(path, messages)
        return _verify(args, result.graph, path, messages) if args.verify else 0


def _extension(args: argparse.Namespace) -> str:
    """Returns the extension of data on standard output: that of the backend's first target."""
    from ..backend import find
    from ..diagnostics import Error

    if not to_standard_output(args.output):
        return ""
    if not args.to:
        raise Error(
            "NS703",
            "standard output has no extension that says what to write",
            "--to names a backend, such as --to torch",
        )
    return find(args.to).targets[0].extension


def _verify(args: argparse.Namespace, graph: Graph, path: Path, messages: TextIO) -> int:
    """Run the written file and compare it with the spec; returns 1 if they differ by more than rounding."""
    from ..backend.export import open_weight_source

    weights = open_weight_source(
        graph, args.seed, args.weights, args.rename, args.in_order, not args.no_strict, on_warning=lambda _: None
    )
    verification = _verifying_backend(args).verify(graph, path, weights)
    print("\n".join(verification.lines()), file=messages)
    return 1 if verification.problems else 0


def _verifying_backend(args: argparse.Namespace) -> VerifyingBackend:
    """Returns the backend that writes the file. Raises Error NS711 if it cannot run one."""
    from ..backend import VerifyingBackend, by_extension, find
    from ..diagnostics import Error

    backend = find(args.to) if args.to else by_extension(Path(args.output))
    if not isinstance(backend, VerifyingBackend):
        raise Error("NS711", f"files of the backend '{backend.name}' cannot be verified")
    return backend
