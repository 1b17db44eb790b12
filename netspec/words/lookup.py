"""Looks up words of Keras, PyTorch, ONNX and the papers. The tables are loaded only to explain a problem."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import NamedTuple

from .. import limits
from ..diagnostics import nearest
from ..ops import TABLE, find
from ..ops.layer_keys import LAYER_KEYS
from . import argument_names, conversions, operation_names, signatures, value_names, without_equivalent

WINDOW_RANKS = (1, 2, 3)
USUAL_WINDOW_RANK = 2
"""The number of window axes that is assumed if nothing determines it."""
_ORIGINS = ("keras", "torch", "functional", "onnx", "other")


_KERAS_MODULES = frozenset(("keras", "layers", "tf"))
_TORCH_MODULES = frozenset(("F", "functional", "nn", "torch"))


class OperationWord(NamedTuple):
    """The meaning of a word for an operation."""

    row: operation_names.Row
    word: str
    """The word as spelled in the table; with ``{n}`` if it contains its number of axes."""
    window_ranks: tuple[int, ...]
    """Possible numbers of window axes: one if the word states it; none if the operation has no such number."""

    def name(self, window_rank: int | None = None) -> str:
        """Returns the operation, for inputs with that number of window axes, if the word leaves it open."""
        if not self.window_ranks:
            return self.row.netspec
        usual = USUAL_WINDOW_RANK if USUAL_WINDOW_RANK in self.window_ranks else self.window_ranks[0]
        return self.row.netspec.replace("{n}", str(window_rank if window_rank in self.window_ranks else usual))


class Meaning(NamedTuple):
    """The meaning of a word for an argument."""

    argument: str
    convert: str
    """Name of the function in :mod:`netspec.words.conversions`; empty if the value is the same."""


def folded(word: str) -> str:
    """Returns a word in lower case, without ``_``, ``-`` and any prefix with a dot: ``nn.MaxPool2d`` as maxpool2d.

    A text too long for a name gives an empty one.
    """
    if len(word) > limits.NAME:
        return ""
    return "".join(c for c in word.rpartition(".")[2].lower() if c.isalnum())


def operation(word: str) -> OperationWord | None:
    """Returns the meaning of a word for an operation; None if it is in no row.

    The exact spelling has priority (ONNX's ``Max`` is ``maximum``), then the names of operations in this language.
    """
    if "(" in word:
        return None
    exact, others = _operations()
    return exact.get(word.rpartition(".")[2]) or others.get(folded(word))


def instead(word: str) -> str | None:
    """Returns what to use instead of a layer without an equivalent; None if it is in no row."""
    if "(" in word:
        return None
    exact, others = _instead_texts()
    return exact.get(word.rpartition(".")[2]) or others.get(folded(word))


def is_known(word: str) -> bool:
    """Whether a word names a layer elsewhere, with or without an equivalent."""
    return operation(word) is not None or instead(word) is not None


def argument(name: str, word: str, operation_word: OperationWord | None = None) -> Meaning | None:
    """Returns the meaning of a word for an argument of the operation ``name``; None if it is in no row.

    ``operation_word`` is the word by which the operation was named, if not its own name. Keys of all layers are known,
    too.
    """
    known = find(name).arguments
    spelled = operation_word.word if operation_word is not None else name
    particular = argument_names.PARTICULAR.get(spelled, {}).get(word)
    if particular is not None:
        return Meaning(*particular)
    return _meaning(known, folded(word))


def near_argument(name: str, word: str) -> Meaning | None:
    """Returns the argument with the name, in any framework, nearest to an unknown word; None if none is near."""
    known = find(name).arguments
    nearest_name = nearest(word, known)
    if nearest_name is not None:
        return Meaning(nearest_name, "")
    near = nearest(folded(word), [w for w in _arguments() if _meaning(known, w) is not None])
    return _meaning(known, near) if near is not None else None


def _meaning(known: Collection[str], word: str) -> Meaning | None:
    for row in _arguments().get(word, ()):
        for candidate in row.netspec.split():
            if candidate in known or candidate in LAYER_KEYS:
                return Meaning(candidate, row.convert)
    return None


def depends_on_rank(operation_word: OperationWord) -> bool:
    """Whether the arguments of a word for an operation depend on the number of axes of its input."""
    particular = argument_names.PARTICULAR.get(operation_word.word, {})
    return any(convert in conversions.BY_RANK for _, convert in particular.values())


def unneeded(word: str) -> str | None:
    """Returns why a layer needs no argument of that name; None if it is in no row."""
    return _unneeded().get(folded(word))


def absent(word: str) -> str | None:
    """What to do instead of an argument that has no equivalent; None if it is in no row."""
    return next((row.why for row in argument_names.ABSENT if folded(word) in map(folded, row.words.split())), None)


def is_argument(word: str) -> bool:
    """Whether a word names an argument of any operation. A word with a capital letter names a layer."""
    return (not word[:1].isupper() and folded(word) in _arguments()) or folded(word) in _unneeded()


def value(argument: str, entry: object, boolean: bool = False) -> value_names.ValueRow | None:
    """Returns the row of a value of an argument (``boolean``: which is true or false); None if there is none."""
    if isinstance(entry, bool):
        entry = "true" if entry else "false"
    if not isinstance(entry, str):
        return None
    rows = value_names.BOOLEANS if boolean else value_names.BY_ARGUMENT.get(argument, ())
    word = folded(entry)
    return next((row for row in rows if word in map(folded, row.words.split()) or word == _netspec_value(row)), None)


def no_activation(value: object) -> bool:
    """Whether a value of ``activation`` means no activation."""
    return value is None or value is False or (isinstance(value, str) and folded(value) in _NO_ACTIVATION)


def document_key(word: str, known: tuple[str, ...]) -> str | None:
    """Returns the known key of a document that another word means; None if there is none."""
    return next((key for key in _document_keys().get(folded(word), ()) if key in known), None)


_POSITIONAL = ("kernel", "width", "stride", "padding")
"""Arguments that may be given by position, in that order."""


def signature(word: str, count: int, named: Collection[str] = ()) -> list[str] | None:
    """Returns the names of the first ``count`` positional arguments of a layer elsewhere; None if unknown.

    For an operation of this language, they are the sizes among its arguments in order, unless they could be those of
    PyTorch, which begin with the number of input channels. The only name may begin with a star, for all values.

    Args:
        word: the layer, perhaps after the names of modules, which say whose layer it is.
        count: the number of values.
        named: the arguments that are given by name.
    """
    prefix, _, word = word.rpartition(".")
    is_own = word in TABLE and not prefix
    tables = [] if is_own else _signature_tables(prefix, named)
    signature_names = [names for table in tables for names in _first_names(table, word, count)]
    needed = [names for names in signature_names if not names or any(unneeded(name) is None for name in names)]
    if signature_names:
        return (needed or signature_names)[0]
    if is_own and count > 1:
        primary, known = find(word).primary, find(word).arguments
        order = [primary, *(name for name in _POSITIONAL if name in known)] if primary in known else []
        if count <= len(order) and (count == 2 or primary != "filters"):
            return [name for name in order[:count] if name is not None]
    return None


def _signature_tables(prefix: str, named: Collection[str]) -> list[dict[str, str]]:
    """The signatures of the source that the names of modules, or of other arguments, give away."""
    source = source_of_modules(prefix) or source_of_arguments(named)
    of_torch = [signatures.TORCH, signatures.FUNCTIONS]
    return {"torch": of_torch, "keras": [signatures.KERAS]}.get(source, [*of_torch, signatures.KERAS])


def _first_names(table: dict[str, str], word: str, count: int) -> Iterator[list[str]]:
    for key, names in table.items():
        if word in expand(key):
            if names.startswith("*"):
                yield [names] if count else []
            elif count <= len(names.split()):
                yield names.split()[:count]


def is_function(word: str) -> bool:
    """Whether a word names a function or method of PyTorch that takes a tensor."""
    return any(word in expand(key) for key in signatures.FUNCTIONS)


def source_of_modules(prefix: str) -> str:
    """``keras`` or ``torch``: whose modules, or methods of tensors, precede a word; empty if nothing does."""
    if not prefix:
        return ""
    return "torch" if _KERAS_MODULES.isdisjoint(prefix.split(".")) else "keras"


def is_module(prefix: str) -> bool:
    """Whether the names before a word are those of modules, and not a tensor whose method it is."""
    return not (_KERAS_MODULES | _TORCH_MODULES).isdisjoint(prefix.split("."))


def source_of_arguments(named: Collection[str], known: Collection[str] = ()) -> str:
    """``keras`` or ``torch``: who alone names arguments like this; empty if neither. ``known`` do not count."""
    keras, torch = _argument_sources()
    words = set(named) - set(known)
    return "keras" if words & keras else "torch" if words & torch else ""


def source(written: str, operation_word: OperationWord, arguments: Collection[str]) -> str:
    """``keras`` or ``torch``: whose layer one is, by modules, arguments and its word; empty if that is open."""
    row, word = operation_word.row, folded(operation_word.word)
    of_modules = source_of_modules(written.rpartition(".")[0])
    keras = any(folded(w) == word for w in row.keras.split())
    torch = any(folded(w) == word for w in (*row.torch.split(), *row.functional.split()))
    if of_modules or not keras:
        return of_modules or ("torch" if torch else "")
    of_arguments = source_of_arguments(arguments, find(operation_word.name()).arguments.keys() - {"axis"})
    return of_arguments or ("" if torch else "keras")


def expand(word: str) -> list[str]:
    """Returns the forms of a word for every number of window axes, if it contains that number."""
    return [word.replace("{n}", str(n)) for n in WINDOW_RANKS] if "{n}" in word else [word]


def words(row: operation_names.Row | without_equivalent.Instead) -> Iterator[tuple[str, str]]:
    """Yields the words of a row, each with its origin."""
    for origin in _ORIGINS:
        for word in getattr(row, origin).split():
            yield origin, word


# -- the tables, by word -----------------------------------------------------------------------------------------------
@cache
def _operations() -> tuple[dict[str, OperationWord], dict[str, OperationWord]]:
    """Returns the meanings of words, by their spelling and folded."""
    exact: dict[str, OperationWord] = {}
    others: dict[str, OperationWord] = {folded(name): _own_name(name) for name in TABLE}
    for row in operation_names.ROWS:
        window_ranks: tuple[int, ...] = ()
        if "{n}" in row.netspec:
            window_ranks = tuple(n for n in WINDOW_RANKS if row.netspec.replace("{n}", str(n)) in TABLE)
        for _, word in words(row):
            for n in WINDOW_RANKS if "{n}" in word else (0,):
                if n and window_ranks and n not in window_ranks:
                    continue
                operation_word = OperationWord(row, word, (n,) if n and window_ranks else window_ranks)
                spelled = word.replace("{n}", str(n))
                if spelled not in TABLE or word.islower():
                    exact.setdefault(spelled, operation_word)
                others.setdefault(folded(spelled), operation_word)
    for name in TABLE:
        exact[name] = _own_name(name)
    return exact, others


def _own_name(name: str) -> OperationWord:
    return OperationWord(operation_names.Row(name), name, ())


@cache
def _instead_texts() -> tuple[dict[str, str], dict[str, str]]:
    exact = {
        spelled: row.instead for row in without_equivalent.ROWS for _, word in words(row) for spelled in expand(word)
    }
    return exact, {folded(word): text for word, text in exact.items()}


@cache
def _arguments() -> dict[str, list[argument_names.ArgumentRow]]:
    """Returns the rows of each folded word, in order."""
    rows: dict[str, list[argument_names.ArgumentRow]] = {}
    for row in argument_names.ROWS:
        for word in " ".join((row.netspec, row.keras, row.torch, row.onnx, row.other)).split():
            of_word = rows.setdefault(folded(word), [])
            if row not in of_word:
                of_word.append(row)
    return rows


@cache
def _argument_sources() -> tuple[frozenset[str], frozenset[str]]:
    """The arguments that only Keras has, and those that only PyTorch has."""
    keras = {word for row in argument_names.ROWS for word in row.keras.split()}
    torch = {word for row in argument_names.ROWS for word in row.torch.split()}
    return frozenset(keras - torch), frozenset(torch - keras)


@cache
def _document_keys() -> dict[str, list[str]]:
    """Returns the possible keys for each folded word, in order; a word that is a key itself comes first."""
    keys: dict[str, list[str]] = {folded(key): [key] for key in value_names.DOCUMENT}
    for key, words in value_names.DOCUMENT.items():
        for word in words.split():
            keys.setdefault(folded(word), []).append(key)
    return keys


@cache
def _unneeded() -> dict[str, str]:
    return {folded(word): row.why for row in argument_names.UNNEEDED for word in row.words.split()}


def _netspec_value(row: value_names.ValueRow) -> str | None:
    return folded(row.netspec) if isinstance(row.netspec, str) else None


_NO_ACTIVATION = frozenset(map(folded, value_names.NO_ACTIVATION.split()))
