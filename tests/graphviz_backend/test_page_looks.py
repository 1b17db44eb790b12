"""How the page looks: what is visible, colours, print, and narrow screens."""

from __future__ import annotations

import re

import pytest

import netspec
from netspec_graphviz.colours import KINDS, kind_of

from .chromium import Open

pytestmark = pytest.mark.slow

VISIBLE = """() => [...document.querySelectorAll("#g-lines .line, #legend .stroke, #panel .facts th, #panel .facts td")]
    .filter((e) => { const { position, clipPath, stroke } = getComputedStyle(e);
        const { width, height } = e.getBoundingClientRect();
        return position === "absolute" || clipPath !== "none" || (e.matches(".line") && stroke === "none") || !(width + height > 0); })
    .map((e) => e.outerHTML.slice(0, 120))"""


def test_every_kind_of_line_is_visible(opened: Open) -> None:
    page = opened("unet")
    page.ask("() => App.print(true)")
    roles = set(page.ask("() => [...document.querySelectorAll('#g-lines .line')].map((e) => e.className.baseVal)"))
    assert roles == {"line tensor", "line skip", "line size"}
    assert page.page.locator("#legend .stroke").count() == 2
    assert page.ask(VISIBLE) == []


BROKEN_WORDS = """() => {
    const { right } = document.querySelector("#panel").getBoundingClientRect();
    const out = [];
    const texts = document.createTreeWalker(document.querySelector("#panel-content"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        for (const word of texts.currentNode.data.matchAll(/[A-Za-z]{2,}/g)) {
            const range = document.createRange();
            range.setStart(texts.currentNode, word.index);
            range.setEnd(texts.currentNode, word.index + word[0].length);
            const parts = [...range.getClientRects()];
            const listed = texts.currentNode.parentElement.closest(".listing");
            if (parts.length > 1 || (!listed && parts.some((r) => r.right > right))) out.push(word[0]);
        }
    }
    return out;
}"""


def test_words_of_the_panel_are_whole(opened: Open) -> None:
    page = opened("unet")
    for width in (1500, 1024, 390):
        page.page.set_viewport_size({"width": width, "height": 900})
        for name in ("", "down1.0", "up1"):
            page.ask("(name) => App.choose(Model.byName.get(name) || -1)", name)
            assert page.ask(BROKEN_WORDS) == []


def test_dark_and_light(opened: Open) -> None:
    ground = "() => getComputedStyle(document.body).backgroundColor"
    page = opened("vgg16", dark=True)
    dark = page.ask(ground)
    page.page.click("#dark")
    light = page.ask(ground)
    assert sum(map(int, re.findall(r"\d+", dark))) < 120 < 600 < sum(map(int, re.findall(r"\d+", light)))
    page.page.keyboard.press("d")
    assert page.ask(ground) == dark
    page.page.emulate_media(media="print")
    assert page.ask(ground) == light, "paper is white"


def test_shades(opened: Open) -> None:
    page = opened("vgg16")
    page.page.click("#view summary")
    page.page.select_option("#colour", "params")
    for name, shade in (("fc1", -1), ("block1_pool", 0)):
        fill, expected_fill = page.ask(
            """([node, at]) => {
            Drawing.cull(0, 0, 0, 0, 1, true);
            const sample = document.createElement("i");
            sample.style.fill = Model.data.shades.at(at);
            return [document.querySelector(`${node} .card`).style.fill, sample.style.fill];
        }""",
            [page.node(name), shade],
        )
        assert fill == expected_fill != ""
    assert "103 M" in page.text("#legend")


PAINTED = """() => {
    const number = (text) => text.match(/[\\d.]+/g).map(Number);
    const over = (top, under) => {
        const [r, g, b, a = 1] = top;
        return [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
    };
    // A colour may be computed as color(srgb 0.1 0.2 0.3 / 0.5).
    const rgba = (text) => {
        const n = number(text.replace("srgb", ""));
        return text.startsWith("color(") ? [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1] : n;
    };
    const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const contrast = (a, b) => { const [x, y] = [light(a), light(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
    const solid = (e) => { const { fill } = getComputedStyle(e); return fill !== "none" && rgba(fill)[3] !== 0; };
    // What an element is painted on: in HTML the backgrounds around it, in a drawing the last shape drawn below its middle.
    const ground = (e) => {
        if (!(e instanceof SVGElement)) {
            const chain = [];
            for (let at = e; at; at = at.parentElement) chain.unshift(rgba(getComputedStyle(at).backgroundColor));
            return chain.reduce((under, top) => over(top, under), [255, 255, 255]);
        }
        const { left, right, top, bottom } = e.getBoundingClientRect();
        const [x, y] = [(left + right) / 2, (top + bottom) / 2];
        const within = (r) => r.left <= x && x <= r.right && r.top <= y && y <= r.bottom;
        const below = [...e.ownerSVGElement.querySelectorAll("rect")].filter((r) => !r.closest("#g-over") && solid(r)
            && r.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING && within(r.getBoundingClientRect()));
        return below.reduce((under, r) => over(rgba(getComputedStyle(r).fill), under), rgba(getComputedStyle(document.body).backgroundColor));
    };
    const poor = [];
    let count = 0;
    for (const e of document.querySelectorAll("body *")) {
        const own = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
        const box = e.getBoundingClientRect();
        if (!own || !box.width || e.closest(".spoken, .skip-link, script, noscript, dialog:not([open]), option")) continue;
        const style = getComputedStyle(e);
        let share = 1;
        for (let at = e; at; at = at.parentElement) share *= Number(getComputedStyle(at).opacity);
        const under = ground(e);
        const colour = rgba(e instanceof SVGElement ? style.fill : style.color);
        const ratio = contrast(over([...colour.slice(0, 3), (colour[3] ?? 1) * share], under), under);
        count += 1;
        if (ratio < 4.5) poor.push([e.tagName, e.className.baseVal ?? e.className, e.textContent.slice(0, 30), ratio.toFixed(2)]);
    }
    return [count, poor];
}"""
"""The number of texts, and those with a contrast below 4.5."""


EVERY_KIND = """
netspec: 1
doc: one layer of every kind
input: {axes: [sequence, channels], shape: [16, 8]}
blocks:
  Mix:
    layers: {norm: layer_norm, attend: {attention: 2}, drop: {dropout: 0.1}, sum: {add: [drop, input]}}
layers:
  table: {parameter: [16, 8]}
  tokens: {add: [input, table]}
  mix: {Mix: , repeat: 2}
  turned: {permute: [1, 0]}
  conv: {conv1d: 8, kernel: 3, padding: same, activation: relu}
  act: gelu
  pool: {max_pool1d: 2}
  back: {permute: [1, 0]}
  lstm: {lstm: 8}
  fc: {dense: 4}
"""


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_of_all_text(opened: Open, dark: bool) -> None:
    """In every state: a layer, a block, shades, a search, shapes on edges, menus and the help."""
    graph = netspec.loads(EVERY_KIND)
    assert {kind_of(node.op.name).name for node in graph.nodes} == set(KINDS)
    page = opened(graph, text=EVERY_KIND, dark=dark, width=1900)

    def check() -> None:
        page.settle()
        count, poor = page.ask(PAINTED)
        assert poor == []
        assert count > 100

    check()
    page.page.click("#open-all")
    page.ask("() => Drawing.cull(0, 0, 0, 0, 1, true)")
    check()
    for name in ("conv", "mix", "mix.0.attend"):
        page.ask("(name) => App.choose(Model.byName.get(name), { show: true })", name)
        check()
    page.page.fill("#search", "conv1d kernel 3")
    page.page.keyboard.press("Enter")
    check()
    page.page.keyboard.press("Escape")
    page.page.click("#view summary")
    page.page.select_option("#shapes", "edges")
    check()
    for figure in ("params", "macs"):
        page.page.select_option("#colour", figure)
        page.ask("() => Drawing.cull(0, 0, 0, 0, 1, true)")
        check()
    page.page.keyboard.press("Escape")
    page.page.click("#help-open")
    check()


def test_print(opened: Open) -> None:
    """Every box is in one strip, whole; rows of blocks are open, equal copies are there once."""
    page = opened("resnet@50")
    page.page.emulate_media(media="print")
    page.ask("() => App.print(true)")
    names = set(
        page.ask("() => [...document.querySelectorAll('#rows .row')].map((r) => Model.items[r.dataset.row].name)")
    )
    assert {"layer1.0.conv1", "layer1.1–2", "layer1.1.conv1", "fc"} <= names
    assert "layer1.2.conv1" not in names
    strips = page.ask("""() => [...document.querySelectorAll(".strip svg")].map((s) => ({ ...s.viewBox.baseVal,
        x: s.viewBox.baseVal.x, y: s.viewBox.baseVal.y, w: s.viewBox.baseVal.width, h: s.viewBox.baseVal.height,
        wide: s.getBoundingClientRect().width, high: s.getBoundingClientRect().height }))""")
    boxes = page.ask(
        "() => [...App.placed().boxes].filter(([i, b]) => !b.open).map(([i, b]) => [Model.items[i].name, b])"
    )
    assert len(strips) > 1
    for name, b in boxes:
        assert any(s["y"] <= b["y"] and b["y"] + b["h"] <= s["y"] + s["h"] for s in strips), name
    for s in strips:
        assert s["wide"] <= 680
        assert s["high"] <= 900
        assert 0.6 < s["high"] / s["h"] <= 1, "text of 11 px has 5 pt or more"
    assert not page.page.is_visible("#search")
    page.ask("() => App.print(false)")
    assert page.page.locator(".strip").count() == 0


def test_a_phone(opened: Open) -> None:
    """One part at a time, chosen by tabs; nothing is wider than the screen; controls have at least 40 px."""
    page = opened("resnet@18", width=390)
    small = """() => [...document.querySelectorAll("button, select, input, summary, #tabs button, #rows .row, [role=option]")]
        .filter((e) => e.checkVisibility() && !e.closest("#legend") && !e.matches("[type=checkbox], .link"))
        .map((e) => [e.id || e.textContent, Math.round(e.getBoundingClientRect().height)]).filter(([, high]) => high < 40)"""
    for tab, part in (("drawing", "#canvas"), ("table", "#grid"), ("details", "#panel")):
        page.page.click(f"[data-tab={tab}]")
        assert [s for s in ("#canvas", "#grid", "#panel") if page.page.is_visible(s)] == [part]
        assert page.ask("() => document.documentElement.scrollWidth") <= 390
        assert page.ask(small) == []
    page.page.click("[data-tab=table]")
    page.page.click("#rows .row:has-text('conv1')")
    assert page.page.is_visible("#canvas"), "a row leads to the drawing"
    assert page.text("[data-tab=details]") == "Details: conv1"
    page.page.click("[data-tab=details]")
    assert page.text("#panel-title") == "conv1"
    assert (
        page.ask(
            "() => { const p = document.getElementById('panel'); return p.scrollHeight > p.clientHeight && getComputedStyle(p).overflowY; }"
        )
        == "auto"
    )
    page.page.fill("#search", "stride 2")
    assert page.ask(small) == []
    page.page.keyboard.press("Escape")
    page.page.click("#view summary")
    assert page.ask(small) == []
    assert page.ask("() => document.documentElement.scrollWidth") <= 390


def test_a_tablet_shows_details_or_the_table_beside_the_drawing(opened: Open) -> None:
    page = opened("vgg16", width=800)
    assert [s for s in ("#canvas", "#grid", "#panel") if page.page.is_visible(s)] == ["#canvas", "#panel"]
    page.page.click("[data-tab=table]")
    assert [s for s in ("#canvas", "#grid", "#panel") if page.page.is_visible(s)] == ["#canvas", "#grid"]
    assert page.ask("() => document.documentElement.scrollWidth") <= 800
