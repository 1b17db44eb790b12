"""Images and values on the faces of volumes."""

from __future__ import annotations

import io
import pickle
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import netspec
from netspec.backend import BackendError
from netspec.diagnostics import Error
from netspec_graphviz import draw
from netspec_graphviz.volumes.face_pictures import OUTLIERS
from netspec_picture.scene import Bitmap, Scene

from .support import network, poppler, texts, walk

TINY = "netspec: 1\nname: tiny\ninput: [3, 8, 6]\nlayers:\n  conv: {conv2d: 40, kernel: 3, padding: same, activation: relu}\n  pool: {max_pool2d: 2}\n  flat: flatten\n  fc: {dense: 5}\n"
SHAPES = {"conv": (40, 8, 6), "pool": (40, 4, 3), "fc": (5,)}


def arrays() -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(3)
    return {name: random.random(shape).astype(np.float32) for name, shape in SHAPES.items()}


def archive(folder: Path, content: Mapping[str, Any]) -> Path:
    np.savez(folder / "maps.npz", **content)
    return folder / "maps.npz"


def bitmaps(scene: Scene) -> list[Bitmap]:
    return [shape for shape in walk(scene.shapes) if isinstance(shape, Bitmap)]


def lightness(bitmap: Bitmap) -> NDArray[np.int64]:
    with Image.open(io.BytesIO(bitmap.png)) as image:
        out: NDArray[np.int64] = np.asarray(image.convert("RGB"), np.int64).sum(2)
    return out


def test_faces_show_the_mean_of_the_channels(tmp_path: Path) -> None:
    content = arrays()
    drawing = draw(netspec.loads(TINY), style="volumes", maps=archive(tmp_path, content))
    conv, pool, vector = bitmaps(drawing.scene)
    assert conv.rise > 0
    assert vector.rise == 0
    for bitmap, values in (
        (conv, content["conv"].mean(0)),
        (pool, content["pool"].mean(0)),
        (vector, content["fc"][:, None]),
    ):
        pixels = lightness(bitmap)
        assert pixels.shape == values.shape
        darkest, lightest = np.quantile(values, 1 - OUTLIERS), np.quantile(values, OUTLIERS)
        order = np.argsort(values.clip(lightest, darkest), axis=None)
        assert (np.diff(pixels.ravel()[order]) <= 0).all()  # greater values are darker
        assert pixels.max() - pixels.min() > 400
    assert "values: mean of the channels, greater ones darker, each map with its own scale" in texts(drawing.scene)


def test_planes_show_a_channel_each(tmp_path: Path) -> None:
    content = {"conv1": np.arange(6 * 28 * 28, dtype=np.float32).reshape(6, 28, 28), "image": np.ones((32, 32, 1))}
    scene = draw(network("lenet"), style="volumes", maps=archive(tmp_path, content)).scene
    photo, *planes = bitmaps(scene)
    assert (lightness(photo) == 3 * 255).all()
    means = [lightness(plane).mean() for plane in planes]
    assert len(means) == 6
    assert means == sorted(means)  # the last plane, with the greatest values, is drawn first


def test_an_image_is_cropped_to_the_proportions_of_the_input(tmp_path: Path) -> None:
    wide = Image.new("RGB", (900, 300), "#ff0000")
    wide.paste("#0000ff", (350, 0, 550, 300))
    wide.save(tmp_path / "wide.png")
    for palette, mode in (("default", "RGB"), ("grey", "L")):
        scene = draw(netspec.loads(TINY), style="volumes", image=tmp_path / "wide.png", palette=palette).scene
        (photo,) = bitmaps(scene)
        with Image.open(io.BytesIO(photo.png)) as image:
            assert (image.mode, image.size) == (mode, (225, 300))
            blue = (0, 0, 255)
            assert image.convert("RGB").getpixel((110, 9)) == (blue if mode == "RGB" else (29, 29, 29))


def test_every_format_contains_the_pictures(tmp_path: Path) -> None:
    drawing = draw(netspec.loads(TINY), style="volumes", maps=archive(tmp_path, arrays()))
    svg, tex = drawing.svg(), drawing.tikz()
    assert svg.count("data:image/png;base64,") == 3
    assert svg.count(' transform="matrix(1 -0.4615 0 1 ') == 2
    assert tex.count("\n\\pixels{") == 3
    assert "BI /W 6 /H 8 /BPC 8 /CS [/I /RGB 63 <" in tex
    (tmp_path / "maps.pdf").write_bytes(drawing.pdf())
    listed = poppler("pdfimages", "-list", str(tmp_path / "maps.pdf"))
    assert [line.split()[3:5] for line in listed.splitlines()[2:]] == [["6", "8"], ["3", "4"], ["1", "5"]]


def test_pdflatex_sets_the_pictures_as_the_pdf_has_them(tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed (Debian: apt install texlive-latex-extra texlive-fonts-recommended)")
    drawing = draw(netspec.loads(TINY), style="volumes", maps=archive(tmp_path, arrays()), legend=False)
    (tmp_path / "maps.tex").write_text(drawing.tikz(), encoding="utf-8")
    subprocess.run(["pdflatex", "-interaction=nonstopmode", "maps.tex"], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "own.pdf").write_bytes(drawing.pdf())
    pages: list[NDArray[np.float64]] = []
    for name in ("maps", "own"):
        poppler("pdftoppm", "-r", "144", "-singlefile", "-png", str(tmp_path / f"{name}.pdf"), str(tmp_path / name))
        with Image.open(tmp_path / f"{name}.png") as image:
            pages.append(np.asarray(image.convert("L"), np.float64))
    high, wide = (min(a, b) for a, b in zip(pages[0].shape, pages[1].shape, strict=True))
    x, y = bitmaps(drawing.scene)[0].x * 2, drawing.scene.height
    assert wide > x
    assert high > y / 2
    faces = [page[:high, int(x) + 3 : int(x) + 30] for page in pages]
    assert np.abs(faces[0] - faces[1]).mean() < 6


WAY_OUT = "netspec see activations SPEC --image FILE -o maps.npz writes such a file"


def bad_header(folder: Path) -> None:
    with zipfile.ZipFile(folder / "maps.npz", "w") as file:
        file.writestr("conv.npy", b"\x93NUMPY\x01\x00\x02\x00{}")


def not_numbers(folder: Path) -> None:
    archive(folder, {"conv": np.full((40, 8, 6), "text")})


def objects(folder: Path) -> None:
    content = io.BytesIO()
    np.lib.format.write_array(content, np.full((40, 8, 6), None, object), allow_pickle=True)
    assert pickle.dumps(None)[:1] in content.getvalue()
    with zipfile.ZipFile(folder / "maps.npz", "w") as file:
        file.writestr("conv.npy", content.getvalue())


def cut_short(folder: Path) -> None:
    content = io.BytesIO()
    np.save(content, np.zeros((40, 8, 6), np.float32))
    with zipfile.ZipFile(folder / "maps.npz", "w") as file:
        file.writestr("conv.npy", content.getvalue()[:-9])


BAD_FILES: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: None, "there is no such file"),
    (lambda folder: (folder / "maps.npz").mkdir(), "it is not a regular file"),
    (lambda folder: (folder / "maps.npz").write_text("maps"), "it is not an archive of NumPy arrays"),
    (lambda folder: archive(folder, {"other": np.zeros(3)}), "it has no map of 'tiny'"),
    (lambda folder: archive(folder, {"conv": np.zeros((40, 6, 8))}), "'conv' is 40×6×8; in 'tiny' it is 40×8×6"),
    (lambda folder: archive(folder, {"conv": np.zeros((40, 3, 6))}), "'conv' is 40×3×6; in 'tiny' it is 40×8×6"),
    (lambda folder: archive(folder, {"fc": np.zeros(())}), "'fc' is a number; in 'tiny' it is 5"),
    (not_numbers, "'conv' has no numbers"),
    (objects, "'conv' has no numbers"),
    (bad_header, "'conv' is damaged"),
    (cut_short, "'conv' is damaged"),
]


@pytest.mark.parametrize(("write", "reason"), BAD_FILES)
def test_files_that_have_no_maps_of_the_network(write: Callable[[Path], object], reason: str, tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "maps.npz"
    with pytest.raises(BackendError) as error:
        draw(netspec.loads(TINY), style="volumes", maps=path).svg()
    message = f"cannot read maps from '{path}': {reason}"
    assert (error.value.code, error.value.message, error.value.help) == ("NS763", message, WAY_OUT)


def test_arrays_that_are_too_large_are_not_read(tmp_path: Path) -> None:
    spec = "netspec: 1\nname: large\ninput: [1, 16384, 16384]\nlayers: {conv: {conv2d: 1, kernel: 1}}\n"
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {"descr": "<f4", "fortran_order": False, "shape": (1, 16384, 16384)})
    with zipfile.ZipFile(tmp_path / "maps.npz", "w") as file:
        file.writestr("conv.npy", content.getvalue())
    with pytest.raises(BackendError, match="'conv' has more than 134,217,728 values"):
        draw(netspec.loads(spec), style="volumes", maps=tmp_path / "maps.npz").svg()


def test_images_that_cannot_be_drawn(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"x")
    with pytest.raises(Error) as unreadable:
        draw(network("lenet5"), style="volumes", image=tmp_path / "x.png").svg()
    message = f"cannot read image '{tmp_path / 'x.png'}': it is not a PNG, JPEG, WebP, GIF, BMP or TIFF image"
    assert (unreadable.value.code, unreadable.value.message) == ("NS806", message)
    spec = "netspec: 1\nname: line\ninput: {axes: [channels, sequence], shape: [2, 90]}\nlayers: [{conv1d: 4, kernel: 3}, {conv1d: 8, kernel: 3}]\n"
    with pytest.raises(BackendError) as none:
        draw(netspec.loads(spec), style="volumes", image=tmp_path / "x.png").svg()
    assert (none.value.code, none.value.message, none.value.help) == (
        "NS764",
        "no input of 'line' is an image",
        "leave out --image",
    )
