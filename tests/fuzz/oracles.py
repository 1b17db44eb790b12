"""Properties that must hold for every text: what a run of ``python -m tests.fuzz`` checks."""

from __future__ import annotations

import argparse
import io
import json
import resource
import signal
import sys
import unicodedata
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from time import process_time
from types import FrameType
from typing import Any, NamedTuple

from jsonschema import Draft7Validator  # type: ignore[import-untyped,unused-ignore]  # it has no types of its own

import netspec
from netspec.checking.spec import SpecResult
from netspec.cli.check import Check
from netspec.cli.main import parser
from netspec.diagnostics import Error
from netspec.language.flatten import flat_spec
from netspec.language.reading.records import plain_value
from netspec.report import CheckResult
from netspec.report.explanation import Explanation
from netspec.schema import schema
from netspec.text.reader import read
from tests.cli_support import ran
from tests.language.test_flatten import same

SECONDS = 60.0
"""CPU time within which everything that the limits allow is checked."""
SECONDS_FOR_LAYERS = 10.0, 20_000
"""CPU time within which so many layers are checked. A spec with fewer may take as long, one with more in proportion."""
MEMORY = 1024 * 1024
"""KiB by which a check may raise the largest memory of the process."""
FORMATS = ("table", "json", "markdown", "csv", "github")
COLUMNS = "name,op,inputs,output,params,trainable,buffers,macs,flops,activations,connections,receptive_field"
MOST_NODES = 2_000
"""Nodes of a graph whose flat spec is compared with it."""
MOST_WORK = 5_000_000
"""Multiply-accumulates, activations and parameters of a network that is built and run, each."""
THOROUGH = 16
"""One of so many texts is checked in every way."""


class PropertyError(Exception):
    """A property that does not hold."""


class TimeLimitError(BaseException):
    """A step took too long; no ``except Exception`` must catch it."""


class Checked(NamedTuple):
    """The answer to a text."""

    graph: netspec.Graph | None
    """The network; None if the text was rejected."""
    messages: list[str]
    """The messages of the diagnostics, with their codes."""


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


@contextmanager
def memory_limit() -> Generator[None]:
    """Raises PropertyError if a block makes the process much larger."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if grown > MEMORY:
        raise PropertyError(f"memory has grown by {grown // 1024} MiB")


def as_bytes(text: str) -> bytes:
    """A text in UTF-8; lone surrogates from U+DC80 to U+DCFF stand for bytes that are none."""
    try:
        return text.encode("utf-8", errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", errors="surrogatepass")


class _Report(Check):
    """``netspec check`` of standard input, which keeps its results."""

    def __init__(self, args: argparse.Namespace, out: io.StringIO) -> None:
        super().__init__(args, out)
        self.loaded: list[SpecResult] = []
        self.messages: list[str] = []

    def _result(self, loaded: SpecResult) -> CheckResult:
        result = super()._result(loaded)
        self.loaded.append(loaded)
        self.messages += [f"{d.code} {d.message}" for d in result.diagnostics]
        return result


@cache
def _defaults() -> dict[str, Any]:
    """The arguments of ``netspec check -``."""
    return vars(parser("check").parse_args(["check", "-", "--color", "never"]))


def _checked(text: str, kind: str, choice: int = 0, variant: str = "") -> tuple[_Report, int, str]:
    """A check of a text: its results, the exit status, and what it printed. ``choice`` varies the options."""
    args = argparse.Namespace(**_defaults())
    args.specs = [f"-@{variant}" if variant else "-"]
    args.batch = (None, None, 8)[choice % 3]
    args.depth = (None, None, None, 0, 1)[choice % 5]
    args.columns = (None, None, None, COLUMNS)[choice % 4]
    args.sort = (None, None, "params")[choice % 3]
    args.format, args.full, args.unfold = kind, bool(choice % 2), choice % 7 == 0
    out = io.StringIO()
    report = _Report(args, out)
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(as_bytes(text)))
    try:
        with time_limit(), memory_limit():
            status = report.run()
    except Error as error:
        return report, 1, str(error)
    finally:
        sys.stdin = before
    return report, status, out.getvalue()


def check_text(text: str, *, thorough: bool = True) -> Checked:
    """Check a text as ``netspec check`` would.

    Args:
        text: the text.
        thorough: whether to check it in every way: the command line itself, determinism, all variants, ``loads``.

    Raises:
        PropertyError: a property does not hold. Any other exception is a failure too.
        TimeLimitError: a step took too long.
    """
    choice = zlib.crc32(as_bytes(text))
    kind = FORMATS[choice % len(FORMATS)]
    start = process_time()
    report, status, printed = _checked(text, kind, choice // 8)
    seconds = process_time() - start
    _printable(printed)
    graph = report.loaded[0].graph if report.loaded else None
    most, layers = SECONDS_FOR_LAYERS
    if graph is not None and seconds > most * max(1, len(graph.nodes) / layers):
        raise PropertyError(f"{len(graph.nodes)} layers take {seconds:.1f} s of CPU time")
    if status == 0 and graph is None:
        raise PropertyError("exit status 0 without a network")
    if status == 1 and report.loaded and not report.messages:
        raise PropertyError("rejected without a diagnostic")
    if thorough:
        _check_thoroughly(text, kind, choice // 8, status, printed)
    if graph is not None:
        check_graph(graph, report, choice)
    if thorough and status == 0:
        _check_schema(text)
    return Checked(graph, report.messages)


def _check_thoroughly(text: str, kind: str, choice: int, status: int, printed: str) -> None:
    """The command line, ``loads`` and a second run answer alike; all variants are checked."""
    _, again, printed_again = _checked(text, kind, choice)
    if (again, printed_again) != (status, printed):
        raise PropertyError(f"two runs print different reports ({kind})")
    with time_limit():
        code, out, err = ran("check", "-", "--format", "json", stdin=as_bytes(text))
    if code not in (0, 1) or code != status:
        raise PropertyError(f"the command line exits with {code}, and the check with {status}")
    _printable(out + err)
    json.loads(out)
    _, _, every = _checked(text, "table", choice, "all")
    _printable(every)
    with time_limit():
        try:
            netspec.loads(text)
        except netspec.SpecError as error:
            if status == 0 and text.isprintable():
                raise PropertyError("check accepts what loads() rejects") from error
            if not error.diagnostics:
                raise PropertyError("an error without a diagnostic") from error


@cache
def _schema() -> Any:
    return Draft7Validator(schema())


def _check_schema(text: str) -> None:
    """The JSON Schema accepts a valid spec, too.

    It is stricter about blocks, defaults and variants that are not used, and about layers that ``when`` leaves out.
    """
    if "when" in text:
        return
    for error in _schema().iter_errors(plain_value(read(text))):
        if error.absolute_path and error.absolute_path[0] in ("blocks", "defaults", "variants"):
            continue
        raise PropertyError(f"the JSON Schema rejects {error.json_path}: {error.message}")


def _printable(text: str) -> None:
    """No character of a report may control a terminal or be invisible."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return
    for c in text:
        if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            raise PropertyError(f"the report has U+{ord(c):04X}")


def check_graph(graph: netspec.Graph, report: _Report, choice: int) -> None:
    """Check the network of a valid spec: its types, its flat spec, and the explanation of a layer.

    Raises:
        PropertyError, AssertionError, TimeLimitError: see :func:`check_text`.
    """
    if not graph.outputs:
        raise PropertyError("a graph without outputs")
    for node in graph.nodes:
        inputs = graph.inputs_of(node)
        if [(y.shape, y.dtype) for y in node.op.infer(*inputs)] != [(y.shape, y.dtype) for y in node.outputs]:
            raise PropertyError(f"the types of '{node.name}' do not follow from its inputs")
        for y in node.outputs:
            if any(type(n) is not int or n < 1 for n in y.shape):
                raise PropertyError(f"'{node.name}' has an axis of no size: {y.shape}")
    if len(graph.nodes) > MOST_NODES:
        return
    with time_limit():
        flat = flat_text(graph)
        if flat is not None:
            same(graph, flat)
    layers = graph.layers
    if layers and choice % 4 == 0:
        with time_limit():
            explanation = Explanation(graph, layers[choice % len(layers)], report.loaded[0].sources).text()
        _printable(explanation)


def flat_text(graph: netspec.Graph) -> str | None:
    """The flat spec; None if the network needs blocks (NS713)."""
    try:
        return flat_spec(graph)
    except netspec.SpecError as error:
        if error.code != "NS713":
            raise
        return None


def is_small(graph: netspec.Graph) -> bool:
    """Whether the network can be built and run in well under a second."""
    elements = sum(_product(y.shape) for node in graph.nodes for y in node.outputs)
    elements += sum(_product(graph.values[v].shape) for v in graph.inputs.values())
    weights = sum(p.elements for p in graph.parameters)
    macs = sum(node.op.macs(graph.inputs_of(node), node.outputs) for node in graph.nodes)
    largest = max((n for node in graph.nodes for n in _integers(tuple(vars(node.op).values()))), default=0)
    return max(elements, weights, macs) <= MOST_WORK and largest <= MOST_WORK and len(graph.nodes) <= 300


def _integers(value: object) -> Iterator[int]:
    """The integers in the value of an argument: padding, for example, makes an intermediate result large."""
    if isinstance(value, tuple):
        for item in value:  # pyright: ignore[reportUnknownVariableType] - of any type
            yield from _integers(item)  # pyright: ignore[reportUnknownArgumentType] - of any type
    elif isinstance(value, int):
        yield abs(value)


def _product(shape: tuple[int, ...]) -> int:
    out = 1
    for n in shape:
        out *= n
    return out


def check_backends(graph: netspec.Graph, folder: Path, *, draw: bool = True) -> bool:
    """Lower a valid network with every backend; return False for one that is too large to run.

    Shapes and types of PyTorch's outputs and of ONNX's inferred values are compared with the graph's. ``draw`` is whether
    it is drawn, too.

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

    with time_limit():
        model = netspec_torch.build(graph).eval()
        feeds = random_inputs(graph, 2)
        kinds = {name: getattr(torch, graph.values[value].dtype) for name, value in graph.inputs.items()}
        given = [torch.from_numpy(feeds[name]).to(kind) for name, kind in kinds.items()]  # pyright: ignore[reportUnknownMemberType] - PyTorch's own type
        try:
            facts = check_facts(graph, model, given)
        except IndexError:  # indices that are computed, or stored in the network, lie beyond a table
            return False
        check_source(graph, model, given, facts)
    with time_limit():
        check_file(graph, folder)
    if draw:
        with time_limit():
            netspec.export(graph, folder / "net.dot")
    return True


def digests(text: str, folder: Path, *, backends: bool) -> dict[str, str]:
    """Digests of everything that is written for a text, by what it is: a second process must write the same."""
    report, status, printed = _checked(text, "json")
    out = {"report": f"{status} {_digest(printed.encode())}"}
    graph = report.loaded[0].graph if report.loaded else None
    if graph is None or len(graph.nodes) > MOST_NODES:
        return out
    out["flat spec"] = _digest((flat_text(graph) or "").encode())
    if backends and is_small(graph):
        for name in ("net.py", "net.onnx", "net.dot", "net.html"):
            netspec.export(graph, folder / name)
            out[name] = _digest((folder / name).read_bytes())
    return out


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]
