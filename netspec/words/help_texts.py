"""Help texts about the words of Keras, PyTorch, ONNX and the papers."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, cast

from ..diagnostics import clip, did_you_mean
from ..ops import TABLE, find
from ..ops.argument import Argument, as_list, as_mapping
from ..ops.layer_keys import LAYER_KEYS
from ..text.writer import ALONE, flow_style
from . import lookup, signatures
from .calls import callee, read_tuple
from .conversions import axes_with_batch
from .mistaken_forms import CAUSAL, axes_help, braces_help, is_causal, kernel_help, open_sizes_help
from .translate import Translation, reason_without_primary, translate
from .translate import activation as translated_activation

_LINE = 110
"""Maximum length of a layer to show in a help text."""


def layer_text(layer: object) -> str:
    """Returns a layer, or a value, as written in a spec."""
    return flow_style(layer)


def operation_word_help(word: str) -> str | None:
    """Returns the meaning of a word for an operation; None if it is in no table."""
    word = callee(word)
    known = lookup.operation(word)
    if known is not None:
        return _is_here(word, known.name(), known.window_ranks)
    instead = lookup.instead(word)
    return f"'{clip(word)}' has no equivalent; {instead}" if instead is not None else None


def _is_here(word: str, name: str, window_ranks: tuple[int, ...]) -> str:
    text = f"'{clip(word)}' is called '{name}' in netspec"
    if len(window_ranks) > 1:
        text += f"; {_others(name, window_ranks)} on other inputs"
    return text


def translation_help(translation: Translation, written: str | None, named: bool, window_rank: int | None = None) -> str:
    """Returns the help that shows a translated layer.

    Args:
        translation: the layer.
        written: its text in a spec; None shows no text.
        named: whether the layer is in a mapping, whose key is its name.
        window_rank: number of window axes of its input; None if it is unknown.
    """
    notes: list[str] = []
    window_ranks = tuple(translation.by_window_rank)
    named_here = translation.name is not None and not named
    if (
        written is not None
        and len(written) <= _LINE
        and (translation.word in TABLE or written != translation.operation)
    ):
        notes.append(f"write {f'{translation.name}: ' if named_here else ''}{written}")
        if window_rank not in window_ranks and len(window_ranks) > 1:
            notes.append(_on_other_inputs(translation, written))
    elif window_rank in window_ranks:
        stem = translation.operation.removesuffix(f"{lookup.USUAL_WINDOW_RANK}d")
        notes.append(f"on this input, '{clip(translation.word)}' is '{stem}{window_rank}d'")
    elif translation.word not in TABLE:
        notes.append(_is_here(translation.word, translation.operation, window_ranks))
    if translation.name is not None:
        where = ", which stands before it already" if named else ", in a mapping"
        notes.append(f"the name of a layer is its key{where}")
    reasons: dict[str, list[str]] = {}
    for word, why in translation.dropped:
        reasons.setdefault(why, []).append(_quoted(word))
    for why, quoted in reasons.items():
        reason = f": {why}" if why else ""
        notes.append(f"{' and '.join(quoted)} {'is' if len(quoted) == 1 else 'are'} not needed{reason}")
    notes += translation.remarks
    if translation.note and not _is_settled(translation):
        notes.append(translation.note)
    return "; ".join(notes)


def _is_settled(translation: Translation) -> bool:
    """Whether the layer gives all arguments mentioned in its note."""
    known = find(translation.operation).arguments
    about = [argument for argument in re.findall(r"(\w+): ", translation.note) if argument in known]
    layer = translation.layer
    return translation.word in TABLE or (isinstance(layer, dict) and all(argument in layer for argument in about))


def _on_other_inputs(translation: Translation, written: str) -> str:
    """What to write on inputs with other numbers of axes."""
    if translation.operation in TABLE and not translation.operation.endswith(f"{lookup.USUAL_WINDOW_RANK}d"):
        texts = {rank + 1: layer_text(layer) for rank, layer in translation.by_window_rank.items()}
        return " or ".join(f"{text} on {n} axes" for n, text in texts.items() if text != written)
    return f"{_others(translation.operation, tuple(translation.by_window_rank))} on other inputs"


def _others(name: str, window_ranks: tuple[int, ...]) -> str:
    """Returns the operations for other numbers of window axes."""
    stem = name.removesuffix(f"{lookup.USUAL_WINDOW_RANK}d")
    return " or ".join(f"{stem}{n}d" for n in window_ranks if f"{stem}{n}d" != name)


def _quoted_value(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else layer_text(value)


def _quoted(word: str) -> str:
    return f"'{clip(word)}'"


def argument_help(operation: str, word: str, value: object = None) -> str | None:
    """Returns the meaning of a word for an argument, or why it is not needed; None if it is in no table.

    ``value`` is its value; None if it is unknown.
    """
    meaning = lookup.argument(operation, word)
    cls = find(operation)
    if meaning is not None and meaning.argument == "mask" and is_causal(value) and "causal" in cls.arguments:
        return CAUSAL
    why = lookup.unneeded(word)
    if meaning is not None and (why is None or meaning.argument in cls.arguments):
        text = f"'{clip(word)}' is called '{meaning.argument}' in netspec"
        if meaning.argument == cls.primary:
            text += f", the value after '{operation}'" if meaning.argument != "from" else ""
        return text + _CONVERTED.get(meaning.convert, "") + _converted_value(meaning, operation, value)
    absent = lookup.absent(word)
    if absent is not None:
        return f"'{clip(word)}' has no equivalent; {absent}"
    return f"'{clip(word)}' is not needed: {why}" if why is not None else None


def _converted_value(meaning: lookup.Meaning, operation: str, value: object) -> str:
    """Returns how to write an argument whose numbers differ here; empty if they do not."""
    if meaning.convert != "axes_with_batch" or not isinstance(value, (int, list)):
        return ""
    try:
        converted = axes_with_batch(value)
    except ValueError:
        return ""
    key = operation if meaning.argument == find(operation).primary else meaning.argument
    return f": write {key}: {layer_text(converted)}"


_CONVERTED = {
    "complement": ", and 1 minus that value",
    "negation": ", with the opposite value",
    "axes_with_batch": ", counted without the batch axis",
    "sequence_or_last": ": sequence (true) or last (false)",
    "last_axes": ": the numbers of the last axes, [-2, -1] for two; the default is the channels",
    "bias_init": ": {bias: …}",
    "onnx_pairs": ": [[before, after], …]",
}


def unexpected_primary_help(operation: str, value: object) -> str:
    """Returns what to write instead of an invalid value after the name of an operation."""
    items = as_list(value)
    item = items[0] if len(items) == 1 else None
    if isinstance(item, str) and item.isidentifier():
        return f"`{{{operation}, from: {clip(item)}}}` reads the layer '{clip(item)}'"
    translation = translate({operation: value})
    layer = translation.layer if translation is not None and not translation.problems else None
    if isinstance(layer, dict) and layer.get(operation) is ALONE:
        arguments = " and ".join(f"`{key}: {layer_text(v)}`" for key, v in layer.items() if key != operation)
        return f"write '{operation}' alone, with {arguments}"
    why = reason_without_primary(operation)
    return f"write '{operation}' alone" + (f": {why}" if why is not None else "")


def value_help(
    argument: str,
    declared: Argument[Any] | None,
    value: object,
    parameters: Collection[str],
    rank: int | None = None,
) -> str | None:
    """Returns the likely meaning of a value of an argument, for an input of that rank; None if unknown."""
    if isinstance(value, str):
        known = _parameter_help(value, parameters) or braces_help(value)
        if known is not None:
            return known
    if declared is not None and declared.validator.kind == "axis":
        if type(value) is int or isinstance(value, list):
            return axes_help(cast("object", value), rank) if rank is not None else None
        named = isinstance(value, str) and value.isidentifier()
        return "use one of these, or name the axes by `axes: […]` in an input or a `reshape`" if named else None
    boolean = declared is not None and declared.validator.schema == {"type": "boolean"}
    row = lookup.value(argument, value, boolean)
    if row is not None and row.netspec != value:
        word = str(value).lower() if isinstance(value, bool) else str(value)
        return f"{_quoted(word)} is {_quoted_value(row.netspec)} in netspec"
    sizes = kernel_help(value) if isinstance(value, str) else None
    if sizes is not None:
        return sizes
    listed: object = read_tuple(value)
    if listed is not value:
        return f"a list is written in square brackets: {layer_text(listed)}"
    return None


def positional_help(operation: str, arguments: list[Any]) -> str | None:
    """Returns the layer for a list after the name of an operation, ``conv2d: [64, 3]``; None if there is none."""
    order = signatures.IN_ORDER.get(operation, "").split()
    if order and len(arguments) == len(order):
        written = {
            name: value for name, value in zip(order, arguments, strict=True) if name in find(operation).arguments
        }
        layer = {operation: written.pop(str(find(operation).primary)), **written}
        if isinstance(layer[operation], (list, dict)) or any(isinstance(value, dict) for value in arguments):
            return None
        left_out = [name.replace("_", " ") for name in order if name not in find(operation).arguments]
        return f"write {layer_text(layer)}: the number of {left_out[0]} is that of the tensor that arrives"
    if lookup.signature(operation, len(arguments)) is None:
        return None
    translation = translate({operation: arguments})
    return f"write {layer_text(translation.layer)}" if translation is not None and not translation.problems else None


def called_help(word: str, arguments: list[Any]) -> str | None:
    """Returns the layer for the word of an operation with positional arguments; None if it is unknown."""
    translation = translate(f"{word}({', '.join(map(repr, arguments))})")
    return f"write {layer_text(translation.layer)}" if translation is not None and not translation.problems else None


def _parameter_help(word: str, parameters: Collection[str]) -> str | None:
    """Returns help for a text that is the name of a parameter, or an expression without its sign."""
    if word in parameters:
        return f"'{clip(word)}' is a parameter: ${clip(word)} is its value"
    if len(word) <= _LINE and not re.search(r"[$\"']", word):
        names = re.findall(r"[A-Za-z_]\w*", word)
        if re.search(r"[-+*/%]", word) and names and all(name in parameters for name in names):
            return f"an expression is written $({word})"
    return None


def activation_as_layer(layer: Any) -> str | None:
    """Returns the layer for a mapping with the key ``activation`` and without an operation; None if there is none."""
    arguments = as_mapping(layer) or {}
    translated = translated_activation(arguments.pop("activation", None))
    if translated is None:
        return None
    head = {translated: ALONE} if isinstance(translated, str) else translated
    return layer_text({**head, **arguments}) if arguments or not isinstance(translated, str) else str(translated)


def activation_text(word: str, setting: object) -> str | None:
    """Returns ``activation: relu`` for a key that names an activation, with an optional argument; None for others."""
    value = word if setting is None or isinstance(setting, bool) else {word: setting}
    translated = translated_activation(value)
    return f"activation: {layer_text(translated)}" if translated is not None else None


def activation_help(value: object) -> str | None:
    """Returns the likely meaning of a value of ``activation``; None if unknown."""
    if lookup.no_activation(value):
        return "no activation is the default: leave 'activation' out"
    translated = translated_activation(value)
    if translated is not None and translated != value:
        return f"{_quoted(str(value)) if isinstance(value, str) else 'that'} is {_quoted_value(translated)} in netspec"
    if isinstance(value, str):
        known = lookup.operation(value)
        if known is not None:
            name = known.name()
            reason = "has weights" if name == "prelu" else "is not an activation"
            return f"'{name}' {reason}: make it a layer of its own, after this one"
        instead = lookup.instead(value)
        return f"'{clip(value)}' has no equivalent; {instead}" if instead is not None else None
    return None


def key_help(word: str, known: tuple[str, ...]) -> str | None:
    """Returns the likely meaning of a key of a document, a block or an inline block; None if unknown."""
    key = lookup.document_key(word, known)
    if key is not None:
        return f"'{clip(word)}' is called '{key}' in netspec"
    wiring = tuple(k for k in LAYER_KEYS if k in known)
    meaning = lookup.argument("relu", word) if wiring else None
    if meaning is not None and meaning.argument in wiring:
        return f"'{clip(word)}' is called '{meaning.argument}' in netspec" + _CONVERTED.get(meaning.convert, "")
    return None


_SIZE = re.compile(r"[0-9]+|[A-Za-z_?]\w*|-1")
_BETWEEN = re.compile(r"\s*(?:[,×*]|(?<=[0-9])x(?=[0-9]))\s*|\s+")
"""Separators of sizes: ``3, 32, 32``, ``3x32x32``."""


# -- shapes of inputs --------------------------------------------------------------------------------------------------
def shape_help(text: str) -> str | None:
    """Returns the sizes described by a text such as ``(3, 32, 32)``, ``3x32x32`` or ``784``; None if there are none."""
    if len(text) > _LINE:
        return None
    words = _BETWEEN.split(text.strip(" ()[],"))
    if not all(map(_SIZE.fullmatch, words)):
        return None
    sizes: list[Any] = [int(word) if word.isdigit() else word for word in words]
    if len(sizes) > 1 and is_batch(sizes[0]):
        return f"the batch axis is implied: {_listed(sizes[1:])}"
    return _listed(sizes) if any(isinstance(size, int) for size in sizes) and all(map(_is_size, sizes)) else None


def size_help(sizes: list[Any], size: Any, parameters: Collection[str], dims: Collection[str] = ()) -> str | None:
    """Returns help for an invalid size of an input: a batch axis, a parameter, or a dimension without a default."""
    if is_batch(size) and (len(sizes) == 1 or size is not sizes[0] or sum(map(is_batch, sizes)) > 1):
        named = open_sizes_help(sizes, is_batch, dims)
        if named is not None:
            return named
    is_name = bool(dims) and isinstance(size, str) and len(size) == 1 and size.islower()
    if len(sizes) > 1 and size is sizes[0] and is_batch(size) and not is_name:
        return f"the batch axis is implied: {_listed(sizes[1:])}"
    if not isinstance(size, str) or not size.isidentifier():
        return None
    if size in parameters:
        return f"'{clip(size)}' is a parameter: ${clip(size)} is its value"
    if near := did_you_mean(size, dims):
        return near
    missing = dict.fromkeys(s for s in sizes if isinstance(s, str) and s.isidentifier() and s not in dims)
    usual = 224 if len(sizes) > 2 else 128
    return f"`dims: {{{', '.join(f'{clip(name)}: {usual}' for name in missing)}}}` gives names with their defaults"


_BATCH = frozenset(("n", "b", "m", "bs", "none", "null", "batch", "batchsize", "minibatch", "samples", "numsamples"))


def is_batch(size: object) -> bool:
    """Whether a size denotes the batch size elsewhere: ``N``, ``None``, ``batch_size``, ``-1``, an empty value."""
    return (
        size is None or size == -1 or size in ("?", "-1") or (isinstance(size, str) and lookup.folded(size) in _BATCH)
    )


def _is_size(size: object) -> bool:
    return isinstance(size, int) or is_batch(size)


def _listed(sizes: list[Any]) -> str:
    return f"write {layer_text(sizes)}"
