"""What files with a plan need beside PyTorch, as text: a file contains those functions and classes that it uses.

They are real modules, so that they are linted and typed as such; nothing imports them.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def pieces() -> dict[str, str]:
    """The text of every class and function, by name."""
    out: dict[str, str] = {}
    for file in sorted(FOLDER.glob("*.py")):
        if file.name == "__init__.py":
            continue
        for piece in re.split(r"\n\n\n(?=class |def |@)", file.read_text(encoding="utf-8").rstrip("\n"))[1:]:
            match = re.search(r"^(?:class|def) (\w+)", piece, re.M)
            assert match is not None
            out[match[1]] = re.sub(r"  # (type: ignore|pyright: ignore|noqa)[^\n]*", "", piece)
    return out
