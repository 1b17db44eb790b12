"""Networks of the zoo by the names of their variants."""

from __future__ import annotations

import pytest

import netspec
from netspec.checking.spec_names import find_network, find_spec
from netspec.checking.zoo_variants import similar_network
from netspec.diagnostics import Error
from tests.cli_support import ran


@pytest.mark.parametrize(("name", "network", "variant"), [
    ("resnet50", "resnet", "50"),  # deeplabv3 and fcn have a variant of that name
    ("densenet121", "densenet", "121"),
    ("llama3_8b", "llama", "llama3_8b"),
    ("gemma2_2b", "gemma2", "2b"),
    ("efficientnet_b0", "efficientnet", "b0"),
    ("vit_b_16", "vit", "b_16"),
    ("swin_t", "swin", "t"),
    ("swin_v2_t", "swin_v2", "t"),
    ("efficientnet_v2_s", "efficientnet", "v2_s"),
])  # fmt: skip
def test_variant(name: str, network: str, variant: str) -> None:
    file, actual = find_spec(name)
    assert (file.rsplit("/", 1)[-1], actual) == (f"{network}.yaml", variant)
    assert find_network(name).stem == network


def test_network_before_variant() -> None:
    assert find_spec("vgg16")[1] is None
    assert find_spec("googlenet")[1] is None


def test_several() -> None:
    with pytest.raises(Error) as caught:
        find_spec("b_16")
    assert str(caught.value) == (
        "error[NS109]: several networks of the zoo have a variant 'b_16'\n"
        "  = help: name one: clip@b_16 or mlp_mixer@b_16 or vit@b_16"
    )


@pytest.mark.parametrize(("name", "known"), [
    ("ResNet-50", "resnet@50"), ("EfficientNetB0", "efficientnet@b0"), ("VGG-16", "vgg16"), ("lenet6", "lenet"),
    ("densnet121", "densenet@121"), ("VGG19", "vgg@19"),
])  # fmt: skip
def test_similar(name: str, known: str) -> None:
    assert similar_network(name) == f"did you mean '{known}'?"


def test_nothing_similar() -> None:
    assert similar_network("x7") is None


def test_every_command_and_function() -> None:
    assert netspec.load("resnet50", classes=10).values[-1].shape == (10,)
    assert "25,557,032" in ran("check", "resnet50").out
    assert ran("expand", "resnet50").out.startswith("# resnet50, laid out flat\n")
    assert "conv2d" in ran("explain", "resnet50", "conv1").out
    assert ran("zoo", "resnet50").out == ran("zoo", "resnet").out
    assert ran("zoo", "show", "resnet50").out == ran("zoo", "show", "resnet").out


@pytest.mark.parametrize(("file", "known"), [("vgg16.yaml", "vgg16"), ("there/resnet50.yaml", "resnet@50")])
def test_file_that_only_the_zoo_has(file: str, known: str) -> None:
    said = ran("check", file)
    assert said.status == 1
    assert said.out == (
        "error[NS109]: the file cannot be read: there is no such file\n"
        f" --> {file}\n"
        f"  = help: the zoo has it under the name {known}\n\n1 error\n"
    )
