"""Formulas with the names of the layers that they read."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from keyword import iskeyword

from ...text.yaml_reader import Name

WORDS = frozenset(("incoming", "true", "false", "none", "pi", "inf", "input"))
"""Words of expressions; ``input`` stays a name, as the only input of a block is called so."""


def named_formula(text: str, names: Sequence[Name], used_names: Collection[str]) -> tuple[str, dict[str, Name]]:
    """The text of a formula with names for ``x0``, ``x1``, …, and those names that are not the layers' own.

    Args:
        text: of the formula.
        names: of the layers that it reads.
        used_names: names that it gives to positions, and of parameters.
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
    """Whether a word may name a tensor in a formula."""
    plain = word.isascii() and word.isidentifier() and not iskeyword(word)
    if word == "input":
        return plain and word not in used_names
    return plain and word not in WORDS and word not in used_names and f"{word}(" not in text
