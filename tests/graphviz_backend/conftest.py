"""Fixtures of the tests of the page: one browser for each file of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import netspec
from netspec.backend.export import open_weight_source
from netspec.ir import Graph

from .chromium import Open, Opened, browser, written


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def opened(chrome: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a network; any error in it fails the test."""
    pages: list[Opened] = []

    def go(
        network: str | Graph,
        *,
        fragment: str = "",
        text: str | None = None,
        depth: int | None = None,
        width: int = 1500,
        dark: bool = False,
        weights: Path | None = None,
    ) -> Opened:
        graph = netspec.load(network) if isinstance(network, str) else network
        source = None if weights is None else open_weight_source(graph, 0, weights)
        file = written(tmp_path, graph, spec_text=text, depth=depth, weights=source)
        pages.append(Opened(chrome, file, fragment=fragment, width=width, dark=dark))
        return pages[-1]

    yield go
    for each in pages:
        assert each.complaints == []
        assert {url.partition("#")[0] for url in each.requests if not url.startswith("blob:")} == {each.url}, (
            "something was loaded"
        )
        each.page.close()
