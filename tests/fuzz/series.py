"""Series of mutants. Each is determined by its seed and number, and learns from what it has found so far."""

from __future__ import annotations

import pickle
import re
from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from netspec.ir import Graph

from .corpus import Seed, random_seed
from .mutators import is_text_round, mutated_document, mutated_text, written

LENGTH = 500
"""Mutants of a series."""
_RANDOM_NETWORKS = 6
_POOL = 64
"""The greatest number of accepted mutants, and of rejected ones, that further mutants are made of."""
_MOST_NODES = 60
_MOST_CHARACTERS = 5_000
_NOT_WORDS = re.compile(r"'[^']*'|[^A-Za-z]+")


class Mutant(NamedTuple):
    """A mutated spec."""

    number: int
    text: str
    document: dict[Any, Any] | None
    """Its values, unless the text itself was mutated."""


class Series:
    """The mutants ``LENGTH * index`` to ``LENGTH * (index + 1) - 1`` of a seed.

    A mutant that is accepted, or rejected for a new reason, is the parent of later ones. So a series depends only on
    its arguments and on what ``check`` answers.

    Args:
        seeds: the written specs.
        seed: the seed of the run.
        index: the number of the series.
        backends: whether the networks are lowered, so that they must be small.
    """

    def __init__(self, seeds: Sequence[Seed], seed: int, index: int, *, backends: bool) -> None:
        self.r = Random(f"{seed}:{index}:{backends}")
        self.first = self.next_number = index * LENGTH
        count = 4 * _RANDOM_NETWORKS if backends else _RANDOM_NETWORKS
        self.seeds = [*seeds, *(random_seed(self.r) for _ in range(count))]
        share = len(seeds) / 40 / count if not backends else len(seeds) / 2 / count
        self.weights = [s.weight for s in seeds] + [s.weight * max(share, 1.0) for s in self.seeds[len(seeds) :]]
        self.accepted: list[Seed] = []
        self.rejected: list[Seed] = []
        self.known: set[object] = set()

    def mutant(self) -> Mutant:
        """The next mutant."""
        r = self.r
        pool = self.rejected if r.random() < 0.2 else self.accepted
        seed = r.choice(pool) if pool and r.random() < 0.65 else r.choices(self.seeds, self.weights)[0]
        other = r.choices(self.seeds, self.weights)[0]
        number, self.next_number = self.next_number, self.next_number + 1
        if seed.document is None or other.document is None:
            return Mutant(number, mutated_text(r, seed.text, other.text), None)
        if is_text_round(r):
            text = seed.text if r.random() < 0.5 else written(r, pickle.loads(seed.document))
            return Mutant(number, mutated_text(r, text, other.text), None)
        document = mutated_document(r, pickle.loads(seed.document), pickle.loads(other.document))
        return Mutant(number, written(r, document), document)

    def learn(self, mutant: Mutant, graph: Graph | None, messages: Sequence[str]) -> None:
        """Keep a mutant as a parent if it is something new.

        Args:
            mutant: the mutant.
            graph: its network; None if it was rejected.
            messages: the messages of its diagnostics, with their codes.
        """
        if mutant.document is None or len(mutant.text) > _MOST_CHARACTERS:
            return
        if graph is not None:
            if len(graph.nodes) > _MOST_NODES:
                return
            kind: object = frozenset(node.op.name for node in graph.nodes) | frozenset(mutant.document)
        else:
            kind = frozenset(_NOT_WORDS.sub(" ", message) for message in messages[:1])
        if kind in self.known:
            return
        self.known.add(kind)
        pickled = pickle.dumps(mutant.document, pickle.HIGHEST_PROTOCOL)
        seed = Seed(mutant.text, pickled, len(graph.nodes) if graph is not None else 0)
        pool = self.accepted if graph is not None else self.rejected
        if len(pool) < _POOL:
            pool.append(seed)
        else:
            pool[self.r.randrange(_POOL)] = seed
