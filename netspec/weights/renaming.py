"""``--rename OLD=NEW``: rules that turn the names in a weight file into names of parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..diagnostics import Error


class RenameError(Error):
    """A rename rule that cannot be parsed, or rules that give two tensors the same name (NS707)."""

    def __init__(self, message: str) -> None:
        super().__init__("NS707", message, "--rename OLD=NEW")


@dataclass(frozen=True)
class RenameRule:
    """One rule: ``OLD=NEW`` renames the tensor OLD, and everything under it.

    ``features=backbone`` turns ``features.0.weight`` into ``backbone.0.weight``; ``module.=`` removes a prefix and
    ``=model.`` adds one to every name. A ``*`` in OLD matches as little text as possible within one part of a dotted
    name; the n-th ``*`` in NEW is replaced by the text that the n-th ``*`` in OLD matched:
    ``encoder.layer.*.attention=blocks.*.attn``.
    """

    old: str
    new: str

    def apply(self, name: str) -> str:
        """The renamed name; the same name if the rule does not match."""
        end = r"(?=\.|$)" if self.old and not self.old.endswith(".") else ""
        first, *others = [re.escape(part) for part in self.old.split("*")]
        # Atomic groups prevent backtracking: names come from a file.
        groups = [f"(?>([^.]*?){part}{end if i == len(others) else ''})" for i, part in enumerate(others, 1)]
        match = re.match(first + ("".join(groups) or end), name)
        if match is None:
            return name
        start, *rest = self.new.split("*")
        return start + "".join(s + part for s, part in zip(match.groups(), rest, strict=False)) + name[match.end() :]


def parse_rule(text: str) -> RenameRule:
    """Parses ``OLD=NEW``. Raises RenameError."""
    old, equals, new = text.partition("=")
    old, new = old.strip(), new.strip()
    if not equals or (not old and not new) or "=" in new:
        raise RenameError(f"a renaming is OLD=NEW; found '{text}'")
    if new.count("*") > old.count("*"):
        raise RenameError(f"'{text}' has more '*' after the '=' than before it")
    # Removing a prefix must leave a name: a tensor whose whole name is the prefix keeps it.
    return RenameRule(old if new or old.endswith(".") else old + ".", new)


def rename_all(names: Iterable[str], rules: Iterable[RenameRule]) -> tuple[dict[str, str], list[RenameRule]]:
    """Applies every rule in turn to every name.

    Returns:
        The name in the file by the new name, and the rules that matched no name.

    Raises:
        RenameError: two tensors would have the same name.
    """
    rules = list(rules)
    used: set[int] = set()
    originals: dict[str, str] = {}
    for original in names:
        name = original
        for i, rule in enumerate(rules):
            before, name = name, rule.apply(name)
            if name != before:
                used.add(i)
        if name in originals:
            raise RenameError(f"'{originals[name]}' and '{original}' would both be named '{name}'")
        originals[name] = original
    return originals, [rule for i, rule in enumerate(rules) if i not in used]
