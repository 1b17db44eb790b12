"""The traits of operations: what other modules ask of a class by name, instead of keeping lists of operations.

The table of ``docs/adding-an-operator.md`` has each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeAlias

LanguagePart: TypeAlias = Literal["embedding", "attention", "MLP", "experts", "other"]


class Traits:
    """The traits of an operation, with the values that most operations have."""

    is_activation: ClassVar[bool] = False
    """Whether it may be the ``activation`` of a layer."""
    is_default_input: ClassVar[bool] = True
    """Whether the next layer takes it as its input by default."""
    elementwise: ClassVar[bool] = False
    """Whether every output value depends on the input values at its own position alone."""
    in_place: ClassVar[bool] = False
    """Whether it can write its result over its input."""
    permutable: ClassVar[bool] = False
    """Whether it commutes with a permutation of the axes, its axis arguments being remapped."""
    reads_batch: ClassVar[bool] = False
    """Whether a result depends on the other examples of the batch, in training."""
    identity_in_inference: ClassVar[bool] = False
    """Whether it returns its input unchanged in inference."""
    takes_weights: ClassVar[bool] = False
    """Whether layers may compute its weights: every backend has it as a function of them."""
    takes_weights_per_example: ClassVar[bool] = False
    """Whether these may differ between the examples, as they depend on an input."""
    stored_as: ClassVar[str | None] = None
    """What its input is called in PyTorch, if it is a parametrisation of a weight there: ``original1``."""
    gives_probabilities: ClassVar[bool] = False
    """Whether it turns scores into probabilities or their logarithms."""
    language_part: ClassVar[LanguagePart] = "other"
    """The part of a language model that its parameters and work are counted for."""
    commutative: ClassVar[bool] = False
    """Whether the order of two inputs makes no difference."""
    joins: ClassVar[bool] = False
    """Whether it merges several tensors into one without multiplying matrices: sums, products, concatenations."""
    keeps_order: ClassVar[bool] = False
    """Whether its output has all elements of the input in the same row-major order."""
    follows_from_shapes: ClassVar[bool] = False
    """Whether the shapes of its input and output say what it does, whatever its arguments are."""
    has_variables: ClassVar[bool] = False
    """Whether its primary argument is an expression that names the inputs."""
    may_be_unused: ClassVar[bool] = False
    """Whether a layer of it may be ``unused``: it is there for its weights."""
    source: ClassVar[Mapping[str, Any] | None] = None
    """How a spec declares it under ``operations``, as data; None if no spec does."""
