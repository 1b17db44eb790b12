"""Attributes of a module, after which parameters are named, and parts that are only used in training."""

# Attributes of modules have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from torch import nn

from netspec.importing import DraftNetwork

from .state import SourceState

LONGEST = 64
"""Maximum number of items in a list attribute."""
STOCHASTIC_DEPTH = ("droppath", "stochasticdepth")
"""Names of classes that drop whole branches in training, in lower case without ``_``."""


def module_attributes(module: nn.Module, network: DraftNetwork) -> dict[str, Mapping[str, Any]]:
    """Returns the attributes, including configurations, of every module with drafts, and of the whole model."""
    paths = {call.path for draft in network.drafts for call in draft.calls}
    by_path: dict[str, Mapping[str, Any]] = {}
    for path in ("", *sorted(paths)):
        try:
            part = module.get_submodule(path)
        except AttributeError:
            continue
        attributes = attributes_of(part, with_configuration=not path)
        if attributes:
            by_path[path] = attributes
    return by_path


def attributes_of(part: nn.Module, *, with_configuration: bool = True) -> dict[str, Any]:
    """Returns the simple attributes of a module and of its configuration; see :func:`_simple`."""
    attributes = _simple(vars(part))
    config = getattr(part, "config", None) if with_configuration else None
    if config is not None and hasattr(config, "to_dict"):
        attributes = {**_simple(config.to_dict()), **attributes}
    return attributes


def _simple(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Selects numbers, booleans, strings, and lists of these."""
    simple: dict[str, Any] = {}
    for name, value in attributes.items():
        if name.startswith("_") or name in ("training", "call_super_init", "dump_patches"):
            continue
        if _is_scalar(value):
            simple[name] = value
        elif isinstance(value, (list, tuple)) and 0 < len(value) <= LONGEST and all(map(_is_scalar, value)):
            simple[name] = list(value)
    return simple


def _is_scalar(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) <= 100)


def only_in_training(module: nn.Module, network: DraftNetwork, state: SourceState) -> list[str]:
    """Returns notes on parts of the module that inference does not use."""
    notes: list[str] = []
    dropped = [part for part in module.modules() if _bare(part) in STOCHASTIC_DEPTH and _rate(part)]
    if dropped:
        most = max(map(_rate, dropped))
        notes.append(
            f"stochastic depth is used in training only and not imported: {len(dropped)} branches, dropped with a "
            f"probability of up to {most:g}"
        )
    used = {name for draft in network.drafts for name in draft.weights.values()}
    used |= {alias for name in used for alias in state.aliases.get(name, ())}
    unused = [name for name in state.tensors if name not in used and not name.endswith("num_batches_tracked")]
    if unused:
        tops = Counter(name.rpartition(".")[0].split(".")[0] or name for name in unused)
        parts = ", ".join(f"{top} ({count})" for top, count in list(tops.items())[:4])
        more = f" and {len(tops) - 4} more" if len(tops) > 4 else ""
        notes.append(f"{len(unused)} tensors of the source are not used in inference, and not imported: {parts}{more}")
    return notes


def _bare(part: nn.Module) -> str:
    return type(part).__name__.lower().replace("_", "")


def _rate(part: nn.Module) -> float:
    rate = next((vars(part)[key] for key in ("drop_prob", "p", "drop_rate") if key in vars(part)), 0.0)
    return float(rate) if isinstance(rate, (int, float)) else 0.0
