"""``netspec backends``: what is installed, what each writes, and what each needs."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """The command takes no arguments."""


def run(args: argparse.Namespace) -> int:
    """Print a line for each backend."""
    from ..backend import find, install_command, missing_libraries, names

    rows: list[tuple[str, str, str]] = []
    for name in names():
        backend = find(name)
        missing = missing_libraries(backend.needs)
        files = ", ".join(f"{t.extension} ({t.description})" for t in backend.targets)
        state = f"needs {install_command(missing)}" if missing else "ready"
        rows.append((name, state, files))
    for name, state, files in rows:
        print(f"{name:<10} {state}\n{'':<10} writes {files}")
    return 0
