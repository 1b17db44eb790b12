"""``--rename OLD=NEW``: how the names in a weight file become the names of parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..diagnostics import Error


class RenameError(Error):
    """A renaming rule that cannot be read, or rules that give two tensors one name (NS707)."""

    def __init__(self, message: str) -> None:
        super().__init__("NS707", message, "--rename OLD=NEW")


@dataclass(frozen=True)
class Rule:
    """One rule: ``OLD=NEW`` renames the tensor OLD, and everything under it.

    ``features=backbone`` turns ``features.0.weight`` into ``backbone.0.weight``; ``module.=`` takes a prefix off and
    ``=model.`` puts one before every name. A ``*`` in OLD stands for some text (as little as fits) within one part of
    a dotted name, and each ``*`` in NEW for what the one at its place stood for:
    ``encoder.layer.*.attention=blocks.*.attn``.
    """

    old: str
    new: str

    def apply(self, name: str) -> str:
        """The name by this rule; itself where the rule does not fit."""
        end = r"(?=\.|$)" if self.old and not self.old.endswith(".") else ""
        first, *others = [re.escape(part) for part in self.old.split("*")]
        # Atomic groups: names come from a file, and must not make the search go back and forth.
        groups = [f"(?>([^.]*?){part}{end if i == len(others) else ''})" for i, part in enumerate(others, 1)]
        found = re.match(first + ("".join(groups) or end), name)
        if found is None:
            return name
        start, *rest = self.new.split("*")
        return start + "".join(s + part for s, part in zip(found.groups(), rest, strict=False)) + name[found.end() :]


def rule(text: str) -> Rule:
    """A rule as it is written. Raises RenameError."""
    old, equals, new = text.partition("=")
    old, new = old.strip(), new.strip()
    if not equals or (not old and not new) or "=" in new:
        raise RenameError(f"a renaming is OLD=NEW; found '{text}'")
    if new.count("*") > old.count("*"):
        raise RenameError(f"'{text}' has more '*' after the '=' than before it")
    # What is named 'model' itself cannot lose its whole name: only what is under it.
    return Rule(old if new or old.endswith(".") else old + ".", new)


def renamed(names: Iterable[str], rules: Iterable[Rule]) -> tuple[dict[str, str], list[Rule]]:
    """New name -> name in the file, with each rule in turn applied to every name; and the rules that fitted none.

    Raises:
        RenameError: two tensors would have one name.
    """
    rules = list(rules)
    used: set[int] = set()
    out: dict[str, str] = {}
    for name in names:
        new = name
        for i, each in enumerate(rules):
            before, new = new, each.apply(new)
            if new != before:
                used.add(i)
        if new in out:
            raise RenameError(f"'{out[new]}' and '{name}' would both be named '{new}'")
        out[new] = name
    return out, [each for i, each in enumerate(rules) if i not in used]
