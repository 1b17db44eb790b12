"""Runs Graphviz: the program of the package graphviz-pure, or ``dot`` on the PATH."""

from __future__ import annotations

import shutil
import subprocess

from netspec.backend import BackendError, Engine, find_program
from netspec.files import undo_on_signal

POINTS_PER_INCH = 72.0
"""DOT measures sizes in inches."""
PURE = "graphviz-pure"
TIMEOUT = 60.0
"""Time limit in seconds."""


def find_dot() -> str | None:
    """Path of Graphviz's own program, if it is on the PATH."""
    return shutil.which("dot")


def find_pure() -> str | None:
    """Path of the program of graphviz-pure: beside this Python, or on the PATH."""
    return find_program(PURE)


def run_graphviz(source: str, format_: str, engine: Engine = "bundled") -> bytes:
    """Runs Graphviz on a DOT text and returns the output.

    Args:
        source: the text.
        format_: output format: ``json0``, ``svg``.
        engine: the program of graphviz-pure, or Graphviz's own.

    Raises:
        BackendError: NS723, the program is missing, or it fails; NS722, it exceeds the time limit.
    """
    program = find_pure() if engine == "bundled" else find_dot()
    if program is None and engine == "bundled":
        raise BackendError(
            "NS723",
            f"this drawing needs {PURE}: pip install {PURE}",
            "--engine dot uses the program 'dot' of Graphviz instead; -o FILE.html and -o FILE.dot need none, nor does "
            "--style volumes",
        )
    if program is None:
        raise BackendError(
            "NS723",
            "--engine dot needs Graphviz: there is no program 'dot' on the PATH",
            "the default engine is bundled",
        )
    try:
        status, output, errors = _run([program, f"-T{format_}"], source.encode())
    except subprocess.TimeoutExpired:
        raise BackendError(
            "NS722",
            f"the drawing is too large: it was not laid out within {TIMEOUT:.0f} seconds",
            "--depth closes blocks: try --depth 1",
        ) from None
    except OSError as error:
        raise BackendError("NS723", f"cannot run '{program}': {(error.strerror or str(error)).lower()}") from None
    if status != 0 or not output:
        reason = errors.decode(errors="replace").strip().splitlines()
        raise BackendError("NS723", f"'{program}' failed: {reason[0] if reason else f'status {status}'}")
    return output


def _run(command: list[str], text: bytes) -> tuple[int, bytes, bytes]:
    """Runs a program, which ends with this process; returns its exit status, output and errors.

    Raises:
        subprocess.TimeoutExpired: it exceeds the time limit, and was stopped.
        OSError: it cannot be run.
    """
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process,
        undo_on_signal(process.kill),
    ):
        try:
            output, errors = process.communicate(text, timeout=TIMEOUT)
        except BaseException:
            process.kill()
            raise
    return process.returncode, output, errors
