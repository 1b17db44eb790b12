"""Modules of networks with named dimensions, against the modules built for each size.

``python -m tests.torch_backend.any_size --count 1000 --seed 1`` checks random networks, ``--zoo`` the zoo instead, or
with names (``--zoo resnet unet``) these networks alone; ``--tools`` compiles and exports some.
"""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import argparse
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Mapping
from random import Random

import pytest
import torch
from torch import Tensor, nn

import netspec_torch
from netspec import zoo
from netspec.checking.spec import Spec
from netspec.ir import Graph
from netspec.shapes.sizes import is_named
from tests.onnx_backend.support import ActiveWeights
from tests.random_networks import seeded
from tests.random_networks.names import random_values, with_names

from .named import built_with, check_sizes, named, sample
from .support import from_text, outputs, random_inputs

LARGEST = 30_000_000
"""Parameters of the networks of the zoo that are run."""


def check_random(text: str, random: Random, counts: Counter[str]) -> None:
    """Checks a random network: equal values where its names accept sizes, an error that says why where they do not."""
    spec = Spec("random.yaml", text)
    if spec.document is None or spec.elaborate().graph is None:
        return
    shapes, names = with_names(spec)
    graph = spec.elaborate(shapes=shapes, named=names).graph if names.dims else None
    if graph is None:
        return
    model = netspec_torch.build(graph, weights=ActiveWeights()).eval()
    written: nn.Module | None = None
    counts["networks"] += 1
    for values in random_values(random, names.defaults):
        given = {key: tuple(n.at(values) if is_named(n) else n for n in shape) for key, shape in shapes.items()}
        if not all(c.holds(c.difference.at(values)) for c in graph.conditions):
            check_refused(model, graph, given)
            counts["refused"] += 1
            continue
        fixed = spec.elaborate(shapes=given).graph
        assert fixed is not None
        inputs = random_inputs(fixed)
        other = built_with(fixed, model.state_dict())
        try:
            with torch.no_grad():
                other(*inputs)
        except (IndexError, RuntimeError) as error:
            if not any(words in str(error) for words in ("out of", "Class values must")):
                raise
            counts["with an index that does not exist"] += 1
            continue
        same(other, fixed, model, graph, inputs)
        if written is None:
            written = from_text(graph).eval()
            written.load_state_dict(model.state_dict())
        same(other, fixed, written, graph, inputs)
        counts["equal"] += 1


def check_refused(model: nn.Module, graph: Graph, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """A module refuses inputs of these shapes, and says why."""
    given: list[Tensor] = []
    for name, value in graph.inputs.items():
        shape = (2, *shapes[name])
        kind = getattr(torch, graph.values[value].dtype)
        given.append(torch.zeros(shape, dtype=kind))
    with pytest.raises(ValueError, match=r"input.* must .*; found "):
        model(*given)


def same(expected: nn.Module, fixed: Graph, actual: nn.Module, graph: Graph, inputs: list[Tensor]) -> None:
    """Two modules have the same outputs, but for rounding."""
    with torch.no_grad():
        theirs, ours = outputs(expected(*inputs), fixed), outputs(actual(*inputs), graph)
    for key, tensor in theirs.items():
        torch.testing.assert_close(ours[key], tensor, rtol=1e-5, atol=1e-6, equal_nan=True, msg=key)


def check_zoo(name: str, counts: Counter[str]) -> None:
    """Checks a network of the zoo at random sizes, bit for bit; of a large one only that it is written."""
    network = named(name)
    text = netspec_torch.source(network.graph)
    compile(text, name, "exec")
    if sum(p.elements for p in network.graph.parameters) > LARGEST:
        counts["too large to run"] += 1
        return
    model = netspec_torch.build(network.graph, weights=ActiveWeights()).eval()
    points = sample(network.graph, 3)
    check_sizes(network, model, points)
    counts["sizes"] += len(points)
    counts["networks"] += 1


def main() -> int:
    """Checks many networks; returns 1 if any fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.torch_backend.any_size", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--zoo", nargs="*")
    parser.add_argument("--tools", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    torch.set_num_threads(1)
    counts: Counter[str] = Counter()
    start = time.monotonic()
    if args.tools:
        from .test_any_size_tools import GRAPHS, check_compiles, check_exports

        for name in GRAPHS:
            for check in (check_compiles, check_exports):
                check(name)
                print(name, check.__name__, f"{time.monotonic() - start:.0f} s", flush=True)
        return 0
    if args.zoo is None:
        numbers = range(args.first, args.first + args.count)
        work: list[tuple[str, int | str]] = [(f"network {number} of seed {args.seed}", number) for number in numbers]
    else:
        work = [(name, name) for name in args.zoo or zoo.names("")]
    for title, what in work:
        text = ""
        try:
            if isinstance(what, str):
                check_zoo(what, counts)
                print(title, f"{time.monotonic() - start:.0f} s", flush=True)
            else:
                text = seeded(args.seed, what)
                check_random(text, Random(what), counts)
        except Exception:
            counts["failed"] += 1
            print(f"\n{title}:\n{text}\n{traceback.format_exc(limit=-4)}", flush=True)
    print(", ".join(f"{n} {what}" for what, n in counts.items()), f"{time.monotonic() - start:.0f} s", file=sys.stderr)
    return bool(counts["failed"])


if __name__ == "__main__":
    sys.exit(main())
