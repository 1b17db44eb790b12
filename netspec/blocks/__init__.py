"""Similar parts of a network as one block with parameters. Knows no framework.

A part is a tree whose numbers are taken out (:mod:`.trees`). Trees that differ in these numbers alone become one tree
with a column of values for each (:mod:`.unify`), and sequences of them are aligned, with items that only some
sequences have (:mod:`.align`). A column that grows evenly is a progression (:mod:`.columns`).
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
