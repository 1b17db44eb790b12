"""Looks up the words of Keras, PyTorch, ONNX and the papers. The tables are loaded only to explain a problem."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import NamedTuple

from .. import limits
from ..diagnostics import nearest
from ..ops import TABLE, find
from ..ops.layer_keys import LAYER_KEYS
from . import argument_names, operation_names, signatures, value_names, without_equivalent

WINDOW_RANKS = (1, 2, 3)
USUAL_WINDOW_RANK = 2
"""The number of window axes that is meant where nothing says it."""
_ORIGINS = ("keras", "torch", "functional", "onnx", "other")


class OperationWord(NamedTuple):
    """What a word for an operation means here."""

    row: operation_names.Row
    word: str
    """The word, as the table spells it; with ``{n}``, if its number of axes is part of it."""
    window_ranks: tuple[int, ...]
    """Numbers of window axes that it may have: one if the word says it; none if the operation has no such number."""

    def name(self, window_rank: int | None = None) -> str:
        """The operation, for inputs with that number of window axes, if that is open."""
        if not self.window_ranks:
            return self.row.netspec
        usual = USUAL_WINDOW_RANK if USUAL_WINDOW_RANK in self.window_ranks else self.window_ranks[0]
        return self.row.netspec.replace("{n}", str(window_rank if window_rank in self.window_ranks else usual))


class Meaning(NamedTuple):
    """What a word for an argument means here."""

    argument: str
    convert: str
    """Name of the function in :mod:`netspec.words.conversions`; empty if the value is the same."""


def folded(word: str) -> str:
    """A word without case, ``_`` and ``-``, and without what precedes the last dot: ``nn.MaxPool2d`` as maxpool2d.

    Of a text that is too long for a name it is empty.
    """
    if len(word) > limits.NAME:
        return ""
    return "".join(c for c in word.rpartition(".")[2].lower() if c.isalnum())


def operation(word: str) -> OperationWord | None:
    """What a word for an operation means here; None if it is in no row.

    The exact spelling comes first (ONNX's ``Max`` is ``maximum``), then the names of operations here.
    """
    exact, others = _operations()
    return exact.get(word.rpartition(".")[2]) or others.get(folded(word))


def instead(word: str) -> str | None:
    """What to do instead of a layer that has no equivalent; None if it is in no row."""
    exact, others = _instead_texts()
    return exact.get(word.rpartition(".")[2]) or others.get(folded(word))


def is_known(word: str) -> bool:
    """Whether a word is one for a layer elsewhere, with or without an equivalent."""
    return operation(word) is not None or instead(word) is not None


def argument(name: str, word: str, operation_word: OperationWord | None = None) -> Meaning | None:
    """What a word for an argument of the operation ``name`` means here; None if it is in no row.

    ``operation_word`` is the word by which the operation was named, if not by its own name. Keys that any layer may
    have are known, too.
    """
    known = find(name).arguments
    if operation_word is not None:
        particular = argument_names.PARTICULAR.get(operation_word.word, {}).get(word)
        if particular is not None:
            return Meaning(*particular)
    return _meaning(known, folded(word))


def near_argument(name: str, word: str) -> Meaning | None:
    """The argument, by any of its names, whose name is nearest to a word that is in no row; None if none is near."""
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


def unneeded(word: str) -> str | None:
    """Why a layer needs no argument of that name; None if it is in no row."""
    return _unneeded().get(folded(word))


def is_argument(word: str) -> bool:
    """Whether a word is one for an argument, of any operation. One with a capital letter names a layer."""
    return (not word[:1].isupper() and folded(word) in _arguments()) or folded(word) in _unneeded()


def value(argument: str, entry: object, boolean: bool = False) -> value_names.ValueRow | None:
    """The row of a value of an argument (``boolean``: which is true or false); None if there is none."""
    if isinstance(entry, bool):
        entry = "true" if entry else "false"
    if not isinstance(entry, str):
        return None
    rows = value_names.BOOLEANS if boolean else value_names.BY_ARGUMENT.get(argument, ())
    word = folded(entry)
    return next((row for row in rows if word in map(folded, row.words.split()) or word == _netspec_value(row)), None)


def no_activation(value: object) -> bool:
    """Whether a value of ``activation`` means that there is none."""
    return value is None or value is False or (isinstance(value, str) and folded(value) in _NO_ACTIVATION)


def document_key(word: str, known: tuple[str, ...]) -> str | None:
    """The key of a document, among those known, that another word stands for; None if there is none."""
    return next((key for key in _document_keys().get(folded(word), ()) if key in known), None)


_POSITIONAL = ("kernel", "width", "stride", "padding")
"""Arguments that may be meant by position, in that order."""


def signature(word: str, count: int) -> list[str] | None:
    """The names of the first ``count`` positional arguments of a layer elsewhere; None if they are unknown.

    For an operation of this language, they are the sizes among its arguments in order, unless they could be those of
    PyTorch, which begin with the number of input channels.
    """
    for table in (signatures.TORCH, signatures.KERAS):
        for key, names in table.items():
            if word in expand(key) and count <= len(names.split()):
                return names.split()[:count]
    if word in TABLE and count > 1:
        primary, known = find(word).primary, find(word).arguments
        order = [primary, *(name for name in _POSITIONAL if name in known)] if primary in known else []
        if count <= len(order) and (count == 2 or primary != "filters"):
            return [name for name in order[:count] if name is not None]
    return None


def expand(word: str) -> list[str]:
    """A word for every number of window axes, if that is part of it."""
    return [word.replace("{n}", str(n)) for n in WINDOW_RANKS] if "{n}" in word else [word]


def words(row: operation_names.Row | without_equivalent.Instead) -> Iterator[tuple[str, str]]:
    """The words of a row, each with its origin."""
    for origin in _ORIGINS:
        for word in getattr(row, origin).split():
            yield origin, word


# -- the tables, by word -----------------------------------------------------------------------------------------------
@cache
def _operations() -> tuple[dict[str, OperationWord], dict[str, OperationWord]]:
    """What words mean, by their spelling and folded."""
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
    """The rows of each folded word, in order."""
    rows: dict[str, list[argument_names.ArgumentRow]] = {}
    for row in argument_names.ROWS:
        for word in " ".join((row.netspec, row.keras, row.torch, row.onnx, row.other)).split():
            of_word = rows.setdefault(folded(word), [])
            if row not in of_word:
                of_word.append(row)
    return rows


@cache
def _document_keys() -> dict[str, list[str]]:
    """The keys that each folded word may stand for, in order; a word that is a key stands for it first."""
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
