"""The completion scripts of bash, zsh and fish. They call ``netspec completion --variants`` for a spec's variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_BASH_HELPERS = r"""_netspec_words() {  # the words that begin like the current one; with a comma, like its last part
    local before=""
    [[ $2 == list && $current == *,* ]] && before="${current%,*},"
    COMPREPLY=($(compgen -P "$before" -W "$1" -- "${current#"$before"}"))
    [[ $2 == list ]] && compopt -o nospace 2>/dev/null
}
_netspec_specs() {  # files and networks; after an @, the variants of one
    if [[ $current == *@* ]]; then
        COMPREPLY=($(compgen -W "$(netspec completion --variants "${current%@*}" 2>/dev/null)" -- "$current"))
        [[ $COMP_WORDBREAKS == *@* ]] && COMPREPLY=("${COMPREPLY[@]#"${current%@*}@"}")
    else
        COMPREPLY=($(compgen -W "$1" -- "$current") $(compgen -f -- "$current"))
    fi
}"""


class Option(NamedTuple):
    """An option of a command."""

    names: tuple[str, ...]
    help: str
    takes: bool
    """Whether it takes a value."""
    choices: tuple[str, ...]
    listed: bool = False
    """Whether the value may be a comma-separated list."""


class Command(NamedTuple):
    """A command: its help line, its options, and the possible words of its arguments."""

    name: str
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...]
    specs: bool
    """Whether its arguments name specs: files, and networks of the zoo."""


def quotable(text: str | None) -> str:
    """Returns a help line that is safe within quotes of any shell."""
    plain = (text or "").split("(default")[0].replace("%%", "%").replace("…", "...")
    return "".join(c for c in plain if c not in "'\"`$\\[]:\n").strip()


def bash(commands: Sequence[Command], networks: Sequence[str]) -> str:
    """Returns the script for bash."""
    names = " ".join(c.name for c in commands)
    out = [
        "# netspec: completion for bash",
        _BASH_HELPERS,
        "_netspec() {",
        '    local line="${COMP_LINE:0:COMP_POINT}" command="" before word',
        '    local current="${line##*[[:space:]]}"  # readline breaks words at @, too',
        "    local words=($line)",
        '    [[ $line == *[[:space:]] ]] && words+=("")',
        '    before="${words[${#words[@]}-2]}"',
        '    for word in "${words[@]:1:${#words[@]}-2}"; do',
        '        case "$word" in -*) ;; *) command="$word"; break ;; esac',
        "    done",
        "    COMPREPLY=()",
        '    case "$command" in',
        f"        '') _netspec_words '{names} --help --version'; return ;;",
    ]
    for c in commands:
        out.append(f"        {c.name})")
        valued = [o for o in c.options if o.takes]
        if valued:
            out.append('            case "$before" in')
            for o in valued:
                words = f"_netspec_words '{' '.join(o.choices)}'{' list' if o.listed else ''}"
                values = words if o.choices else 'COMPREPLY=($(compgen -f -- "$current"))'
                out.append(f"                {'|'.join(o.names)}) {values}; return ;;")
            out.append("            esac")
        flags = " ".join(n for o in c.options for n in o.names)
        words = " ".join((*c.words, *(networks if c.specs else ())))
        out += [
            '            if [[ "$current" == -* ]]; then',
            f"                _netspec_words '{flags}'",
            "            else",
            f"                {'_netspec_specs' if c.specs else '_netspec_words'} '{words}'",
            "            fi ;;",
        ]
    out += ["    esac", "}", "complete -o filenames -F _netspec netspec", ""]
    return "\n".join(out)


def zsh(commands: Sequence[Command], networks: Sequence[str]) -> str:
    """Returns the script for zsh."""
    out = [
        "#compdef netspec",
        "# netspec: completion for zsh",
        "_netspec_specs() {  # files and networks; after an @, the variants of one",
        '    if [[ "$PREFIX" == *@* ]]; then',
        "        local -a variants",
        '        variants=(${(f)"$(netspec completion --variants "${PREFIX%@*}" 2>/dev/null)"})',
        "        compadd -a variants",
        "    else",
        '        _alternative "networks:network:(${(j: :)@})" "files:file:_files"',
        "    fi",
        "}",
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
            out += [f"                '{name}[{quotable(o.help)}]{_zsh_value(o)}' \\" for name in o.names]
        if c.specs:
            # a space in front: zsh then adds no arguments of its own
            rest = f"'*:spec: _netspec_specs {' '.join((*c.words, '$networks'))}'"
        else:
            rest = f"'*:argument:({' '.join(c.words)})'" if c.words else "'*:file:_files'"
        out += [f"                {rest} ;;"]
    out += ["    esac", "}", '_netspec "$@"', ""]
    return "\n".join(out)


def _zsh_value(option: Option) -> str:
    if not option.takes:
        return ""
    if not option.choices:
        return ":value:_files"
    words = " ".join(option.choices)
    return f":value:_values -s , value {words}" if option.listed else f":value:({words})"


def fish(commands: Sequence[Command], networks: Sequence[str]) -> str:
    """Returns the script for fish."""
    out = [
        "# netspec: completion for fish",
        "function __netspec_variants  # after an @, the variants of a spec",
        "    set -l token (commandline -ct)",
        "    string match -q '*@*' -- $token",
        "    and netspec completion --variants (string replace -r '@[^@]*$' '' -- $token) 2>/dev/null",
        "end",
        "complete -c netspec -f",
        "complete -c netspec -n __fish_use_subcommand -l version -d 'print the version'",
    ]
    for c in commands:
        out.append(f"complete -c netspec -n __fish_use_subcommand -a {c.name} -d '{quotable(c.help)}'")
    for c in commands:
        here = f"-n '__fish_seen_subcommand_from {c.name}'"
        for o in c.options:
            names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in o.names)
            out.append(f"complete -c netspec {here} {names}{_fish_value(o)} -d '{quotable(o.help)}'")
        words = (*c.words, *(networks if c.specs else ()))
        if words:
            out.append(f"complete -c netspec {here} -a '{' '.join(words)}'")
        if c.specs:
            out.append(f"complete -c netspec {here} -a '(__netspec_variants)'")
        if c.specs or not c.words:
            out.append(f"complete -c netspec {here} -F")
    return "\n".join(out) + "\n"


def _fish_value(option: Option) -> str:
    if not option.takes:
        return ""
    if not option.choices:
        return " -r -F"
    words = " ".join(option.choices)
    return f" -x -a '(__fish_append , {words})'" if option.listed else f" -x -a '{words}'"
