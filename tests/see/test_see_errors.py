"""Every error of ``netspec see``, with its full text."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netspec import Error
from netspec.backend import Need, installed_backends
from netspec_see import output_options, see_errors
from tests.cli_support import ran

from .support import picture
from .test_images import png

SPEC = """\
netspec: 1
name: net
input: [3, 12, 12]
layers:
  conv1: {conv2d: 4, kernel: 3, activation: relu}
  pool1: {max_pool2d: 2}
  flatten: flatten
  fc: {dense: 3, activation: softmax}
"""
VECTOR = SPEC.replace("[3, 12, 12]", "[8]").split("  conv1")[0] + "  fc: {dense: 3}\n"
FIVE = SPEC.replace("[3, 12, 12]", "[5, 12, 12]")
TWO = """\
netspec: 1
name: pair
inputs: {left: [3, 8, 8], right: [3, 8, 8]}
layers:
  last: {add: [left, right]}
"""
REST = {
    "vector.yaml": VECTOR,
    "five.yaml": FIVE,
    "two.yaml": TWO,
    "spec.yaml": SPEC,
    "names.txt": "cat\ndog\nbird\n",
    "short.txt": "cat\ndog\n",
    "text.png": "no picture",
}

ROWS = {
    "layer": ("filters spec.yaml conv2", """\
error[NS801]: there is no layer 'conv2' in 'net'
  = help: did you mean 'conv1'?"""),
    "layer like none": ("filters spec.yaml backbone", """\
error[NS801]: there is no layer 'backbone' in 'net'
  = help: layers: conv1, pool1, flatten, fc"""),
    "layers": ("activations spec.yaml --image good.png --layers conv1,pool", """\
error[NS801]: there is no layer 'pool' in 'net'
  = help: did you mean 'pool1'?"""),
    "filter": ("filters spec.yaml conv1 --filter 0,4", """\
error[NS802]: layer 'conv1' has filters 0 to 3; found 4"""),
    "filter of a vector": ("exemplar spec.yaml fc --filter 7", """\
error[NS802]: layer 'fc' has filters 0 to 2; found 7"""),
    "filter of activations": ("activations spec.yaml --image good.png --layers pool1 --filter 9", """\
error[NS802]: layer 'pool1' has filters 0 to 3; found 9"""),
    "nothing to maximise": ("exemplar spec.yaml conv1", """\
error[NS820]: no filter and no direction is given to maximise
  = help: --filter N,A-B selects filters or classes, --direction N:WEIGHT,N:WEIGHT a sum of them"""),
    "direction and filter": ("exemplar spec.yaml conv1 --filter 0 --direction 1", """\
error[NS712]: --direction names its own filters
  = help: drop --filter or --direction"""),
    "direction of a neuron": ("exemplar spec.yaml conv1 --direction 1 --objective neuron", """\
error[NS712]: --direction is averaged over all positions; --objective neuron maximises one position
  = help: drop --objective neuron or --direction"""),
    "position of a channel": ("exemplar spec.yaml conv1 --filter 0 --at 1,1", """\
error[NS712]: --at ROW,COLUMN is the position of a neuron; --objective channel is averaged over all positions
  = help: add --objective neuron, or drop --at"""),
    "plain in frequencies": ("exemplar spec.yaml conv1 --filter 0 --method fourier --plain", """\
error[NS712]: --plain is an option of --method pixels
  = help: --jitter 0 --rotation 0 --scaling 0 disables the transformations"""),
    "blur of frequencies": ("exemplar spec.yaml conv1 --filter 0 --method fourier --blur 0.5", """\
error[NS712]: --blur is an option of --method pixels
  = help: drop --blur, or use --method pixels"""),
    "rotation of pixels": ("exemplar spec.yaml conv1 --filter 0 --rotation 5", """\
error[NS712]: --rotation is an option of --method fourier
  = help: drop --rotation, or use --method fourier"""),
    "plain with a blur": ("exemplar spec.yaml conv1 --filter 0 --plain --blur 1", """\
error[NS712]: --plain disables what --blur describes
  = help: drop --plain or --blur"""),
    "diversity of one image": ("exemplar spec.yaml conv1 --filter 0 --diversity 2", """\
error[NS712]: --diversity keeps several images of one objective different, and --count is 1
  = help: add --count N, or drop --diversity"""),
    "steps of saliency": ("gradients spec.yaml --image good.png --method saliency --steps 9", """\
error[NS712]: --steps is an option of --method integrated
  = help: drop --steps, or use --method integrated"""),
    "grid of saliency": ("gradients spec.yaml --image good.png --method saliency,integrated --grid 7x7", """\
error[NS712]: --grid is an option of --method grad-cam or rollout
  = help: drop --grid, or use --method rollout"""),
    "target of a rollout": ("gradients spec.yaml --image good.png --method rollout --target 1", """\
error[NS712]: --target is an option of --method saliency, integrated or grad-cam
  = help: drop --target, or use --method grad-cam"""),
    "filter of a direction": ("exemplar spec.yaml conv1 --direction 1,9:2", """\
error[NS802]: layer 'conv1' has filters 0 to 3; found 9"""),
    "no such neuron": ("exemplar spec.yaml conv1 --filter 0 --objective neuron --at 10,0", """\
error[NS820]: layer 'conv1' has rows 0 to 9 and columns 0 to 9; found row 10, column 0"""),
    "grid": ("gradients spec.yaml --image good.png --grid 14x14", """\
error[NS818]: no layer of 'net' before the scores has tokens for a grid of 14x14"""),
    "rollout": ("gradients spec.yaml --image good.png --method rollout", """\
error[NS819]: attention rollout needs attention layers; 'net' has none"""),
    "no places": ("top spec.yaml fc --filter 0 --images folder", """\
error[NS803]: layer 'fc' (3) has no height and width
  = help: the last layer that has them is 'pool1'"""),
    "no places for Grad-CAM": ("gradients spec.yaml --image good.png --layer flatten", """\
error[NS803]: layer 'flatten' (100) has no height and width
  = help: the last layer that has them is 'pool1'"""),
    "no kernels": ("filters spec.yaml pool1", """\
error[NS804]: layer 'pool1' (max_pool2d) has no kernels
  = help: layers with kernels: conv1"""),
    "no image": ("activations vector.yaml --image good.png", """\
error[NS805]: input 'input' of 'net' is not an image: float32 (channels)
  = help: an image is declared as [channels, height, width]"""),
    "two inputs": ("activations two.yaml --image good.png", """\
error[NS805]: 'pair' has 2 inputs: left, right; netspec see needs one, an image"""),
    "no file": ("activations spec.yaml --image gone.png", """\
error[NS806]: cannot read image 'gone.png': there is no such file"""),
    "folder for a file": ("activations spec.yaml --image folder", """\
error[NS806]: cannot read image 'folder': it is not a regular file"""),
    "a pipe": ("activations spec.yaml --image pipe.png", """\
error[NS806]: cannot read image 'pipe.png': it is not a regular file"""),
    "no picture": ("activations spec.yaml --image text.png", """\
error[NS806]: cannot read image 'text.png': it is not a PNG, JPEG, WebP, GIF, BMP or TIFF image"""),
    "cut off": ("occlusion spec.yaml --image half.png", """\
error[NS806]: cannot read image 'half.png': it is broken"""),
    "another size": ("gradients spec.yaml --image wide.png --fit exact", """\
error[NS807]: 'wide.png' is 30 wide and 20 high; the network expects 12 and 12
  = help: --fit crop, pad or stretch scales it"""),
    "five channels": ("activations five.yaml --image good.png", """\
error[NS807]: images have 1, 3 or 4 channels; the network expects 5"""),
    "a bomb": ("activations spec.yaml --image bomb.png", """\
error[NS808]: image 'bomb.png' has more than 67,108,864 pixels
  = help: use a smaller copy of it"""),
    "no folder": ("top spec.yaml conv1 --filter 0 --images gone", """\
error[NS809]: there is no folder 'gone'"""),
    "an empty folder": ("top spec.yaml conv1 --filter 0 --images empty", """\
error[NS809]: no image in 'empty' can be read"""),
    "nothing but broken": ("top spec.yaml conv1 --filter 0 --images half.png text.png", """\
error[NS809]: no image in 'half.png', 'text.png' can be read
  = cannot read image 'half.png': it is broken
  = cannot read image 'text.png': it is not a PNG, JPEG, WebP, GIF, BMP or TIFF image"""),
    "means": ("activations spec.yaml --image good.png --mean 0.5,0.5", """\
error[NS811]: mean needs one number, or one for each of 3 channels; found 2"""),
    "deviations": ("activations spec.yaml --image good.png --std 0.5,0,1", """\
error[NS811]: every value of std must be positive; found 0.5, 0, 1"""),
    "class": ("occlusion spec.yaml --image good.png --target 3", """\
error[NS813]: there are classes 0 to 2; found 3"""),
    "class without names": ("occlusion spec.yaml --image good.png --target cat", """\
error[NS813]: there is no class 'cat': classes are numbers, 0 to 2
  = help: --classes FILE names them, one per line"""),
    "class by a wrong name": ("occlusion spec.yaml --image good.png --target bat --classes names.txt", """\
error[NS813]: there is no class 'bat'
  = help: did you mean 'cat'?"""),
    "square": ("occlusion spec.yaml --image good.png --size 13", """\
error[NS814]: the square must be 1 to 12 pixels wide, within the image; found 13"""),
    "stride": ("occlusion spec.yaml --image good.png --size 3 --stride 4", """\
error[NS814]: the stride must be 1 to 3, so that every pixel is covered; found 4"""),
    "ending": ("filters spec.yaml conv1 -o out.jpg", """\
error[NS815]: cannot write 'out.jpg': results are written as .png, .svg, .pdf and .npz"""),
    "a plot as arrays": ("activations spec.yaml --image good.png --plot out.npz", """\
error[NS815]: cannot write 'out.npz': --plot is a picture, written as .png, .svg or .pdf"""),
    "width": ("filters spec.yaml conv1 --width wide", """\
error[NS721]: width must be page, column, slide or a length such as 3.3in or 84mm; found 'wide'"""),
    "narrow": ("filters spec.yaml conv1 --width 2mm", """\
error[NS721]: width must be from 1 in to 100 in; found '2mm'
  = help: units: in, cm, mm, pt"""),
    "font": ("filters spec.yaml conv1 --font good.png", """\
error[NS797]: cannot use the font 'good.png': it is not a TrueType or OpenType file
  = help: extensions: .ttf, .otf, .ttc, .otc"""),
    "names": ("occlusion spec.yaml --image good.png --classes short.txt", """\
error[NS816]: 'short.txt' has 2 lines; it needs one name per line for each of the 3 classes of the network"""),
    "names that are no text": ("occlusion spec.yaml --image good.png --classes good.png", """\
error[NS816]: cannot read class names from 'good.png': it is not UTF-8"""),
    "no names": ("occlusion spec.yaml --image good.png --classes gone.txt", """\
error[NS816]: cannot read class names from 'gone.txt': no such file or directory"""),
    "no such place": ("filters spec.yaml conv1 -o gone/out.png", """\
error[NS705]: cannot write 'gone/out.png': its folder does not exist"""),
    "weights": ("filters spec.yaml conv1 --weights good.png", """\
error[NS706]: cannot read 'good.png': its extension must be one of .bin, .pt, .pth, .safetensors"""),
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the rows use."""
    monkeypatch.chdir(tmp_path)
    for name, text in REST.items():
        Path(name).write_text(text, encoding="utf-8")
    picture(Path("good.png"))
    picture(Path("wide.png"), (30, 20))
    picture(Path("folder/a.png"))
    Path("empty").mkdir()
    Path("half.png").write_bytes(Path("good.png").read_bytes()[:80])
    Path("bomb.png").write_bytes(png(20_000, 20_000))
    os.mkfifo("pipe.png")
    return tmp_path


@pytest.mark.parametrize("row", list(ROWS))
@pytest.mark.usefixtures("here")
def test_text(row: str) -> None:
    words, text = ROWS[row]
    status, out, err = ran("see", *words.split())
    assert err == text + "\n"
    assert out == ""
    assert status == 1


WRONG = {
    "a range backwards": ("filters spec.yaml conv1 --filter 5-3", "'5-3' is not a range of at most 10,000 numbers"),
    "no number": ("filters spec.yaml conv1 --filter -1", "'-1' is not a list of numbers such as 3 or 0,2,5-7"),
    "too many": ("filters spec.yaml conv1 --filter 0-99999", "'0-99999' is not a range of at most 10,000 numbers"),
    "letters": ("filters spec.yaml conv1 --filter a", "'a' is not a list of numbers such as 3 or 0,2,5-7"),
    "mean": ("activations spec.yaml --image a --mean x", "'x' is not a number"),
    "infinite": ("activations spec.yaml --image a --mean inf", "'inf' is not a finite number"),
    "steps": ("exemplar spec.yaml conv1 --filter 0 --steps 0", "'0' is not an integer from 1 to 1,000,000"),
    "rate": ("exemplar spec.yaml conv1 --filter 0 --rate 0", "'0' is not greater than 0"),
    "blur": ("exemplar spec.yaml conv1 --filter 0 --blur -2", "'-2' is not a number from 0 to 1000"),
    "jitter": ("exemplar spec.yaml conv1 --filter 0 --jitter 1.5", "'1.5' is not an integer, 0 or more"),
    "method": (
        "gradients spec.yaml --image a --method lime",
        "there is no method 'lime'; available methods: saliency, integrated, grad-cam, rollout",
    ),
    "dpi": (
        "filters spec.yaml conv1 --dpi 3",
        "'3' is not a number of pixels per inch from 10 to 2400",
    ),
    "grid": ("gradients spec.yaml --image a --grid 14", "'14' is not a grid such as 14x14, 0:14x14 or 14x14+1"),
    "direction": ("exemplar spec.yaml conv1 --direction x", "'x' is not a direction such as 3,7:-0.5"),
    "scaling": ("exemplar spec.yaml conv1 --filter 0 --scaling 1", "'1' is not a number from 0 to less than 1"),
    "no filter": ("top spec.yaml conv1 --images a", "the following arguments are required: --filter"),
    "what": ("feel spec.yaml", "argument WHAT: invalid choice: 'feel'"),
}


@pytest.mark.parametrize("row", list(WRONG))
def test_usage(row: str) -> None:
    words, text = WRONG[row]
    status, _, err = ran("see", *words.split())
    assert status == 2
    assert text in err.replace("\n", " ")


NEEDS = (
    *see_errors.NEEDS,
    *output_options.FONTS,
    *(need for needs in output_options.PICTURES.values() for need in needs),
)


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.module)
def test_missing_library(need: Need, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> object | None:
        return None if name == need.module else object()

    monkeypatch.setattr(installed_backends, "find_spec", find)
    with pytest.raises(Error) as error:
        see_errors.require_libraries(NEEDS)
    assert str(error.value) == (f"error[NS810]: netspec see needs {need.product}: pip install {need.packages}")


def test_a_network_without_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("spec.yaml").write_text(
        "netspec: 1\nname: net\ninput: [1, 4, 4]\nlayers:\n  r: {reshape: [2, 2, 4]}\n", encoding="utf-8"
    )
    Image.fromarray(np.zeros((4, 4), np.uint8)).save("a.png")
    for words in ("gradients spec.yaml --image a.png", "occlusion spec.yaml --image a.png --size 2 --stride 1"):
        status, _, err = ran("see", *words.split())
        assert status == 1
        assert err == ("error[NS812]: the output of 'net' has no class axis\n")
    status, _, err = ran("see", "exemplar", "spec.yaml", "r", "--filter", "0")
    assert err == "error[NS812]: layer 'r' has no channel axis, so its filters cannot be selected\n"
