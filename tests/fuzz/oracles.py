"""Properties that must hold for every text: what a run of ``python -m tests.fuzz`` checks."""

from __future__ import annotations

import json
import signal
import unicodedata
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import netspec
from netspec.language.flatten import flat_spec
from tests.cli_support import ran
from tests.language.test_flatten import same

SECONDS = 10.0
"""CPU time of one step of a check."""
FORMATS = ("table", "markdown", "csv", "github")
MOST_NODES = 2_000
"""Nodes of a graph whose flat spec is compared with it."""
MOST_WORK = 20_000_000
"""Multiply-accumulates, activations and parameters of a network that is built and run, each."""


class PropertyError(Exception):
    """A property that does not hold."""


class TimeLimitError(BaseException):
    """A step took too long; no ``except Exception`` must catch it."""


@contextmanager
def time_limit(seconds: float = SECONDS) -> Generator[None]:
    """Limit the CPU time of a block.

    Raises:
        TimeLimitError: within the block, after that many seconds of CPU time.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeLimitError(f"more than {seconds:g} s of CPU time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def check_text(text: str) -> netspec.Graph | None:
    """Check a text as ``netspec check`` would; return the graph of a valid spec.

    Raises:
        PropertyError: a property does not hold. Any other exception is a failure too.
        TimeLimitError: a step took too long.
    """
    with time_limit():
        status, report = _report(text, "json")
    data = json.loads(report)
    _printable(report)
    kind = FORMATS[zlib.crc32(text.encode("utf-8", errors="surrogatepass")) % len(FORMATS)]
    with time_limit():
        printed = _report(text, kind)
    if printed[0] != status:
        raise PropertyError(f"--format {kind} exits with {printed[0]}, --format json with {status}")
    _printable(printed[1])
    with time_limit():
        if printed != _report(text, kind):
            raise PropertyError(f"two runs print different reports ({kind})")
    with time_limit():
        try:
            graph = netspec.loads(text)
        except netspec.SpecError as error:
            if status == 0:
                raise PropertyError("check accepts what loads() rejects") from error
            if not error.diagnostics:
                raise PropertyError("an error without a diagnostic") from error
            return None
    _consistent(graph, data)
    if len(graph.nodes) <= MOST_NODES:
        with time_limit():
            same(graph, flat_spec(graph))
    return graph


def _report(text: str, kind: str) -> tuple[int, str]:
    """Exit status and output of ``netspec check -``."""
    status, out, err = ran("check", "-", "--format", kind, stdin=text.encode("utf-8", errors="surrogatepass"))
    if status not in (0, 1):
        raise PropertyError(f"exit status {status}")
    return status, out + err


def _printable(text: str) -> None:
    """No character of a report may control a terminal or be invisible."""
    for c in text:
        if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            raise PropertyError(f"the report has U+{ord(c):04X}")


def _consistent(graph: netspec.Graph, data: object) -> None:
    """The graph is what its operations say of their inputs."""
    if not graph.outputs:
        raise PropertyError("a graph without outputs")
    for node in graph.nodes:
        inputs = graph.inputs_of(node)
        if [(y.shape, y.dtype) for y in node.op.infer(*inputs)] != [(y.shape, y.dtype) for y in node.outputs]:
            raise PropertyError(f"the types of '{node.name}' do not follow from its inputs")
        for y in node.outputs:
            if any(type(n) is not int or n < 1 for n in y.shape):
                raise PropertyError(f"'{node.name}' has an axis of no size: {y.shape}")


def is_small(graph: netspec.Graph) -> bool:
    """Whether the network can be built and run in well under a second."""
    elements = sum(_product(y.shape) for node in graph.nodes for y in node.outputs)
    elements += sum(_product(graph.values[v].shape) for v in graph.inputs.values())
    weights = sum(p.elements for p in graph.parameters)
    macs = sum(node.op.macs(graph.inputs_of(node), node.outputs) for node in graph.nodes)
    return max(elements, weights, macs) <= MOST_WORK and len(graph.nodes) <= 300


def _product(shape: tuple[int, ...]) -> int:
    out = 1
    for n in shape:
        out *= n
    return out


def check_backends(graph: netspec.Graph, folder: Path) -> bool:
    """Lower a valid network with every backend; return False for one that is too large to run.

    Shapes and types of PyTorch's outputs and of ONNX's inferred values are compared with the graph's.

    Raises:
        PropertyError, AssertionError, TimeLimitError: see :func:`check_text`.
    """
    if not is_small(graph):
        return False
    import torch

    import netspec_torch
    from netspec_onnx.verification.random_inputs import random_inputs
    from tests.random_networks.checks import check_file
    from tests.torch_backend.support import check_facts, check_source

    with time_limit(4 * SECONDS):
        model = netspec_torch.build(graph).eval()
        feeds = random_inputs(graph, 2)
        given = [torch.from_numpy(feeds[name]) for name in graph.inputs]  # pyright: ignore[reportUnknownMemberType] - PyTorch's own type
        check_source(graph, model, given, check_facts(graph, model, given))
    with time_limit(4 * SECONDS):
        check_file(graph, folder)
    with time_limit(4 * SECONDS):
        netspec.export(graph, folder / "net.dot")
    return True
