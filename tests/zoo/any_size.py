"""At which sizes torchvision's networks run, whether ours take the same, and whether the values are equal there.

    python -m tests.zoo.any_size --all
    python -m tests.zoo.any_size 'resnet*' swin_t bert gpt2

Every network of torchvision is run without storage at the least size that the spec takes, just below it, and at others:
it must run where the spec takes the size, and only there. The small network of each family is then compared by value:
one module, one class of the source and one ONNX file for all sizes, with torchvision's weights. BERT and GPT-2 are
compared with those of transformers, which has to be installed (``pip install transformers``).
"""

# torchvision and transformers have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false, reportUnknownParameterType=false

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

import netspec_onnx
import netspec_torch
from netspec.analysis.legal_sizes import legal_sizes
from netspec.checking.named_inputs import name_inputs
from netspec.ir import Graph, Parameter
from netspec.weights.numpy_types import Array
from netspec.weights.weight_source import SeedSource

from .support import spec
from .values import LIMIT, PIECE, Fixed, difference, filled, outputs, unfilled
from .vision import FAMILIES, build, on_meta
from .vision_networks import NETWORKS

Sizes = tuple[int, ...]

IMAGES: tuple[Sizes, ...] = ((64, 96), (97, 161))
SIZES: dict[str, tuple[Sizes, ...]] = {
    "inception_v3": ((75, 96), (97, 161)), "s3d": ((13, 209, 212), (14, 216, 209)),
    **dict.fromkeys(("swin_t", "swin_v2_t"), ((64, 96), (100, 130), (37, 250), (256, 200))),
    "swin3d_t": ((7, 37, 50), (18, 40, 64)),
    **dict.fromkeys(("r3d_18", "mc3_18", "r2plus1d_18"), ((4, 32, 48), (5, 33, 40))),
}  # fmt: skip
"""Heights and widths (for clips, with the frames before them) at which values are compared; else those of images."""
BOUND = ("vit_*", "mvit_*", "maxvit_t")
"""Networks with tables for one size."""
STRICTER = {
    "vit_*": "torchvision compares the image with the size it was built for, not with its table",
}
"""Networks of which torchvision runs fewer sizes than follow from their layers."""


class Tried(NamedTuple):
    """A network at a size."""

    sizes: Sizes
    legal: bool
    """Whether the spec takes it."""
    runs: bool
    """Whether torchvision's network runs."""


@cache
def named(reference: str) -> Graph:
    """The network with a name for every size of its input: those of the spec, or made up if it has none."""
    name, _, variant = reference.partition("@")
    inputs = name_inputs(spec(name), variant or None)
    assert inputs is not None
    return spec(name).elaborate(variant or None, shapes=inputs.shapes, named=inputs.named).require_graph()


def candidates(graph: Graph) -> list[Sizes]:
    """For each dimension its ends and two sizes in between, with the others at their defaults; and all at the least."""
    legal = legal_sizes(graph)
    defaults = {name: dim.default for name, dim in graph.dims.items()}
    actual: dict[Sizes, None] = {}
    for name, sizes in legal.items():
        least, most = sizes.least or 1, sizes.greatest
        for n in (least - 1, least, most, None if most is None else most + 1, defaults[name] // 2 + 1):
            if n is not None and n > 0:
                actual[tuple({**defaults, name: n}.values())] = None
    actual[tuple(sizes.least or 1 for sizes in legal.values())] = None
    return list(actual)


def takes(graph: Graph, sizes: Sizes) -> bool:
    """Whether the conditions of a network hold."""
    values = dict(zip(graph.dims, sizes, strict=True))
    return all(c.holds(c.difference.at(values)) for c in graph.conditions)


def runs(net: nn.Module, sizes: Sizes) -> bool:
    """Whether a network without storage accepts an image, or a clip, of these sizes."""
    try:
        with torch.no_grad():
            net(torch.empty(1, 3, *sizes, device="meta"))
    except (RuntimeError, AssertionError, ValueError, IndexError):
        return False
    return True


def tried(builder: str) -> Iterator[Tried]:
    """torchvision's network and ours at the candidate sizes."""
    graph, net = named(NETWORKS[builder]), on_meta(builder)
    for sizes in candidates(graph):
        yield Tried(sizes, takes(graph, sizes), runs(net, sizes))


def disagreements(builder: str) -> list[Tried]:
    """Sizes that only one of the two takes, without those of which the reason is known."""
    stricter = any(fnmatch(builder, pattern) for pattern in STRICTER)
    return [t for t in tried(builder) if t.legal != t.runs and not (stricter and t.legal)]


class Given(SeedSource):
    """The weights of a network; what is not among them is computed."""

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.state = state

    def pieces(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Iterator[Array]:
        if parameter.name not in self.state:
            yield from super().pieces(parameter, pool)
            return
        flat = self.values(parameter).reshape(-1)
        for start in range(0, flat.size, PIECE):
            yield flat[start : start + PIECE]

    def values(self, parameter: Parameter, pool: ThreadPoolExecutor | None = None) -> Array:
        if parameter.name not in self.state:
            return super().values(parameter, pool)
        return self.state[parameter.name].detach().numpy()


class Compared(NamedTuple):
    """The largest differences over all sizes."""

    module: float
    source: float
    onnx: float


def compare(graph: Graph, state: Mapping[str, Tensor], expected: Mapping[tuple[Tensor, ...], list[Tensor]]) -> Compared:
    """One module, one class of the source and one ONNX file against the outputs expected for the inputs."""
    from tests.onnx_backend.support import session
    from tests.torch_backend.support import from_text

    module = netspec_torch.build(graph, weights=Fixed()).eval()
    module.load_state_dict(state, strict=True)
    written = from_text(graph).eval()
    written.load_state_dict(state, strict=True)
    largest = [0.0, 0.0, 0.0]
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        path = Path(folder) / "net.onnx"
        netspec_onnx.export(graph, path, source=Given(state))
        running = session(path)
        names = [i.name for i in running.get_inputs()]
        for inputs, want in expected.items():
            feeds = {name: x.numpy() for name, x in zip(names, inputs, strict=True)}
            ran = [torch.from_numpy(y) for y in running.run(None, feeds)]
            for i, got in enumerate((outputs(module(*inputs)), outputs(written(*inputs)), ran)):
                largest[i] = max(largest[i], difference(got, want))
    return Compared(*largest)


def compare_vision(builder: str) -> Compared:
    """torchvision's network with random weights, at its sizes."""
    with unfilled():
        theirs = filled(build(builder))
    draw = torch.Generator().manual_seed(2)
    expected: dict[tuple[Tensor, ...], list[Tensor]] = {}
    with torch.no_grad():
        for sizes in SIZES.get(builder, IMAGES):
            x = torch.randn(2, 3, *sizes, generator=draw)
            expected[x,] = outputs(theirs(x))
    return compare(named(NETWORKS[builder]), theirs.state_dict(), expected)


LENGTHS = (1, 7, 32, 77)
"""Lengths of texts at which BERT and GPT-2 are compared."""


def compare_language(name: str) -> Compared:
    """A small BERT or GPT-2 of transformers with random weights, at the lengths."""
    transformers: Any = __import__("transformers")
    words, width, depth = 1000, 128, 2
    settings = {"vocabulary": words, "width": width, "depth": depth}
    result = spec(name).elaborate("tiny" if name == "bert" else "small", settings)
    graph = result.require_graph()
    if name == "bert":
        sizes = {"hidden_size": width, "num_hidden_layers": depth, "num_attention_heads": width // 64}
        theirs = transformers.BertModel(transformers.BertConfig(vocab_size=words, intermediate_size=4 * width, **sizes))
    else:
        sizes = {"n_embd": width, "n_layer": depth, "n_head": width // 64}
        theirs = transformers.GPT2LMHeadModel(
            transformers.GPT2Config(vocab_size=words, bos_token_id=0, eos_token_id=0, **sizes)
        )
    filled(theirs.eval())
    state = {
        key: t.T.contiguous() if t.dim() == 2 and name == "gpt2" and ".h." in key else t
        for key, t in theirs.state_dict().items()
        if key != "lm_head.weight"  # the embedding's
    }
    draw = torch.Generator().manual_seed(2)
    expected: dict[tuple[Tensor, ...], list[Tensor]] = {}
    with torch.no_grad():
        for n in LENGTHS:
            tokens = torch.randint(0, words, (2, n), generator=draw)
            if name == "gpt2":
                expected[tokens,] = [theirs(tokens).logits]
                continue
            segments = torch.randint(0, 2, (2, n), generator=draw)
            actual = theirs(tokens, token_type_ids=segments)
            expected[tokens, segments, torch.zeros(2, 1, 1, n)] = [actual.last_hidden_state, actual.pooler_output]
    return compare(graph, state, expected)


def main(arguments: list[str]) -> int:
    """Prints a line for each network; returns 1 if one takes other sizes, or has other values."""
    parser = argparse.ArgumentParser(prog="python -m tests.zoo.any_size", description=__doc__)
    parser.add_argument("patterns", nargs="*", help="names in torchvision: 'regnet_*'; bert and gpt2")
    parser.add_argument("--all", action="store_true", help="every network")
    args = parser.parse_args(arguments)
    if not args.patterns and not args.all:
        parser.error("name networks, or ask for --all")
    chosen = [name for name in (*NETWORKS, "bert", "gpt2") if args.all or any(fnmatch(name, p) for p in args.patterns)]
    print(f"{'network':<30} {'sizes':>7} {'run':>4} {'module':>8} {'source':>8} {'ONNX':>8} {'seconds':>8}")
    wrong = 0
    for name in chosen:
        start = time.perf_counter()
        sizes = list(tried(name)) if name in NETWORKS else []
        others = disagreements(name) if name in NETWORKS else []
        values: Compared | None = None
        if name not in NETWORKS:
            values = compare_language(name)
        elif name in FAMILIES and not any(fnmatch(name, p) for p in BOUND):
            values = compare_vision(name)
        differ = values is not None and not max(values) < LIMIT
        wrong += bool(others) or differ
        numbers = " ".join(f"{d:8.1e}" for d in values) if values is not None else " ".join(["       -"] * 3)
        print(
            f"{name:<30} {len(sizes):7} {sum(t.runs for t in sizes):4} {numbers} {time.perf_counter() - start:8.2f}",
            *(f"\n  torchvision {'runs' if t.runs else 'does not run'} at {t.sizes}" for t in others),
            flush=True,
        )
    print(f"{len(chosen) - wrong} of {len(chosen)} take the same sizes and have equal values (below {LIMIT:g})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
