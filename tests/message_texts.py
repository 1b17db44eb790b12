"""Messages of readers: the texts that were read and found good, and the patterns of all messages in a package."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent


def check_texts(path: Path, texts: Mapping[str, str]) -> None:
    """That texts are those of a file, each below its name; ``NETSPEC_RENEW=1`` writes them anew."""
    text = "\n\n".join(f"# {name}\n{said}" for name, said in texts.items()) + "\n"
    if os.environ.get("NETSPEC_RENEW"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path.name} differs: read it after NETSPEC_RENEW=1"


def unseen_messages(folder: str, raised_by: tuple[str, ...], texts: str) -> list[str]:
    """The messages in the sources of a folder that no text contains.

    Args:
        folder: below the repository.
        raised_by: functions and classes whose second argument is a message.
        texts: all texts that tests compare.
    """
    flat = " ".join(texts.split())
    return sorted(
        {
            f"{path.relative_to(ROOT)}: {pattern}"
            for path in sorted((ROOT / folder).rglob("*.py"))
            for pattern in _patterns(ast.parse(path.read_text(encoding="utf-8")), raised_by)
            if not re.search(pattern, flat)
        }
    )


def _patterns(tree: ast.AST, raised_by: tuple[str, ...]) -> Iterator[str]:
    """The messages as regular expressions, in which anything stands for a value."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in raised_by:
            message = call.args[1] if len(call.args) > 1 else None
            if isinstance(message, ast.Constant) and isinstance(message.value, str):
                yield re.escape(message.value)
            elif isinstance(message, ast.JoinedStr):
                parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".+?" for v in message.values]
                yield "".join(parts)
