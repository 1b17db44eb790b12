"""Preparing images: size, channels, layout, mean and standard deviation; and malicious files."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

import netspec_see as see
from netspec import Error
from netspec_picture.image_files import MAX_PIXELS
from netspec_see.image_input import Fit

from .support import graph_of, picture

CONV = "  conv: {conv2d: 2, kernel: 3}\n"
COLOUR = see.network(graph_of(CONV, "[3, 8, 12]"))
GREY = see.network(graph_of(CONV, "[1, 8, 12]"))
UNKNOWN = "it is not a PNG, JPEG, WebP, GIF, BMP or TIFF image"


def test_mean_and_deviation(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", (12, 8))
    raw = np.asarray(Image.open(path), np.float64)
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    prepared = see.preparation(COLOUR, mean, std)
    x = prepared.normalize(prepared.pixels(path))
    assert x.shape == (3, 8, 12)
    assert x.dtype == np.float32
    assert np.allclose(x, ((raw / 255 - mean) / std).transpose(2, 0, 1), atol=1e-5)


def test_layout(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", (12, 8))
    last = see.network(graph_of(CONV, "[8, 12, 3]", layout="channels_last"))
    a, b = see.preparation(COLOUR, [0.1, 0.2, 0.3]), see.preparation(last, [0.1, 0.2, 0.3])
    x = b.normalize(b.pixels(path))
    assert x.shape == (8, 12, 3)
    assert (x.transpose(2, 0, 1) == a.normalize(a.pixels(path))).all()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_channels(tmp_path: Path, mode: str) -> None:
    path = picture(tmp_path / "a.png", (12, 8), mode=mode)
    assert see.preparation(GREY).pixels(path).shape == (8, 12, 1)
    assert see.preparation(COLOUR).pixels(path).shape == (8, 12, 3)
    four = see.network(graph_of(CONV, "[4, 8, 12]"))
    assert see.preparation(four).pixels(path).shape == (8, 12, 4)


def test_transparency_becomes_white(tmp_path: Path) -> None:
    pixels = np.zeros((8, 12, 4), np.uint8)
    pixels[:, 6:] = [255, 0, 0, 255]
    Image.fromarray(pixels).save(tmp_path / "a.png")
    result = see.preparation(COLOUR).pixels(tmp_path / "a.png")
    assert (result[:, :6] == 1).all()
    assert (result[:, 6:] == [1, 0, 0]).all()


def test_sixteen_bits(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 12), 32768, np.uint16)).save(tmp_path / "a.png")
    assert np.allclose(see.preparation(GREY).pixels(tmp_path / "a.png"), 0.5, atol=0.003)


def test_exif_orientation(tmp_path: Path) -> None:
    image = Image.fromarray(np.arange(96, dtype=np.uint8).reshape(12, 8))
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter to the right
    image.save(tmp_path / "a.png", exif=exif)
    result = see.preparation(GREY).pixels(tmp_path / "a.png")
    assert np.allclose(result[:, :, 0] * 255, np.rot90(np.arange(96).reshape(12, 8), -1), atol=1e-4)


def test_fits(tmp_path: Path) -> None:
    """A bar of white on black, 60 high and 30 wide, for an input 8 high and 12 wide."""
    pixels = np.zeros((60, 30), np.uint8)
    pixels[:, 10:20] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    result = {
        fit: see.preparation(GREY, fit=fit).pixels(tmp_path / "a.png")[:, :, 0]
        for fit in get_args(Fit)
        if fit != "exact"
    }
    for image in result.values():
        assert image.shape == (8, 12)
    columns = {fit: (image[4] > 0.5).nonzero()[0].tolist() for fit, image in result.items()}
    assert columns["crop"] == [4, 5, 6, 7]
    assert columns["stretch"] == [4, 5, 6, 7]
    assert columns["pad"] == [5, 6] or len(columns["pad"]) in (1, 2)
    assert (result["pad"][:, :4] == 0).all()
    assert (result["pad"][:, 8:] == 0).all()


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that claims a size, whatever its data."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(MAX_PIXELS // 8192 + 1, 8192), (12_000, 9_000), (65_000, 65_000)])
def test_bombs(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(*size))
    with pytest.raises(Error) as error:
        see.preparation(GREY).pixels(path)
    assert str(error.value) == (
        f"error[NS808]: image '{path}' has more than 67,108,864 pixels\n  = help: use a smaller copy of it"
    )


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("short.png", png(40, 40, b"\x00" * 50), "it is broken"),
        ("half.png", png(40, 40)[:40], "it is broken"),
        ("head.png", b"\x89PNG\r\n\x1a\n", UNKNOWN),
        ("head.gif", b"GIF89a" + b"\xff" * 20, "it is broken"),
        ("head.bmp", b"BM" + b"\xff" * 60, "it is broken"),
        ("head.tif", b"II*\x00" + b"\xff" * 60, "it is broken"),
        ("zeros.jpg", b"\x00" * 100, UNKNOWN),
        ("soi.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 100, "it is broken"),
    ],
)
def test_broken(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Error) as error:
        see.preparation(GREY).pixels(tmp_path / name)
    message = error.value.diagnostics[0].message
    assert message in {f"cannot read image '{tmp_path / name}': {why}" for why in (reason, UNKNOWN)}
    assert error.value.diagnostics[0].code == "NS806"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_accepted_formats(tmp_path: Path, kind: str) -> None:
    """The content decides, not the file extension."""
    Image.fromarray(np.full((8, 12), 255, np.uint8)).save(tmp_path / "image.png", kind)
    assert (see.preparation(GREY).pixels(tmp_path / "image.png") == 1).all()


@pytest.mark.parametrize("kind", ["PPM", "TGA", "ICO", "PCX", "JPEG2000", "EPS", "PDF", "DDS", "SGI"])
def test_rejected_formats(tmp_path: Path, kind: str) -> None:
    """Formats that Pillow knows and that this command does not open."""
    Image.new("L", (12, 8)).save(tmp_path / "image.png", kind)
    with pytest.raises(Error) as error:
        see.preparation(GREY).pixels(tmp_path / "image.png")
    assert str(error.value) == f"error[NS806]: cannot read image '{tmp_path}/image.png': {UNKNOWN}"


def test_ghostscript_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An EPS file under the name of a PNG, and a program called ``gs`` that leaves a trace when it is started."""
    program = tmp_path / "bin" / "gs"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)
    Image.new("L", (12, 8)).save(tmp_path / "cat.png", "EPS")
    with pytest.raises(Error):
        see.preparation(GREY).pixels(tmp_path / "cat.png")
    assert not (tmp_path / "started").exists()
    # Pillow, left to itself, does start it: without this the test would prove nothing.
    with pytest.raises(OSError), Image.open(tmp_path / "cat.png") as image:
        image.load()
    assert (tmp_path / "started").exists()


@pytest.mark.parametrize("error", [ValueError, AttributeError, AssertionError, RecursionError, MemoryError, Exception])
def test_whatever_a_decoder_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def load(image: Image.Image) -> None:
        raise error("out of cheese")

    path = picture(tmp_path / "a.png", (12, 8))
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    with pytest.raises(Error) as caught:
        see.preparation(GREY).pixels(path)
    assert str(caught.value) == f"error[NS806]: cannot read image '{path}': it is broken"
