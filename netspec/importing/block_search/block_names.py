"""Names of blocks, from the classes of modules or from the names of levels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from .block_lines import BlockText
from .level_groups import CONTAINERS
from .levels import Level

PLAIN = frozenset(("features", "layers", "layer", "blocks", "block", "stages", "stage", "net", "model", "module", "h"))
"""List names that do not describe the items."""


def block_name(levels: Sequence[Level], text: BlockText, used_names: Collection[str]) -> str:
    """Chooses the name of a block whose uses are ``levels``."""
    titles = Counter(level.title for level in levels if level.title and level.title not in CONTAINERS)
    name = titles.most_common(1)[0][0] if titles else content_name(text) or place_name(levels)
    name = re.sub(r"\W", "", name, flags=re.ASCII).lstrip("_0123456789") or "Block"
    name = name[0].upper() + name[1:]
    if name not in used_names:
        return name
    return next(f"{name}{n}" for n in range(2, len(used_names) + 3) if f"{name}{n}" not in used_names)


def content_name(text: BlockText) -> str:
    """Returns the usual name of a short list of layers (``ConvBN``), or an empty string if there is none."""
    words = [line.head.operation for line in text.lines if line.head.operation]
    kinds = [str(word) for word in words]
    if 2 <= len(text.lines) <= 3 and kinds[:2] and re.match(r"(depthwise_)?conv\dd$", kinds[0]):
        if kinds[1:2] == ["batch_norm"]:
            return "ConvBN"
        if kinds[1:2] == ["group_norm"]:
            return "ConvGN"
    if len(text.lines) == 3 and kinds and kinds[0] == "batch_norm":
        return "BNConv"
    return ""


def place_name(levels: Sequence[Level]) -> str:
    """Derives a block name from the paths of its levels."""
    words: Counter[str] = Counter()
    for level in levels:
        names = [re.sub(r"\d+[a-z]?\Z", "", word).strip("_") for word in level.path.split(".")]
        usable = [word for word in names if word]
        words[next((w for w in reversed(usable) if w.lower() not in PLAIN), usable[-1] if usable else "block")] += 1
    word = words.most_common(1)[0][0]
    word = word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
    return "".join(part[:1].upper() + part[1:] for part in word.split("_") if part)
