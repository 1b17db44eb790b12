"""The table of the page and its search, compared with the report and with the graph."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest

import netspec
from netspec.ir import Node
from netspec.report import CheckResult, RowSelection, select_rows
from netspec.report.json import data as report
from netspec.report.number_format import short_number

from .chromium import Open, Opened
from .test_page import contents

pytestmark = pytest.mark.slow


def rows(page: Opened) -> list[list[str]]:
    """All rows of the table, beyond those in sight."""
    result: list[list[str]] = page.ask("""() => {
        const { style } = document.getElementById("grid");
        style.cssText += "flex: none; height: 200000px";
        Table.refresh();
        const found = [...document.querySelectorAll("#rows .row")].map((row) => [...row.children].map((cell) => cell.textContent));
        style.flex = style.height = "";
        Table.refresh();
        return found;
    }""")
    return result


def expected(network: str, numbers: bool = False) -> list[dict[str, Any]]:
    """The layers in the report; ``numbers``: with the defaults of named dimensions."""
    graph = netspec.load(network)
    analysis = netspec.analyze(graph.at_default if numbers else graph)
    return cast("list[Any]", report(CheckResult("", selection=RowSelection(analysis, analysis.layers)))["layers"])


def short(shape: list[int]) -> str:
    return "×".join(map(str, shape)).replace(" ", "")


@pytest.mark.parametrize("network", ["vgg16", "resnet@50", "siamese", "gpt2"])
def test_the_table_is_the_report(opened: Open, network: str) -> None:
    """Its rows are the blocks and layers, with the figures of the report and their sums."""
    page = opened(network, width=2200)
    page.page.click("#open-all")
    actual = [row for row in rows(page) if row[1] != "input" and not re.search("× \\d+$", row[1])]
    items = [item for item in contents(page.page.content())["items"] if item["is"] in ("layer", "block")]
    assert [row[0] for row in actual] == [item["label"] for item in items]
    result = {item["name"]: row for item, row in zip(items, actual, strict=True)}
    for r in expected(network, numbers=True):
        assert result[r["name"]][1:5] == [r["op"], short(r["output_shape"]), *(_text(r[k]) for k in ("params", "macs"))]
    blocks = [(item, result[item["name"]]) for item in items if item["is"] == "block"]
    for item, row in blocks:
        inside = [r for r in expected(network) if r["name"].startswith(item["name"] + ".")]
        assert row[3:5] == [_text(sum(r[k] for r in inside)) for k in ("params", "macs")]


def _text(number: int) -> str:
    """A figure as the table of a report writes it."""
    return short_number(number) if number else "–"


def test_equal_copies_are_folded_and_blocks_open_in_table_and_drawing_alike(opened: Open) -> None:
    page = opened("resnet@50", depth=0)
    assert [row[0] for row in rows(page)] == [
        "input",
        "conv1",
        "bn1",
        "relu",
        "maxpool",
        *(f"layer{n}" for n in "1234"),
        "avgpool",
        "fc",
    ]
    page.page.click("#rows [aria-level='1']:has-text('layer1') .twist")
    assert [row[:2] for row in rows(page)][6:8] == [["0", "Bottleneck"], ["1–2", "Bottleneck × 2"]]
    assert {"layer1.0", "layer1.1–2"} <= page.printed()
    page.page.focus("#grid")
    page.page.click("#rows .row:has-text('1–2')")
    page.page.focus("#grid")
    page.page.keyboard.press("ArrowRight")
    assert [row[0] for row in rows(page) if row[0] in ("1–2", "1", "2", "conv2")] == ["1–2", "1", "conv2", "2"]
    assert page.page.get_attribute("#rows .row:has-text('1–2')", "aria-expanded") == "true"
    for count in (13, 13, 11):
        page.page.keyboard.press("ArrowLeft")
        assert len(rows(page)) == count, "closes the copies, goes to their block, closes it"


def test_columns_that_do_not_fit_are_left_out(opened: Open) -> None:
    page = opened("swin")
    titles: dict[int, list[str]] = {}
    for width in (2200, 1500, 1440, 1280, 1024):
        page.page.set_viewport_size({"width": width, "height": 900})
        page.ask("() => Table.refresh()")
        headings = page.page.locator("#columns .cell").all_inner_texts()
        assert (
            page.ask("""() => [...document.querySelectorAll("#columns .cell, #rows .cell")]
            .filter((c) => c.scrollWidth > c.clientWidth + 1 && !c.matches(".name")).map((c) => c.textContent)""")
            == []
        )
        titles[width] = headings
        hidden = [t for t in titles[2200] if t not in headings]
        assert page.text("#count") == "318 layers" + (f" · not shown here: {', '.join(hidden)}" if hidden else "")
    assert titles[2200] == ["layer", "operation", "output", "params", "MACs", "rec. field"]
    assert titles[1024] == ["layer", "operation", "output"]


def test_only_visible_rows_exist(opened: Open) -> None:
    page = opened("densenet@201")
    page.page.click("#open-all")
    count = page.page.locator("#rows .row").count()
    assert 20 < count < 60
    page.page.focus("#grid")
    page.page.keyboard.press("End")
    page.page.wait_for_selector("#rows .row:has-text('classifier')")
    assert page.page.locator("#rows .row").count() < 60
    assert int(page.page.get_attribute("#grid", "aria-rowcount") or 0) > len(expected("densenet@201"))


@pytest.mark.parametrize(
    ("column", "key"), [("params", "params"), ("macs", "macs"), ("output", "output"), ("field", "receptive_field")]
)
def test_sorting(opened: Open, column: str, key: str) -> None:
    page = opened("resnet@50", width=2200)
    tree = rows(page)
    page.page.click(f"[data-column={column}] button")
    analysis = netspec.analyze(netspec.load("resnet@50"))
    assert [row[0] for row in rows(page)] == [row.name for row in select_rows(analysis, sort=key).rows]
    assert page.page.get_attribute(f"[data-column={column}]", "aria-sort") == "descending"
    page.page.click(f"[data-column={column}] button")
    assert page.page.get_attribute(f"[data-column={column}]", "aria-sort") == "ascending"
    page.page.click(f"[data-column={column}] button")
    assert rows(page) == tree


def test_search(opened: Open) -> None:
    page = opened("googlenet", width=2200)
    page.page.keyboard.press("/")
    assert page.ask("() => document.activeElement.id") == "search"
    page.page.keyboard.type("INCEPTION4b conv2d")
    names = [r["name"] for r in expected("googlenet") if "inception4b" in r["name"] and "conv2d" in r["op"]]
    assert [row[0] for row in rows(page)] == names
    assert page.page.locator("#results [role=option] b").all_inner_texts() == names
    assert page.text("#found") == f"{len(names)} found"
    assert page.text("#count") == f"{len(names)} of {len(expected('googlenet'))} layers"
    for key, at in (("Enter", 0), ("ArrowDown", 1), ("Shift+Enter", 0), ("ArrowUp", -1), ("Enter", 0)):
        page.page.keyboard.press(key)
        assert page.text("#panel-title") == names[at]
        assert page.page.locator("#results [aria-selected=true] b").inner_text() == names[at]
    page.settle()
    assert names[0] in page.printed()
    page.page.focus("#canvas")
    assert page.page.is_hidden("#results")
    for key, at in (("n", 1), ("n", 2), ("p", 1)):
        page.page.keyboard.press(key)
        assert page.text("#panel-title") == names[at]
    assert page.text("#found") == f"2 of {len(names)}"
    page.page.focus("#search")
    page.page.click(f"#results [role=option]:has-text('{names[3]}')")
    assert page.text("#panel-title") == names[3]
    page.page.focus("#search")
    page.page.keyboard.press("Escape")
    assert page.text("#count") == f"{len(expected('googlenet'))} layers"
    page.page.fill("#search", "no such layer")
    assert page.text("#found") == "none found"
    assert rows(page) == []


def test_search_for_shapes_and_arguments(opened: Open) -> None:
    """A query finds the layers of which the graph has the operation, the size or the argument."""
    graph = netspec.load("googlenet", "as_published").at_default
    page = opened("googlenet@as_published")
    nodes = {n.name: n for n in graph.nodes if not n.name.endswith(".activation")}

    def argument(node: Node, name: str) -> Any:
        return node.op.numbers()[name]

    convs = {name: n for name, n in nodes.items() if n.op.name == "conv2d"}
    rows_ = {r["name"] for r in expected("googlenet@as_published")}
    cases: dict[str, set[str]] = {
        "conv2d 5x5": {k for k, n in convs.items() if argument(n, "kernel") == (5, 5)},
        "conv2d 3×3 stride 2": {
            k for k, n in convs.items() if argument(n, "kernel") == (3, 3) and argument(n, "stride") == (2, 2)
        },
        "conv2d 7 x 7, stride=2": {k for k, n in convs.items() if argument(n, "kernel") == (7, 7)},
        "conv2d kernel 1": {k for k, n in convs.items() if argument(n, "kernel") == (1, 1)},
        "max_pool2d stride 2": {
            k for k, n in nodes.items() if n.op.name == "max_pool2d" and argument(n, "stride") == (2, 2)
        },
        "28×28": {k for k, n in nodes.items() if n.outputs[0].shape[1:] == (28, 28)},
        "192x28x28": {k for k, n in nodes.items() if n.outputs[0].shape == (192, 28, 28)},
        "8x28": set(),
        "conv2d 64x3x7x7": {k for k, n in convs.items() if n.weights[0][1].shape == (64, 3, 7, 7)},
    }
    for query, names in cases.items():
        page.page.fill("#search", query)
        assert {row[0] for row in rows(page)} == names & rows_, query
    assert cases["28×28"]
    page.page.fill("#search", "conv2d 5x5")
    assert {*page.page.locator("#results mark").all_inner_texts()} == {"conv2d", "5×5"}
    assert page.page.locator("#g-over .match").count() > 0
