"""``netspec backends``: lists the installed backends, the files they write, and their requirements."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..backend import Backend, Need


def add(parser: argparse.ArgumentParser) -> None:
    """Adds no arguments: the command takes none."""


def run(args: argparse.Namespace) -> int:
    """Print a line for each backend."""
    from ..backend import find, names

    rows: list[tuple[str, str, str]] = []
    for name in names():
        backend = find(name)
        files = ", ".join(f"{t.extension} ({t.description})" for t in backend.targets)
        rows.append((name, state(backend), files))
    for name, state_, files in rows:
        print(f"{name:<10} {state_}\n{'':<10} writes {files}")
    return 0


def state(backend: Backend) -> str:
    """Returns whether a backend is ready, and what to install if it, or a feature of it, is not."""
    from ..backend import install_command, missing_libraries

    missing = missing_libraries(backend.needs)
    if not missing:
        return "ready"
    if any(target.needs is not None and not missing_libraries(target.needs) for target in backend.targets):
        by_use: dict[str, list[Need]] = {}
        for need in missing:
            by_use.setdefault(need.use, []).append(need)
        return "; ".join(["ready", *(f"{use} needs {install_command(needs)}" for use, needs in by_use.items())])
    return f"needs {install_command(missing)}"
