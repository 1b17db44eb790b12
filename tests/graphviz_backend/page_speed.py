"""How fast the page is in Chromium, in CPU time: ``python -m tests.graphviz_backend.page_speed [NETWORK…]``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser

import netspec

from .chromium import Opened, browser, written

NETWORKS = ("resnet@50", "efficientnet@b7", "cifar_resnet@1202")
FRAMES = 60
NEXT_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
ZOOM = """async (frames) => {
    for (let n = 0; n < frames; n++) {
        PanZoom.nearer(n < frames / 2 ? 1.12 : 1 / 1.12);
        await new Promise(requestAnimationFrame);
    }
}"""
"""From the whole drawing to text that can be read, and back."""


class Speed(NamedTuple):
    """CPU times of a page."""

    layers: int
    load: float
    """Seconds of all threads of the page until it can be used."""
    open_all: float
    """The same for opening all blocks."""
    frame: float
    """Milliseconds of the main thread for a frame while the drawing is zoomed."""
    frame_all_open: float
    """The same with all blocks open."""


def measure(chrome: Browser, file: Path, layers: int, frames: int = FRAMES) -> Speed:
    """The CPU times of a page, which was opened before so that the program itself is loaded."""
    system: Any = chrome.new_browser_cdp_session()

    def spent(act: Callable[[], Any]) -> float:
        def total() -> float:
            processes: list[dict[str, Any]] = system.send("SystemInfo.getProcessInfo")["processInfo"]
            return float(sum(p["cpuTime"] for p in processes if p["type"] == "renderer"))

        before = total()
        act()
        return total() - before

    Opened(chrome, file, width=1440).page.close()
    pages: list[Opened] = []

    def load() -> None:
        pages.append(Opened(chrome, file, width=1440))
        pages[0].ask(NEXT_FRAMES)

    def open_all() -> None:
        pages[0].page.click("#open-all")
        pages[0].ask(NEXT_FRAMES)

    loading = spent(load)
    page = pages[0]
    session: Any = page.page.context.new_cdp_session(page.page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def frame() -> float:
        def main_thread() -> float:
            metrics: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
            return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))

        page.ask("() => PanZoom.fit(false, true)")
        page.ask(NEXT_FRAMES)
        before = main_thread()
        page.ask(ZOOM, frames)
        return (main_thread() - before) / frames * 1000

    first = frame()
    opening = spent(open_all)
    result = Speed(layers, loading, opening, first, frame())
    page.page.close()
    return result


def measure_network(chrome: Browser, folder: Path, network: str, frames: int = FRAMES) -> Speed:
    """The CPU times of the page of a network."""
    layers = len(netspec.analyze(network).layers)
    return measure(chrome, written(folder, network), layers, frames)


def main(networks: list[str]) -> None:
    """Prints a row for each network."""
    print(f"{'network':20} {'layers':>6} {'load s':>7} {'open all s':>11} {'frame ms':>9} {'all open ms':>12}")
    with browser() as chrome, tempfile.TemporaryDirectory() as folder:
        for network in networks or NETWORKS:
            s = measure_network(chrome, Path(folder), network)
            print(f"{network:20} {s.layers:6} {s.load:7.2f} {s.open_all:11.2f} {s.frame:9.1f} {s.frame_all_open:12.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
