"""Translates whole layers from the words and forms of Keras, PyTorch, ONNX and the papers.

A layer is plain data here, as parsed from YAML: a text or a mapping. The caller verifies the result by reading it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple, cast

from ..diagnostics import clip
from ..ops import TABLE, argument_of, find
from ..ops.argument import as_list, as_mapping
from ..ops.layer_keys import LAYER_KEYS
from ..text.writer import ALONE, flow_style
from . import lookup
from .argument_names import PARTICULAR
from .calls import read_call, read_tuple
from .conversions import BY_NAME, BY_RANK, RANKS
from .layer_forms import (
    NEW_AXIS,
    as_layer,
    joined_tuples,
    operation_key,
    with_operation_as_key,
    with_own_activation,
    without_name,
    without_wrapper,
)
from .signatures import JOINED, KERAS_DEFAULTS, REQUIRED_ELSEWHERE, TAKE_A_LIST

_CHANNELS = "the last axis of Keras is that of the channels, which the layer finds"
_INSTEAD_OF_PRIMARY = ("kernel", "multiplier")
"""Possible meanings of the value after the operation if its primary argument is given by name, too."""


class Translation(NamedTuple):
    """A layer translated to this language."""

    word: str
    """The word for the operation, as written."""
    operation: str
    name: str | None
    """The name of the layer, if the layer contains it."""
    layer: str | dict[str, Any]
    by_window_rank: dict[int, str | dict[str, Any]]
    """The layer by the number of window axes of its input, if the word leaves that open."""
    problems: tuple[str, ...]
    """Arguments that could not be translated."""
    dropped: tuple[tuple[str, str], ...]
    """Arguments that are not needed, with reasons."""
    remarks: tuple[str, ...]
    """What to do about arguments that could not be translated."""
    note: str


def translate(data: Any, blocks: Collection[str] = ()) -> Translation | None:
    """Returns the translation of a layer; None if its operation is unknown, or if it is too large.

    Args:
        data: the layer as parsed from YAML.
        blocks: names of blocks, which are not operations.
    """
    layer = as_layer(data)
    if layer is None:
        return None
    layer, name = without_name(layer)
    layer = with_own_activation(without_wrapper(joined_tuples(with_operation_as_key(layer))))
    key = operation_key(layer, blocks)
    if key is None:
        return None
    operation_word = lookup.operation(key)
    assert operation_word is not None
    value = layer.pop(key)
    first = operation_word.name()
    renamed = operation_word if key not in TABLE else None
    window_ranks = operation_word.window_ranks if len(operation_word.window_ranks) > 1 else ()
    depends_on_rank = renamed is not None and lookup.depends_on_rank(renamed)
    if depends_on_rank:
        window_ranks = tuple(rank - 1 for rank in RANKS)
    results = {
        window_rank: _Layer(operation_word.name(window_rank), key, renamed, value, layer, window_rank + 1)
        for window_rank in window_ranks or (0,)
    }
    results = {rank: r for rank, r in results.items() if not r.problems} or results
    result = results.get(lookup.USUAL_WINDOW_RANK) or next(iter(results.values()))
    is_call = isinstance(data, str) and data.endswith(")")
    word = key.rpartition(".")[2] if is_call else key
    by_rank_fails = depends_on_rank and bool(result.problems)
    absent = [f"'{clip(p)}' has no equivalent" for p in result.problems] if is_call and not result.remarks else []
    of_keras = result.source != "torch" and operation_word.word in operation_word.row.keras.split()
    is_filled_in = result.source == "keras" and operation_word.word in KERAS_DEFAULTS
    return Translation(
        word,
        result.operation if window_ranks else first,
        name,
        result.data(),
        {window_rank: r.data() for window_rank, r in results.items() if window_rank} if not by_rank_fails else {},
        tuple(result.problems),
        tuple(result.dropped),
        tuple(dict.fromkeys((*result.remarks, *absent))),
        operation_word.row.note if of_keras and not is_filled_in else "",
    )


class _Layer:
    """Translates one layer for one operation."""

    def __init__(
        self,
        operation: str,
        key: str,
        operation_word: lookup.OperationWord | None,
        value: Any,
        others: dict[str, Any],
        rank: int = 0,
    ) -> None:
        self.operation = operation
        self.arguments = find(operation).arguments
        self.primary = find(operation).primary
        self.operation_word = operation_word
        """The word by which the operation was named, if not its own name."""
        self.value: Any = ALONE
        """The primary argument."""
        self.args: dict[str, Any] = {}
        self.wiring: dict[str, Any] = {}
        self.problems: list[str] = []
        self.dropped: list[tuple[str, str]] = []
        self.remarks: list[str] = []
        self.source = ""
        """``keras`` or ``torch``, if it is known whose layer it is."""
        self.rank = rank
        """The number of axes of its input, if a conversion depends on it."""
        arguments = dict(others)
        inner = as_mapping(value)
        if inner is not None:
            arguments = {**inner, **arguments}
        elif value is not None and value is not ALONE:
            arguments = self._with_positional(self._positional(key, read_tuple(value)), arguments)
        if operation_word is not None:
            self.source = lookup.source(key, operation_word, arguments)
            defaults = KERAS_DEFAULTS.get(operation_word.word, {}) if self.source == "keras" else {}
            arguments = {**REQUIRED_ELSEWHERE.get(operation_word.word, {}), **defaults, **arguments}
        self._add_all(arguments)
        if operation_word is not None:
            for argument, implied in operation_word.row.implied.items():
                self.args.setdefault(argument, implied)
        if self.primary in self.args:
            self.value = self.args.pop(self.primary)

    def data(self) -> str | dict[str, Any]:
        """Returns the layer as data."""
        rest = {**self.args, **{key: self.wiring[key] for key in LAYER_KEYS if key in self.wiring}}
        if self.value is ALONE and not rest:
            return self.operation
        return {self.operation: self.value, **rest}

    def _with_positional(self, positional: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
        """Returns all arguments. The value after the operation is another one if the primary is given by name."""
        twice = self.primary if self.primary in positional and self.primary in named else None
        if twice is None:
            return {**positional, **named}
        other = next((a for a in _INSTEAD_OF_PRIMARY if a in self.arguments and a not in named and a != twice), None)
        if other is None:
            self.problems.append(twice)
            return named
        value = positional[twice]
        return {**named, other: value} if other == "kernel" or value != 1 else named

    def _positional(self, key: str, value: Any) -> dict[str, Any]:
        """Returns the value after the name of the operation, by the name of the argument that it is elsewhere."""
        if isinstance(value, list):
            names = lookup.signature(key, len(as_list(value)))
            if names and names[0].startswith("*"):
                return {names[0][1:]: value}
            if names and names[0] not in TAKE_A_LIST and not self._accepts(self.primary, value):
                return dict(zip(names, as_list(value), strict=True))
        if self.primary == "from":
            return {"from": value}
        if self.primary is None:
            names = lookup.signature(key if self.operation_word is not None else f"F.{key}", 1)
            if names is None or (isinstance(value, list) and names[0] not in TAKE_A_LIST):
                why, text = reason_without_primary(self.operation), flow_style(cast("object", value))
                if why is not None:
                    self.dropped.append((text, why))
                else:
                    self.problems.append(text)
                return {}
            if lookup.folded(names[0]) == "inplace" and not isinstance(value, bool):
                self.problems.append(str(cast("object", value)))
                return {}
            return {names[0]: cast("Any", value)}
        names = lookup.signature(key, 1) if self.operation_word is not None else None
        if names and lookup.argument(self.operation, names[0], self.operation_word) is not None:
            return {names[0]: value}
        return {self.primary: value}

    def _accepts(self, argument: str | None, value: Any) -> bool:
        declared = argument_of(self.operation, argument) if argument is not None else None
        if declared is None:
            return argument == "from"
        try:
            declared.validator.validate(value, TABLE[self.operation].window_rank)
        except ValueError:
            return False
        return True

    # -- arguments -------------------------------------------------------------------------------------------------
    def _add_all(self, arguments: dict[str, Any]) -> None:
        for pair, name in JOINED:
            if arguments.keys() >= set(pair) and not set(pair) & self.arguments.keys():
                rest = {key: value for key, value in arguments.items() if key not in pair}
                arguments = {name: [arguments[key] for key in pair], **rest}
        for key, value in arguments.items():
            self._add(key, read_tuple(value))

    def _add(self, key: str, value: Any) -> None:
        """Add one argument under its name in this language."""
        is_argument = argument_of(self.operation, key) is not None or (key == "from" and self.primary == "from")
        if key in LAYER_KEYS and not is_argument:
            self._add_wiring(key, value)
            return
        meaning = (
            None
            if is_argument and self.operation_word is None
            else lookup.argument(self.operation, key, self.operation_word)
        )
        if meaning is not None and is_argument and meaning.argument != key and not self._is_particular(key):
            meaning = None
        if meaning is None and is_argument:
            meaning = lookup.Meaning(key, "")
        if meaning is None or (meaning.argument in self.args and not is_argument and lookup.unneeded(key)):
            why = lookup.unneeded(key)
            absent = lookup.absent(key)
            if absent is not None:
                self.problems.append(key)
                self.remarks.append(f"'{key}' has no equivalent; {absent}")
                return
            if why is None:
                meaning = lookup.near_argument(self.operation, key)
                if meaning is None or meaning.argument in self.args:
                    self.problems.append(key)
                    return
            else:
                self.dropped.append((key, why))
                return
        original = value
        try:
            value = self._converted(key, value, meaning.convert)
        except ValueError as error:
            self.problems.append(key)
            self.remarks += map(str, error.args)
            return
        why = lookup.unneeded(key) or (_CHANNELS if self.source == "keras" and key == "axis" else None)
        if value is None and original is not None and why is not None:
            self.dropped.append((key, why))
        if meaning.argument in LAYER_KEYS and meaning.argument != self.primary:
            if value is not None:
                self._add_wiring(meaning.argument, value)
        elif value is not None or is_argument:
            self._set(meaning.argument, value)

    def _converted(self, key: str, value: Any, convert: str) -> Any:
        """The value of an argument in the conventions here. Raises ValueError."""
        if convert in BY_RANK:
            return BY_RANK[convert](value, self.rank)
        if convert == "axes_with_batch" and key in ("axis", "axes") and self.source == "keras":
            convert = "keras_axis"
        return BY_NAME[convert](value) if convert else value

    def _is_particular(self, key: str) -> bool:
        return self.operation_word is not None and key in PARTICULAR.get(self.operation_word.word, {})

    def _set(self, argument: str, value: Any) -> None:
        declared = argument_of(self.operation, argument)
        if declared is not None and not self._accepts(argument, value):
            boolean = declared.validator.schema == {"type": "boolean"}
            row = lookup.value(argument, value, boolean)
            if row is not None and self._accepts(argument, row.netspec):
                value = row.netspec
            elif value is None and not declared.required:
                return
        parts = as_mapping(value)
        if argument == "init" and parts is not None and set(parts) == {"bias"} and "init" in self.args:
            value = {"weight": self.args["init"], **parts}
        self.args[argument] = value

    def _add_wiring(self, key: str, value: Any) -> None:
        if key == "activation":
            if lookup.no_activation(value):
                return
            value = activation(value)
            if value is None:
                self.problems.append(key)
                return
        if (key, value) == ("over", NEW_AXIS):
            self.remarks.append(f"`axes: [{NEW_AXIS}, …]` in the input names that axis")
        copy = as_mapping(value)
        if key == "first" and copy is not None:
            value = self._first_copy(copy)
        self.wiring[key] = value

    def _first_copy(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Returns the arguments of the first copy."""
        first = _Layer(self.operation, self.operation, None, None, arguments)
        self.problems += first.problems
        return {**({} if first.value is ALONE else {str(self.primary): first.value}), **first.args}


def activation(value: Any) -> Any:
    """Returns the value of ``activation`` in this language; None if there is no such activation."""
    mapping = as_mapping(value)
    if isinstance(value, str):
        if value.startswith("$"):
            return value
        layer = read_call(value) or {value: None}
    elif mapping is not None and len(mapping) == 1:
        layer = mapping
    else:
        return None
    translation = translate(layer)
    if translation is None or translation.problems or not find(translation.operation).is_activation:
        return None
    if isinstance(translation.layer, str):
        return translation.layer
    ((name, argument), *rest) = translation.layer.items()
    if not rest:
        return {name: argument}
    return {name: dict(rest) if argument is ALONE else {find(name).primary: argument, **dict(rest)}}


def reason_without_primary(operation: str) -> str | None:
    """Returns why an operation has no primary argument; None if no reason is known."""
    if "axis" in find(operation).arguments:
        return "the number of channels is that of the tensor that arrives"
    return None
