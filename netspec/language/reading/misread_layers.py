"""Unreadable layers: their likely meaning in the words and forms of this language.

Nothing here runs for a valid spec. A translation is verified: it is offered in full only if it can be read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cached_property, partial
from typing import Generic, TypeVar

from ...diagnostics import LocatedError, clip, nearest
from ...ops import TABLE, argument_of
from ...ops.layer_keys import LAYER_KEYS
from ...text.yaml_reader import Map, Text, Tree, read
from ...words import lookup
from ...words.help_texts import layer_text, translation_help
from ...words.layer_forms import OPERATION_KEYS
from ...words.layer_resemblance import MOST_KEYS, resembles_layer
from ...words.translate import Translation, translate
from .layer_errors import unknown_argument, unknown_operation
from .records import plain_value

_EXPLAINED = ("NS206", "NS209", "NS210", "NS211")
"""Problems with the form of a layer, whose help is the corrected layer."""
_BY_FORM = ("NS213", "NS221")
"""Problems with arguments that follow from a wrong form."""
_AS_VALUE = "the operation of a layer is one of its keys"
"""Start of the message about an operation that is the value of a key."""
NAMED_ITEM = "a list of layers has no names"
"""Start of the message about an item with a name."""

LayerT = TypeVar("LayerT")
"""The type of a layer that has been read."""


class MisreadLayer(Generic[LayerT]):
    """A layer that could not be read.

    Args:
        node: the layer as written.
        named: whether it is in a mapping, whose key is its name.
        blocks: names of the available blocks.
        read_layer: reads a layer in its place, and returns it with its problems.
    """

    def __init__(
        self,
        node: Tree,
        named: bool,
        blocks: Collection[str],
        read_layer: Callable[[Tree], tuple[LayerT, list[LocatedError]]],
    ) -> None:
        self.node = node
        self.named = named
        self._blocks = blocks
        self._read_layer = read_layer
        self.window_rank: int | None = None
        """The number of window axes of its input, if known."""
        self.problem: LocatedError | None = None
        """The problem whose help is the corrected layer."""

    @property
    def reads_previous(self) -> bool:
        """Whether the layer may read the previous one."""
        return type(self.node) is not Map or "from" not in self.node.entries

    @property
    def has_copies(self) -> bool:
        """Whether the layer represents several, so that their names are unknown."""
        return type(self.node) is Map and not self.node.entries.keys().isdisjoint(("repeat", "each", "inline"))

    @cached_property
    def translation(self) -> Translation | None:
        """The layer translated to this language; None if that is impossible."""
        return translate(plain_value(self.node), self._blocks)

    def explained(self, problems: list[LocatedError]) -> list[LocatedError]:
        """Returns the problems of the layer, with the corrected layer as help for the first one that it explains."""
        by_form = self._has_wrong_form()
        for number, problem in enumerate(problems):
            if problem.code == "NS210" and not problem.message.startswith(_AS_VALUE):
                return problems  # its help is about other layers
            if problem.code in _EXPLAINED or (by_form and problem.code in _BY_FORM):
                self.problem = problem.with_help(partial(self._help_or, problem))
                rest = [p for p in problems[number + 1 :] if not by_form or p.code not in _BY_FORM]
                return [*problems[:number], self.problem, *rest, *self._unknown_arguments()]
        return problems

    def _help_or(self, problem: LocatedError) -> str | None:
        return self.help(self.window_rank) or problem.help

    def _has_wrong_form(self) -> bool:
        """Whether the layer has keys in the wrong place, a key for its name, or a list in round brackets."""
        if type(self.node) is not Map:
            return False
        inner = [value for _, value, _ in self.node.entries.values() if type(value) is Map]
        return (
            "name" in self.node.entries
            or any(key.endswith(")") for key in self.node.entries)
            or any(key in value.entries for value in inner for key in ("name", *LAYER_KEYS))
        )

    def _unknown_arguments(self) -> Iterator[LocatedError]:
        """Yields unknown arguments of an operation named by another word, if not all of them are translated."""
        translation = self.translation
        if translation is None or not translation.problems or translation.word in TABLE or type(self.node) is not Map:
            return
        entries = dict(self.node.entries)
        value = entries.pop(translation.word, (0, None, False))[1]
        if type(value) is Map:
            entries |= value.entries
        for key, (location, _, _) in entries.items():
            if argument_of(translation.operation, key) is None and key not in LAYER_KEYS:
                yield unknown_argument(translation.operation, key, location)

    @cached_property
    def by_window_rank(self) -> dict[int, LayerT | None]:
        """The translated layer by the number of window axes of its input, 0 if that does not matter; empty if none.

        The value is None if an argument is missing.
        """
        if self.translation is None or self.translation.problems:
            return {}
        layers: dict[int, LayerT | None] = {}
        for window_rank, data in (self.translation.by_window_rank or {0: self.translation.layer}).items():
            layer, problems = self._read(data)
            if all(problem.code == "NS220" for problem in problems):
                layers[window_rank] = layer if not problems else None
        return layers

    def help(self, window_rank: int | None = None) -> str | None:
        """Returns help with the corrected layer for that number of window axes; None if it is unknown."""
        translation = self.translation
        if translation is None:
            return None
        data = translation.layer
        if window_rank is not None and window_rank in translation.by_window_rank:
            data = translation.by_window_rank[window_rank]
        _, problems = self._read(data)
        text = layer_text(data) if not problems and not translation.problems else None
        help = translation_help(translation, text, self.named, window_rank)
        missing = next((p.message for p in problems if p.code == "NS220"), None)
        if missing is not None and help:
            help += f"; {missing}"
        return help or None

    def named_item(self) -> Tree | None:
        """Returns the layer of a named item of a list: ``- conv1: {conv2d: 8}``; else None."""
        if self.named or type(self.node) is not Map or len(self.node.entries) != 1:
            return None
        ((_, inner, _),) = self.node.entries.values()
        return inner

    def inner_problems(self, inner: Tree) -> list[LocatedError]:
        """Returns the problems of a layer inside it."""
        _, problems = self._read_layer(inner)
        return MisreadLayer(inner, True, self._blocks, self._read_layer).explained(problems)

    def _read(self, data: object) -> tuple[LayerT | None, list[LocatedError]]:
        """Returns a translated layer, if its text can be read, and its problems."""
        try:
            tree = read(layer_text(data))
        except LocatedError as error:  # a limit
            return None, [error]
        assert tree is not None
        return self._read_layer(tree)


def without_operation(keys: list[str], node: Map, named: bool, blocks: Collection[str], *, brief: bool) -> LocatedError:
    """Returns the problem with a mapping none of whose keys is an operation.

    Args:
        keys: its keys, without those common to all layers.
        node: the mapping.
        named: whether it is in a mapping of layers.
        blocks: names of the available blocks.
        brief: whether the problem is only counted.
    """
    likely = keys[0]
    if not brief:
        by_form = _without_operation_by_form(keys, node, named, blocks)
        if by_form is not None:
            return by_form
        likely = _likely_operation(keys, blocks)
    return unknown_operation(likely, blocks, node.entries[likely][0])


def _without_operation_by_form(keys: list[str], node: Map, named: bool, blocks: Collection[str]) -> LocatedError | None:
    """Returns the problem with such a mapping if its form explains it; else None."""
    for key in OPERATION_KEYS:
        entry = node.entries.get(key)
        if entry is not None and type(entry[1]) is Text and resembles_layer(entry[1], blocks):
            message = f"{_AS_VALUE}, not the value of '{key}'"
            return LocatedError("NS210", message, entry[0])
    few = keys[:MOST_KEYS]
    inner = [key for key in few if _is_layer_inside(key, node.entries[key][1], blocks)]
    if not inner or len(inner) < len(few):
        return None
    if not named and len(keys) == 1:
        message = f"{NAMED_ITEM}; found '{clip(keys[0])}'"
        help = "remove the '-' before each name, so that 'layers' is a mapping; or the names, so that it is a list"
    else:
        message = "a layer with layers in it has them under the key 'layers'"
        listed = ", ".join(f"{clip(key)}: …" for key in inner[:3]) + (", …" if len(inner) > 3 else "")
        help = f"put them under that key: {{layers: {{{listed}}}}}"
    return LocatedError("NS210", message, node.entries[inner[0]][0], help=help)


def _is_layer_inside(key: str, node: Tree, blocks: Collection[str]) -> bool:
    """Whether an entry is a layer with its name, rather than an operation with its arguments."""
    if lookup.instead(key) is not None or not resembles_layer(node, blocks):
        return False
    return type(node) is Map or lookup.operation(key) is None


def _likely_operation(keys: list[str], blocks: Collection[str]) -> str:
    """Returns the key of a layer that most likely names its operation."""
    few = keys[:MOST_KEYS]
    words = [key for key in few if not lookup.is_argument(key)]
    known = (key for key in words if lookup.operation(key) is not None or lookup.instead(key) is not None)
    near = (key for key in words if nearest(key, [*TABLE, *blocks]) is not None)
    return next(known, None) or next(near, None) or next(iter(words), None) or keys[0]
