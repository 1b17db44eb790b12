"""``netspec zoo``: every network in the list, its variants, its text."""

from __future__ import annotations

import pytest

from netspec import zoo
from netspec.checking.spec import Spec
from netspec.checking.spec_names import find_network
from netspec.cli.zoo import parameter_count, stated_parameter_count
from tests.cli_support import ran


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
def test_list(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every network, with the whole of its description."""
    monkeypatch.setenv("COLUMNS", str(columns))
    said = ran("zoo")
    assert (said.status, said.err) == (0, "")
    lines = said.out.split("\n\n")[0].splitlines()[2:]
    heads = [line for line in lines if line[0] != " "]
    assert [line.split()[0] for line in heads] == zoo.names()
    assert max(map(len, said.out.splitlines())) <= columns
    assert next(line for line in heads if line.startswith("vgg16 ")).split()[1:3] == ["138", "M"]
    assert all(line.split()[1] != "-" for line in heads)
    words = " ".join(line[42:].strip() if columns > 60 else line.strip() for line in lines)
    for text in (
        "Liu et al. 2022, A ConvNet for the 2020s, Section 2",
        "Configuration D of Simonyan & Zisserman (2014),",
    ):
        assert text in words
    assert "…" not in said.out


@pytest.mark.parametrize("name", ["vgg16", "resnet", "vit", "gpt2", "unet", "mobilenet_v2"])
def test_the_number_of_parameters_is_the_one_that_the_spec_expects(name: str) -> None:
    spec = Spec(str(find_network(name)))
    assert spec.document is not None
    assert stated_parameter_count(spec.document) == parameter_count(spec)


@pytest.mark.parametrize(("text", "count"), [
    ("expect: {params: 20}", 20),
    ("variants: {other: {n: 5, expect: {params: 25}}, same: {n: 4, expect: {params: 20}}}", 20),
    ("variants: {other: {n: 5, expect: {params: 25}}}", None),
    ("variants: {same: {n: 4, expect: {params: <= 30}}}", None),
    ("expect: {macs: 16}", None),
    ("expect: 16", None),
    ("", None),
])  # fmt: skip
def test_which_expectation_is_that_of_the_defaults(text: str, count: int | None) -> None:
    spec = Spec("net.yaml", f"netspec: 1\nparams: {{n: 4}}\ninput: [4]\nlayers: [{{dense: $n}}]\n{text}")
    assert spec.document is not None
    assert stated_parameter_count(spec.document) == count


def test_the_descriptions_of_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert (
        """\
convnext                28.6 M         5  Liu et al. 2022, A ConvNet for the
                                          2020s, Section 2
"""
        in ran("zoo").out
    )
    monkeypatch.setenv("COLUMNS", "60")
    assert (
        """\
convnext                28.6 M         5
  Liu et al. 2022, A ConvNet for the 2020s, Section 2
"""
        in ran("zoo").out
    )


def test_one() -> None:
    said = ran("zoo", "vgg16")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(
        "vgg16\nConfiguration D of Simonyan & Zisserman (2014), with the layer names that Keras\nuses.\n"
    )
    assert "\n\n  vgg16      138,357,544 params    15.5 G MACs\n" in said.out


def test_variants() -> None:
    lines = ran("zoo", "resnet").out.splitlines()
    assert "  resnet@18                     11,689,512 params    1.81 G MACs" in lines
    assert "  resnet@50                     25,557,032 params    4.09 G MACs" in lines


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


def test_parameters_have_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert ran("zoo", "swin_v2").out.split("MACs\n")[-1].partition("\n\nnamed")[0] == (
        """
parameters (--set NAME=VALUE) and their defaults
  classes    1000
  width      96
  window     8
  depths     [2, 2, 6, 2]
  head       32; features of a head
  drop_path  0.2"""
    )
    assert '  depths     "$([s[1] for s in stages])"\n' in ran("zoo", "convnext").out
    assert "  shortcut  OptionA; one of OptionA, OptionB\n" in ran("zoo", "cifar_resnet").out


def test_named_sizes_have_defaults_and_promises() -> None:
    assert ran("zoo", "gpt2").out.endswith(
        """  dropout     0.1

named sizes (--at NAME=SIZE) and their defaults
  n  $context; at most $context
"""
    )
    title = "named sizes (--at NAME=SIZE) and their defaults\n"
    sizes = "  H  $size; multiple of $step\n  W  $size; multiple of $step\n"
    assert ran("zoo", "unet").out.partition(title)[2] == sizes
    assert title not in ran("zoo", "lenet5").out


def test_networks_of_the_zoo_are_listed_by_name() -> None:
    """Not by the path of the file, which depends on the machine."""
    said = ran("check", "lenet5", "resnet@18")
    assert said.status == 0
    assert [line.split()[:2] for line in said.out.splitlines()[:2]] == [["ok", "lenet5"], ["ok", "resnet@18"]]
