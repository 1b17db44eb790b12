"""Rewrites formulas with the names of the layers that they refer to."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from keyword import iskeyword

from ...text.yaml_reader import Name

WORDS = frozenset(("incoming", "true", "false", "none", "pi", "inf", "input"))
"""Reserved words of expressions; ``input`` is not usable as an alias but is the name of a single input."""


def named_formula(text: str, names: Sequence[Name], used_names: Collection[str]) -> tuple[str, dict[str, Name]]:
    """Replaces ``x0``, ``x1``, … in a formula by names; also returns the names that are not those of layers.

    Args:
        text: the formula.
        names: names of the layers that it refers to.
        used_names: names of axes and parameters, which are not available.
    """
    renamed: dict[str, Name] = {}
    used: list[str] = []
    for name in names:
        word = str(name)
        if not is_usable(word, text, used_names) or word in used:
            stem = re.sub(r"\W", "_", word.rsplit(".", 1)[-1], flags=re.ASCII)
            stem = stem if stem[:1].isalpha() else f"x{stem}"
            candidates = (f"{stem}{n or ''}" for n in range(len(names) + len(used_names) + 2))
            word = next(w for w in candidates if is_usable(w, text, used_names) and w not in (*used, *names))
            renamed[word] = name
        used.append(word)
    return re.sub(r"(?<![\w.])x(\d+)(?!\w)", lambda match: used[int(match[1])], text), renamed


def is_usable(word: str, text: str, used_names: Collection[str]) -> bool:
    """Whether a word is a valid name of a tensor in a formula."""
    plain = word.isascii() and word.isidentifier() and not iskeyword(word)
    if word == "input":
        return plain and word not in used_names
    return plain and word not in WORDS and word not in used_names and f"{word}(" not in text
