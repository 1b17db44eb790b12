"""Memory over time: pictures, tables and JSON of ``netspec fit -o``."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

import netspec
from netspec.units import size_text
from netspec_fit import Settings, Trace, forecast
from netspec_fit.memory_plot import memory_svg
from netspec_fit.simulated import trace as traces
from tests.cli_support import ran

from .test_forecast import BLOCKS


def texts(picture: str) -> list[str]:
    """The texts of a picture."""
    return [node.text or "" for node in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("blocks.yaml").write_text(BLOCKS, encoding="utf-8")
    words = ("fit", "blocks.yaml", "--batch", "100", "--train", "sgd")
    for name in ("fit.csv", "fit.json"):
        assert ran(*words, "-o", name)[0] == 0
    assert ran(*words, "--memory", "16MB", "-o", "fit.svg")[0] == 0
    rows = list(csv.DictReader(Path("fit.csv").read_text(encoding="utf-8").splitlines()))
    data = json.loads(Path("fit.json").read_text(encoding="utf-8"))
    peak = data["peak"]
    assert max(int(row["total"]) for row in rows) == peak["total"] == max(m["total"] for m in data["moments"])
    assert [row["phase"] for row in rows] == [m["phase"] for m in data["moments"]]
    assert list(dict.fromkeys(row["phase"] for row in rows)) == ["forward", "backward", "step"]
    kinds = ("weights", "buffers", "states", "inputs", "gradients", "activations")
    assert all(int(row["total"]) == sum(int(row[kind]) for kind in kinds) for row in rows)
    drawn_texts = texts(Path("fit.svg").read_text(encoding="utf-8"))
    assert f"peak {size_text(peak['total'])} in the {peak['phase']} pass of {peak['layer']}" in drawn_texts
    assert {"forward", "backward", "step", "16.0 MB of memory", "5 MB", "activations", "gradients"} <= set(drawn_texts)
    assert "optimiser" not in drawn_texts  # SGD keeps nothing


def test_what_is_drawn_is_text() -> None:
    memory = netspec.memory(
        netspec.loads(BLOCKS.replace("netspec: 1", "netspec: 1\nname: <b>&")), batch=2, moments=True
    )
    assert texts(memory_svg(memory, "<i>", None))[0] == "<b>&: <i>"
    assert netspec.memory(netspec.loads(BLOCKS)).moments == ()


def test_samples_are_bounded_and_have_the_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, settings = netspec.loads(BLOCKS), Settings(batch=4, device="cpu")
    whole = forecast(graph, settings, trace=Trace())
    monkeypatch.setattr(traces, "MAX_SAMPLES", 16)
    few = forecast(graph, settings, trace=Trace())
    assert len(few.moments) <= 17 < len(whole.moments)
    assert max(m.total for m in few.moments) == max(m.total for m in whole.moments) == whole.total


def test_another_extension() -> None:
    assert ran("fit", "lenet5", "-o", "fit.png") == (
        1, "", "error[NS705]: cannot write 'fit.png': its name must end in .svg, .csv or .json\n",
    )  # fmt: skip
