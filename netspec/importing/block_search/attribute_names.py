"""Names parameters of blocks after the attributes of the imported modules, which keeps their authors' terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...blocks import ABSENT
from ...ops.argument import as_list
from .block_lines import walk_lines
from .block_parameters import Parameter
from .block_texts import Block, replace_in_line, substitute
from .expression_search import matches
from .levels import Level, relative_name
from .parameter_names import RESERVED, plain_name

WORDS = {
    "num_heads": "heads",
    "num_attention_heads": "heads",
    "n_heads": "heads",
    "n_head": "heads",
    "nhead": "heads",
    "num_kv_heads": "kv_heads",
    "num_key_value_heads": "kv_heads",
    "head_dim": "head",
    "head_size": "head",
    "embed_dim": "width",
    "hidden_size": "width",
    "d_model": "width",
    "n_embd": "width",
    "hidden_features": "hidden",
    "intermediate_size": "hidden",
    "mlp_dim": "hidden",
    "ffn_dim": "hidden",
    "dim_feedforward": "hidden",
    "window_size": "window",
    "shift_size": "shift",
    "expand_ratio": "expand",
    "expansion": "expand",
    "exp_ratio": "expand",
    "patch_size": "patch",
    "partition_size": "partition",
    "squeeze_channels": "squeeze",
    "rd_channels": "squeeze",
    "num_groups": "groups",
    "cardinality": "groups",
    "kernel_size": "kernel",
    "strides": "stride",
    "is_causal": "causal",
    "num_layers": "depth",
    "vocab_size": "vocabulary",
    "num_embeddings": "vocabulary",
    "layer_idx": "",
}
"""Parameter names for well-known attribute names; empty for attributes that do not make useful names."""
PLAIN = frozenset(("filters", "units", "kernel", "stride", "dilation", "groups", "heads", "depth", "expand", "causal"))
"""Parameter names that are already clear and are kept."""

VAGUE = re.compile(r"(size|n|x|shape)\d*")
"""Parameter names that are derived from other parameters and not descriptive."""


class Attributes:
    """Attributes of the imported modules.

    Args:
        attributes: for each module path, its attributes by name.
    """

    def __init__(self, attributes: Mapping[str, Mapping[str, Any]]) -> None:
        self.attributes = attributes
        self.below: dict[str, list[str]] = {}
        """For each path, the paths of its direct children."""
        for path in attributes:
            if path:
                self.below.setdefault(path.rpartition(".")[0], []).append(path)

    def rename(self, block: Block, levels: Sequence[Level]) -> None:
        """Renames the parameters of a block whose values equal an attribute of its modules.

        ``levels`` are the uses of the block.
        """
        columns = self.columns(levels)
        for parameter in block.parameters:
            if parameter.name in PLAIN or (parameter.expression is not None and not VAGUE.fullmatch(parameter.name)):
                continue
            used_names = {other.name for other in block.parameters} | {*block.inputs, "index", "row"}
            names = [
                name for name, column in columns if is_meant(parameter, name) and matches(parameter.arguments, column)
            ]
            words = [WORDS.get(name, name) for name in names]
            new = next((word for word in words if word and word not in used_names), None)
            if new is not None:
                rename_parameter(block, parameter, new)

    def columns(self, levels: Sequence[Level]) -> list[tuple[str, tuple[Any, ...]]]:
        """Returns the attributes that all levels share, directly or in a submodule, with their values per level.

        Attributes with a well-known name come first.
        """
        every = [dict(self.within(level)) for level in levels]
        shared = [key for key in every[0] if all(key in values for values in every[1:])]
        shared.sort(key=lambda key: (key[1] not in WORDS, key[0].count(".") + bool(key[0])))
        return [(key[1], tuple(values[key] for values in every)) for key in shared]

    def within(self, level: Level) -> Iterator[tuple[tuple[str, str], Any]]:
        """Yields the attributes of a level and its submodules, except layers, as ((relative path, name), value)."""
        layers = {node.name for node in level.nodes}
        stack = [level.path]
        while stack:
            path = stack.pop()
            if path in layers:
                continue
            for name, value in self.attributes.get(path, {}).items():
                yield (relative_name(path, level.path) if path != level.path else "", name), plain_value(value)
            stack += self.below.get(path, ())


def is_meant(parameter: Parameter, name: str) -> bool:
    """Whether a parameter may be named after an attribute of that name."""
    if name in WORDS:
        return parameter.type != "bool" or WORDS[name] == "causal"
    usual = name.isidentifier() and not name.startswith(("_", "in_")) and name not in ("training", *RESERVED)
    return usual and parameter.type == "bool" and plain_name(name) == name


def plain_value(value: Any) -> Any:
    """Returns a value; for a list of equal items, the item."""
    if isinstance(value, (list, tuple)):
        items = as_list(value)  # pyright: ignore[reportUnknownArgumentType] - of any type
        if items and all(type(item) is type(items[0]) and item == items[0] for item in items):
            return items[0]
        return items
    return ABSENT if value is None else value


def rename_parameter(block: Block, parameter: Parameter, new: str) -> None:
    """Renames a parameter, also in the expressions and conditions that refer to it."""
    old = parameter.name
    parameter.name = new
    for line in walk_lines(block.text):
        replace_in_line(line, old, new)
    for other in block.parameters:
        if other.expression is not None:
            other.expression = substitute(other.expression, old, new)
