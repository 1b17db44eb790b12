"""A headless Chromium for the tests of the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import netspec
from netspec.ir import Graph
from netspec_graphviz.page.page_html import page_html

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable() -> str:
    """Path of the browser; the test is skipped if there is none."""
    result = next((path for name in NAMES if (path := shutil.which(name))), None)
    if result is None:
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    return result


@contextmanager
def browser() -> Generator[Browser, None, None]:
    """A browser with a profile of its own."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable(), args=list(QUIET), chromium_sandbox=False)
        yield opened
        opened.close()


class Opened:
    """A page opened from disk, with its error messages and its requests."""

    def __init__(
        self, opened: Browser, file: Path, *, fragment: str = "", width: int = 1500, dark: bool = False
    ) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = opened.new_page(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        self.page.set_default_timeout(15_000)
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("console", lambda m: self.complaints.append(m.text))
        self.url = file.as_uri()
        self.page.goto(self.url + fragment)
        self.page.wait_for_selector("body[data-ready]")

    def text(self, selector: str) -> str:
        """Text of the first element, as it stands."""
        return self.page.inner_text(selector)

    def ask(self, script: str, argument: Any = None) -> Any:
        """The value of a script."""
        return self.page.evaluate(script, argument)

    def number(self, name: str) -> int:
        """Number of the item of that name."""
        return int(self.ask("(name) => Model.byName.get(name)", name))

    def printed(self, everywhere: bool = False) -> set[str]:
        """Full names of all that is drawn as a box of its own (not the open blocks): in sight, or everywhere."""
        self.settle()
        return set(
            self.ask(
                """(everywhere) => {
            if (everywhere) App.print(true);
            const found = [...document.querySelectorAll("#g-nodes .node")].map((n) => Model.items[Number(n.dataset.item)].name);
            if (everywhere) App.print(false);
            return found;
        }""",
                everywhere,
            )
        )

    def settle(self) -> None:
        """Waits until nothing moves."""
        self.page.wait_for_function("""() => new Promise((done) => {
            let last = null;
            const look = () => {
                const now = document.getElementById("world").getAttribute("transform");
                if (now === last) done(true); else { last = now; setTimeout(look, 60); }
            };
            look();
        })""")

    def node(self, name: str) -> str:
        """The selector of an item's element."""
        return f"#item-{self.number(name)}"

    def click(self, name: str) -> None:
        """Clicks on the box of an item."""
        self.page.click(f"{self.node(name)} .card", position={"x": 12, "y": 30})
        self.settle()


Open: TypeAlias = "Callable[..., Opened]"
"""Opens the page of a network."""


def written(folder: Path, network: str | Graph, **options: Any) -> Path:
    """Writes the page of a network to a file."""
    graph = netspec.load(network) if isinstance(network, str) else network
    file = folder / "page.html"
    file.write_text(page_html(graph, **options), encoding="utf-8")
    return file
