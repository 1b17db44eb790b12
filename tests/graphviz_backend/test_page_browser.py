"""The page in a real browser: drawing, selection, search, sorting, opening and closing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

import netspec

from .chromium import Open, Opened, written
from .test_page import HOSTILE
from .test_page_table import expected

pytestmark = pytest.mark.slow


def test_a_click_shows_the_details_of_a_layer(opened: Open) -> None:
    page = opened("vgg16")
    page.click("block1_conv2")
    row = next(r for r in expected("vgg16") if r["name"] == "block1_conv2")
    assert page.text("#panel-title") == "block1_conv2"
    axes = page.page.locator("#panel .axis").all_inner_texts()
    assert [a.split("\n") for a in axes] == [["64", "channels"], ["224", "height"], ["224", "width"]]
    for figure in ("params", "macs", "flops", "activations", "connections"):
        assert page.text(f"[data-figure={figure}] .amount") == f"{row[figure]:,}"
    assert page.text("#panel .listing .strong code").strip().startswith("block1_conv2: {conv2d: 64")
    worked = page.page.locator("#panel .formulas .worked").all_inner_texts()
    assert "64 × 64 × 3 × 3 + 64 = 36,928" in worked
    assert "64 × 64 × 3 × 3 × 224 × 224 = 1,849,688,064" in worked
    assert page.page.locator("#rows .chosen .name").inner_text() == "block1_conv2"
    assert page.page.locator("#g-over .chosen").count() == 1
    assert page.page.locator("#g-over .trace.into").count() == page.page.locator("#g-over .trace.outof").count() == 1


def test_highlighted_lines_are_visible(opened: Open) -> None:
    page = opened("unet", fragment="#up1.crop")
    box, line = (page.page.locator(s).bounding_box() for s in ("#panel .listing", "#panel .strong"))
    assert box is not None
    assert line is not None
    assert box["y"] < line["y"] < box["y"] + box["height"] - line["height"]
    assert page.page.locator("#panel .trace li").all_inner_texts() == [
        "center_crop\nunet.yaml:25",
        "in Up 'up1'\nunet.yaml:44",
    ]


def test_the_receptive_field_on_the_input(opened: Open) -> None:
    """The rectangle, in units of the picture of the input, is the receptive field of the middle position."""
    page = opened("resnet@50", fragment="#layer2.0.conv2")
    row = next(r for r in expected("resnet@50") if r["name"] == "layer2.0.conv2")
    field = {f["axis"]: f for f in row["receptive_field"]}
    shape = page.ask("""() => { const r = (s) => { const e = document.querySelector(s);
        return ["x", "y", "width", "height"].map((a) => Number(e.getAttribute(a))); };
        return [r("#panel .input-picture .input"), r("#panel .input-picture .sees")]; }""")
    (left, top, wide, high), (x, y, w, h) = shape
    assert wide == high
    unit = wide / 224
    middle = netspec.load("resnet@50").at_default.layer("layer2.0.conv2").output.shape[1] // 2
    begin = field["height"]["offset"] + middle * field["height"]["stride"]
    assert [round((x - left) / unit, 3), round((y - top) / unit, 3)] == [begin, begin]
    assert [round(w / unit, 3), round(h / unit, 3)] == [field["width"]["size"][0], field["height"]["size"][0]]
    said = f"Output position ({middle}, {middle}) sees height {begin} to {begin + 42}, width {begin} to {begin + 42}"
    assert page.text("#panel .caption").startswith(said)
    page.page.click("#panel .input-picture", position={"x": 12, "y": 12})
    assert "position (0, 0) sees height −21 to 21" in page.text("#panel .caption")


@pytest.mark.parametrize(
    ("network", "layer", "pictures", "said"),
    [
        ("siamese", "difference", 2, "all of the height, all of the width of 'left'"),
        ("lstm_tagger", "dropout1", 1, "sees sequence 16 to 16 of the input"),
        ("s3d", "features.1", 2, "depth"),
        ("gpt2", "positions", 0, ""),
    ],
)
def test_other_inputs_than_one_image(opened: Open, network: str, layer: str, pictures: int, said: str) -> None:
    page = opened(network, fragment=f"#{layer}")
    assert page.text("#panel-title") == layer
    assert page.page.locator("#panel .input-picture").count() == pictures
    if said:
        assert said in page.page.locator("#panel .caption").first.inner_text()
    else:
        assert "depends on no position" in page.text("#panel .field")


def test_blocks_keep_their_position_when_toggled(opened: Open) -> None:
    page = opened("resnet@18")
    inside = {"layer1.0.conv1", "layer1.0.bn1"}
    page.page.click("#close-all")
    assert inside.isdisjoint(page.printed())
    assert {"layer1", "conv1", "fc"} <= page.printed()
    before = page.page.locator(page.node("layer1")).bounding_box()
    page.page.click(f"{page.node('layer1')} .opener")
    page.settle()
    after = page.page.locator(page.node("layer1")).bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 12
    assert page.page.get_attribute(page.node("layer1"), "aria-expanded") == "true"
    page.page.click("#open-all")
    assert page.printed(everywhere=True) == {r["name"] for r in expected("resnet@18")} | {"input", "fc"}


def test_copies_are_drawn_once_until_they_are_opened(opened: Open) -> None:
    page = opened("cifar_resnet@1202")
    assert "× 200" in page.page.locator("#g-nodes text.badge").all_text_contents()
    assert page.ask("() => document.querySelectorAll('#world *').length") < 1500
    page.page.click("#open-all")
    page.settle()
    assert page.ask("() => document.querySelectorAll('#world *').length") < 3000, "only what is in sight is drawn"
    page.page.keyboard.press("0")
    page.settle()
    assert page.ask("() => document.querySelectorAll('#world *').length") < 3000, "from afar it is a few paths"


def test_a_click_on_a_row_selects_the_layer(opened: Open) -> None:
    page = opened("resnet@50", depth=0)
    assert "layer3.2.conv2" not in page.printed()
    page.page.fill("#search", "layer3.2.conv2")
    page.page.click("#rows .row")
    page.settle()
    assert "layer3.2.conv2" in page.printed()
    view = page.page.locator("#canvas").bounding_box()
    box = page.page.locator(page.node("layer3.2.conv2")).bounding_box()
    assert view is not None
    assert box is not None
    assert view["x"] < box["x"] < box["x"] + box["width"] < view["x"] + view["width"]
    assert view["y"] < box["y"] < box["y"] + box["height"] < view["y"] + view["height"]
    assert page.page.url.endswith("#layer3.2.conv2")


def test_keyboard(opened: Open) -> None:
    page = opened("siamese")
    page.page.focus("#canvas")

    def title() -> str:
        return page.text("#panel-title")

    page.page.keyboard.press("Home")
    assert title() == "left"
    page.page.keyboard.press("ArrowDown")
    assert title() == "tower.conv1"
    assert page.page.get_attribute("#canvas", "aria-activedescendant") == page.node("tower.conv1")[1:]
    page.page.keyboard.press("ArrowRight")
    assert title() == "other.conv1"
    page.page.keyboard.press("ArrowUp")
    assert title() == "right"
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    assert page.ask("() => document.activeElement.id") == "panel-title"
    page.page.keyboard.press("Escape")
    assert title() == "siamese"
    assert page.ask("() => document.activeElement.id") == "canvas"
    page.page.keyboard.press("c")
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("ArrowDown")
    assert title() == "tower"
    page.page.keyboard.press("Enter")
    assert "tower.conv1" in page.printed(everywhere=True)
    assert page.text("#status") == "tower open"
    page.page.keyboard.press("Enter")
    assert "tower.conv1" not in page.printed()
    page.page.focus("#grid")
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("ArrowDown")
    page.page.keyboard.press("Enter")
    assert title() == "difference"
    page.page.keyboard.press("?")
    assert page.page.is_visible("#help")
    page.page.keyboard.press("Escape")
    assert not page.page.is_visible("#help")


def test_tab_reaches_everything(opened: Open) -> None:
    page = opened("vgg16")
    reached: list[str] = []
    for _ in range(30):
        page.page.keyboard.press("Tab")
        reached.append(
            page.ask(
                "() => [document.activeElement, document.activeElement.parentElement].map((e) => e.id || e.className).find(Boolean)"
            )
        )
    assert {"search", "view", "export", "open-all", "canvas", "listing", "grid", "split"} <= set(reached)
    nameless = page.ask("""() => [...document.querySelectorAll("button, input, select, [role=region], [role=tree]")]
        .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim() || (e.labels && e.labels.length)))
        .map((e) => e.outerHTML)""")
    assert nameless == []


def test_wheel_and_drag(opened: Open) -> None:
    page = opened("vgg16")
    box = page.page.locator(page.node("block1_conv2")).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.page.mouse.move(x, y)
    page.page.mouse.wheel(0, -300)
    page.settle()
    larger = page.page.locator(page.node("block1_conv2")).bounding_box()
    assert larger is not None
    assert larger["width"] > box["width"] * 1.3
    assert larger["x"] < x < larger["x"] + larger["width"]
    assert larger["y"] < y < larger["y"] + larger["height"], "what is under the pointer stays there"
    page.page.mouse.down()
    page.page.mouse.move(x + 60, y + 40, steps=5)
    page.page.mouse.up()
    page.settle()
    moved = page.page.locator(page.node("block1_conv2")).bounding_box()
    assert moved is not None
    assert abs(moved["x"] - larger["x"] - 60) < 2
    assert abs(moved["y"] - larger["y"] - 40) < 2
    assert page.text("#panel-title") == "vgg16", "a drag chooses nothing"


def test_no_text_of_a_spec_is_executed(opened: Open) -> None:
    page = opened(netspec.loads(HOSTILE), text=HOSTILE)
    for name in ("block.0.conv", "block.0"):
        page.ask("(name) => App.choose(Model.byName.get(name), { show: true })", name)
        page.settle()
        assert page.ask("() => window.hacked") is None
        assert page.ask("() => document.querySelectorAll('img, iframe, svg svg, #panel script').length") == 0
    assert '"</script><script>hacked=5</script>"' in page.text("#panel")
    assert page.page.title() == "</title><script>hacked=1</script>"
    page.page.keyboard.press("Escape")
    assert "</script><script>hacked=2</script><img src=x onerror=hacked=3>" in page.text("#panel .doc")


def test_the_content_security_policy(chrome: Browser, tmp_path: Path) -> None:
    """A script or an image that was injected into the page would not run or load."""
    page = Opened(chrome, written(tmp_path, "vgg16"))
    page.ask("""() => { const s = document.createElement("script"); s.textContent = "window.hacked = 1"; document.body.append(s);
        const i = document.createElement("img"); i.src = "file:///etc/hostname"; document.body.append(i); }""")
    page.page.wait_for_timeout(200)
    assert page.ask("() => window.hacked") is None
    assert len(page.complaints) == 2
    assert all("Content Security Policy" in c for c in page.complaints)
    page.page.close()
