"""Finds layers and arguments with wrong indentation or an extra ``-``. Loaded only for an invalid spec."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Generic, NamedTuple

from ... import limits
from ...diagnostics import LocatedError, clip, nearest
from ...ops import TABLE, find
from ...ops.layer_keys import LAYER_KEYS
from ...text.writer import ALONE
from ...text.yaml_reader import List, Map, Text, Tree
from ...words import lookup
from ...words.help_texts import layer_text
from ...words.layer_resemblance import is_operation_word, resembles_layer
from ...words.translate import translate
from .layer_errors import UNKNOWN_BLOCK
from .misread_layers import NAMED_ITEM, LayerT, MisreadLayer
from .records import Report, plain_value

_UNREADABLE = ("NS206", "NS209", "NS210")
"""Problems with a value that is not a layer, which may be the arguments of the operation that its name names."""


class Mistake(NamedTuple):
    """Entries that are in the wrong place."""

    error: LocatedError
    following: int
    """Number of following entries that belong to it, and are not reported separately."""


class LayerProblems(Generic[LayerT]):
    """Explains and reports the problems of layers.

    Args:
        blocks: names of the available blocks.
        report: receives the problems.
        misread: receives the layers whose problems are listed.
        parameters: names of the parameters that expressions may use.
        has_all_blocks: whether all blocks are known.
    """

    def __init__(
        self,
        blocks: Collection[str],
        report: Report,
        misread: list[MisreadLayer[LayerT]],
        parameters: Collection[str],
        has_all_blocks: bool,
    ) -> None:
        self._blocks = blocks
        self._report = report
        self._misread = misread
        self._malformed = [f"'${clip(name)}'" for name in parameters if not name.isidentifier()]
        """Names of parameters that are invalid in expressions, as quoted by messages."""
        self._has_all_blocks = has_all_blocks
        self._neighbours: dict[int, Neighbours] = {}
        """The mappings and lists whose layers had a problem, by identity."""

    def report(
        self, problems: list[LocatedError], misread: MisreadLayer[LayerT], around: Map | List, number: int
    ) -> None:
        """Report the problems of a layer, with help based on the whole layer and its neighbours.

        Args:
            problems: its problems.
            misread: the layer.
            around: the mapping or list that contains it.
            number: its position there.
        """
        if not self._has_all_blocks:  # the problem with the file that may contain the block has been reported
            problems = [problem for problem in problems if not problem.message.startswith(UNKNOWN_BLOCK)]
        if self._malformed:  # the problem with the name of the parameter has been reported
            problems = [p for p in problems if p.code != "NS401" or not p.message.startswith(tuple(self._malformed))]
        if not problems:
            return
        neighbours = self._neighbours.get(id(around))
        if neighbours is not None and neighbours.is_explained(number):
            return
        if len(self._misread) < limits.DIAGNOSTICS:  # of more only the number is reported
            self._misread.append(misread)
            if neighbours is None:
                neighbours = self._neighbours[id(around)] = Neighbours(around, self._blocks)
            if any(problem.message.startswith(NAMED_ITEM) for problem in problems):
                problems = neighbours.with_name(problems, misread)
            else:
                problems = neighbours.explained(number, misread.explained(problems))
        for problem in problems:
            self._report(problem)


class Neighbours:
    """The entries of a mapping or list of layers, compared with each other.

    Args:
        node: the mapping or list.
        blocks: names of the available blocks.
    """

    def __init__(self, node: Map | List, blocks: Collection[str]) -> None:
        self.node = node
        self._blocks = blocks
        self._silent: set[int] = set()
        """Entries that belong to a reported mistake."""
        self._has_names = False
        """Whether names of items in the list have been reported."""
        self._entries: list[tuple[str | None, int, Tree]] = (
            [(key, location, inner) for key, (location, inner, _) in node.entries.items()]
            if isinstance(node, Map)
            else [(None, inner.location, inner) for inner in node.items]
        )

    def is_explained(self, number: int) -> bool:
        """Whether an entry belongs to a reported mistake."""
        return number in self._silent

    def with_name(self, problems: list[LocatedError], misread: MisreadLayer[LayerT]) -> list[LocatedError]:
        """Returns the problems of a named item of a list, which is reported once for the list."""
        item = misread.named_item()
        inner = misread.inner_problems(item) if item is not None else []
        known, self._has_names = self._has_names, True
        return inner if known else [*problems, *inner]

    def explained(self, number: int, problems: list[LocatedError]) -> list[LocatedError]:
        """Returns the problems of an entry, or the problem with its place instead."""
        mistake = self._mistake(number)
        if mistake is not None:
            self._silent.update(range(number, number + mistake.following + 1))
            return [mistake.error]
        if self._continues(number):  # what is missing follows
            return [problem for problem in problems if problem.code != "NS220"]
        return [self._with_layer(number, problem) for problem in problems]

    def _with_layer(self, number: int, problem: LocatedError) -> LocatedError:
        """Returns the problem with an unknown operation, with help if it is the name of an earlier layer."""
        key, _, node = self._entries[number]
        if problem.code in _UNREADABLE and key is not None and is_operation_word(key) and key not in self._blocks:
            value = plain_value(node)
            is_text = isinstance(value, str)
            written = _written(key, {key: value}) if not is_text and translate(value, self._blocks) is None else None
            if written is not None:
                return problem.with_help(f"'{clip(key)}' is the name of the layer here: write {written}")
        if problem.code != "NS206" or type(node) is not Text or type(node.value) is not str:
            return problem
        if node.value not in (key for key, _, _ in self._entries[:number]):
            return problem
        near = nearest(node.value, TABLE)
        layer = near if near is not None and find(near).primary == "from" else None
        meant = f"did you mean {{{layer}: {clip(node.value)}}}?" if layer else f"`from: {clip(node.value)}` reads it"
        return problem.with_help(f"'{clip(node.value)}' is a layer; {meant}")

    def _mistake(self, number: int) -> Mistake | None:
        """Returns the mistake to which an unreadable entry belongs; None if its place is right."""
        key, location, node = self._entries[number]
        if key is None:
            return self._item(number, node)
        if type(node) is Text and node.value is None:
            return self._empty(number, key, location)
        if number > 0 and self._is_argument(key, node) and not _is_operation(key):
            return self._argument(number, key, location)
        return None

    def _continues(self, number: int) -> bool:
        """Whether arguments of an entry follow as further entries."""
        if number + 1 >= len(self._entries):
            return False
        key, _, node = self._entries[number + 1]
        if key is None:
            return self._arguments_alone(node) is not None
        return self._is_argument(key, node) and not _is_operation(key)

    # -- mappings ----------------------------------------------------------------------------------------------------
    def _empty(self, number: int, key: str, location: int) -> Mistake | None:
        """Finds a name without a layer, if the layer follows at the same indentation."""
        run = self._run(number + 1, operation=True)
        if not run:
            return None
        names = " and ".join(f"'{clip(name)}'" for name in list(run)[:2])
        message = f"the layer '{clip(key)}' is empty: {names} follow{'s' if len(run) == 1 else ''} as other layers"
        written = _written(key, run)
        help = "indent what belongs to it further than its name" + (f": {written}" if written is not None else "")
        return Mistake(LocatedError("NS205", message, location, help=help), len(run))

    def _argument(self, number: int, key: str, location: int) -> Mistake | None:
        """Finds an argument at the indentation of the preceding layer."""
        name, _, before = self._entries[number - 1]
        if type(before) is not Map or name is None:
            return None
        run = self._run(number, operation=False)
        message = f"'{clip(key)}' is not a layer, but an argument of the layer before it"
        inside = f"'{clip(next(iter(before.entries)))}'" if before.entries else "the keys before it"
        whole: dict[str, Any] = {k: plain_value(tree) for k, (_, tree, _) in before.entries.items()}
        written = _written(name, {**whole, **run})
        if written is None:
            return None
        help = f"indent it as far as {inside}: {written}"
        return Mistake(LocatedError("NS205", message, location, help=help), max(len(run) - 1, 0))

    def _run(self, number: int, *, operation: bool) -> dict[str, Any]:
        """Returns the entries from a number on that are arguments; with ``operation``, the first is one."""
        run: dict[str, Any] = {}
        for key, _, node in self._entries[number:]:
            if key is None or not self._is_argument(key, node) or _is_operation(key) != (operation and not run):
                break
            run[key] = plain_value(node)
        return run

    def _is_argument(self, key: str, node: Tree) -> bool:
        """Whether an entry is a word for an operation or argument with a value that is not a layer."""
        if type(node) is Map or (type(node) is Text and node.value is None):
            return False
        known = _is_operation(key) or key in LAYER_KEYS or lookup.is_argument(key)
        return known and (key in ("activation", "from", "padding") or not resembles_layer(node, self._blocks))

    # -- lists -------------------------------------------------------------------------------------------------------
    def _item(self, number: int, node: Tree) -> Mistake | None:
        """Finds items that consist of arguments of the preceding item."""
        if number == 0 or self._arguments_alone(node) is None or type(node) is not Map:
            return None
        run: list[dict[str, Any]] = []
        for _, _, following in self._entries[number:]:
            arguments = self._arguments_alone(following)
            if arguments is None:
                break
            run.append(arguments)
        before = self._entries[number - 1][2]
        if type(before) is Map:
            whole = {key: plain_value(value) for key, (_, value, _) in before.entries.items()}
        elif type(before) is Text and type(before.value) is str:
            whole = {before.value: ALONE}
        else:
            return None
        for arguments in run:
            whole |= arguments
        first = next(iter(node.entries))
        message = f"'{clip(first)}' is an argument of the layer before it: a '-' begins another layer"
        written = _written(None, whole)
        if written is None:
            return None
        help = f"remove the '-', and indent it as far as the keys before it: {written}"
        return Mistake(LocatedError("NS210", message, node.entries[first][0], help=help), len(run) - 1)

    def _arguments_alone(self, node: Tree) -> dict[str, Any] | None:
        if type(node) is not Map or not node.entries:
            return None
        if not all(
            self._is_argument(key, value) and not _is_operation(key) for key, (_, value, _) in node.entries.items()
        ):
            return None
        return {key: plain_value(value) for key, (_, value, _) in node.entries.items()}


def _is_operation(key: str) -> bool:
    return is_operation_word(key)


def _written(name: str | None, layer: dict[str, Any]) -> str | None:
    """Returns the text of the corrected layer; None if it has no such arguments."""
    translation = translate(layer)
    if translation is None or translation.problems:
        return None
    text = layer_text(translation.layer)
    return f"{name}: {text}" if name is not None else text
