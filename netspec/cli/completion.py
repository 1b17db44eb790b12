"""``netspec completion``: the completion script of a shell, generated from the argument parser."""

from __future__ import annotations

import argparse

from .completion_scripts import Command, Option, bash, fish, quotable, zsh
from .output_files import print_text

SHELLS = ("bash", "zsh", "fish")
HINTS = {
    "bash": 'eval "$(netspec completion bash)"      # in ~/.bashrc',
    "zsh": 'netspec completion zsh > "${fpath[1]}/_netspec"',
    "fish": "netspec completion fish > ~/.config/fish/completions/netspec.fish",
}


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("shell", choices=SHELLS, nargs="?", help="the shell to complete in")
    parser.add_argument("--variants", metavar="SPEC", help=argparse.SUPPRESS)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "To use it:\n" + "\n".join(f"  {shell:5} {hint}" for shell, hint in HINTS.items())


def run(args: argparse.Namespace) -> int:
    """Print the script; with ``--variants``, which the scripts call, print the variants of a spec."""
    if args.variants is not None:
        print_text("".join(f"{args.variants}@{variant}\n" for variant in variants(args.variants)))
        return 0
    if args.shell is None:
        import sys

        print(f"netspec completion: a shell is required: {', '.join(SHELLS)}", file=sys.stderr)
        return 2
    print_text(script(args.shell))
    return 0


def variants(name: str) -> list[str]:
    """Returns the variants of a file or a network of the zoo, and ``all``; none if it cannot be read."""
    from ..checking.spec import Spec
    from ..checking.spec_names import find_spec
    from ..diagnostics import Error

    try:
        known = Spec(find_spec(name)[0]).variants
    except Error:
        return []
    return [*known, "all"] if known else []


def commands() -> list[Command]:
    """Returns every command defined by the parser."""
    from ..ops import TABLE
    from . import main

    words, values = {"ops": tuple(TABLE)}, _values()
    result: list[Command] = []
    for name, line in main.commands().items():
        subparsers = next(a.choices for a in _actions(main.parser(name)) if a.dest == "command")
        options: list[Option] = []
        specs, choices = False, words.get(name, ())
        for action in _actions(dict[str, argparse.ArgumentParser](subparsers or {})[name]):
            if action.help == argparse.SUPPRESS:
                continue
            accepted = tuple(str(c) for c in action.choices) if action.choices is not None else ()
            if action.option_strings:
                listed = False
                if not accepted:  # the parser does not know them
                    accepted, listed = values.get((name, action.dest), ((), False))
                strings = tuple(action.option_strings)
                options.append(Option(strings, quotable(action.help), action.nargs != 0, accepted, listed))
            else:
                metavar = str(action.metavar or "")
                specs = specs or "SPEC" in metavar or ("NAME" in metavar and name == "zoo")
                choices += accepted
        if name == "zoo":
            choices += ("show",)
        result.append(Command(name, line, tuple(options), choices, specs))
    return result


def _values() -> dict[tuple[str, str], tuple[tuple[str, ...], bool]]:
    """Returns values unknown to the parser, by command and option, and whether several may be given."""
    from typing import get_args

    from .. import zoo
    from ..backend import CostColumn, Direction, Style, names
    from ..report import COLUMNS

    columns, costs = tuple(COLUMNS), get_args(CostColumn)
    figures = tuple(name for name, column in COLUMNS.items() if column.number or name == "receptive_field")
    return {
        ("check", "columns"): ((*columns, "help"), True),
        ("check", "sort"): (columns, False),
        ("draw", "style"): (get_args(Style), False),
        ("draw", "direction"): (get_args(Direction), False),
        ("draw", "show"): (tuple(name for name in figures if not name.endswith("%")), True),
        ("draw", "shade_by"): (costs, False),
        ("draw", "width_by"): (costs, False),
        ("export", "to"): (tuple(names()), False),
        ("new", "model"): (tuple(zoo.names()), False),
    }


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Returns the actions of a parser, for which argparse has no public name."""
    actions: list[argparse.Action] = vars(parser)["_actions"]
    return actions


def script(shell: str) -> str:
    """Returns the script for a shell."""
    from .. import zoo

    return {"bash": bash, "zsh": zsh, "fish": fish}[shell](commands(), zoo.names())
