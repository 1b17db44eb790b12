"""The classes of a network whose heads can be divided, without ``parallelize``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netspec.ir import Graph

from ..python.file import WrittenClass, file_text, written_network
from .heads import with_head_attributes, without_in_place


@dataclass(frozen=True, slots=True)
class DividedSource:
    """The source of a network with numbers of heads as attributes.

    Attributes:
        text: the file.
        heads: for each class with such attributes, their names.
    """

    text: str
    heads: Mapping[str, Sequence[str]]


def divided_source(graph: Graph) -> DividedSource:
    """Returns the source of a network as in a plan with ``tensor``, before ``parallelize`` is applied.

    Raises:
        netspec.backend.UnsupportedError: NS701, operations without a rule.
    """
    network = written_network(graph)
    heads: dict[str, Sequence[str]] = {}
    classes: list[WrittenClass] = []
    for written in network.classes.values():
        changed, names = with_head_attributes(without_in_place(written))
        classes.append(changed)
        if names:
            heads[written.name] = names
    return DividedSource(file_text(classes, network.modules), heads)
