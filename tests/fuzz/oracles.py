"""Properties that must hold for every text: what a run of ``python -m tests.fuzz`` checks."""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import unicodedata
import zlib
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft7Validator  # type: ignore[import-untyped,unused-ignore]  # it has no types of its own

import netspec
from netspec.checking.spec import SpecResult
from netspec.cli.check import Check
from netspec.cli.main import parser
from netspec.cli.size_arguments import size_points
from netspec.diagnostics import Error, LocatedError
from netspec.formatting import format_text
from netspec.ir.same_graph import same_graph
from netspec.language.flatten import flat_spec
from netspec.language.reading.records import plain_value
from netspec.report import CheckResult
from netspec.report.explanation import Explanation
from netspec.schema import schema
from netspec.shapes.sizes import is_named
from netspec.text.yaml_reader import read
from tests.cli_support import ran
from tests.language.test_flatten import same

from .costs import time_limit, usage
from .drawn_options import NO_OPTIONS, Options, options
from .lowering import is_small

FORMATS = ("table", "json", "markdown", "csv", "github")
COLUMNS = "name,op,inputs,output,params,trainable,buffers,macs,flops,activations,connections,receptive_field"
MOST_NODES = 2_000
"""Nodes of a graph whose flat spec is compared with it."""
THOROUGH = 16
"""One of so many texts is checked in every way."""


class PropertyError(Exception):
    """A property that does not hold."""


class Checked(NamedTuple):
    """The answer to a text."""

    graph: netspec.Graph | None
    """The network; None if the text was rejected."""
    messages: list[str]
    """The messages of the diagnostics, with their codes."""


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

    def _result(self, loaded: SpecResult, sizes: Mapping[str, int]) -> CheckResult:
        result = super()._result(loaded, sizes)
        self.loaded.append(loaded)
        self.messages += [f"{d.code} {d.message}" for d in result.diagnostics]
        return result


@cache
def _defaults() -> dict[str, Any]:
    """The arguments of ``netspec check -``."""
    return vars(parser("check").parse_args(["check", "-", "--color", "never"]))


def _checked(
    text: str, kind: str, choice: int = 0, variant: str = "", given: Options = NO_OPTIONS
) -> tuple[_Report, int, str]:
    """A check of a text: its results, the exit status, and what it printed. ``choice`` varies the other options.

    Raises:
        PropertyError: it takes too much time or memory for the work that it counts, twice: the machine may have been
            busy, and what the process did before may have taken the memory.
    """
    size = len(text)
    with usage(size) as used:
        answer = _answer(text, kind, choice, variant, given)
    if used.excess() is not None:
        with usage(size, traced=used.memory > used.allowed()[1]) as used:
            answer = _answer(text, kind, choice, variant, given)
        if reason := used.excess():
            raise PropertyError(f"a check takes {reason} ({used.amounts})")
    return answer


def _answer(text: str, kind: str, choice: int, variant: str, given: Options) -> tuple[_Report, int, str]:
    args = argparse.Namespace(**_defaults())
    args.specs = [f"-@{variant}" if variant else "-"]
    args.set, args.at = given
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
        with time_limit():
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
    report, status, printed = _checked(text, kind, choice // 8)
    _printable(printed)
    graph = report.loaded[0].graph if report.loaded else None
    if status == 0 and graph is None:
        raise PropertyError("exit status 0 without a network")
    if status == 1 and report.loaded and not report.messages:
        raise PropertyError("rejected without a diagnostic")
    if thorough:
        _check_thoroughly(text, kind, choice // 8, status, printed)
    if graph is not None:
        check_graph(graph, report, choice)
    document = report.loaded[0].document if report.loaded else None
    if document is not None and (document.params or document.dims) and choice % 4 == 1:
        _check_options(text, kind, choice // 8, options(document, choice))
    if thorough or graph is not None:
        check_format(text, graph)
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


def _check_options(text: str, kind: str, choice: int, given: Options) -> None:
    """A check with values of parameters and sizes: the same properties hold, and ``loads`` answers alike."""
    try:
        report, status, printed = _checked(text, kind, choice, given=given)
    except Error as error:
        if error.code != "NS229":  # lists of sizes that differ in length
            raise
        return
    _printable(printed)
    if status == 1 and not report.messages:
        raise PropertyError("rejected without a diagnostic")
    for result, sizes in zip(report.loaded, size_points(given.sizes), strict=False):  # some time, there may be no more
        if result.graph is not None:
            check_graph(result.graph, report, choice)
        with time_limit():
            try:
                other = netspec.loads(text, name="<stdin>", params=dict(given.settings), sizes=sizes)
            except netspec.SpecError:
                other = None
        alike = other is result.graph if other is None or result.graph is None else same_graph(other, result.graph)
        if text.isascii() and not alike:
            raise PropertyError(f"loads() answers otherwise with {given}")


def check_format(text: str, graph: netspec.Graph | None) -> None:
    """Check that a text is formatted, if it is YAML: the comments stay, a second time changes nothing.

    ``graph`` is its network; None if the text is invalid.

    Raises:
        PropertyError: it is not, or the network is another afterwards. :func:`check_text` says what else.
    """
    with time_limit():
        try:
            formatted = format_text(text)
        except LocatedError as error:
            if error.code == "NS113" or (graph is not None and error.code != "NS112"):
                raise PropertyError(f"not formatted: {error.code} {error.message}") from error
            return
        if format_text(formatted) != formatted:
            raise PropertyError("formatting twice changes the text again")
        if graph is not None and formatted != text and not same_graph(graph, netspec.loads(formatted, name="<stdin>")):
            raise PropertyError("formatting changes the network")


@cache
def _schema() -> Any:
    return Draft7Validator(schema())


def _check_schema(text: str) -> None:
    """The JSON Schema accepts a valid spec, too.

    It is stricter about blocks, defaults and variants that are not used, about layers without a copy, which
    ``when`` or ``repeat: 0`` leaves out, and about keys of the document without a value, which say nothing.
    """
    if "when" in text or re.search(r"repeat\W+(0|\$)", text):
        return
    for error in _schema().iter_errors(plain_value(read(text))):
        if error.absolute_path and error.absolute_path[0] in ("blocks", "defaults", "variants"):
            continue
        if len(error.absolute_path) == 1 and error.instance is None:
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
            if any(not is_named(n) and (type(n) is not int or n < 1) for n in y.shape):
                raise PropertyError(f"'{node.name}' has an axis of no size: {y.shape}")
    if len(graph.nodes) > MOST_NODES:
        return
    with time_limit():
        flat = flat_text(graph)
        if flat is not None and not any(n.weight_of is not None for n in graph.nodes):
            same(graph, flat)  # a flat spec gives no number to a weight that only an unread output names
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
            try:
                netspec.export(graph, folder / name)
            except Error as error:  # an operation that no backend has
                out[name] = _digest(str(error).encode())
            else:
                out[name] = _digest((folder / name).read_bytes())
    return out


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]
