"""Golden files: texts as they were looked at and found good. NETSPEC_RENEW=1 writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def agrees(name: str, text: str) -> None:
    """That a text is what the golden file of that name holds."""
    path = FOLDER / name
    if os.environ.get("NETSPEC_RENEW"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{name} differs: NETSPEC_RENEW=1 writes it anew"
