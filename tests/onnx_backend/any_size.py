"""One file for all sizes, of every variant of the zoo, against PyTorch's module of each size; the cheapest first.

    python -m tests.onnx_backend.any_size [PATTERN ...] [--most MACS] [--sizes N]
    python -m tests.onnx_backend.any_size --random 1000 --seed 1

Sizes of all inputs but the channels get names. The file is checked and runs at random legal sizes, as the module that is
built by the integer rules does. The second form compares random networks with the file of each size.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from random import Random

import netspec_onnx
from netspec.checking.spec import Spec
from netspec.shapes.sizes import is_named
from netspec_onnx.verification.differences import TOLERANCE, difference
from netspec_onnx.verification.random_inputs import random_inputs
from tests.random_networks import seeded
from tests.random_networks.names import random_values, with_names
from tests.zoo.support import analysis, graph, references

from .named import assert_agrees, write_named
from .named_networks import named_network
from .support import ActiveWeights, run

OPSETS = (13, 14, 15, 18, 20, 23)


def main(arguments: list[str]) -> int:
    """Prints a line for each network; returns 1 if one is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.onnx_backend.any_size", description=__doc__)
    parser.add_argument("patterns", nargs="*", default=["*"], help="variants: 'resnet@*'; all of them by default")
    parser.add_argument("--most", type=float, default=1e12, help="the most multiply-accumulates of a variant")
    parser.add_argument("--sizes", type=int, default=3, help="sizes of each variant")
    parser.add_argument("--random", type=int, default=0, help="this many random networks instead")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random networks")
    args = parser.parse_args(arguments)
    if args.random:
        return examine_random(args.seed, args.random)
    selected = [r for r in references() if any(fnmatch(r, p) for p in args.patterns)]
    selected = sorted((r for r in selected if analysis(r).macs <= args.most), key=lambda r: analysis(r).macs)
    analysis.cache_clear()
    print(f"{'variant':<36} {'nodes':>13} {'changes':>8} {'seconds':>7}  sizes")
    correct = [examine(reference, args.sizes) for reference in selected]
    return int(not all(correct))


def examine(reference: str, count: int) -> bool:
    """Writes the file of a variant, and runs it at several sizes."""
    start = time.perf_counter()
    name, _, variant = reference.partition("@")
    try:
        network = named_network(name, variant or None, {})
        sizes = network.legal_values(Random(reference), count)
        source = ActiveWeights(gain=0.8)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.onnx"
            model = write_named(network.graph, path, source)
            change = assert_agrees(path, source, network.at, sizes)
    except AssertionError as error:
        print(f"{reference:<36} {str(error)[:300]}", flush=True)
        return False
    fixed = len(netspec_onnx.model(graph(reference).at_default).graph.node)
    nodes = f"{fixed} to {len(model.graph.node)}"
    text = "; ".join(",".join(f"{n}={m}" for n, m in values.items()) for values in sizes)
    print(f"{reference:<36} {nodes:>13} {change:8.1e} {time.perf_counter() - start:7.1f}  {text}", flush=True)
    return True


def examine_random(seed: int, count: int) -> int:
    """Compares random networks at random sizes, and prints the counts; returns 1 if one is wrong."""
    counts: Counter[str] = Counter()
    for number in range(count):
        try:
            compare_random(seeded(seed, number), Random(number), counts)
        except AssertionError as error:
            counts["wrong"] += 1
            print(f"--seed {seed}, network {number}: {str(error)[:300]}", flush=True)
    for what, n in sorted(counts.items()):
        print(f"{n:8,}  {what}")
    return int(counts["wrong"] > 0)


def compare_random(text: str, random: Random, counts: Counter[str]) -> None:
    """Compares the file of a random network with names with that of each size."""
    spec = Spec("random.yaml", text)
    if spec.document is None or spec.elaborate().graph is None:
        return
    shapes, named = with_names(spec)
    net = spec.elaborate(shapes=shapes, named=named).graph if named.dims else None
    if net is None:
        return
    counts["networks"] += 1
    opset, source = random.choice(OPSETS), ActiveWeights()
    with tempfile.TemporaryDirectory() as folder:
        path, fixed = Path(folder) / "named.onnx", Path(folder) / "fixed.onnx"
        write_named(net, path, source, opset=opset)
        for values in (dict(named.defaults), *random_values(random, named.defaults)):
            if not all(c.holds(c.difference.at(values)) for c in net.conditions):
                continue
            sizes = {i: tuple(n.at(values) if is_named(n) else n for n in shape) for i, shape in shapes.items()}
            numbers = spec.elaborate(shapes=sizes).graph
            assert numbers is not None, values
            netspec_onnx.export(numbers, fixed, source=source, opset=opset)
            feeds = random_inputs(numbers, 2)
            try:
                expected = run(fixed, feeds)
            except Exception as error:  # ONNX Runtime's classes have no common base
                counts[f"sizes at which ONNX Runtime rejects the file with numbers: {type(error).__name__}"] += 1
                continue
            counts["sizes"] += 1
            for name, y, reference in zip(net.outputs, run(path, feeds), expected, strict=True):
                actual = difference(name, y, reference)
                assert actual.relative < TOLERANCE["float32"], (values, actual)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
