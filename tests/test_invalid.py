"""Every spec with a problem in ``tests/invalid`` against the full text of its diagnostics.

``NETSPEC_RENEW=1 pytest tests/test_invalid.py`` writes the texts anew; read the difference before you keep it.
"""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest

from netspec.cli.check import Check
from netspec.cli.main import parser

FOLDER = Path(__file__).parent / "invalid"
CASES = sorted(FOLDER.glob("*.yaml"))


def check_output(path: Path) -> tuple[int, str]:
    """Exit status and output of ``netspec check``, run in the folder of the case."""
    args = parser("check").parse_args(["check", path.name, "--color", "never"])
    out = StringIO()
    status = Check(args, out).run()
    return status, out.getvalue()


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_text(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    monkeypatch.setenv("COLUMNS", "100")
    status, text = check_output(path)
    golden = path.with_suffix(".txt")
    if os.environ.get("NETSPEC_RENEW"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    assert status == (1 if "error[" in text else 0)  # 0 for a warning
    code = path.stem.split("_")[0].upper()
    if code.startswith("NS"):
        assert f"[{code}]" in text


def test_every_case_has_its_text() -> None:
    assert {p.stem for p in CASES} == {p.stem for p in FOLDER.glob("*.txt")}
