"""JSON, CSV, Markdown, HTML and GitHub's annotations."""

from __future__ import annotations

import csv as reader
import io
import json as parser
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from netspec import loads
from netspec.analysis import Analysis, analyze
from netspec.diagnostics import Diagnostic, Sources, TraceStep
from netspec.ir import Location
from netspec.report import COLUMNS, CheckResult, csv, github, html, json, markdown, number_format, select_rows
from netspec.report.printable import printable_analysis
from tests.drafts import Draft
from tests.report.golden import agrees
from tests.report.networks import hostile, resnet18, two_inputs


def failed() -> CheckResult:
    sources = Sources()
    file = sources.add("nets/a,b:c%.yaml", "one\ntwo\n")
    diagnostics = (
        Diagnostic(
            "NS512",
            "the inputs of 'add' differ: 28 and 27",
            Location(file, 2, 5),
            trace=(TraceStep("block 'B'", Location(file, 1, 1)),),
            notes=("height of up: 14 -> 28",),
            help="100% sure:\nmake both equal",
        ),
        Diagnostic("NS101", "cannot be read | <b>", file="gone.yaml", severity="warning"),
    )
    return CheckResult("nets/a,b:c%.yaml", "v1", None, diagnostics, sources)


def fine() -> CheckResult:
    return CheckResult("specs/pair.yaml", None, select_rows(two_inputs()))


def test_json_golden() -> None:
    agrees("report.json", json.render([fine(), failed()]))


def test_json_has_the_documented_keys() -> None:
    good, bad = parser.loads(json.render([fine(), failed()]))
    keys = ["report", "spec", "name", "variant", "ok", "batch", "dims", "at", "totals", "cache", "formulas"]
    assert list(good) == list(bad) == [*keys, "inputs", "outputs", "layers", "diagnostics"]
    assert good["report"] == 1
    assert (good["ok"], bad["ok"]) == (True, False)
    assert (bad["totals"], bad["layers"], bad["name"]) == (None, [], "nets/a,b:c%.yaml")
    assert set(good["totals"]) >= {
        "params",
        "trainable_params",
        "macs",
        "flops",
        "activations",
        "connections",
        "weight_bytes",
    }
    assert set(good["layers"][0]) >= {
        "name",
        "op",
        "inputs",
        "output_shape",
        "params",
        "trainable_params",
        "buffers",
        "macs",
        "flops",
        "activations",
        "connections",
        "receptive_field",
        "file",
        "line",
    }
    layers: list[dict[str, Any]] = good["layers"]
    fields = {layer["name"]: layer["receptive_field"] for layer in layers}
    assert fields["narrow"][0] == {"input": "image", "axis": "height", "size": [3, 5], "stride": 1, "offset": 0}
    assert set(bad["diagnostics"][0]) >= {"code", "severity", "message", "file", "line", "column", "trace", "help"}


@pytest.mark.parametrize("key", ["totals", "layers", "diagnostics"])
def test_docs_list_every_key(key: str) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    line = next(line for line in page.split("## JSON")[1].splitlines() if line.startswith(f"| `{key}` |"))
    documented = re.findall(r"`(\w+)`", re.sub(r" \(list of objects[^)]*\)", "", line))[1:]
    results = [fine(), failed()]
    value = next(r[key] for r in parser.loads(json.render(results)) if r[key])
    assert documented == list(value if key == "totals" else value[0])


def test_json_of_no_results() -> None:
    assert json.render([]) == "[]\n"


def test_json_strides_are_fractions_and_sizes_may_be_words() -> None:
    net = Draft("n")
    x = net.input(1, 4, 4)
    x = net.add("up", "upsample", x, scale=2)
    net.add("pool", "global_avg_pool", x)
    (actual,) = parser.loads(json.render([CheckResult("n.yaml", selection=select_rows(analyze(net.graph())))]))
    up, pool = (layer["receptive_field"][0] for layer in actual["layers"])
    assert up == {"input": "input", "axis": "height", "size": [1, 1], "stride": "1/2", "offset": 0}
    assert pool == {"input": "input", "axis": "height", "size": "all", "stride": None, "offset": None}


def test_json_for_a_batch() -> None:
    single, many = (
        parser.loads(json.render([CheckResult("r.yaml", selection=select_rows(resnet18(), depth=1, batch=n))]))[0]
        for n in (None, 8)
    )
    assert many["inputs"][0]["shape"] == [8, 3, 224, 224]
    assert many["layers"][0]["output_shape"] == [8, 64, 112, 112]
    for key in ("macs", "flops", "activations"):
        assert many["totals"][key] == 8 * single["totals"][key]
        assert many["layers"][0][key] == 8 * single["layers"][0][key]
    for key in ("params", "connections", "weight_bytes"):
        assert many["totals"][key] == single["totals"][key]


def test_csv() -> None:
    text = csv.render([fine(), failed(), CheckResult("s.yaml", "v", select_rows(resnet18(), depth=1))])
    rows = list(reader.DictReader(io.StringIO(text)))
    assert [r["spec"] for r in rows] == ["specs/pair.yaml"] * 7 + ["s.yaml"] * 11
    assert list(rows[0]) == ["spec", "variant", *COLUMNS]
    assert sum(int(r["macs"]) for r in rows if r["spec"] == "s.yaml") == 1_814_073_344
    assert rows[0]["output"] == "(12, 8)"
    agrees("pair.csv", csv.render([fine()], ["name", "op", "output", "params", "receptive_field"]))


def test_markdown_golden() -> None:
    agrees("report.md", markdown.render([fine(), failed()]))


def test_markdown_escapes() -> None:
    text = markdown.render([CheckResult("x.yaml", "v|1", select_rows(hostile()))])
    head, _, rows = text.partition("\n")
    assert head == r"## \<script\>alert(1)\</script\>\|\`x\`@v\|1"
    assert r"| `x\|y*_z_` | dense | (3) | 9 | 6 |" in rows
    # a line of a table has as many bars as its head, the escaped ones apart
    for line in rows.split("\n\n")[0].strip().splitlines():
        assert line.replace("\\|", "").count("|") == 6


class Checker(HTMLParser):
    """Collects tags and text, and sees that every tag is closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_escapes_everything() -> None:
    checker = Checker()
    checker.feed(html.render(select_rows(hostile()), columns=tuple(COLUMNS)))
    assert checker.open == []
    assert checker.seen == {"div", "p", "strong", "br", "table", "thead", "tbody", "tr", "th", "td"}
    assert "<script>alert(1)</script>|`x`@v|1" in checker.text
    assert "x|y*_z_" in checker.text
    assert "\x1b" not in checker.text


def test_html_golden() -> None:
    agrees("pair.html", html.render(select_rows(two_inputs())))


def test_an_analysis_prints_as_a_table() -> None:
    actual = printable_analysis(resnet18().graph)
    assert isinstance(actual, Analysis)
    assert actual.figures == resnet18().figures
    assert repr(actual).startswith("<Analysis resnet18: ")
    assert str(actual).startswith("resnet18\n")
    assert actual._repr_html_() == html.render(select_rows(resnet18()))  # pyright: ignore[reportPrivateUsage] # Jupyter's name


def test_github_annotations() -> None:
    assert github.render([fine(), failed()]).splitlines() == [
        "::error file=nets/a%2Cb%3Ac%25.yaml,line=2,col=5,title=netspec NS512::the inputs of 'add' differ: 28 and 27"
        "%0Aheight of up: 14 -> 28%0Ahelp: 100%25 sure:%0Amake both equal",
        "::warning file=gone.yaml,title=netspec NS101::cannot be read | <b>",
    ]


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0"), (999, "999"), (1_000, "1.00 k"), (1_792, "1.79 k"), (9_994, "9.99 k"), (9_996, "10.0 k"),
        (99_940, "99.9 k"), (99_960, "100 k"), (999_499, "999 k"), (999_500, "1.00 M"), (15_470_264_320, "15.5 G"),
        (4 * 10**12, "4.00 T"), (7 * 10**15, "7.00 P"), (12_345 * 10**15, "12,345 P"),
    ],
)  # fmt: skip
def test_short_numbers(n: int, text: str) -> None:
    assert number_format.short_number(n) == text


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (553_430_176, "527.8 MiB"), (3 * 2**30, "3.0 GiB"),
     (5000 * 2**40, "5,000.0 TiB")],
)  # fmt: skip
def test_memory(n: int, text: str) -> None:
    assert number_format.memory_size(n) == text


def test_bytes_by_type() -> None:
    """Of weights and of activations, in the totals of every format."""
    text = "netspec: 1\ndtype: bfloat16\ninput: [6]\nlayers: [{dense: 4}, {dense: 2, dtype: float32}]\n"
    selection = select_rows(analyze(loads(text)), batch=3)
    result = CheckResult("s.yaml", None, selection)
    totals = parser.loads(json.render([result]))[0]["totals"]
    assert totals["weight_bytes_by_dtype"] == {"float32": 4 * 10, "bfloat16": 2 * 28}
    assert totals["activation_bytes_by_dtype"] == {"float32": 3 * 4 * (4 + 2), "bfloat16": 3 * 2 * 4}
    assert totals["activation_bytes"] == 72 + 24
    for report in (markdown.render([result]), html.render(selection)):
        assert "72 bytes float32, 24 bytes bfloat16" in report
    rows = list(reader.DictReader(io.StringIO(csv.render([result]))))
    assert [row["dtype"] for row in rows] == ["bfloat16", "float32", "float32"]
