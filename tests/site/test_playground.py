"""The playground in a headless Chromium, served from a local folder."""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.graphviz_backend.chromium import browser

pytestmark = pytest.mark.slow

DOCS = Path(__file__).resolve().parents[2] / "docs"
WRONG = "netspec: 1\ninput: [3, 32, 32]\nlayers:\n  a: {conv2d: 4, kernal: 3}\n  b: relux\n"
MARKUP = "netspec: 1\nname: m\ndoc: <img src=x onerror=alert(1)>\ninput: [4]\nlayers: {a: {relu, doc: <b>bold</b>}}\n"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, silently."""

    extensions_map = {  # noqa: RUF012 - of the base class
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module", name="address")
def address_(tmp_path_factory: pytest.TempPathFactory) -> Generator[str, None, None]:
    """The address of the playground; the test is skipped where its parts cannot be downloaded."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(DOCS / "playground", folder / "playground", ignore=shutil.ignore_patterns("vendor"))
    command = [sys.executable, str(DOCS / "site" / "bundle.py"), str(folder / "playground" / "vendor")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "URLError" in done.stderr or "TimeoutError" in done.stderr:
        pytest.skip("no network: the parts of the playground cannot be downloaded")
    assert done.returncode == 0, done.stderr
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/playground/index.html"
    server.shutdown()
    server.server_close()


def set_text(page: Page, text: str, view: str = "report") -> None:
    """Replace the spec, as typing does, and wait for the answer."""
    before = page.get_attribute("body", "data-ready")
    page.evaluate("text => ace.edit('editor').setValue(text, -1)", text)
    page.wait_for_function("before => document.body.dataset.ready !== before", arg=before)
    choose(page, view)


def choose(page: Page, view: str) -> None:
    """Select a view, and wait for it."""
    before = page.get_attribute("body", "data-ready")
    page.click(f"[data-view={view}]")
    page.wait_for_function("before => document.body.dataset.ready !== before", arg=before)


def test_the_playground(address: str) -> None:
    """One session: loading it takes seconds. Nothing is requested from elsewhere, and nothing goes wrong in silence."""
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(120_000)
        requests: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))

        page.goto(f"{address}#zoo=resnet&variant=18")
        page.wait_for_selector("body[data-ready]")
        assert page.inner_text("#status").startswith("Valid")
        assert page.input_value("#example") == "resnet"
        assert page.input_value("#variant") == "18"
        assert "11,689,512" in page.inner_text("#view")
        choose(page, "pytorch")
        assert "class BasicBlock(nn.Module):" in page.evaluate(
            "ace.edit(document.querySelector('#view>div')).getValue()"
        )

        for view in ("graph", "volumes"):
            choose(page, view)
            assert page.evaluate("document.querySelector('#view > img').decode().then(() => true)"), view
            assert page.evaluate("document.querySelector('#view > img').naturalWidth") > 200, view
        choose(page, "report")

        set_text(page, WRONG)
        assert page.inner_text("#status").startswith("2 errors")
        assert [node.inner_text().split("\n")[0] for node in page.query_selector_all("#problems pre")] == [
            "error[NS213]: 'conv2d' has no argument 'kernal'",
            "error[NS206]: there is no operation 'relux'",
        ]
        annotations = page.evaluate("ace.edit('editor').session.getAnnotations().map(a => [a.row, a.column, a.type])")
        assert annotations == [[3, 17, "error"], [4, 5, "error"]]
        assert "stale" in (page.get_attribute("#view", "class") or "")
        page.click("#problems pre:nth-child(2)")
        assert page.evaluate("ace.edit('editor').getCursorPosition()") == {"row": 4, "column": 5}

        shared = page.url
        assert "#spec=" in shared
        other = chromium.new_page()
        other.set_default_timeout(120_000)
        other.goto(shared)
        other.wait_for_selector("#problems pre")
        assert other.evaluate("ace.edit('editor').getValue()") == WRONG
        other.close()

        set_text(page, MARKUP)
        assert "<img src=x onerror=alert(1)>" in page.inner_text("#view")
        assert page.query_selector("#view img, #view b") is None

        assert complaints == []
        assert {url.split("/playground/")[0] for url in requests if not url.startswith(("blob:", "data:"))} == {
            address.split("/playground/", maxsplit=1)[0]
        }
