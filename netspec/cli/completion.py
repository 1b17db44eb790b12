"""``netspec completion``: the completion script of a shell, written from the parser of the command itself."""

from __future__ import annotations

import argparse
from typing import NamedTuple

from .output_files import print_text

SHELLS = ("bash", "zsh", "fish")
HINTS = {
    "bash": 'eval "$(netspec completion bash)"      # in ~/.bashrc',
    "zsh": 'netspec completion zsh > "${fpath[1]}/_netspec"',
    "fish": "netspec completion fish > ~/.config/fish/completions/netspec.fish",
}


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("shell", choices=SHELLS, help="the shell to complete in")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "To use it:\n" + "\n".join(f"  {shell:5} {hint}" for shell, hint in HINTS.items())


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    print_text(script(args.shell))
    return 0


class Option(NamedTuple):
    """An option of a command."""

    names: tuple[str, ...]
    help: str
    takes: bool
    """Whether a value follows."""
    choices: tuple[str, ...]


class Command(NamedTuple):
    """A command: its line of help, its options, and the words that its arguments may be."""

    name: str
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...]
    specs: bool
    """Whether its arguments name specs: files, and networks of the zoo."""


def commands() -> list[Command]:
    """Every command, as the parser has it."""
    from ..ops import TABLE
    from . import main

    words = {"ops": tuple(TABLE)}
    result: list[Command] = []
    for name, line in main.commands().items():
        subparsers = next(a.choices for a in _actions(main.parser(name)) if a.dest == "command")
        options: list[Option] = []
        specs, choices = False, words.get(name, ())
        for action in _actions(dict[str, argparse.ArgumentParser](subparsers or {})[name]):
            values = tuple(str(c) for c in action.choices) if action.choices is not None else ()
            if action.option_strings:
                options.append(Option(tuple(action.option_strings), quotable(action.help), action.nargs != 0, values))
            else:
                metavar = str(action.metavar or "")
                specs = specs or "SPEC" in metavar or ("NAME" in metavar and name == "zoo")
                choices += values
        if name == "zoo":
            choices += ("show",)
        result.append(Command(name, line, tuple(options), choices, specs))
    return result


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The parts of a parser, for which argparse has no public name."""
    actions: list[argparse.Action] = vars(parser)["_actions"]
    return actions


def quotable(text: str | None) -> str:
    """A line of help that is safe within quotes of any shell."""
    kept = (text or "").split("(default")[0].replace("%%", "%").replace("…", "...")
    return "".join(c for c in kept if c not in "'\"`$\\[]:\n").strip()


def script(shell: str) -> str:
    """The script for a shell."""
    from .. import zoo

    listed, networks = commands(), zoo.names()
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](listed, networks)


def _bash(commands: list[Command], networks: list[str]) -> str:
    names = " ".join(c.name for c in commands)
    out = [
        "# netspec: completion for bash",
        "_netspec() {",
        '    local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command="" word',
        '    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
        '        case "$word" in -*) ;; *) command="$word"; break ;; esac',
        "    done",
        "    COMPREPLY=()",
        '    case "$command" in',
        f"        '') COMPREPLY=($(compgen -W '{names} --help --version' -- \"$current\")); return ;;",
    ]
    for c in commands:
        out.append(f"        {c.name})")
        valued = [o for o in c.options if o.takes]
        if valued:
            out.append('            case "$before" in')
            for o in valued:
                words = (
                    f"COMPREPLY=($(compgen -W '{' '.join(o.choices)}' -- \"$current\"))"
                    if o.choices
                    else ('COMPREPLY=($(compgen -f -- "$current"))')
                )
                out.append(f"                {'|'.join(o.names)}) {words}; return ;;")
            out.append("            esac")
        flags = " ".join(n for o in c.options for n in o.names)
        words = " ".join((*c.words, *(networks if c.specs else ())))
        out += [
            '            if [[ "$current" == -* ]]; then',
            f"                COMPREPLY=($(compgen -W '{flags}' -- \"$current\"))",
            "            else",
            f"                COMPREPLY=($(compgen -W '{words}' -- \"$current\"){_FILES if c.specs else ''})",
            "            fi ;;",
        ]
    out += ["    esac", "}", "complete -o filenames -F _netspec netspec", ""]
    return "\n".join(out)


_FILES = ' $(compgen -f -- "$current")'


def _zsh(commands: list[Command], networks: list[str]) -> str:
    out = [
        "#compdef netspec",
        "# netspec: completion for zsh",
        "_netspec() {",
        "    local -a commands networks",
        "    commands=(",
    ]
    out += [f"        '{c.name}:{quotable(c.help)}'" for c in commands]
    out += [
        "    )",
        f"    networks=({' '.join(networks)})",
        "    if (( CURRENT == 2 )); then",
        "        _describe command commands",
        "        return",
        "    fi",
        '    case "${words[2]}" in',
    ]
    for c in commands:
        out.append(f"        {c.name})")
        out.append("            _arguments -S \\")
        for o in c.options:
            value = ""
            if o.takes:
                value = f":value:({' '.join(o.choices)})" if o.choices else ":value:_files"
            out += [f"                '{name}[{quotable(o.help)}]{value}' \\" for name in o.names]
        if c.specs:
            words = " ".join((*c.words, *networks))
            rest = "'*:spec:{ _alternative \"zoo:network:(" + words + ')" "files:file:_files" }\''
        else:
            rest = f"'*:argument:({' '.join(c.words)})'" if c.words else "'*:file:_files'"
        out += [f"                {rest} ;;"]
    out += ["    esac", "}", '_netspec "$@"', ""]
    return "\n".join(out)


def _fish(commands: list[Command], networks: list[str]) -> str:
    out = [
        "# netspec: completion for fish",
        "complete -c netspec -f",
        "complete -c netspec -n __fish_use_subcommand -l version -d 'print the version'",
    ]
    for c in commands:
        out.append(f"complete -c netspec -n __fish_use_subcommand -a {c.name} -d '{quotable(c.help)}'")
    for c in commands:
        here = f"-n '__fish_seen_subcommand_from {c.name}'"
        for o in c.options:
            names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in o.names)
            value = f" -x -a '{' '.join(o.choices)}'" if o.choices else " -r -F" if o.takes else ""
            out.append(f"complete -c netspec {here} {names}{value} -d '{quotable(o.help)}'")
        words = (*c.words, *(networks if c.specs else ()))
        if words:
            out.append(f"complete -c netspec {here} -a '{' '.join(words)}'")
        if c.specs or not c.words:
            out.append(f"complete -c netspec {here} -F")
    return "\n".join(out) + "\n"
