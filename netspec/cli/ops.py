"""``netspec ops``: the operations, all in a list or one in full."""

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

    from ..ops import TABLE
    from ..report import operations
    from ..terminal import terminal_width, use_colour
    from .output_files import print_json, print_text, write_text

    if args.name is not None and args.name not in TABLE:
        from ..diagnostics import Error, clip
        from ..language.reading.help import operation_help

        raise Error("NS206", f"there is no operation '{clip(args.name)}'", operation_help(args.name, ()))
    if args.format == "json":
        text = operations.as_json(args.name)
    elif args.format == "markdown":
        text = operations.as_markdown(args.name)
    else:
        columns, painted = min(terminal_width(sys.stdout), 100), use_colour(sys.stdout)
        if args.output is not None:
            columns, painted = 80, False
        show = operations.list_text if args.name is None else operations.operation_text
        text = show(*([args.name] if args.name else []), width=columns, colour=painted)
    if args.output is None:
        (print_json if args.format == "json" else print_text)(text)
        return 0
    write_text(args.output, text)
    return 0
