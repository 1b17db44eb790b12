"""The page with trained weights: figures, histograms and filters, which NumPy computes again."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save_file  # pyright: ignore[reportUnknownVariableType] - typed in part

import netspec
from netspec.backend import BackendError
from netspec.diagnostics import Error
from netspec_graphviz.page import weight_figures

from ..cli_support import ran
from .chromium import Open
from .test_page import contents

pytestmark = pytest.mark.slow

SPEC = """
netspec: 1
input: [3, 9, 9]
layers:
  colour: {conv2d: 4, kernel: 3}
  grey: {conv2d: 20, kernel: 3, groups: 4}
  many: {conv2d: 40, kernel: 1}
  up: {conv_transpose2d: 5, kernel: 2, stride: 2}
  pool: global_avg_pool
  fc: {dense: 2}
"""


Tensors = dict[str, NDArray[np.float32]]


@pytest.fixture
def tensors(tmp_path: Path) -> Tensors:
    """Weights for the spec, some of them zero, which are also in the file weights.safetensors."""
    random = np.random.default_rng(3)
    values = {p.name: random.normal(size=p.shape).astype(np.float32) for p in netspec.loads(SPEC).parameters}
    values["many.weight"][:10] = 0
    values["grey.bias"][:] = 0.5
    save_file(values, tmp_path / "weights.safetensors")
    return values


def page_data(folder: Path, **options: Any) -> dict[str, Any]:
    """The data of the page with the weights of the file."""
    page = netspec.explore(netspec.loads(SPEC), weights=folder / "weights.safetensors", **options)
    return contents(page.html)


def layer(page: dict[str, Any], name: str) -> dict[str, Any]:
    """The item of a layer."""
    return next(item for item in page["items"] if item["name"] == name and item["is"] == "layer")


def test_figures_of_every_tensor(tensors: Tensors, tmp_path: Path) -> None:
    page = page_data(tmp_path)
    count = 0
    for item in page["items"]:
        for name, _, elements, _, _, number in item.get("weights", ()):
            expected, figures = tensors[f"{item['name']}.{name}"], page["tensors"][number]
            assert figures["elements"] == elements == expected.size
            assert figures["zeros"] == np.count_nonzero(expected == 0)
            assert figures["strange"] == 0
            for key, value in (
                ("min", expected.min()),
                ("max", expected.max()),
                ("mean", expected.mean()),
                ("deviation", expected.std()),
            ):
                assert figures[key] == pytest.approx(float(value), rel=1e-3, abs=1e-4), (item["name"], name, key)
            flat = expected.astype(np.float64)
            spread = flat.max() > flat.min()
            assert figures["bins"] == (np.histogram(flat, weight_figures.BINS)[0].tolist() if spread else [])
            count += 1
    assert count == len(page["tensors"]) == len(tensors) == 10
    assert contents(netspec.explore(netspec.loads(SPEC)).html)["tensors"] is None


def test_filters_are_the_kernels(tensors: Tensors, tmp_path: Path) -> None:
    """Bytes of the pictures, as numbers, are the weights to within half a step."""
    page = page_data(tmp_path)
    transposed = tensors["up.weight"].swapaxes(0, 1)
    expected = {
        "colour": tensors["colour.weight"],
        "grey": tensors["grey.weight"],
        "many": tensors["many.weight"],
        "up": transposed[:, : weight_figures.MAX_GRID],
    }
    for name, kernels in expected.items():
        picture = layer(page, name)["filters"]
        assert picture["shape"] == list(kernels.shape)
        assert picture["colour"] == (name == "colour")
        levels = np.frombuffer(base64.b64decode(picture["data"]), np.uint8).reshape(kernels.shape)
        numbers = (levels.astype(np.float64) - 128) / 127 * picture["scale"]
        assert np.abs(numbers - kernels).max() < picture["scale"] / 127 * 0.51
        assert np.abs(kernels).max() == pytest.approx(picture["scale"], rel=1e-3)
    assert layer(page, "up")["filters"]["of"] == [5, 40, 2, 2]
    assert layer(page, "fc")["filters"] is None


def test_pictures_have_a_bounded_size(tensors: Tensors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Later layers are left out when the page is full; a layer shows as many filters as there is room for."""
    monkeypatch.setattr(weight_figures, "MAX_PAGE_NUMBERS", 4 * 27 + 20)
    assert len(tensors) == 10
    page = page_data(tmp_path)
    assert layer(page, "colour")["filters"]["shape"] == [4, 3, 3, 3]
    assert layer(page, "grey")["filters"] == {"of": [20, 1, 3, 3]}
    monkeypatch.setattr(weight_figures, "MAX_NUMBERS", 60)
    page = page_data(tmp_path)
    assert layer(page, "colour")["filters"]["shape"] == [2, 3, 3, 3]
    assert layer(page, "colour")["filters"]["of"] == [4, 3, 3, 3]


def test_numbers_that_are_not_finite_are_counted(tensors: Tensors, tmp_path: Path) -> None:
    values = {**tensors, "colour.weight": tensors["colour.weight"].copy(), "fc.bias": np.full(2, np.nan, np.float32)}
    values["colour.weight"].flat[:3] = [np.nan, np.inf, -np.inf]
    save_file(values, tmp_path / "weights.safetensors")
    with pytest.warns(UserWarning, match="NS7"):
        page = page_data(tmp_path)
    weight = page["tensors"][layer(page, "colour")["weights"][0][5]]
    assert (weight["strange"], weight["elements"]) == (3, 108)
    assert weight["max"] == pytest.approx(float(values["colour.weight"].flat[3:].max()), rel=1e-3)
    assert page["tensors"][layer(page, "fc")["weights"][1][5]] == {"elements": 2, "strange": 2}
    levels = base64.b64decode(layer(page, "colour")["filters"]["data"])
    assert list(levels[:3]) == [128, 128, 128]


def test_what_the_file_lacks_has_no_figures(tensors: Tensors, tmp_path: Path) -> None:
    save_file({k: v for k, v in tensors.items() if k != "colour.weight"}, tmp_path / "weights.safetensors")
    with pytest.raises(Error) as error:
        page_data(tmp_path)
    assert error.value.code == "NS708"
    with pytest.warns(UserWarning, match="NS710"):
        page = page_data(tmp_path, strict=False)
    assert [row[5] is None for row in layer(page, "colour")["weights"]] == [True, False]
    assert layer(page, "colour")["filters"] is None


def test_the_command(tensors: Tensors, tmp_path: Path) -> None:
    spec, file, out = (tmp_path / name for name in ("net.yaml", "weights.safetensors", "net.html"))
    spec.write_text(SPEC, encoding="utf-8")
    save_file({f"old.{k}": v for k, v in tensors.items()}, file)
    assert ran("draw", str(spec), "-o", str(out), "--weights", str(file), "--rename", "old.=").status == 0
    assert len(contents(out.read_text(encoding="utf-8"))["tensors"]) == 10
    status, _, err = ran("draw", str(spec), "-o", str(tmp_path / "net.svg"), "--weights", str(file))
    assert status == 1
    assert err == (
        "error[NS711]: a file of weights has no meaning for this target: drawing\n"
        "  = help: netspec.build(spec, weights=…), or export to .onnx or .safetensors\n"
    )
    status, _, err = ran("draw", str(spec), "-o", str(out), "--in-order")
    assert (status, err.splitlines()[0]) == (1, "error[NS711]: 'in_order' has no meaning without a file of weights")
    other = tmp_path / "page"
    words = ("draw", str(spec), "-o", str(other), "--format", "html", "--weights", str(file), "--rename", "old.=")
    assert ran(*words).status == 0
    assert other.read_bytes() == out.read_bytes()


def test_pictures_in_the_panel(tensors: Tensors, tmp_path: Path, opened: Open) -> None:
    page = opened(netspec.loads(SPEC), text=SPEC, weights=tmp_path / "weights.safetensors", fragment="#colour")
    assert page.page.locator("#panel .histogram").count() == 2
    zeros = {"colour": "0 %", "many": "25.0 % (200)"}
    for name, text in zeros.items():
        page.ask("(name) => App.choose(Model.byName.get(name), { show: true })", name)
        figures = page.page.locator("#panel .statistics").first.locator("div").all_text_contents()
        value = tensors[f"{name}.weight"]
        assert figures[-1] == f"zeros{text}"
        assert figures[0] == f"minimum{float(f'{value.min():.4g}')}".replace("-", "−")
    page.ask("() => App.choose(Model.byName.get('colour'), { show: true })")
    assert page.text("#panel .filters .caption").startswith("Filters as colours: all 4 filters, 3×3; grey is 0")
    kernels, scale = tensors["colour.weight"], np.abs(tensors["colour.weight"]).max()
    # The first number of the last filter, in a grid of 2 × 2 with two pixels between filters.
    pixel = page.ask("""() => { const c = document.querySelector("#panel canvas");
        const unit = (c.width - 2) / 6;
        return [...c.getContext("2d").getImageData(3 * unit + 3, 3 * unit + 3, 1, 1).data]; }""")
    assert pixel[:3] == pytest.approx([127.5 + 127.5 * float(v) / float(scale) for v in kernels[3, :, 0, 0]], abs=1.6)
    page.ask("() => App.choose(Model.byName.get('up'), { show: true })")
    assert page.text("#panel .filters .caption").startswith(
        "Rows: all 5 filters; columns: channels 1–16 of 40; 2×2; blue −"
    )


def test_numpy_is_required_for_weights(tensors: Tensors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(tensors) == 10
    monkeypatch.setattr("netspec_graphviz.libraries.missing_libraries", list)
    with pytest.raises(BackendError) as error:
        page_data(tmp_path)
    assert (error.value.code, error.value.message) == ("NS704", "backend 'graphviz' needs NumPy: pip install numpy")
    assert json.dumps(contents(netspec.explore(netspec.loads(SPEC)).html)["tensors"]) == "null"
