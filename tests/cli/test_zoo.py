"""``netspec zoo``: every network in the list, its variants, its text."""

from __future__ import annotations

import pytest

from netspec import zoo
from netspec.cli.zoo import first_sentence
from tests.cli_support import ran


def test_list() -> None:
    said = ran("zoo")
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert [line.split()[0] for line in lines[2 : 2 + len(zoo.names())]] == zoo.names()
    assert max(map(len, lines)) <= 80
    assert next(line for line in lines if line.startswith("vgg16 ")).split()[1:3] == ["138", "M"]
    assert all(line.split()[1] != "-" for line in lines[2 : 2 + len(zoo.names())])


def test_one() -> None:
    said = ran("zoo", "vgg16")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(
        "vgg16\nConfiguration D of Simonyan & Zisserman (2014), with the layer names that Keras\nuses.\n"
    )
    assert "\n\n  vgg16      138,357,544 params    15.5 G MACs\n" in said.out


def test_variants() -> None:
    lines = ran("zoo", "resnet").out.splitlines()
    assert "  resnet@resnet18               11,689,512 params    1.81 G MACs" in lines
    assert "  resnet@resnet50               25,557,032 params    4.09 G MACs" in lines


@pytest.mark.parametrize("names", [("vgg16",), ("lenet5", "stride")])
def test_show(names: tuple[str, ...]) -> None:
    text = "".join(path.read_text(encoding="utf-8") for name in names if (path := zoo.path(name)) is not None)
    assert ran("zoo", "show", *names) == (0, text, "")


@pytest.mark.parametrize(("arguments", "status", "message"), [
    (("show",), 2, "netspec zoo: `show` needs the name of a network\n"),
    (("show", "vgg61"), 1, "error[NS109]: there is no network 'vgg61' in the zoo\n  = help: did you mean 'vgg16'?\n"),
    (("../x",), 1, "error[NS109]: there is no network '../x' in the zoo\n  = help: `netspec zoo` lists them\n"),
])  # fmt: skip
def test_what_is_wrong(arguments: tuple[str, ...], status: int, message: str) -> None:
    assert ran("zoo", *arguments) == (status, "", message)


@pytest.mark.parametrize(("text", "sentence"), [
    ("One. Two.", "One"), ("After He et al. 2015; small. B0.", "After He et al. 2015; small"), ("No end", "No end"),
    ("", ""),
    ("Version 1.1 of it. More", "Version 1.1 of it"),
])  # fmt: skip
def test_first_sentence(text: str, sentence: str) -> None:
    assert first_sentence(text) == sentence
