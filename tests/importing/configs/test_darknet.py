"""Darknet's files: layers, the sizes of released weight files, and what has no equivalent."""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec import Error
from netspec.formatting import format_text
from netspec.importing.configs import ImportedConfig, import_config
from netspec.importing.import_refused import ImportRefused

NET = "[net]\nbatch=1\nwidth=32\nheight=32\nchannels=3\n\n"


def imported(folder: Path, text: str, name: str = "net.cfg") -> ImportedConfig:
    """The import of a file with this text."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    result = import_config(str(file))
    assert format_text(result.text) == result.text
    return result


def cfg(layers: str, size: int = 416) -> str:
    """A file in short: ``c32,3,2`` is a convolution with batch normalisation, ``h255`` one without before a head."""
    sections = [f"[net]\nwidth={size}\nheight={size}\nchannels=3"]
    for word in layers.split():
        kind, numbers = word[0], word[1:].split(",")
        if kind == "c":
            stride = numbers[2] if len(numbers) > 2 else "1"
            sections.append(
                f"[convolutional]\nbatch_normalize=1\nfilters={numbers[0]}\nsize={numbers[1]}\nstride={stride}\npad=1\n"
                "activation=leaky"
            )
        elif kind == "h":
            sections.append(
                f"[convolutional]\nsize=1\nstride=1\npad=1\nfilters={numbers[0]}\nactivation=linear\n[yolo]"
            )
        elif kind == "p":
            sections.append(f"[maxpool]\nsize=2\nstride={numbers[0]}")
        elif kind == "s":
            sections.append(f"[shortcut]\nfrom={numbers[0]}\nactivation=linear")
        elif kind == "g":
            sections.append(f"[route]\nlayers={numbers[0]}\ngroups=2\ngroup_id=1")
        elif kind == "r":
            sections.append(f"[route]\nlayers={','.join(numbers)}")
        else:
            sections.append("[upsample]\nstride=2")
    return "\n\n".join(sections) + "\n"


TINY3 = (
    "c16,3 p2 c32,3 p2 c64,3 p2 c128,3 p2 c256,3 p2 c512,3 p1 c1024,3 c256,1 c512,3 h255 r-4 c128,1 u r-1,8 c256,3 h255"
)
CSP = "c{0},3 g-1 c{1},3 c{1},3 r-1,-2 c{0},1 r-6,-1 p2"
TINY4 = (
    f"c32,3,2 c64,3,2 {CSP.format(64, 32)} {CSP.format(128, 64)} {CSP.format(256, 128)} "
    "c512,3 c256,1 c512,3 h255 r-4 c128,1 u r-1,23 c256,3 h255"
)
FIVE = "c{0},1 c{1},3 c{0},1 c{1},3 c{0},1 c{1},3 h255"
STAGES = " ".join(
    f"c{2 * n},3,2 " + " ".join([f"c{n},1 c{2 * n},3 s-3"] * repeat)
    for n, repeat in ((32, 1), (64, 2), (128, 8), (256, 8), (512, 4))
)
YOLO3 = (
    f"c32,3 {STAGES} {FIVE.format(512, 1024)} r-4 c256,1 u r-1,61 {FIVE.format(256, 512)} "
    f"r-4 c128,1 u r-1,36 {FIVE.format(128, 256)}"
)


@pytest.mark.parametrize(
    ("layers", "size"),
    [(TINY3, 35_434_956), (TINY4, 24_251_276), (YOLO3, 248_007_048)],
    ids=["yolov3-tiny", "yolov4-tiny", "yolov3"],
)
def test_released_weights_have_these_numbers(layers: str, size: int, tmp_path: Path) -> None:
    """A weight file has a header of 20 bytes, then all parameters and running statistics in single precision."""
    graph = imported(tmp_path, cfg(layers)).graph
    assert sum(p.elements for p in graph.parameters if p.dtype == "float32") == (size - 20) // 4


def test_residual_units_are_repeated(tmp_path: Path) -> None:
    result = imported(tmp_path, cfg(YOLO3), "yolov3.cfg")
    assert len(result.text.splitlines()) == 57
    assert result.text.startswith(
        "# made from Darknet's yolov3.cfg by netspec import\nnetspec: 1\nname: yolov3\ncite: Darknet's yolov3.cfg\n"
        "input: [3, 416, 416]\ndefaults: {leaky_relu: {slope: 0.1}}\n\nblocks:\n  Conv:\n"
        "    params: {filters: int, kernel: 1, stride: 1, act: leaky_relu}\n"
    )
    assert "  residual3: {layers: [{Conv: 128}, {Conv: 256, kernel: 3}, {add: input}], repeat: 8}\n" in result.text
    assert "  concat1: {concat: [up1, residual4]}\n" in result.text
    assert result.text.endswith("\noutputs: [head1, head2, head3]\nexpect: {params: 61_949_149}\n")
    assert [result.graph.values[v].shape for v in result.graph.outputs.values()] == [(255, n, n) for n in (13, 26, 52)]
    assert result.notes == ("[yolo] is left out: the output is what it reads, before it makes boxes of it",)


SECTIONS = {
    "[convolutional]\nfilters=4\nsize=3\nstride=2\nactivation=relu": "conv: {conv2d: 4, kernel: 3, stride: 2, activation: relu}",
    "[convolutional]\nfilters=6\nsize=5\ngroups=3\npad=1\nactivation=linear": (
        "conv: {conv2d: 6, kernel: 5, groups: 3, padding: 2}"
    ),
    "[maxpool]\nsize=3\nstride=2": "pool: {max_pool2d: 3, stride: 2, padding: [[1, 0], [1, 0]]}",
    "[maxpool]\nsize=2\nstride=1": "pool: {max_pool2d: 2, stride: 1, padding: same}",
    "[maxpool]\nsize=2\nstride=2\npadding=0": "pool: {max_pool2d: 2}",
    "[avgpool]\n\n[softmax]": "pool: global_avg_pool\n  softmax: softmax",
    "[dropout]\nprobability=.3": "dropout: {dropout: 0.3}",
    "[connected]\noutput=5\nactivation=linear": "flat: flatten\n  fc: {dense: 5}",
    "[connected]\noutput=5\nbatch_normalize=1\nactivation=tanh": (
        "flat: flatten\n  fc: {dense: 5, bias: false}\n  norm: {batch_norm, activation: tanh}"
    ),
    "[reorg]\nstride=2": "reorg: {pixel_unshuffle: 2}",
    "[batchnorm]": "norm: batch_norm",
    "[local]\nfilters=2\nsize=3\npad=1\nactivation=linear": "local: {Local: 2, kernel: 3, padding: 1}",
    "[convolutional]\nfilters=5\nactivation=linear\n[maxpool]\nsize=2\nstride=2\npadding=0\n"
    "[convolutional]\nfilters=8\nactivation=linear\n[shortcut]\nfrom=-3\nactivation=leaky": (
        "conv1: {conv2d: 5, kernel: 1}\n  pool: {max_pool2d: 2}\n  conv2: {conv2d: 8, kernel: 1}\n"
        "  every: {slice: [height, width], step: 2, from: conv1}\n  padded: {pad: [0, 3], axis: channels}\n"
        "  add: {add: [conv2, padded], activation: leaky_relu}"
    ),
    "[convolutional]\nfilters=4\nactivation=swish\n[avgpool]\n[convolutional]\nfilters=4\nactivation=logistic\n"
    "[scale_channels]\nfrom=-3": (
        "conv1: {conv2d: 4, kernel: 1, activation: silu}\n  pool: {global_avg_pool, keepdims: true}\n"
        "  conv2: {conv2d: 4, kernel: 1, activation: sigmoid}\n  scaled: {multiply: [conv2, conv1]}"
    ),
}


@pytest.mark.parametrize("section", SECTIONS)
def test_sections(section: str, tmp_path: Path) -> None:
    assert f"\nlayers:\n  {SECTIONS[section]}\n\n" in imported(tmp_path, f"{NET}{section}\n").text


def test_all_problems_are_listed(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as caught:
        imported(
            tmp_path,
            f"{NET}[convolutional]\nfilters=x\nactivation=ramp\n\n[rnn]\n\n[gru]\n\n[rnn]\n\n[route]\nlayers=-9\n",
        )
    assert str(caught.value) == (
        f"error[NS892]: 'activation=ramp': netspec has no equivalent activation\n --> {tmp_path / 'net.cfg'}\n  = line 7\n\n"
        f"error[NS892]: [rnn]: netspec has no equivalent layer (2 times)\n --> {tmp_path / 'net.cfg'}\n  = line 11, line 15\n\n"
        f"error[NS892]: [gru]: netspec has no equivalent layer\n --> {tmp_path / 'net.cfg'}\n  = line 13\n\n"
        f"error[NS892]: [route]: there is no layer -9 before it\n --> {tmp_path / 'net.cfg'}\n  = line 17\n\n"
        f"error[NS893]: 'filters': must be an integer, not x\n --> {tmp_path / 'net.cfg'}\n  = line 7"
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "NS890"),
        ("[convolutional]\n", "NS890"),
        ("width=3\n", "NS890"),
        ("[net]\nnothing\n", "NS890"),
        ("[net]\n" * 6000, "NS890"),
        (NET, "NS892"),
        (NET + "[convolutional]\nsize=99\n", "NS892"),
        (NET + "[convolutional]\nfilters=999999999\nsize=9\n[convolutional]\nfilters=-1\n", "NS892"),
        (NET + "[maxpool]\nstride=0\n", "NS892"),
        (NET + "[upsample]\nstride=99999\n[upsample]\nstride=99999\n[upsample]\nstride=99999\n", "NS894"),
        (NET + "[batchnorm]\n[route]\nlayers=\n", "NS893"),
        (NET + "[yolo]\n", "NS892"),
    ],
)
def test_bad_files(text: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(Error) as caught:
        imported(tmp_path, text)
    assert caught.value.code == code, str(caught.value)
