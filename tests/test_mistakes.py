"""The first mistakes of users of Keras and of PyTorch: the full text of each message, and the spec that follows it.

``NETSPEC_RENEW=1 pytest tests/test_mistakes.py`` writes the texts anew; read the difference, as such a user would.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.test_invalid import check_output

FOLDER = Path(__file__).parent / "mistakes"
CASES = sorted(path for path in FOLDER.glob("*.yaml") if not path.name.endswith(".corrected.yaml"))


@pytest.fixture(autouse=True)
def _in_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_text(path: Path) -> None:
    status, text = check_output(path)
    golden = path.with_suffix(".txt")
    if os.environ.get("NETSPEC_RENEW"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    assert status == 1
    assert text.count("  = help: ") == text.count("error[NS"), "every message names the repair"


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_corrected(path: Path) -> None:
    status, text = check_output(path.with_suffix(".corrected.yaml"))
    assert status == 0, text
    assert "warning[" not in text


@pytest.mark.parametrize("users", ["keras", "torch"])
def test_there_are_ten(users: str) -> None:
    assert [path.stem.split("_")[1] for path in CASES if path.stem.startswith(users)] == [
        f"{n:02}" for n in range(1, 11)
    ]
    assert {path.stem for path in CASES} == {path.stem for path in FOLDER.glob("*.txt")}
