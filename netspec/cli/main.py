"""``netspec``: imports the module of the command, runs it, and prints errors.

Exit status: 0 for success, 1 for an error, 2 for wrong usage, and 141 if the reader of standard output closed it early,
as ``head`` does. Signals end the process, which shells report as 130 (Ctrl-C) and 143 (SIGTERM).
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, NoReturn

from .standard_streams import CLOSED_PIPE, discard_output, encode_output, lose_messages, open_closed_streams

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from ..diagnostics import Error

COMMANDS = {
    "check": "check specs: shapes, parameters, cost, expectations",
    "export": "write a network: PyTorch source, ONNX, weights",
    "import": "write the spec of a network: PyTorch, ONNX, Keras, configurations",
    "draw": "draw a network: SVG, PNG, PDF, DOT, HTML",
    "explain": "explain the code of a diagnostic, or every number of a layer",
    "ops": "list the operations, or show one",
    "zoo": "list the networks that come with netspec, or show one",
    "new": "write a starter spec",
    "fmt": "format specs in the style of the zoo",
    "sizes": "print the sizes of its inputs that a network takes",
    "expand": "print the flat spec of a network",
    "schema": "print the JSON Schema of specs, for editors",
    "backends": "list the backends and what each requires",
    "completion": "print the completion script of a shell",
}
"""Built-in commands with their help, in the order of the list."""
BUNDLED = {"fit": "netspec_fit.cli", "plan": "netspec_plan.cli", "see": "netspec_see.cli"}
"""Commands of the packages that come with netspec. An uninstalled checkout has no entry points for them."""
GROUP = "netspec.commands"
"""The entry-point group under which an installed package adds commands: modules with ``HELP``, ``add`` and ``run``."""


def commands(only: str = "") -> dict[str, str]:
    """Returns every command with its help: the built-in ones, then those of installed packages (or just ``only``)."""
    plugins = [only] if only in _plugins() else sorted(_plugins())
    return COMMANDS | {name: str(_module(name).HELP) for name in plugins if name not in COMMANDS}


class Parser(argparse.ArgumentParser):
    """A parser that reports an error if its help cannot be written, which argparse ignores."""

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        from ..diagnostics.sanitize import clean
        from ..output.terminal import character_set

        stream = file or sys.stderr
        lines = "\n".join(map(clean, message.split("\n")))  # it may quote arguments
        stream.write(character_set(stream).fit(lines))


def parser(only: str | None = None) -> argparse.ArgumentParser:
    """Returns the parser of all commands, or the parser with the arguments of only one command."""
    top = Parser(
        prog="netspec",
        description="A compiler for neural-network architectures.",
        epilog="Run `netspec COMMAND --help` for the arguments of a command. Documentation: docs/ of the repository.",
    )
    if only not in COMMANDS:
        from ..version import __version__

        top.add_argument("--version", action="version", version=f"netspec {__version__}")
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, line in (COMMANDS if only in COMMANDS else commands(only or "")).items():
        sub = subparsers.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
        if only in (None, name):
            _module(name).add(sub)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit status."""
    try:
        status = _run_arguments(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        discard_output()
        return CLOSED_PIPE
    except OSError as error:
        if error.filename is not None:
            raise  # the name of a file shows that the error is not about standard output
        from ..files import os_reason

        discard_output()
        print(f"netspec: cannot write to standard output: {os_reason(error)}", file=sys.stderr)
        return 1


def _run_arguments(argv: list[str]) -> int:
    """Parse the arguments and run their command; print errors of usage."""
    command = next((a for a in argv if not a.startswith("-")), "")
    if command and command not in COMMANDS and command not in _plugins():
        return _unknown(command)
    top = parser(command)
    try:
        args = top.parse_args(argv)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    if args.command is None:
        top.print_help()
        return 2
    return _run_command(args)


def _run_command(args: argparse.Namespace) -> int:
    """Run a command; print errors of specs, files and backends."""
    from ..diagnostics import Error

    colour = getattr(args, "color", "auto")
    try:
        return int(_module(args.command).run(args))
    except Error as error:
        return _print_problems(error, colour)
    except KeyboardInterrupt:
        return 130
    except (RecursionError, MemoryError) as error:
        message = f"the network is too large for this machine ({type(error).__name__})"
        return _print_problems(Error("NS917", message, "use smaller sizes, or fewer layers"), colour)


def _print_problems(error: Error, colour: str) -> int:
    """Print the diagnostics of an error; returns the exit status."""
    from ..diagnostics import render
    from ..output.terminal import character_set, use_colour

    painted, characters = use_colour(sys.stderr, colour), character_set(sys.stderr)
    print("\n\n".join(render(d, error.sources, painted, characters) for d in error.diagnostics), file=sys.stderr)
    return 1


def _unknown(command: str) -> int:
    from ..diagnostics import clip, did_you_mean

    known = (*COMMANDS, *_plugins())
    help_ = did_you_mean(command, known) or f"the commands are {', '.join(known)}"
    print(f"netspec: there is no command '{clip(command)}'; {help_}", file=sys.stderr)
    return 2


@cache
def _plugins() -> dict[str, str]:
    """Returns the modules of further commands: those that come with netspec, and those of installed packages."""
    from importlib.metadata import entry_points

    return BUNDLED | {point.name: point.module for point in entry_points(group=GROUP)}


def _module(name: str) -> Any:
    """Returns the module of a command, with ``add`` and ``run``."""
    if name not in COMMANDS:
        return import_module(_plugins()[name])
    return import_module(f".{name}_" if iskeyword(name) else f".{name}", __package__)


def run() -> NoReturn:
    """Run the command line of the process, without garbage collection: it is short-lived and makes few cycles."""
    gc.disable()
    open_closed_streams()
    encode_output()
    lose_messages()
    sys.exit(main())
