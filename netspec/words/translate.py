"""Translates whole layers from the words and forms of Keras, PyTorch, ONNX and the papers.

A layer is plain data here, as parsed from YAML: a text or a mapping. The caller verifies the result by reading it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple, cast

from ..ops import TABLE, argument_of, find
from ..ops.argument import as_list, as_mapping
from ..ops.layer_keys import LAYER_KEYS
from ..text.writer import ALONE, flow_style
from . import lookup
from .calls import read_call, read_tuple
from .conversions import BY_NAME

OPERATION_KEYS = ("type", "op", "operation", "class_name", "layer_type", "kind", "op_type", "layer", "module")
"""Keys that name the operation in other formats: ``{type: conv2d, filters: 32}``."""
_ARGUMENT_KEYS = ("config", "args", "kwargs", "params", "arguments", "attrs")
"""Keys that contain the arguments in other formats."""
_INSTEAD_OF_PRIMARY = ("kernel", "multiplier")
"""Possible meanings of the value after the operation if its primary argument is given by name, too."""
_WRAPPERS: dict[str, dict[str, Any]] = {
    "activation": {},
    "timedistributed": {},
    "bidirectional": {"bidirectional": True},
}
"""Layers of Keras around another layer, and the arguments that stand for them here. In ``{Bidirectional: …}`` the
directions are concatenated."""
_LARGEST = 40
"""Maximum number of keys and items of a layer to translate."""


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
    note: str


def translate(data: Any, blocks: Collection[str] = ()) -> Translation | None:
    """Returns the translation of a layer; None if its operation is unknown, or if it is too large.

    Args:
        data: the layer as parsed from YAML.
        blocks: names of blocks, which are not operations.
    """
    layer = _as_mapping(data)
    if layer is None:
        return None
    layer, name = _without_name(layer)
    layer = _without_wrapper(_joined_tuples(_with_operation_as_key(layer)))
    key = _operation_key(layer, blocks)
    if key is None:
        return None
    operation_word = lookup.operation(key)
    assert operation_word is not None
    value = layer.pop(key)
    first = operation_word.name()
    renamed = operation_word if key not in TABLE else None
    window_ranks = operation_word.window_ranks if len(operation_word.window_ranks) > 1 else ()
    results = {
        window_rank: _Layer(operation_word.name(window_rank), key, renamed, value, layer)
        for window_rank in window_ranks or (0,)
    }
    result = results.get(lookup.USUAL_WINDOW_RANK) or next(iter(results.values()))
    return Translation(
        key,
        result.operation if window_ranks else first,
        name,
        result.data(),
        {window_rank: r.data() for window_rank, r in results.items() if window_rank},
        tuple(result.problems),
        tuple(result.dropped),
        operation_word.row.note if operation_word.word in operation_word.row.keras.split() else "",
    )


class _Layer:
    """Translates one layer for one operation."""

    def __init__(
        self, operation: str, key: str, operation_word: lookup.OperationWord | None, value: Any, others: dict[str, Any]
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
        arguments = dict(others)
        inner = as_mapping(value)
        if inner is not None:
            arguments = {**inner, **arguments}
        elif value is not None and value is not ALONE:
            arguments = self._with_positional(self._positional(key, read_tuple(value)), arguments)
        if operation_word is not None:
            arguments = {**_required(operation_word), **arguments}
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
            names = lookup.signature(key.rpartition(".")[2], len(as_list(value)))
            if names is not None and not self._accepts(self.primary, value):
                return dict(zip(names, as_list(value), strict=True))
        if self.primary == "from":
            return {"from": value}
        if self.primary is None:
            names = lookup.signature(key.rpartition(".")[2], 1)
            if names is None or isinstance(value, list):
                self.dropped.append((flow_style(cast("object", value)), reason_without_primary(self.operation) or ""))
                return {}
            if lookup.folded(names[0]) == "inplace" and type(value) is not bool:
                self.problems.append(str(value))
                return {}
            return {names[0]: value}
        names = lookup.signature(key.rpartition(".")[2], 1) if self.operation_word is not None else None
        if names is not None and lookup.argument(self.operation, names[0], self.operation_word) is not None:
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
        if "size" in self.arguments and {"height", "width"} <= arguments.keys() and "width" not in self.arguments:
            arguments = {"size": [arguments["height"], arguments["width"]], **arguments}
            del arguments["height"], arguments["width"]
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
            if why is None:
                meaning = lookup.near_argument(self.operation, key)
                if meaning is None or meaning.argument in self.args:
                    self.problems.append(key)
                    return
            else:
                self.dropped.append((key, why))
                return
        try:
            if meaning.convert:
                value = BY_NAME[meaning.convert](value)
        except ValueError:
            self.problems.append(key)
            return
        if meaning.argument in LAYER_KEYS and meaning.argument != self.primary:
            if value is not None:
                self._add_wiring(meaning.argument, value)
        elif value is not None or is_argument:
            self._set(meaning.argument, value)

    def _is_particular(self, key: str) -> bool:
        from .argument_names import PARTICULAR

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


# -- forms -------------------------------------------------------------------------------------------------------------
def _as_mapping(data: Any) -> dict[str, Any] | None:
    if isinstance(data, str):
        call = read_call(data)
        return call if call is not None else {data: None}
    layer = as_mapping(data)
    if layer is None or not 0 < len(layer) <= _LARGEST:
        return None
    if len(layer) == 1:
        ((key, value),) = layer.items()
        call = read_call(key) if value is None else None
        return call if call is not None else layer
    return layer


def _without_name(layer: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Returns the layer without a key for its name, and that name."""
    name = layer.get("name")
    if not isinstance(name, str):
        return dict(layer), None
    return {key: value for key, value in layer.items() if key != "name"}, name


def _with_operation_as_key(layer: dict[str, Any]) -> dict[str, Any]:
    """Converts ``{type: conv2d, filters: 32}`` to ``{conv2d: {filters: 32}}``."""
    for key in OPERATION_KEYS:
        word = layer.get(key)
        if not isinstance(word, str) or lookup.operation(word) is None:
            continue
        rest = {k: v for k, v in layer.items() if k != key}
        for inner in _ARGUMENT_KEYS:
            if isinstance(rest.get(inner), dict):
                rest = {**rest.pop(inner), **rest}
        rest.pop("name", None)
        return {word: None, **rest}
    return layer


def _without_wrapper(layer: dict[str, Any]) -> dict[str, Any]:
    """Returns the inner layer: ``{relu}`` of ``{Activation: relu}``, also of ``{Bidirectional: {LSTM: 8}}``."""
    for key, value in layer.items():
        wrapper = lookup.folded(key)
        if wrapper not in _WRAPPERS or key in LAYER_KEYS:
            continue
        rest = {k: v for k, v in layer.items() if k != key}
        inner = as_mapping(value)
        if isinstance(value, str):
            inner = read_call(value) or {value: None}
        if inner is None or _operation_key(inner, ()) is None:
            return layer
        return {**inner, **rest, **_WRAPPERS[wrapper]}
    return layer


def _joined_tuples(layer: dict[str, Any]) -> dict[str, Any]:
    """Joins ``{kernel: (3, 3)}``, which YAML parses as two entries."""
    out: dict[str, Any] = {}
    last: str | None = None
    for key, value in layer.items():
        before = out.get(last) if last is not None else None
        if value is None and isinstance(before, str) and before.startswith("(") and not before.endswith(")"):
            out[str(last)] = f"{before}, {key}"
        else:
            out[key] = value
            last = key
    return {key: read_tuple(value) for key, value in out.items()}


def _operation_key(layer: dict[str, Any], blocks: Collection[str]) -> str | None:
    """Returns the key that names the operation: one of this language, otherwise a word that is not an argument's."""
    if any(key in blocks or key.startswith("$") for key in layer):
        return None
    operations = [key for key in layer if key in TABLE]
    if operations:
        return operations[0] if len(operations) == 1 else None
    words = [key for key in layer if key not in LAYER_KEYS and lookup.operation(key) is not None]
    first = next((key for key in layer if key not in LAYER_KEYS), None)
    return next((key for key in words if not lookup.is_argument(key)), first if first in words else None)


def _required(operation_word: lookup.OperationWord) -> dict[str, Any]:
    """Returns arguments that have a default elsewhere but not in this language."""
    from .signatures import REQUIRED_ELSEWHERE

    return REQUIRED_ELSEWHERE.get(operation_word.word, {})


def reason_without_primary(operation: str) -> str | None:
    """Returns why an operation has no primary argument; None if no reason is known."""
    if "axis" in find(operation).arguments:
        return "the number of channels is that of the tensor that arrives"
    return None
