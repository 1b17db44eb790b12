"""Pages of the site that are made from the code: the diagnostics and the command line."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from netspec.cli.explain import diagnostic_text
from netspec.cli.main import commands, parser
from netspec.diagnostics.codes import GROUPS, Code, catalogue

TITLES = {
    "1": "NS1xx: text and YAML",
    "2": "NS2xx: the document and arguments",
    "3": "NS3xx: names",
    "4": "NS4xx: expressions",
    "5": "NS5xx: shapes",
    "6": "NS6xx: expectations",
    "7": "NS7xx: backends and files",
    "8": "NS8xx: looking into trained networks",
    "9": "NS9xx: limits",
}
INTRODUCTION = """\
Every problem that netspec reports has a code, which never changes its meaning. `netspec explain NS512` prints what is
below. Each example is run when this page is made: the wrong spec with what `netspec check` prints, then the same spec
corrected.
"""
COMMAND_LINE = """\
`netspec COMMAND --help` prints the same. An exit status of 0 means success, 1 an error in a spec or a file, 2 wrong
usage, 130 an interrupt, 141 that the reader of the output closed it early.
"""


def diagnostics_page() -> str:
    """All codes with their examples, as Markdown."""
    assert set(TITLES) == set(GROUPS)
    codes = catalogue()
    out = ["# Diagnostics", INTRODUCTION.strip()]
    for digit, title in TITLES.items():
        out.append(f"## {title}")
        for code, entry in codes.items():
            if code.startswith(f"NS{digit}"):
                out += _code_section(code, entry)
    return "\n\n".join(out) + "\n"


def _code_section(code: str, entry: Code) -> Iterator[str]:
    yield f"### {code}: {entry.title} {{ #{code.lower()} }}"
    yield _prose(entry.text)
    if entry.wrong is not None:
        spec = entry.spec(entry.wrong)
        if spec.strip():
            yield _block("yaml", spec)
        for text in diagnostic_text(spec, code):
            yield _block("text", text)
    if entry.corrected is not None:
        yield f"Corrected:\n\n{_block('yaml', entry.spec(entry.corrected))}"


def command_line_page() -> str:
    """Every command with its arguments and options, as Markdown."""
    out = ["# Command line", COMMAND_LINE.strip()]
    for name, line in commands().items():
        out.append(f"## netspec {name} {{ #{name} }}")
        out.append(_prose(f"{line[0].upper()}{line[1:]}."))
        out += _command(_subparser(parser(name), name))
    return "\n\n".join(out) + "\n"


def _subparser(top: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            return action.choices[name]
    raise LookupError(name)


def _command(command: argparse.ArgumentParser) -> Iterator[str]:
    usage = " ".join(command.format_usage().removeprefix("usage: ").split())
    yield _block("text", "\n".join(_wrapped(usage, 76)))
    if command.epilog:
        yield _prose(command.epilog)
    formatter = command._get_formatter()
    rows = [
        _row(formatter._format_action_invocation(action), formatter._expand_help(action))
        for action in command._actions
        if action.help not in (None, argparse.SUPPRESS) and not isinstance(action, argparse._SubParsersAction)
    ]
    if rows:
        yield "\n".join(["| argument | meaning |", "|---|---|", *rows])
    for action in command._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, sub in action.choices.items():
                yield f"### {sub.prog}"
                yield _prose(helps.get(name, ""))
                yield from _command(sub)


def _wrapped(text: str, width: int) -> Iterator[str]:
    """A usage line in several, broken between arguments."""
    line = ""
    for part in re.findall(r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]|\([^()]*\)|\S+", text):
        if line and len(line) + 1 + len(part) > width:
            yield line
            line = f"    {part}"
        else:
            line = f"{line} {part}" if line else part
    yield line


def _row(argument: str, meaning: str) -> str:
    """A row of a table, in which `|` is escaped."""
    return " | ".join(["", *(cell.replace("|", "\\|") for cell in (f"`{argument}`", _prose(meaning))), ""]).strip()


def _prose(text: str) -> str:
    """Text of the program as Markdown: no characters that Markdown would interpret."""
    return re.sub(r"([\\`*_<>\[\]{}$])", r"\\\1", text)


def _block(kind: str, text: str) -> str:
    return f"```{kind}\n{text.rstrip()}\n```"
