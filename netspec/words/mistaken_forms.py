"""Help for forms of other languages and tools: sizes left open, templates, previous layers, names in one text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ..diagnostics import clip
from ..ops.argument import as_list
from ..text.writer import flow_style

_LINE = 110
"""Characters of a text that is written out in a help."""
_AXES = {1: ("L",), 2: ("C", "L"), 3: ("C", "H", "W"), 4: ("C", "D", "H", "W")}
"""Names for the axes of an input by its rank, channels first."""
_USUAL = {"L": 128, "C": 3, "D": 16, "H": 224, "W": 224}
"""Sizes to count the network with."""
_COLOURS = 4
"""Maximum number of channels that tell an image with its channels last."""
_BRACES = re.compile(r"\$\{\s*([^{}]+?)\s*\}|\{\{\s*([^{}]+?)\s*\}\}")
"""An expression of shells, Hydra, Jinja and others: ``${w}``, ``{{ w }}``."""


def open_sizes_help(sizes: list[Any], is_open: Callable[[object], bool], dims: Collection[str]) -> str | None:
    """Returns the input with names for the sizes that it leaves open; None if none of them, or only the first, is open.

    Args:
        sizes: of the input, as they are written.
        is_open: whether a size stands for one that is known at run time.
        dims: names of the dimensions that are declared.
    """
    last = len(sizes) == 3 and is_open(sizes[0]) and is_open(sizes[1]) and _is_few(sizes[2])
    has_batch = len(sizes) > 1 and is_open(sizes[0]) and not last
    inner = sizes[1:] if has_batch else sizes
    axes = ("H", "W", "C") if last else _AXES.get(len(inner), ())
    if not axes or not any(map(is_open, inner)):
        return None
    named = [axis if is_open(size) else size for axis, size in zip(axes, inner, strict=True)]
    missing = {axis: _USUAL[axis] for axis in named if axis in _USUAL and axis not in dims}
    text = f"write {flow_style(named)}"
    if has_batch:
        text = f"the batch axis is implied: {text}"
    if missing:
        text += f", and `dims: {flow_style(missing)}` for names with their defaults"
    return f"{text}; `layout: channels_last` says that the channels come last" if last else text


def _is_few(size: object) -> bool:
    return type(size) is int and 0 < size <= _COLOURS


def braces_help(text: str) -> str | None:
    """Returns how to write a text with ``${w}`` or ``{{ w }}``; None if it has neither."""
    if len(text) > _LINE or not _BRACES.search(text):
        return None
    whole = _BRACES.fullmatch(text)
    inner = str(whole[1] or whole[2]) if whole else ""
    written = f"${inner}" if inner.isidentifier() else _BRACES.sub(lambda m: f"$({m[1] or m[2]})", text)
    return f"a parameter is written $name, an expression $(…): {clip(written)}"


def training_help(word: str) -> str | None:
    """Returns help for a key about training, such as ``loss``; None for other words."""
    if word.lower() not in _TRAINING.split():
        return None
    return f"'{clip(word)}' belongs in the code that trains the network: a spec describes the network alone"


_TRAINING = (
    "loss losses loss_fn loss_function criterion metric metrics optimizer optimizers optimiser optimisers "
    "scheduler lr_scheduler lr learning_rate weight_decay epochs epoch batch_size callbacks callback "
    "train training trainer fit compile dataset datasets dataloader augmentation augmentations"
)
"""Keys of the configurations of training code, as words of one text."""


CAUSAL = "`causal: true` hides later positions, without 'mask'"
"""Help for a mask that is not a layer but the word for a causal one."""


def is_causal(value: object) -> bool:
    """Returns whether the value of ``mask`` is a word for a causal mask."""
    return isinstance(value, str) and value.lower().replace("-", "_") in ("causal", "causal_mask", "triu", "tril")


def reference_help(name: str, names: Sequence[str], is_known: Callable[[str], bool]) -> str | None:
    """Returns help for a reference that is several names in one text, or a number of layers back; None for others.

    Args:
        name: the reference, which is unknown.
        names: of the layers before it, in order.
        is_known: whether a layer has a name.
    """
    if is_causal(name):
        return CAUSAL
    parts = [part for part in re.split(r"[,+&\s]+", name.strip("()[] ")) if part]
    if len(parts) > 1 and all(map(is_known, parts)):
        return f"several names are a list: [{', '.join(map(clip, parts))}]"
    if re.fullmatch(r"-[1-9][0-9]{0,3}", name):
        back = int(name[1:])
        if back <= len(names):
            other = " (without 'from', a layer reads it)" if back == 1 else ""
            which = "the layer before" if back == 1 else f"{back} layers before"
            return f"layers are named: {which} is '{clip(names[-back])}'{other}"
        return "layers are named; without 'from', a layer reads the one before it"
    return None


def called_block_help(text: str, blocks: Collection[str]) -> str | None:
    """Returns the layer for a block that is written as a call, ``Res(64, stride=2)``; None for other texts."""
    head, bracket, rest = text.partition("(")
    if head not in blocks or not bracket or not rest.endswith(")") or len(text) > _LINE:
        return None
    values = [part.strip() for part in rest[:-1].split(",") if part.strip()]
    named = {k.strip(): _argument(v) for k, e, v in (v.partition("=") for v in values) if e}
    plain = [_argument(value) for value in values if "=" not in value]
    if any(not key.isidentifier() for key in named):
        return None
    first = f"{head}: {plain[0]}" if plain else None
    others = [f"…: {value}" for value in plain[1:]] + [f"{key}: {value}" for key, value in named.items()]
    if not values:
        return f"write {head}"
    written = ", ".join([first, *others]) if first else f"{head}: {{{', '.join(others)}}}"
    unnamed = ", with the name of each further argument" if plain[1:] else ""
    return f"a block is a key, and its arguments stand beside it: write {{{written}}}{unnamed}"


def _argument(text: str) -> str:
    """Returns an argument of a call as a spec has it; a name is taken for that of a parameter."""
    text = text.strip()
    is_word = text.isidentifier() and text.lower() not in ("true", "false", "none", "null")
    return f"${text}" if is_word else text.lower() if text in ("True", "False") else text


def axes_help(value: object, rank: int) -> str:
    """Returns help for axes that do not exist: their numbers without the batch axis, if these exist."""
    text = "axes are counted from 0, without the batch axis"
    numbers: list[Any] = as_list(value) if isinstance(value, list) else [value]
    if not numbers or any(type(number) is not int or number < 0 for number in numbers):
        return text
    inner = [number - 1 for number in numbers if number]
    if not inner or max(inner) >= rank or len(set(inner)) != len(inner):
        return text
    return f"{text}: {flow_style(inner if isinstance(value, list) else inner[0])}"


def kernel_help(value: str) -> str | None:
    """Returns help for a text such as ``3x3``; None for others."""
    sizes = re.split(r"\s*[x×*,]\s*", value.strip())
    if not 1 < len(sizes) <= 3 or not all(size.isascii() and size.isdigit() and len(size) < 6 for size in sizes):
        return None
    text = f"write [{', '.join(sizes)}]"
    return f"{text}, or one number for all axes" if len(set(sizes)) == 1 else text


def figure_help(word: str) -> str | None:
    """Returns the key of ``expect`` for another word; None if it is unknown."""
    key = next((key for key, words in _FIGURES.items() if word.lower() in words.split()), None)
    return f"'{clip(word)}' is called '{key}' in netspec" if key is not None else None


_FIGURES = {
    "params": "parameters num_params n_params param_count total_params parameter_count",
    "trainable_params": "trainable trainable_parameters",
    "weight_bytes": "size bytes weights weight_size model_size file_size size_bytes disk memory",
    "macs": "mult_adds multiply_adds madds",
    "flops": "gflops mflops",
    "output": "output_shape out outputs",
    "receptive_field": "rf field",
}
"""Other words for figures."""


def rounded_help(text: str, units: Mapping[str, int]) -> str | None:
    """Returns help for an expected figure with a unit and without a bound, ``20k``; None for other texts."""
    match = re.fullmatch(r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*([A-Za-z]*)", text)
    if match is None or match[2] not in units:
        return None
    number, _, decimals = match[1].replace("_", "").partition(".")
    exact, rest = divmod(int(number + decimals) * units[match[2]], 10 ** len(decimals))
    help = f"a figure with a unit is rounded: '{clip(text)} +- 1%' or '<= {clip(text)}'"
    return help if rest else f"{help}; {exact:_} is exact"
