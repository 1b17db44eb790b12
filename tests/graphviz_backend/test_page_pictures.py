"""Pictures of the page: shapes on edges, the overview map, and the export as SVG and PNG."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from io import BytesIO
from typing import Any

import pytest

from .chromium import Open, Opened

pytestmark = pytest.mark.slow

SVG = "{http://www.w3.org/2000/svg}"

OVERLAPS = """() => {
    App.print(true);
    const box = (e) => { const { left, top, right, bottom } = e.getBoundingClientRect(); return { left, top, right, bottom, e }; };
    // Texts have some room above and below their letters.
    const labels = [...document.querySelectorAll("#g-shapes text")].map(box).map((b) => ({ ...b, top: b.top + 2, bottom: b.bottom - 2 }));
    const others = [...document.querySelectorAll("#g-nodes .card, #g-titles text")].map(box);
    const hit = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const wrong = [];
    labels.forEach((a, n) => {
        for (const b of [...others, ...labels.slice(n + 1)]) if (hit(a, b)) wrong.push([a.e.textContent, b.e.textContent || b.e.parentNode.id]);
    });
    // No line passes through a label: points of every line, a pixel and a half apart.
    for (const line of document.querySelectorAll("#g-lines .line")) {
        const long = line.getTotalLength();
        const at = line.getScreenCTM();
        for (let s = 0; s < long; s += 1.5) {
            const p = line.getPointAtLength(s).matrixTransform(at);
            const met = labels.find((a) => a.left + 1 < p.x && p.x < a.right - 1 && a.top + 1 < p.y && p.y < a.bottom - 1);
            if (met) { wrong.push([met.e.textContent, "a line"]); break; }
        }
    }
    App.print(false);
    return [labels.length, new Set(App.placed().links.map((l) => l.value)).size, wrong.slice(0, 5)];
}"""


def texts(page: Opened, selector: str) -> list[str]:
    """Texts of elements, in order."""
    return page.page.locator(selector).all_text_contents()


@pytest.mark.parametrize(("network", "least"), [("googlenet", 0.85), ("unet", 0.95), ("gpt2", 0.9), ("yolov3", 0.9)])
def test_shapes_on_edges_cover_nothing(opened: Open, network: str, least: float) -> None:
    page = opened(network)
    in_boxes = set(texts(page, "#g-nodes .detail"))
    page.page.keyboard.press("s")
    for _ in range(2):
        labels, values, wrong = page.ask(OVERLAPS)
        assert wrong == []
        assert least * values <= labels <= values
        page.page.keyboard.press("r")
    on_edges = set(texts(page, "#g-shapes text"))
    assert on_edges <= in_boxes
    assert on_edges.isdisjoint(texts(page, "#g-nodes .detail")), "boxes do not repeat them"
    page.page.keyboard.press("s")
    assert texts(page, "#g-shapes text") == []


def test_sizes_in_numbers_or_with_names(opened: Open) -> None:
    page = opened("resnet@18")
    assert "64×112×112" in texts(page, "#g-nodes .detail")
    page.page.click("#view summary")
    page.page.select_option("#sizes", "names")
    assert "64×(H+1)//2×(W+1)//2" in texts(page, "#g-nodes .detail")
    assert page.page.locator("#rows .output").nth(1).inner_text() == "64×(H+1)//2×(W+1)//2"
    plain = opened("lenet5")
    plain.page.click("#view summary")
    assert not plain.page.is_visible("#sizes"), "there is nothing to choose"


def test_the_overview_map(opened: Open) -> None:
    page = opened("resnet@50")
    map_, frame = page.page.locator("#map canvas"), page.page.locator("#map i")
    before = page.ask("() => ({ ...PanZoom.at })")
    place = frame.bounding_box()
    assert place is not None
    box = map_.bounding_box()
    assert box is not None
    assert box["y"] - 1 <= place["y"] < place["y"] + place["height"] < box["y"] + box["height"] / 2, (
        "the beginning is in sight"
    )
    page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 4)
    page.settle()
    assert page.ask("() => PanZoom.at.y") < before["y"] - 1000
    after = frame.bounding_box()
    assert after is not None
    assert after["y"] > box["y"] + box["height"] / 2
    assert "fc" in page.printed()
    page.page.keyboard.press("m")
    assert not page.page.is_visible("#map")
    page.page.keyboard.press("m")
    assert page.page.is_visible("#map")
    page.page.keyboard.press("0")
    page.settle()
    assert not page.page.is_visible("#map"), "the whole drawing is in sight"


@pytest.mark.parametrize("dark", [False, True])
def test_svg_of_the_drawing(opened: Open, dark: bool) -> None:
    """The file has the texts of the drawing and names every colour, without styles, scripts or references."""
    page = opened("resnet@50", dark=dark)
    page.ask("() => App.print(true)")
    drawn = texts(page, "#world text:not(.badge), #world text.badge")
    page.ask("() => App.print(false)")
    whole = ET.fromstring(page.ask("() => PictureExport.svgText(true)"))
    legend = texts(page, "#legend .entry")
    title, *actual = ["".join(e.itertext()) for e in whole.iter() if e.tag in (f"{SVG}title", f"{SVG}text")]
    assert title == "resnet@50"
    assert actual == drawn + legend
    assert {e.tag.removeprefix(SVG) for e in whole.iter()} == {"svg", "title", "g", "rect", "path", "text", "tspan"}
    for element in whole.iter():
        for name, value in element.attrib.items():
            assert name not in ("class", "style", "id", "href"), name
            assert not {"var(", "url(", "color("} & set(value.replace("(", "( ").split()), value
    assert float(whole.attrib["height"]) > 3000
    assert "Liberation Sans" in whole.attrib["font-family"]
    assert all("textLength" in e.attrib for e in whole.iter(f"{SVG}text") if not len(e) and e.text in drawn)
    seen = ET.fromstring(page.ask("() => PictureExport.svgText(false)"))
    part = {"".join(e.itertext()) for e in seen.iter(f"{SVG}text")}
    assert {"conv1", "input"} <= part
    assert "avgpool" not in part
    assert float(seen.attrib["height"]) < 1300
    assert page.printed() >= {"conv1"}, "the page is as before"


def test_png_of_the_drawing(opened: Open) -> None:
    """Two pixels for each of the SVG, with the colour of a convolution in its box; and files are saved by the menu."""
    image = pytest.importorskip("PIL.Image")
    page = opened("lenet5")
    encoded, scale, (w, h), (x, y) = page.ask("""async () => {
        const { blob, scale } = await PictureExport.png(true);
        const bytes = new Uint8Array(await blob.arrayBuffer());
        const b = App.placed().boxes.get(Model.byName.get("c1"));
        return [btoa([...bytes].map((b) => String.fromCharCode(b)).join("")), scale, [Drawing.size().w, Drawing.size().h], [b.x + 6, b.y + 24]]; }""")
    picture: Any = image.open(BytesIO(base64.b64decode(encoded))).convert("RGB")
    assert scale == 2
    assert picture.width == 2 * round(w + 24)
    assert picture.height > 2 * (h + 24)
    assert picture.getpixel((round(2 * (x + 12)), round(2 * (y + 12)))) == (0x67, 0xAA, 0xD8)
    page.page.click("#export summary")
    for what, name in (("svg all", "lenet5.svg"), ("png seen", "lenet5.png")):
        with page.page.expect_download() as download:
            page.page.click(f"[data-export='{what}']")
        assert download.value.suggested_filename == name
    assert page.text("#exported") == "PNG saved"
