"""netspec.explore: a page in a notebook and as a file."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec.backend import BackendError

from ..graphviz_backend.chromium import browser
from ..graphviz_backend.test_page import HOSTILE


class Frames(HTMLParser):
    """All elements, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def in_notebook(exploration: Any) -> str:
    """What a notebook shows."""
    text: str = exploration._repr_html_()
    return text


def test_a_page_is_shown_in_a_frame_and_saved_as_a_file(tmp_path: Path) -> None:
    exploration = netspec.explore(netspec.loads(HOSTILE), depth=0, direction="right", height=500)
    parser = Frames()
    parser.feed(in_notebook(exploration))
    assert [tag for tag, _ in parser.elements] == ["iframe"]
    attributes = parser.elements[0][1]
    assert attributes["srcdoc"] == exploration.html
    assert attributes["sandbox"] == "allow-scripts allow-downloads"
    assert "height: 500px" in (attributes["style"] or "")
    exploration.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_bytes() == exploration.html.encode()
    assert repr(exploration) == f"<page to explore, {len(exploration.html.encode()):,} bytes>"
    with pytest.raises(netspec.FileError, match="NS705"):
        exploration.save(tmp_path / "no" / "page.html")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"height": 10}, "height must be an integer from 120 to 4,000; found 10"),
        ({"height": True}, "height must be an integer from 120 to 4,000; found True"),
        ({"depth": -1}, "depth must be a non-negative integer; found -1"),
        ({"direction": "left"}, "direction must be down or right; found 'left'"),
    ],
)
def test_invalid_options(given: dict[str, Any], message: str) -> None:
    with pytest.raises(BackendError) as error:
        netspec.explore("lenet5", **given)
    assert (error.value.code, error.value.message) == ("NS721", message)


def test_a_notebook_runs_the_page_but_the_page_does_not_reach_the_notebook(tmp_path: Path) -> None:
    """The script of the page runs in its frame, draws, and can save a picture; the frame has no access to what is around it."""
    file = tmp_path / "notebook.html"
    cell = in_notebook(netspec.explore(netspec.loads(HOSTILE), depth=0))
    file.write_text(f"<!DOCTYPE html><meta charset=utf-8><p id=secret>secret</p><div>{cell}</div>", encoding="utf-8")
    with browser() as chrome:
        page = chrome.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.on("console", lambda m: complaints.append(m.text))
        page.goto(file.as_uri())
        frame = page.frames[1]
        frame.wait_for_selector("body[data-ready]")
        assert frame.evaluate("() => document.querySelectorAll('#g-nodes .node').length") > 1
        frame.evaluate("() => App.choose(Model.byName.get('block'), { show: true })")
        assert frame.inner_text("#panel-title").startswith("block")
        denied = "() => { try { return parent.document.title; } catch (error) { return error.name; } }"
        assert frame.evaluate(denied) == "SecurityError"
        assert frame.evaluate("() => window.hacked") is None
        assert page.evaluate("() => window.hacked") is None
        with page.expect_download() as download:
            frame.evaluate("() => PictureExport.run('png all')")
        assert download.value.suggested_filename.endswith(".png")
        assert complaints == []
