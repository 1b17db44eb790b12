"""Output where the encoding of the system lacks the characters of tables."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
"""As on Windows, where the encoding of a pipe is not UTF-8."""


@pytest.mark.parametrize(
    ("environment", "encoding", "line"),
    [
        (SYSTEM, "utf-8", "────"),
        (SYSTEM | {"PYTHONIOENCODING": "cp1252"}, "cp1252", "????"),
    ],
)
def test_a_table_is_written(environment: dict[str, str], encoding: str, line: str) -> None:
    code = "from netspec.cli.main import run; import sys; sys.argv = ['netspec', 'check', 'lenet5']; run()"
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        cwd=ROOT,
        check=False,
        env=kept | environment,
    )
    assert done.returncode == 0, done.stderr.decode(encoding)
    assert line in done.stdout.decode(encoding)
