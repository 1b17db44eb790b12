"""``netspec expand``, ``ops`` and ``schema`` as commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netspec.formatting import format_text
from netspec.schema import rendered
from tests.cli_support import ran


def test_expand() -> None:
    said = ran("expand", "siamese")
    assert (said.status, said.err) == (0, "")
    text = said.out
    assert text.startswith("# siamese, laid out flat\nnetspec: 1\nname: siamese\n")
    assert max(map(len, text.splitlines())) <= 120
    assert "  other.conv1: {conv2d: 64, kernel: 10, activation: relu, from: right, share: tower.conv1}\n" in text


def test_what_it_prints_checks(tmp_path: Path) -> None:
    for name in ("lenet5", "srcnn@9-3-5", "resnet@18", "googlenet@with_aux"):
        file = tmp_path / "flat.yaml"
        file.write_text(ran("expand", name).out, encoding="utf-8")
        assert "\nexpect: {" in file.read_text(encoding="utf-8")
        said = ran("check", str(file))
        assert said.status == 0, said.out


@pytest.mark.parametrize("name", ["bert", "densenet_cifar", "filters_3d", "maxvit", "seq2seq", "yolov3"])
def test_what_it_prints_is_formatted(name: str) -> None:
    text = ran("expand", name).out
    assert text.startswith("# ")
    assert format_text(text) == text


def test_settings() -> None:
    text = ran("expand", "resnet@18", "--set", "classes=7").out
    assert "  fc: {dense: 7}\n" in text
    assert "expect" not in text


def test_expectations_that_hold_with_settings(tmp_path: Path) -> None:
    file = tmp_path / "spec.yaml"
    file.write_text(
        """netspec: 1
params: {classes: 10, width: 8}
input: [3, 8, 8]
layers:
  conv: {conv2d: $width, kernel: 3}
  mean: global_avg_pool
  fc: {dense: $classes}
expect: {params: 314, macs: "<= 1M", output: [$classes], receptive_field: all}
""",
        encoding="utf-8",
    )
    text = ran("expand", str(file), "--set", "classes=5").out
    assert text.endswith('\nexpect: {macs: "<= 1M", output: [5], receptive_field: all}\n')


@pytest.mark.parametrize(("arguments", "message"), [
    (("expand", "resnet@19"), "error[NS224]: 'resnet' has no variant '19'\n"),
    (("expand", "nothing.yaml"), "error[NS109]: the file cannot be read: there is no such file\n"),
    (("ops", "conv4d"), "error[NS206]: there is no operation 'conv4d'\n  = help: did you mean 'conv"),
    (("schema", "-o", "no/folder.json"), "error[NS705]: cannot write 'no/folder.json': its folder does not exist\n"),
])  # fmt: skip
def test_what_is_wrong(arguments: tuple[str, ...], message: str) -> None:
    said = ran(*arguments)
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(message)


def test_ops() -> None:
    every = ran("ops")
    assert every.status == 0
    assert max(map(len, every.out.splitlines())) <= 80
    assert "  conv1d/2d/3d               Convolution (cross-correlation)" in every.out
    assert json.loads(ran("ops", "relu", "--format", "json").out)["activation"] is True
    assert ran("ops", "relu", "--format", "markdown").out.startswith("# relu\n")


def test_schema(tmp_path: Path) -> None:
    assert ran("schema") == (0, rendered(), "")
    file = tmp_path / "schema.json"
    assert ran("schema", "-o", str(file)) == (0, "", "")
    assert file.read_text(encoding="utf-8") == rendered()
