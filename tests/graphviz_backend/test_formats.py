from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import netspec
from netspec.backend import BackendError
from netspec.files import FileWriteError
from netspec_graphviz import backend, draw, graphviz_program

from .support import network


def test_every_extension_is_written(tmp_path: Path) -> None:
    starts = {
        ".svg": b"<?xml",
        ".png": b"\x89PNG",
        ".pdf": b"%PDF-1.",
        ".tex": b"% written by netspec",
        ".dot": b"digraph",
        ".gv": b"digraph",
        ".html": b"<!",
    }
    assert {t.extension for t in backend.targets} == set(starts)
    for ending, start in starts.items():
        path = tmp_path / f"lenet{ending}"
        backend.export(network("lenet5"), path, {"depth": 0})
        assert path.read_bytes().lower().startswith(start.lower())


def test_a_picture_has_two_pixels_to_a_point() -> None:
    drawing = draw(network("lenet5"))
    width, height = struct.unpack(">II", drawing.png()[16:24])
    assert abs(width - 2 * drawing.scene.width) <= 4
    assert abs(height - 2 * drawing.scene.height) <= 4


def test_a_long_picture_is_scaled_to_fit() -> None:
    drawing = draw(network("resnet@50"))
    assert struct.unpack(">II", drawing.png(scale=40)[16:24])[1] <= 16_010


def test_graphviz_draws_the_dot_text() -> None:
    text = draw(network("siamese"), depth=2).dot
    assert "conv2d 64, 10×10" in text
    assert 'label="tower: Tower W"' in text
    assert b"<svg" in graphviz_program.run_graphviz(text, "svg")


def test_unknown_extension(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as error:
        draw(network("lenet5")).save(tmp_path / "lenet.bmp")
    assert (error.value.code, error.value.message) == ("NS703", "cannot write a drawing as 'lenet.bmp'")
    assert (
        error.value.help
        == "available extensions: svg, png, pdf, tex, dot, gv, html, htm; for any other name, --format names one"
    )


def test_a_format_whatever_the_extension(tmp_path: Path) -> None:
    path = tmp_path / "lenet"
    draw(network("lenet5")).save(path, "pdf")
    assert path.read_bytes().startswith(b"%PDF")
    with pytest.raises(BackendError) as error:
        draw(network("lenet5")).save(path, "bmp")
    assert (error.value.code, error.value.message) == (
        "NS721",
        "format must be one of svg, png, pdf, tex, dot, gv, html, htm; found 'bmp'",
    )


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "none" / "lenet.svg"
    with pytest.raises(FileWriteError) as error:
        draw(network("lenet5")).save(path)
    assert error.value.message == f"cannot write '{path}': its folder does not exist"


def test_graphviz_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz_program, "find_pure", lambda: sys.executable)
    with pytest.raises(BackendError) as error:
        draw(network("lenet5")).svg()
    assert error.value.code == "NS723"
    assert error.value.message.startswith(f"'{sys.executable}' failed: ")


def test_graphviz_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphviz_program, "TIMEOUT", 0.0)
    with pytest.raises(BackendError) as error:
        draw(network("lenet5")).svg()
    assert error.value.code == "NS722"
    assert error.value.help == "--depth closes blocks: try --depth 1"


def test_graphviz_is_imported_when_it_is_needed() -> None:
    code = "import netspec_graphviz, sys; print([m for m in sys.modules if m.split('.')[0] == 'graphviz'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == "[]"


def test_ten_thousand_layers_closed_to_depth_one() -> None:
    rows = "[8, 8, 8, 8, 8, 8, 8, 8, 8, 8]"
    graph = netspec.loads(f"""
netspec: 1
input: [8, 16, 16]
blocks:
  B:
    params: {{w: int}}
    layers: {{c1: {{conv2d: $w, kernel: 3, padding: 1}}, c2: {{conv2d: $w, kernel: 1}}, add: {{add: [c2, input]}}, r: relu}}
layers:
  s$(index + 1):
    layers:
      - {{each: {{columns: w, rows: {rows}}}, inline: [{{B: $w, repeat: 5}}, {{conv2d: 8, kernel: 1}}, relu]}}
    repeat: 46
""")
    assert len(graph.nodes) > 10_000
    svg = draw(graph, depth=1).svg()
    assert "× 46" in svg
