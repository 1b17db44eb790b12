"""Messages of readers: the texts that were read and found good, and all messages in a package."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Mapping
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
            f"{path.relative_to(ROOT)}: {' ... '.join(parts)}"
            for path in sorted((ROOT / folder).rglob("*.py"))
            for parts in _messages(ast.parse(path.read_text(encoding="utf-8")), raised_by)
            if not _contains(flat, parts)
        }
    )


def _contains(text: str, parts: Iterable[str]) -> bool:
    """Whether a text contains parts in their order, with something between them."""
    position = 0
    for number, part in enumerate(parts):
        start = text.find(part, position + (number > 0))
        if start < 0:
            return False
        position = start + len(part)
    return True


def _messages(tree: ast.AST, raised_by: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The messages as the texts between their values."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in raised_by:
            message = call.args[1] if len(call.args) > 1 else None
            if isinstance(message, ast.Constant) and isinstance(message.value, str):
                yield (message.value,)
            elif isinstance(message, ast.JoinedStr):
                texts = (str(v.value) if isinstance(v, ast.Constant) else "\0" for v in message.values)
                yield tuple("".join(texts).split("\0"))
