"""``netspec ops``: lists the operations, or describes one of them."""

from __future__ import annotations

import argparse

FORMATS = ("text", "json", "markdown")


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="an operation; by default all are listed")
    parser.add_argument("--format", choices=FORMATS, default="text", help="output format (default: text)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write it to a file instead of printing it")


def run(args: argparse.Namespace) -> int:
    """Print the list, or one operation."""
    import sys

    from ..ops.plugins import exists, load_all
    from ..output.terminal import terminal_width, use_colour
    from ..report import operation_reference
    from .output_files import print_json, print_text, write_text

    for problem in load_all() if args.name is None else ():
        print(problem, file=sys.stderr)
    if args.name is not None and not exists(args.name):
        from ..diagnostics import Error, clip
        from ..language.reading.layer_errors import unknown_operation_help

        raise Error("NS206", f"there is no operation '{clip(args.name)}'", unknown_operation_help(args.name, ()))
    if args.format == "json":
        text = operation_reference.as_json(args.name)
    elif args.format == "markdown":
        text = operation_reference.as_markdown(args.name)
    else:
        columns, painted = min(terminal_width(sys.stdout), 100), use_colour(sys.stdout)
        if args.output is not None:
            columns, painted = 80, False
        show = operation_reference.list_text if args.name is None else operation_reference.operation_text
        text = show(*([args.name] if args.name else []), width=columns, colour=painted)
    if args.output is None:
        (print_json if args.format == "json" else print_text)(text)
        return 0
    write_text(args.output, text)
    return 0
