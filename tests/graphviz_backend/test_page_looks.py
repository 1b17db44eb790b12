"""How the page looks: what is visible, colours, print, and narrow screens."""

from __future__ import annotations

import re

import netspec

from .chromium import Open

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


def test_print(opened: Open) -> None:
    page = opened("resnet@50")
    page.page.emulate_media(media="print")
    page.ask("() => App.print(true)")
    assert page.page.locator("#rows .row").count() == len(netspec.analyze("resnet@50").layers)
    drawing = page.page.locator("#canvas").bounding_box()
    world = page.page.locator("#world").bounding_box()
    assert drawing is not None
    assert world is not None
    assert drawing["y"] <= world["y"] + 1
    assert world["y"] + world["height"] <= drawing["y"] + drawing["height"] + 1
    assert not page.page.is_visible("#search")
    page.ask("() => App.print(false)")


def test_a_narrow_screen(opened: Open) -> None:
    page = opened("vgg16", width=390)
    assert page.ask("() => document.documentElement.scrollWidth") <= 390
    assert page.page.is_visible("#canvas")
    assert page.page.is_visible("#search")
