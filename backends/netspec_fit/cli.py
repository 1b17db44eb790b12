"""The arguments of ``netspec fit``. The rest of the package is only loaded when the command runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netspec.cli import spec_arguments
from netspec.cli.argument_types import integer_list, positive_integer
from netspec.cli.output_files import print_json, print_report
from netspec.diagnostics import Error

if TYPE_CHECKING:
    from netspec.devices import Device

    from .text_report import Fit

HELP = "forecast the memory that training or inference takes in PyTorch"
OPTIMIZERS = ("adamw", "adam", "sgd", "momentum", "rmsprop", "adagrad")
EXTENSIONS = (".svg", ".csv", ".json")
DTYPES = ("float32", "bfloat16", "float16")


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.description = (
        "Forecast the memory that PyTorch allocates to train a network or to run it, from its spec alone: weights, "
        "gradients, the optimiser's state, and what autograd keeps. Workspaces of cuDNN and cuBLAS are not counted."
    )
    parser.add_argument("spec", metavar="SPEC", help="a file, FILE@variant, a network of the zoo, or -")
    spec_arguments.add_set_option(parser)
    spec_arguments.add_at_option(parser)
    spec_arguments.add_strict_option(parser)
    parser.add_argument(
        "--batch", type=positive_integer, default=1, metavar="N", help="number of examples (default: 1)"
    )
    parser.add_argument(
        "--memory",
        type=_memory,
        metavar="SIZE",
        help="available memory: 24GB (1 GB is 1000 MB), 16GiB (1024 MiB). Prints the largest batch that fits, "
        "and what would take less; exits with status 1 if the network does not fit (default: that of the device)",
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--train", choices=OPTIMIZERS, default="adamw", help="train with this optimiser (default: adamw)"
    )
    group.add_argument("--infer", action="store_true", help="a forward pass under torch.no_grad()")
    _add_run_arguments(parser)
    parser.add_argument(
        "--context",
        type=integer_list,
        metavar="N,N",
        help="of a language model: lengths of the context for which the cache and FLOPs are printed",
    )
    parser.add_argument(
        "--advise", action="store_true", help="print what would take less memory, whether it fits or not"
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE",
        help="memory over time: a picture (.svg), a table (.csv), or the report with it (.json)",
    )  # fmt: skip
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format (default: text)")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=argparse.SUPPRESS)


def _add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments for how and where the network runs."""
    parser.add_argument("--dtype", choices=DTYPES, help="type of weights and inputs (default: the spec's)")
    parser.add_argument("--amp", choices=DTYPES[1:], help="compute under torch.autocast in this type")
    parser.add_argument(
        "--device",
        metavar="NAME",
        action=DeviceAction,
        help="where it runs: cuda (default), cpu, or a device such as h100, whose memory is --memory then, and for "
        "which the least time of every block is printed; 'help' lists them",
    )
    parser.add_argument("--layers", action="store_true", help="with --device: print every layer in place of blocks")
    parser.add_argument("--device-file", metavar="FILE", help="a YAML file of devices, for --device")
    parser.add_argument(
        "--attention",
        choices=("math", "efficient", "flash"),
        help="the kernel that computes attention (default: PyTorch's choice for the type)",
    )
    parser.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        metavar="BLOCK",
        help="run these blocks again in the backward pass instead of keeping their activations: the name of a class of "
        "the PyTorch source, of a module, or a pattern of names (can be repeated)",
    )


class DeviceAction(argparse.Action):
    """Stores the name of a device; for ``help``, prints the known devices."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, _: Any = None
    ) -> None:
        """Stores the name, or prints the table and exits."""
        if values == "help":
            from .device_table import device_lines

            print_report("\n".join(device_lines()) + "\n")
            parser.exit()
        setattr(namespace, self.dest, values)


def _device(args: argparse.Namespace) -> Device | None:
    """Returns the device given by name, or None. Raises Error NS827, or those of a device file."""
    from netspec.devices import find_device, read_devices

    if args.device_file is None:
        return None if args.device in (None, "cpu", "cuda") else find_device(args.device)
    devices = read_devices(args.device_file)
    if args.device is None and len(devices) > 1:
        raise Error("NS827", "--device-file has several devices", f"choose one with --device: {', '.join(devices)}")
    return find_device(args.device, devices) if args.device is not None else next(iter(devices.values()))


def _memory(text: str) -> int:
    from netspec.units import parse_size

    size = parse_size(text)
    if not size:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is not a size of memory, such as 24GB or 16GiB")
    return size


def run(args: argparse.Namespace) -> int:
    """Runs the command; returns the exit status."""
    from netspec.analysis.language_model import CONTEXTS, language_model

    from .fitting import largest_batch, remedies
    from .forecast import forecast
    from .roofline import roofline
    from .settings import Settings
    from .simulated.trace import Trace
    from .simulation import Network
    from .text_report import Fit, fit_json, fit_text, write_over_time

    argument = spec_arguments.parse_specs(args.spec)[0]
    spec = spec_arguments.read_spec(argument)
    settings_of_spec = dict(args.set)
    loaded = next(spec_arguments.elaborate_spec(spec, argument.variant, settings_of_spec, dict(args.at)))
    spec_arguments.require_valid(loaded, strict=args.strict)
    assert loaded.graph is not None
    graph = loaded.graph
    if args.at:  # figures by context length need the named dimension that --at sets
        graph = next(spec_arguments.elaborate_spec(spec, argument.variant, settings_of_spec, {})).graph or graph
    device = _device(args)
    settings = Settings(
        batch=args.batch,
        optimizer=None if args.infer else args.train,
        dtype=args.dtype,
        amp=args.amp,
        device=device.backend if device is not None else args.device or "cuda",
        attention=args.attention,
        checkpoint=tuple(args.checkpoint),
    )
    settings.check()
    require_extension(args.output)
    network = Network(loaded.graph)
    trace = Trace() if args.output is not None else None
    bound = roofline(network, settings, device, trace=trace) if device is not None else None
    memory = bound.memory if bound is not None else forecast(network, settings, trace=trace)
    limit: int | None = args.memory or (device.memory if device is not None else None)
    fits = limit is None or memory.total <= limit
    largest = None if limit is None else largest_batch(network, settings, limit)
    advice = remedies(network, settings, memory, limit) if args.advise or not fits else []
    fit = Fit(memory, limit, largest, advice, language_model(graph, args.context or CONTEXTS), bound, args.layers)
    if args.output is not None:
        write_over_time(args.output, fit)
    if args.format == "json":
        print_json(fit_json(fit))
    else:
        print_report(fit_text(fit) + "\n")
    if not fits:
        sys.stdout.flush()
        raise Error("NS820", _excess(fit), _advice(fit))
    return 0


def require_extension(name: str | None) -> None:
    """Raises FileWriteError (NS705) unless the file's extension is .svg, .csv or .json."""
    if name is not None and Path(name).suffix.lower() not in EXTENSIONS:
        from netspec.files import FileWriteError

        raise FileWriteError(name, f"its name must end in {', '.join(EXTENSIONS[:-1])} or {EXTENSIONS[-1]}")


def _excess(fit: Fit) -> str:
    from netspec.units import size_text

    assert fit.limit is not None
    total, limit = fit.memory.total, fit.limit
    return f"it does not fit: the peak is {size_text(total)}, {size_text(total - limit)} more than {size_text(limit)}"


def _advice(fit: Fit) -> str:
    """Suggests changes that would make the network fit."""
    assert fit.limit is not None
    ways = [f"--batch {fit.largest_batch}"] if fit.largest_batch else []
    ways += [remedy.option for remedy in fit.remedies if remedy.total <= fit.limit]
    if ways:
        return f"it fits with {' or '.join(ways)}"
    return "no single change makes it fit: combine those above, or take a smaller network or a larger memory"
