"""Random networks with a name for every axis of their inputs but the channels, against the integer rules.

What names accept, the integer rules accept, with equal shapes and weights, unless an axis is named otherwise because a
size is 1. What names refuse, the integer rules refuse, too; otherwise a size is 1 by chance, or a number or a decision is
that of the defaults. These cases are counted. ``python -m tests.random_networks.names --count 10000 --seed 1`` prints the counts.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random

from netspec.checking.spec import Spec
from netspec.ir import Graph
from netspec.language.elaboration import declared_type, input_shape
from netspec.shapes.named_sizes import Condition, NamedDim, NamedSizes
from netspec.shapes.sizes import is_named
from netspec.shapes.types import TensorType

from . import seeded

SIZES = 10
"""Random sizes of each network."""


AXIS_CODES = ("NS221", "NS408", "NS516")
"""Errors about the names of axes: an axis of size 1 gives its name to no result."""


class DisagreementError(AssertionError):
    """Names accept what the integer rules refuse, or say something else of it."""


def with_names(spec: Spec) -> tuple[dict[str, tuple[int, ...]], NamedSizes]:
    """The inputs of a spec with a name of its own for every axis but the channels and axes of size 1."""
    assert spec.document is not None
    channels_last = spec.document.layout == "channels_last"
    types = {d.name: declared_type(d, input_shape(d, {}), channels_last) for d in spec.document.inputs}
    dims: list[NamedDim] = []
    axes: dict[tuple[str, int], str] = {}
    for name, type_ in types.items():
        for a, n in enumerate(type_.shape):
            if a != type_.channel and n != 1:
                axes[name, a] = f"a{len(dims)}"
                dims.append(NamedDim(axes[name, a], n))
    named = NamedSizes(dims, fix=True)
    shapes = {
        name: tuple([named.size(axes[name, a]) if (name, a) in axes else n for a, n in enumerate(type_.shape)])
        for name, type_ in types.items()
    }
    return shapes, named


def random_values(random: Random, defaults: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Sizes near the defaults: one of them changed, or all, equal ones alike."""
    for number in range(SIZES):
        values = dict(defaults)
        if number < SIZES // 2:
            name = random.choice(list(defaults))
            values[name] = max(1, values[name] + random.choice((-3, -2, -1, 1, 2, 3, 8)))
        else:
            moved = {n: max(1, n + random.randint(-4, 9)) for n in sorted(set(defaults.values()))}
            values = {name: moved[n] for name, n in defaults.items()}
        yield values


def compare(text: str, random: Random, counts: Counter[str]) -> None:
    """Compare one network at random sizes. Raises DisagreementError."""
    spec = Spec("random.yaml", text)
    base = spec.elaborate().graph
    if base is None or spec.document is None:
        counts["networks that are invalid"] += 1
        return
    shapes, named = with_names(spec)
    if not named.dims:
        counts["networks without a size to name"] += 1
        return
    result = spec.elaborate(shapes=shapes, named=named)
    graph = result.graph
    if graph is None:
        counts[f"networks refused with names: {result.diagnostics[0].code}"] += 1
        return
    counts["networks"] += 1
    _require_same(base, graph, named.defaults)
    weights = _weights(base)
    for values in random_values(random, named.defaults):
        counts["sizes"] += 1
        failed = [c for c in graph.conditions if not c.holds(c.difference.at(values))]
        at_values = spec.elaborate(
            shapes={name: tuple([_at(n, values) for n in shape]) for name, shape in shapes.items()}
        )
        numbers = at_values.graph
        works = numbers is not None and _weights(numbers) == weights
        if not failed:
            if numbers is None and at_values.diagnostics[0].code in AXIS_CODES and _has_one(graph, values):
                counts["refused by numbers alone: an axis has another name where a size is 1"] += 1
                continue
            if numbers is None or not works:
                raise DisagreementError(f"names accept {values}, the integer rules do not")
            _require_same(numbers, graph, values)
            counts["both accept"] += 1
        elif works:
            assert numbers is not None
            counts[f"refused by names alone: {_reason(failed, base, numbers)}"] += 1
        else:
            counts["both refuse"] += 1


def _reason(failed: list[Condition], *graphs: Graph) -> str:
    """Why names may refuse what the integer rules accept."""
    if any(c.reason == "number" for c in failed):
        return "a number is that of the defaults"
    if any(c.reason == "decision" for c in failed):
        return "a decision is that of the defaults"
    if any(1 in t.shape for graph in graphs for t in graph.values):
        return "a size is 1"
    raise DisagreementError(f"names refuse without a reason: {failed[0].difference} {failed[0].kind} 0")


def _has_one(graph: Graph, values: Mapping[str, int]) -> bool:
    """Whether a size that depends on names is 1."""
    return any(is_named(n) and n.at(values) == 1 for t in graph.values for n in t.shape)


def _at(size: int, values: Mapping[str, int]) -> int:
    return size.at(values) if is_named(size) else size


def _weights(graph: Graph) -> list[tuple[str, tuple[int, ...]]]:
    return [(p.name, p.shape) for p in graph.parameters if p.persistent]


def _require_same(numbers: Graph, named: Graph, values: Mapping[str, int]) -> None:
    """Raises DisagreementError unless all values have the same shapes."""
    pairs: list[tuple[TensorType, TensorType]] = list(zip(numbers.values, named.values, strict=True))
    for x, y in pairs:
        if x.shape != tuple([_at(n, values) for n in y.shape]):
            raise DisagreementError(f"{y.shape} with names is {x.shape} with numbers at {dict(values)}")


def main() -> None:
    """Compare many networks, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    counts: Counter[str] = Counter()
    for number in range(args.count):
        try:
            compare(seeded(args.seed, number), Random(number), counts)
        except DisagreementError as error:
            counts["disagreements"] += 1
            print(f"--seed {args.seed}, network {number}: {error}")
    for what, count in sorted(counts.items()):
        print(f"{count:8,}  {what}")


if __name__ == "__main__":
    main()
