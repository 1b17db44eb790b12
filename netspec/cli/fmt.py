"""``netspec fmt``: formats specs in the style of the zoo."""

from __future__ import annotations

import argparse
import sys
from glob import glob
from os.path import exists
from pathlib import Path
from typing import TYPE_CHECKING

from ..diagnostics import Error, render
from ..output.terminal import character_set, use_colour
from .output_files import print_text, write_text

if TYPE_CHECKING:
    from ..checking.formatted_spec import FormattedSpec


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a spec, a file of blocks, a pattern, or - for standard input"
    )
    parser.add_argument("--check", action="store_true", help="change no file; exit with 1 if one would change")
    parser.add_argument("--diff", action="store_true", help="change no file; print what would change")


def run(args: argparse.Namespace) -> int:
    """Format every file. Exit status: 0, or 1 if one is invalid, or would change with ``--check``."""
    changed = unchanged = failed = 0
    for name in _files(args.files):
        try:
            spec = _formatted(name)
        except Error as error:
            failed += 1
            _print_error(error)
            continue
        changed += spec.is_changed
        unchanged += not spec.is_changed
        _write(name, spec, check=args.check, diff=args.diff)
    if changed + unchanged + failed > 1:
        _print_counts(changed, unchanged, failed, would=args.check or args.diff)
    return 1 if failed or (args.check and changed) else 0


def _files(words: list[str]) -> list[str]:
    """Returns the named files, each once; a pattern is replaced by its matches."""
    files: list[str] = []
    for word in words:
        matches = sorted(glob(word, recursive=True)) if any(c in word for c in "*?[") and not exists(word) else []
        files += matches or [word]
    return list(dict.fromkeys(files))


def _is_piped(name: str) -> bool:
    """Whether a name refers to standard input or a pipe, whose formatted text goes to standard output."""
    from ..files import is_stream

    return name == "-" or is_stream(name)


def _formatted(name: str) -> FormattedSpec:
    """Returns the formatted text of a file. Raises Error: it cannot be read, or is invalid."""
    from ..checking.formatted_spec import format_spec
    from ..limits import FILE_BYTES

    if name != "-":
        return format_spec(name)
    try:
        content = sys.stdin.buffer.read(FILE_BYTES + 1)
    except OSError as error:
        from ..files import os_reason

        raise Error("NS706", f"cannot read standard input: {os_reason(error)}") from None
    return format_spec("<stdin>", content, Path())


def _write(name: str, spec: FormattedSpec, *, check: bool, diff: bool) -> None:
    """Write a formatted text to the file, or print what would change."""
    if diff and spec.is_changed:
        from difflib import unified_diff

        before, after = spec.before.splitlines(keepends=True), spec.after.splitlines(keepends=True)
        print_text("".join(_ended(line) for line in unified_diff(before, after, spec.name, spec.name)))
    if _is_piped(name):
        if not check and not diff:
            print_text(spec.after)
    elif spec.is_changed and (check or diff):
        print(f"would format {name}", file=sys.stderr)
    elif spec.is_changed:
        write_text(name, spec.after)
        print(f"formatted {name}", file=sys.stderr)


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _print_error(error: Error) -> None:
    colour, characters = use_colour(sys.stderr), character_set(sys.stderr)
    rendered = [render(d, error.sources, colour, characters) for d in error.diagnostics]
    print("\n\n".join(rendered) + "\n", file=sys.stderr)


def _print_counts(changed: int, unchanged: int, failed: int, *, would: bool) -> None:
    parts = [
        f"{_counted(changed)} {'would change' if would else 'formatted'}" if changed else "",
        f"{_counted(unchanged)} unchanged" if unchanged else "",
        f"{_counted(failed)} invalid" if failed else "",
    ]
    print(", ".join(part for part in parts if part), file=sys.stderr)


def _counted(n: int) -> str:
    return f"{n} file{'s' if n != 1 else ''}"
