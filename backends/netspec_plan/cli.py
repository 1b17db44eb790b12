"""The arguments of ``netspec plan``. The rest of the package is only loaded when the command runs."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from netspec.cli import spec_arguments
from netspec.cli.argument_types import positive_integer
from netspec.cli.output_files import print_json, print_report, write_text

if TYPE_CHECKING:
    from netspec.devices import Device

HELP = "plan training on several devices: what fits and takes least time"
OPTIMIZERS = ("adamw", "adam", "sgd", "momentum", "rmsprop", "adagrad")
MAX_DEVICES = 100_000
_RATE = re.compile(r"(.*[^/\s])\s*/\s*s\Z")


def add(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.description = (
        "Search how several devices train a network: replicas, sharded parameters, divided layers, stages of a "
        "pipeline, micro-batches and checkpoints. Prints the plan that fits into each device and takes least time at "
        "published rates and bandwidths, why, and what each device's memory holds."
    )
    parser.add_argument("spec", metavar="SPEC", help="a file, FILE@variant, a network of the zoo, or -")
    spec_arguments.add_set_option(parser)
    spec_arguments.add_at_option(parser)
    spec_arguments.add_strict_option(parser)
    parser.add_argument("--devices", type=positive_integer, required=True, metavar="N", help="number of devices")
    parser.add_argument(
        "--nodes", type=positive_integer, default=1, metavar="N", help="machines that they are in (default: 1)"
    )
    parser.add_argument(
        "--batch", type=positive_integer, required=True, metavar="N", help="examples in a step, over all devices"
    )
    parser.add_argument(
        "--device",
        default="h100",
        metavar="NAME",
        help="the device (default: h100); netspec fit --device help lists them",
    )
    parser.add_argument("--device-file", metavar="FILE", help="a YAML file of devices, for --device")
    parser.add_argument(
        "--memory", type=_memory, metavar="SIZE", help="memory of each device: 80GB (default: that of the device)"
    )
    parser.add_argument(
        "--network",
        type=_network,
        default=50e9,
        metavar="RATE",
        help="what each device exchanges with other machines, in one direction (default: 50GB/s, 400 Gb/s InfiniBand)",
    )
    parser.add_argument(
        "--train", choices=OPTIMIZERS, default="adamw", help="train with this optimiser (default: adamw)"
    )
    parser.add_argument("--amp", choices=("bfloat16", "float16"), help="compute under torch.autocast in this type")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the plan, for netspec export --plan")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format (default: text)")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help=argparse.SUPPRESS)


def _memory(text: str) -> int:
    from netspec.units import parse_size

    size = parse_size(text)
    if not size:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is not a size of memory, such as 80GB or 16GiB")
    return size


def _network(text: str) -> float:
    from netspec.units import parse_size

    match = _RATE.match(text[:40])
    size = parse_size(match[1]) if match else None
    if not size:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is not a number of bytes per second, such as 50GB/s")
    return float(size)


def run(args: argparse.Namespace) -> int:
    """Runs the command; returns the exit status."""
    from netspec.backend import Plan
    from netspec.backend.plan_check import parameter_count
    from netspec.backend.plan_file import plan_text
    from netspec.diagnostics import Error, clip

    from .plan_search import Planner
    from .step_time import Machine
    from .text_report import Report, plan_report, report_json

    device = _device(args)
    if args.devices % args.nodes:
        message = f"the number of machines must divide the number of devices, {args.devices:,}; found {args.nodes:,}"
        raise Error("NS937", message)
    if args.devices > MAX_DEVICES:
        raise Error("NS937", f"a plan is for {MAX_DEVICES:,} devices or less; found {args.devices:,}")
    result = spec_arguments.load_one(args.spec, dict(args.set), strict=args.strict, sizes=dict(args.at))
    assert result.graph is not None
    graph = result.graph.at_default
    if len(graph.outputs) != 1:
        message = f"a plan needs a network with one output; '{clip(graph.name)}' has {len(graph.outputs)}"
        raise Error("NS935", message)
    machine = Machine(device, args.devices // args.nodes, args.nodes, args.network)
    base = Plan(
        network=_name(args),
        parameters=parameter_count(graph),
        batch=args.batch,
        optimizer=args.train,
        amp=args.amp,
    )
    limit = args.memory or device.memory
    report = Report(Planner(graph, base, machine).search(limit), machine, limit, graph.dtype)
    if args.output:
        write_text(args.output, plan_text(report.search.best.plan))
    if args.format == "json":
        print_json(report_json(report))
    elif args.output != "-":
        print_report(plan_report(report) + "\n")
    return 0


def _name(args: argparse.Namespace) -> str:
    """Returns the network as given on the command line, with its settings."""
    values = [f"{key}={value}" for pairs in (args.set, args.at) for key, value in dict(pairs).items()]
    return " ".join([args.spec, *values])[:300]


def _device(args: argparse.Namespace) -> Device:
    """Returns the device. Raises Error NS827, or those of a device file."""
    from netspec.devices import find_device, read_devices

    return find_device(args.device, read_devices(args.device_file) if args.device_file else None)
