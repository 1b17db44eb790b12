"""The engine that lays graphs out: ``dot`` where it is on the PATH, otherwise the one of the package graphviz-pure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from netspec.backend import BackendError

POINTS_PER_INCH = 72.0
"""DOT measures sizes in inches."""
PURE = "graphviz-pure"
SECONDS = 60.0
"""How long an engine may take."""


def dot() -> str | None:
    """Graphviz's own program, where it is on the PATH."""
    return shutil.which("dot")


def pure() -> str | None:
    """The program of the package graphviz-pure: beside this Python, or on the PATH."""
    name = PURE + (".exe" if os.name == "nt" else "")
    for folder in (sysconfig.get_path("scripts"), str(Path(sys.executable).parent)):
        found = Path(folder) / name
        if found.is_file():
            return str(found)
    return shutil.which(PURE)


def run_engine(source: str, kind: str, *, own_fonts: bool = False, arguments: tuple[str, ...] = ()) -> bytes:
    """What an engine makes of a DOT text.

    Args:
        source: the text.
        kind: what to make: ``json0``, ``png``.
        own_fonts: prefer the engine that brings its fonts along.
        arguments: further ones.

    Raises:
        BackendError: NS723, there is no engine, or it cannot do this; NS722, it took too long.
    """
    program = (pure() or dot()) if own_fonts else (dot() or pure())
    if program is None:
        raise BackendError(
            "NS723", "drawings need Graphviz: pip install graphviz-pure, or install its program 'dot' on the PATH",
        )
    try:
        done = subprocess.run(
            [program, *arguments, f"-T{kind}"], input=source.encode(), capture_output=True, timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BackendError(
            "NS722", f"the drawing is too large: it was not laid out within {SECONDS:.0f} seconds",
            "--depth closes blocks: try --depth 1",
        ) from None
    except OSError as error:
        raise BackendError("NS723", f"cannot run '{program}': {(error.strerror or str(error)).lower()}") from None
    if done.returncode != 0 or not done.stdout:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise BackendError("NS723", f"'{program}' failed: {reason[0] if reason else f'status {done.returncode}'}")
    return done.stdout
