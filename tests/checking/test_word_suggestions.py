"""Words and axes that fit: the help of ``netspec check`` and of ``netspec.loads`` is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from netspec.checking.spec import Spec
from netspec.checking.verified_suggestions import with_suggestion
from tests.cli_support import ran
from tests.test_schema import faults


def helps(text: str) -> list[str | None]:
    """The help of every problem of a spec."""
    spec = Spec("<text>", "netspec: 1\n" + text)
    return [d.help for d in with_suggestion(spec, spec.elaborate()).diagnostics]


@pytest.mark.parametrize(("shape", "rank"), [("[3, 100]", 1), ("[3, 32, 32]", 2), ("[3, 8, 8, 8]", 3)])
def test_the_operation_that_fits_the_input(shape: str, rank: int) -> None:
    layers = "layers:\n  c: {conv: 8, kernel_size: 3}\n  p: {maxpool: 2}\n  q: {avgpool: {pool_size: 2}, from: c}\n  s: {add: [p, q]}\n"
    assert helps(f"input: {shape}\n{layers}") == [
        f"write {{conv{rank}d: 8, kernel: 3}}",
        f"write {{max_pool{rank}d: 2}}",
        f"write {{avg_pool{rank}d: 2, from: c}}",
    ]


def test_each_variant_has_its_own_help() -> None:
    text = "netspec: 1\nparams: {shape: [3, 100]}\nvariants: {image: {shape: [3, 32, 32]}}\ninput: $shape\n"
    spec = Spec("<text>", text + "layers: [{conv: 8, kernel: 3}]\n")
    for variant, rank in ((None, 1), ("image", 2), (None, 1)):
        result = with_suggestion(spec, spec.elaborate(variant))
        assert [d.help for d in result.diagnostics] == [f"write {{conv{rank}d: 8, kernel: 3}}"]


def test_nothing_arrives() -> None:
    others = "; conv1d or conv3d on other inputs"
    assert helps("input: [3, 100]\nlayers: [rlu, {conv: 8, kernel: 3}]\n") == [
        "did you mean 'relu'?",
        f"write {{conv2d: 8, kernel: 3}}{others}",
    ]
    assert helps("input: [100]\nlayers: [{conv: 8, kernel: 3}]\n") == [f"write {{conv2d: 8, kernel: 3}}{others}"]


@pytest.mark.parametrize(("text", "help"), [
    ("input: [1, 3, 28, 28]\nlayers: [{conv2d: 8, kernel: 3}]", "the batch axis is implied: input: [3, 28, 28]"),
    ("inputs: {x: [1, 3, 28, 28]}\nlayers: [{conv2d: 8, kernel: 3}]", "the batch axis is implied: x: [3, 28, 28]"),
    ("layout: channels_last\ninput: [28, 28]\nlayers: [{conv2d: 8, kernel: 3}]",
     "an image has an axis for its channels: input: [28, 28, 1]; or 'conv1d' works on 2 axes"),
    ("input: [32, 3, 100]\nlayers: [{conv1d: 8, kernel: 3}]", "the batch axis is implied: input: [3, 100]"),
    ("input: [3, 28, 28]\nlayers: [flatten, {conv2d: 8, kernel: 3}]", None),
    ("input: [1, 3, 28, 28]\nlayers: [{conv2d: 8, kernel: 99}]", "'conv3d' works on 4 axes"),
])  # fmt: skip
def test_the_axes_that_fit(text: str, help: str | None) -> None:
    assert helps(text) == [help]


def test_python_and_the_command_line_say_the_same(tmp_path: Path) -> None:
    text = "netspec: 1\ninput: [3, 100]\nlayers:\n  c: {conv: 8, kernel: 3}\n"
    path = tmp_path / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(netspec.Error) as caught:
        netspec.load(path)
    assert ran("check", str(path)).out == f"{caught.value}\n\n1 error\n"


@pytest.mark.parametrize(("name", "help"), [
    ("Conv2D", "'Conv2D' is called 'conv2d' in netspec"), ("cnv2d", "did you mean 'conv2d'?"),
    ("xyzzy", "`netspec ops` lists the operations"),
])  # fmt: skip
def test_operations_by_other_words(name: str, help: str) -> None:
    assert ran("ops", name).err == f"error[NS206]: there is no operation '{name}'\n  = help: {help}\n"


def test_version_with_a_point() -> None:
    text = "netspec: 1.0\ninput: [3]\nlayers: [relu]\n"
    assert netspec.loads(text).values[-1].shape == (3,)
    assert faults(text) == []
