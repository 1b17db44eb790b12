"""``netspec see`` from the command line to its files: text, JSON, arrays, pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType] - typed in part

import netspec
import netspec_see as see
from netspec_see import run_command
from netspec_see.image_input import Pixels
from netspec_see.stored_maps import stored_maps
from tests.cli_support import ran

from .support import picture
from .test_see_errors import SPEC


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a spec, weights, images and class names."""
    monkeypatch.chdir(tmp_path)
    Path("spec.yaml").write_text(SPEC, encoding="utf-8")
    Path("names.txt").write_text("cat\ndog\nbird\n", encoding="utf-8")
    save_file(netspec.build("spec.yaml", seed=5).state_dict(), "weights.safetensors")
    picture(Path("good.png"))
    for i in range(3):
        picture(Path(f"folder/{i}.png"), seed=i)
    Path("folder/broken.png").write_bytes(b"")
    return tmp_path


def look(*words: str) -> tuple[str, str]:
    """Standard output and error of ``netspec see`` with the trained weights."""
    status, out, err = ran("see", *words, "--weights", "weights.safetensors")
    assert status == 0, err
    return out, err


def arrays(name: str) -> dict[str, NDArray[np.float32]]:
    with np.load(name) as file:
        return {key: file[key] for key in file.files}


@pytest.mark.usefixtures("here")
def test_filters() -> None:
    out, err = look("filters", "spec.yaml", "conv1", "-o", "a.png", "-o", "a.npz")
    weight = netspec.build("spec.yaml", seed=5).state_dict()["conv1.weight"].numpy()
    assert out == (
        f"conv1: 4 filters of 3 channels, 3×3; weights {weight.min():.4g} to {weight.max():.4g}\n"
        "wrote a.png\nwrote a.npz\n"
    )
    assert err == ""
    assert (arrays("a.npz")["kernels"] == weight).all()
    with Image.open("a.png") as image:
        assert image.format == "PNG"


@pytest.mark.usefixtures("here")
def test_filters_as_json() -> None:
    out, _ = look("filters", "spec.yaml", "conv1", "--filter", "1,3", "--format", "json")
    result = json.loads(out)
    weight = netspec.build("spec.yaml", seed=5).state_dict()["conv1.weight"][[1, 3]]
    assert result["version"] == 1
    assert result["see"] == "filters"
    assert result["shape"] == [2, 3, 3, 3]
    assert [f["filter"] for f in result["filters"]] == [1, 3]
    assert np.allclose([f["norm"] for f in result["filters"]], weight.flatten(1).norm(dim=1))
    assert not list(Path().glob("*net*.png")), "JSON alone draws nothing"


@pytest.mark.usefixtures("here")
def test_default_name_and_quiet() -> None:
    out, _ = look("filters", "spec.yaml", "conv1")
    assert out.endswith("wrote net-conv1-filters.png\n")
    out, _ = look("filters", "spec.yaml", "conv1", "--quiet", "-o", "b.png")
    assert out == ""
    assert Path("b.png").exists()


@pytest.mark.usefixtures("here")
def test_untrained_weights_are_reported() -> None:
    status, _, err = ran("see", "filters", "spec.yaml", "conv1", "--seed", "4", "-o", "a.npz")
    assert status == 0
    assert err == "no --weights: the network is untrained, initialised with seed 4\n"
    assert (arrays("a.npz")["kernels"] == netspec.build("spec.yaml", seed=4).state_dict()["conv1.weight"].numpy()).all()


def prepared_image() -> tuple[see.Network, Pixels]:
    net = see.network("spec.yaml", weights="weights.safetensors")
    prepared = see.preparation(net, [0.5], [0.25])
    return net, prepared.normalize(prepared.pixels("good.png"))


NORMAL = ("--mean", "0.5", "--std", "0.25")


@pytest.mark.usefixtures("here")
def test_activations() -> None:
    out, _ = look(
        "activations", "spec.yaml", "--image", "good.png", *NORMAL, "-o", "a.png", "-o", "a.npz", "--plot", "p.png"
    )
    net, x = prepared_image()
    result = see.activations(net, x)
    data = arrays("a.npz")
    assert list(data) == ["conv1", "pool1", "fc", "image"]
    for a in result:
        assert (data[a.layer] == a.values).all()
    lines = out.splitlines()
    assert lines[0] == "layer        shape   zeros  filters all zero"
    assert lines[1].split()[:4] == ["conv1", "(4,", "10,", "10)"]
    assert f"{np.mean(data['conv1'] == 0):.1%}" in lines[1]
    assert lines[-3:] == ["wrote a.png", "wrote a.npz", "wrote p.png"]
    out, _ = look("activations", "spec.yaml", "--image", "good.png", *NORMAL, "--format", "json")
    assert [row["zeros"] for row in json.loads(out)["layers"]] == [a.zeros for a in result]


@pytest.mark.usefixtures("here")
def test_activations_in_a_small_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Maps of 10 × 10 become 5 × 5 means of 2 × 2 values; 5 × 5 and the image stay as they are."""
    words = ("see", "activations", "spec.yaml", "--image", "good.png", *NORMAL, "--quiet", "-o", "a.npz")
    monkeypatch.setattr(run_command, "LARGE_FILE", 1000)
    status, _, err = ran(*words, "--pixels", "6", "--dtype", "float16", "--weights", "weights.safetensors")
    assert status == 0
    net, x = prepared_image()
    values = {a.layer: a.values for a in see.activations(net, x)}
    data = arrays("a.npz")
    size = sum(array.nbytes for array in data.values())
    text = (
        f"a.npz: {size / 1000:.2f} kB of arrays before compression; --layers, --dtype float16 and --pixels N write less"
    )
    assert text in err.splitlines()
    means = values["conv1"].reshape(4, 5, 2, 5, 2).astype(np.float64).mean((2, 4))
    np.testing.assert_allclose(data["conv1"], means, rtol=1e-3, atol=1e-6)
    assert (data["pool1"] == values["pool1"].astype(np.float16)).all()
    assert {name: array.dtype for name, array in data.items() if name != "image"} == dict.fromkeys(values, np.float16)
    great = see.Activation("great", np.array([1e6, -1e6, 1.0], np.float32), False)
    assert stored_maps([great], "float16", None)["great"].tolist() == [65504.0, -65504.0, 1.0]
    status, _, err = ran("see", "activations", "spec.yaml", "--image", "good.png", "--pixels", "6", "-o", "a.png")
    assert status == 1
    assert (
        err
        == """\
error[NS712]: --pixels is for the arrays of a .npz file
  = help: -o FILE.npz writes one
"""
    )


@pytest.mark.usefixtures("here")
def test_top() -> None:
    words = ("top", "spec.yaml", "conv1", "--filter", "0,2", "--images", "folder", "--count", "2")
    out, _ = look(*words, "-o", "a.png", "-o", "a.npz")
    assert "filter 2 of conv1, 3 images" in out
    assert (
        "skipped 1:\n  cannot read image 'folder/broken.png': it is not a PNG, JPEG, WebP, GIF, BMP or TIFF image\n"
        in out
    )
    result = json.loads(look(*words, "--format", "json")[0])
    assert result["images"] == 3
    assert result["unread"] == 1
    assert [len(f["hits"]) for f in result["filters"]] == [2, 2]
    data = arrays("a.npz")
    for i, row in enumerate(result["filters"]):
        for j, hit in enumerate(row["hits"]):
            assert data["values"][i, j] == np.float32(hit["value"])
            assert data["boxes"][i, j].tolist() == list(hit["box"].values())
            y, x = hit["place"]
            assert hit["box"] == {"top": y, "left": x, "bottom": y + 3, "right": x + 3}


@pytest.mark.usefixtures("here")
def test_exemplar() -> None:
    words = ("exemplar", "spec.yaml", "conv1", "--filter", "0-2", "--steps", "20", *NORMAL)
    out, _ = look(*words, "-o", "a.npz", "-o", "a.png")
    data = arrays("a.npz")
    assert data["images"].shape == (3, 12, 12, 3)
    assert data["objective"].shape == (21, 3)
    assert (data["objective"][-1] > data["objective"][0]).all()
    first, last = data["objective"][[0, -1], 1]
    assert f"conv1, filter 1: mean activation {first:.4g} -> {last:.4g} in 20 steps" in out
    result = json.loads(look(*words, "--format", "json")[0])
    assert np.allclose(result["objective"], data["objective"].T)
    look(*words, "--plain", "-o", "b.npz")
    assert (arrays("b.npz")["images"] != data["images"]).any()


@pytest.mark.usefixtures("here")
def test_exemplar_by_class() -> None:
    out, _ = look(
        "exemplar",
        "spec.yaml",
        "fc",
        "--filter",
        "1",
        "--steps",
        "5",
        "--before-activation",
        "--classes",
        "names.txt",
        "-o",
        "a.png",
    )
    assert out.startswith("fc before its activation, class 1 (dog): mean activation ")


@pytest.mark.usefixtures("here")
def test_gradients() -> None:
    words = ("gradients", "spec.yaml", "--image", "good.png", *NORMAL, "--target", "dog", "--classes", "names.txt")
    out, _ = look(*words, "-o", "a.png", "-o", "a.npz")
    net, x = prepared_image()
    assert out.startswith(f"class 1 (dog), score {see.saliency(net, x, 1).score:.4g} (fc)\n")
    data = arrays("a.npz")
    assert (data["saliency"] == see.saliency(net, x, 1).values).all()
    assert (data["grad_cam"] == see.grad_cam(net, x, 1).values).all()
    result = json.loads(look(*words, "--method", "grad-cam", "--layer", "conv1", "--format", "json")[0])
    assert result["class"] == "dog"
    assert [m["layer"] for m in result["methods"]] == ["conv1"]


@pytest.mark.usefixtures("here")
def test_occlusion() -> None:
    words = ("occlusion", "spec.yaml", "--image", "good.png", *NORMAL, "--size", "4", "--stride", "4")
    look(*words, "-o", "a.png", "-o", "a.npz")
    result = arrays("a.npz")["occlusion"]
    assert result.shape == (12, 12)
    assert (result == result[::4, ::4].repeat(4, 0).repeat(4, 1)).all()


@pytest.mark.usefixtures("here")
def test_rename() -> None:
    tensors = {f"net.{name}": t for name, t in netspec.build("spec.yaml", seed=5).state_dict().items()}
    save_file(tensors, "other.safetensors")
    status, out, err = ran(
        "see", "filters", "spec.yaml", "conv1", "--weights", "other.safetensors", "--rename", "net.=", "-o", "a.npz"
    )
    assert (status, err) == (0, ""), out
    assert (arrays("a.npz")["kernels"] == netspec.build("spec.yaml", seed=5).state_dict()["conv1.weight"].numpy()).all()


def test_from_a_trained_module() -> None:
    """Weights of a trained module, without a file."""
    graph = netspec.loads(SPEC)
    model = netspec.build(graph)
    with torch.no_grad():
        model.get_parameter("conv1.weight").add_(1)
    net = see.network(graph, weights=model)
    assert (see.filters(net, "conv1").kernels == model.get_parameter("conv1.weight").detach().numpy()).all()
    with pytest.raises(netspec.Error) as error:
        see.network(graph, weights={"conv1.weight": torch.zeros(4, 3, 3, 2)})
    assert str(error.value) == (
        "error[NS708]: the given tensors do not fit 'net': 'conv1.weight' is (4, 3, 3, 2); it must be (4, 3, 3, 3)"
    )


def test_arrays_under_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("spec.yaml").write_text(
        SPEC.replace("conv1", "file").replace("pool1", "image").replace("fc", "allow_pickle"), encoding="utf-8"
    )
    picture(Path("good.png"))
    status, _, err = ran("see", "activations", "spec.yaml", "--image", "good.png", "-o", "a.npz")
    assert status == 0, err
    assert list(arrays("a.npz")) == ["file", "image", "allow_pickle", "image_"]


DEVICES = [
    pytest.param("cpu:0"),
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")),
]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize(
    "words",
    [
        "filters spec.yaml conv1",
        "activations spec.yaml --image good.png",
        "window spec.yaml conv1 --image good.png",
        "top spec.yaml conv1 --filter 0 --images folder",
        "exemplar spec.yaml conv1 --filter 0 --steps 3",
        "occlusion spec.yaml --image good.png",
        "gradients spec.yaml --image good.png",
    ],
    ids=lambda words: words.split()[0],
)
def test_device(words: str, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every subcommand runs its network on the device and computes what it computes on the CPU."""
    look(*words.split(), "-o", "here.npz")
    used: list[torch.device] = []
    init = see.Network.__init__

    def recorded(self: see.Network, *args: object, **keywords: object) -> None:
        init(self, *args, **keywords)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # passed through
        used.append(self.device)

    monkeypatch.setattr(see.Network, "__init__", recorded)
    look(*words.split(), "--device", device, "-o", "there.npz")
    assert used == [torch.device(device)]
    here, there = arrays("here.npz"), arrays("there.npz")
    assert here.keys() == there.keys()
    for name, values in here.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(there[name], values, rtol=1e-3, atol=1e-3)


@pytest.mark.usefixtures("here")
def test_no_such_device() -> None:
    status, _, err = ran("see", "filters", "spec.yaml", "conv1", "--device", "gpu")
    assert status == 1
    assert err.startswith("error[NS711]: the device 'gpu' cannot be used\n  = ")
