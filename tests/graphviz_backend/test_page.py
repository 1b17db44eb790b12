"""The page as text: its data, that it is deterministic, and that no text of a spec becomes markup."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec.report import CheckResult, RowSelection
from netspec.report.json import data as report
from netspec_graphviz.page.page_html import SCRIPTS, STYLES, page_html

STATIC = Path(netspec.__file__).parent.parent / "backends" / "netspec_graphviz" / "page" / "static"
NETWORKS = ("vgg16", "resnet@50", "googlenet", "unet", "gpt2", "siamese", "lstm_tagger", "s3d")

HOSTILE = r"""
netspec: 1
name: "</title><script>hacked=1</script>"
doc: "</script><script>hacked=2</script><img src=x onerror=hacked=3> & &lt;b&gt; <!-- \u2028 \u202e"
cite: "'\"><svg onload=hacked=4>"
params: {label: "</script><script>hacked=5</script>"}
input: [3, 8, 8]
blocks:
  Block:
    doc: "<iframe src=javascript:hacked=6></iframe>"
    params: {text: str}
    layers:
      conv: {conv2d: 4, kernel: 3, doc: "<img src=x onerror=hacked=7>"}
layers:
  block: {Block: $label, repeat: 2}  # </script><script>hacked=8</script> <!-- <script>
"""


def contents(text: str) -> dict[str, Any]:
    """The data of a page."""
    result = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert result is not None
    data: dict[str, Any] = json.loads(result[1])
    return data


class Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.actual: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.actual.append((tag, dict(attrs)))


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(text)
    return parser.actual


@pytest.mark.parametrize("network", NETWORKS)
def test_figures_are_those_of_the_report(network: str) -> None:
    graph = netspec.load(network)
    analysis = netspec.analyze(graph)
    expected = report(CheckResult("", selection=RowSelection(analysis, analysis.layers)))
    result = contents(page_html(graph))
    layers = sorted((i for i in result["items"] if i["is"] == "layer"), key=lambda i: i["row"])
    shapes = {row.name: row.output.shape for row in netspec.analyze(graph.at_default).layers}
    assert result["figures"] == expected["totals"]
    assert [i["name"] for i in layers] == [row["name"] for row in expected["layers"]]
    for item, row in zip(layers, expected["layers"], strict=True):
        keys = (
            "op",
            "params",
            "trainable_params",
            "buffers",
            "macs",
            "flops",
            "activations",
            "connections",
            "receptive_field",
        )
        assert {k: item[k] for k in keys} == {k: row[k] for k in keys}
        assert item["shape"] == [*shapes[row["name"]]]
        sources = [result["items"][i] for i, *_ in item["reads"]]
        assert {s["name"] for s in sources} == {_source(name, {s["name"] for s in sources}) for name in row["inputs"]}


def _source(name: str, known: set[str]) -> str:
    """The layer of a name that may be that of an output (``lstm.hidden``)."""
    return name if name in known else name.rpartition(".")[0]


@pytest.mark.parametrize("network", ["resnet@50", "gpt2", "unet"])
def test_blocks_add_up(network: str) -> None:
    items = contents(page_html(netspec.load(network)))["items"]
    for number, item in enumerate(items):
        children = [i for i in items if i["in"] == number and "macs" in i]
        if children:
            for figure in ("params", "macs", "activations", "connections"):
                assert item[figure] == sum(c[figure] for c in children), (item["name"], figure)


def test_intervals_match_the_receptive_field() -> None:
    """Every interval of the picture has the size and the offset of the receptive field."""
    for network in ("resnet@50", "unet", "wavenet"):
        for item in contents(page_html(netspec.load(network)))["items"]:
            fields: list[dict[str, Any]] = item.get("receptive_field") or []
            everything: list[list[Any]] = item.get("sees") or []
            for field, seen in zip(fields, everything, strict=True):
                if isinstance(field["size"], str):
                    assert seen == [field["size"]]
                    continue
                _, n, _, low, high = seen
                sizes = {b - a + 1 for a, b in list(zip(low, high, strict=True))[:n]}
                assert [min(sizes), max(sizes)] == field["size"]
                assert low[0] == field["offset"]


LINES = [
    ("vgg16", "block1_conv1", "  block1_conv1: {conv2d: 64, kernel: 3, padding: same, activation: relu}"),
    ("siamese", "other.conv3", "      conv3: {conv2d: 128, kernel: 4, activation: relu}"),
    ("unet", "up3.concat", "      concat: {concat: [crop, up]}"),
]


@pytest.mark.parametrize(("network", "layer", "line"), LINES, ids=[layer for _, layer, _ in LINES])
def test_lines_of_layers(network: str, layer: str, line: str) -> None:
    result = contents(page_html(netspec.load(network)))
    item = next(i for i in result["items"] if i["name"] == layer)
    file, _, first, last, _, _ = result["traces"][item["trace"]]
    assert result["files"][file]["lines"][first - 1 : last] == [line]


def test_a_layer_of_several_lines_and_its_trace() -> None:
    spec = """\
netspec: 1
input: [3, 8, 8]
blocks:
  Unit:
    params: {filters: int}
    layers:
      conv:
        conv2d: $filters
        kernel: 3
        init: {weight: {normal:
          0.1}}

      bn: batch_norm
layers:
  stage:
    - {Unit: 4}
    - relu
"""
    result = contents(page_html(netspec.loads(spec), spec_text=spec))
    item = next(i for i in result["items"] if i["name"] == "stage.0.conv")
    chain: list[tuple[int, int, str]] = []
    number = item["trace"]
    while number >= 0:
        _, _, first, last, what, number = result["traces"][number]
        chain.append((first, last, what))
    assert chain == [(7, 11, "conv2d"), (16, 16, "Unit 'stage.0'"), (15, 17, "'stage'")]


def test_the_page_is_deterministic() -> None:
    assert page_html(netspec.load("googlenet")) == page_html(netspec.load("googlenet"))


def test_the_page_does_not_reveal_the_authors_folder() -> None:
    graph = netspec.load("unet")
    assert contents(page_html(graph))["files"][0]["name"] == "unet.yaml"
    assert str(Path(graph.files[0]).parent) not in page_html(graph)


def test_the_text_of_the_spec_can_be_left_out() -> None:
    files = contents(page_html(netspec.load("unet"), spec_text=[None]))["files"]
    assert files == [{"name": "unet.yaml", "lines": None}]


def test_no_text_of_a_spec_is_markup() -> None:
    text = page_html(netspec.loads(HOSTILE), spec_text=HOSTILE)
    plain = page_html(netspec.load("vgg16"))
    assert [tag for tag, _ in elements(text)] == [tag for tag, _ in elements(plain)]
    scripts = [attributes for tag, attributes in elements(text) if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "data"}, {}]
    result = contents(text)
    assert result["params"] == [["label", "</script><script>hacked=5</script>"]]
    assert "</script><script>hacked=8</script>" in "\n".join(result["files"][0]["lines"])
    assert "\u202e" not in text
    assert "\u2028" not in text


def test_nothing_is_loaded_or_built_from_text() -> None:
    """The parts of the page contain no address, and build no markup or script from text."""
    names = [f"{n}.js" for n in SCRIPTS] + [f"{n}.css" for n in STYLES] + ["page.html"]
    assert sorted(p.name for p in STATIC.iterdir()) == sorted(names)
    allowed = "http://www.w3.org/2000/svg"  # the name of a namespace
    for name in names:
        text = (STATIC / name).read_text(encoding="utf-8").replace(allowed, "")
        for word in (
            "http:",
            "https:",
            "//cdn",
            "@import",
            "url(",
            "fetch(",
            "XMLHttpRequest",
            "WebSocket",
            "sendBeacon",
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "localStorage",
        ):
            assert word not in text, (name, word)
        assert len(text.splitlines()) < 400, name
    for tag, attributes in elements(page_html(netspec.load("vgg16"))):
        assert "src" not in attributes, tag
        assert (attributes.get("href") or "#").startswith("#"), tag


def test_the_policy_allows_only_its_own_script() -> None:
    text = page_html(netspec.load("vgg16"))
    policy = next(a["content"] for _, a in elements(text) if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; script-src 'sha256-[\w+/=]{44}'; img-src blob:; base-uri 'none'",
        policy,
    )
