"""Represents similar parts of a network as one block with parameters, independent of any framework.

A part is a tree whose numbers are replaced by holes (:mod:`.trees`). Trees that differ only in these numbers become
one tree with a column of values for each number (:mod:`.unify`). Sequences of trees are aligned, with items that
only some sequences have (:mod:`.align`). A column that grows evenly is a progression (:mod:`.columns`).
"""

from .align import Row, SequenceItem, align, name_by_likeness
from .columns import Progression, progression
from .trees import ABSENT, Atom, Filled, Hole, Template, Tree, replace_trees, typed, walk
from .unify import DifferentError, unify

__all__ = [
    "ABSENT",
    "Atom",
    "DifferentError",
    "Filled",
    "Hole",
    "Progression",
    "Row",
    "SequenceItem",
    "Template",
    "Tree",
    "align",
    "name_by_likeness",
    "progression",
    "replace_trees",
    "typed",
    "unify",
    "walk",
]
