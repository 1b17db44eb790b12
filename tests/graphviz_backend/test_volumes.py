"""Feature maps as volumes: which maps, in which form, and what captions and legend say."""

from __future__ import annotations

from typing import Any

import pytest

import netspec
from netspec.analysis import analyze
from netspec.backend import BackendError
from netspec_graphviz import draw
from netspec_graphviz.options import parse_options
from netspec_graphviz.volumes.captions import Wording
from netspec_graphviz.volumes.feature_maps import feature_maps
from netspec_graphviz.volumes.maps import Map
from netspec_graphviz.volumes.volume_forms import forms_of
from netspec_graphviz.volumes.volume_scene import brush_for

from ..figures.geometry import faults, smallest_text
from .support import names, network, texts


def maps(spec: str, **given: Any) -> list[Map]:
    return next(feature_maps(analyze(network(spec)), parse_options({"style": "volumes", **given})))


def form(spec: str) -> str:
    result = maps(spec)
    return next(forms_of(result, brush_for(result, dark=False), None, Wording(result))).name


def test_the_maps_of_lenet() -> None:
    result = maps("lenet5")
    assert [m.name for m in result] == ["input", "c1", "s2", "c3", "s4", "c5", "f6", "output"]
    assert [m.window for m in result] == [(), (5, 5), (2, 2), (5, 5), (2, 2), (5, 5), (), ()]
    assert [m.sources for m in result[1:]] == [(i,) for i in range(7)]
    assert [m.segments for m in result[1:3]] == [("tanh",), ("sigmoid",)]


FORMS = {
    "lenet5": "planes",
    "vgg16": "row",
    "autoencoder": "row",
    "unet": "levels",
    "segnet": "levels",
    "yolov3": "levels",
    "unet3d": "levels",
    "deeplabv3": "branches",
    "alphazero": "branches",
    "siamese": "layers",
}


@pytest.mark.parametrize("spec", FORMS)
def test_the_form_follows_from_the_network(spec: str) -> None:
    assert form(spec) == FORMS[spec]


@pytest.mark.parametrize(
    "spec", ["lenet5", "alexnet_2012", "resnet@50", "yolov3", "deeplabv3", "siamese", "c3d", "tcn"]
)
def test_figures_have_no_faults(spec: str) -> None:
    scene = draw(network(spec), style="volumes").scene
    assert faults(scene) == []
    assert scene.width <= 6.5 * 72
    assert scene.height <= 9 * 72
    assert smallest_text(scene) >= 6.0


@pytest.mark.parametrize("spec", ["vgg16", "unet"])
def test_figures_fit_a_column(spec: str) -> None:
    scene = draw(network(spec), style="volumes", width="column", dark=True).scene
    assert faults(scene) == []
    assert scene.width <= 3.3 * 72
    assert smallest_text(scene) >= 6.0


def test_a_slide_has_larger_text() -> None:
    scene = draw(network("alexnet_2012"), style="volumes", width="slide").scene
    assert faults(scene) == []
    assert (scene.width <= 13.3 * 72, scene.height <= 7.5 * 72) == (True, True)
    assert smallest_text(scene) > 15.0


def test_maps_of_one_size_touch_and_have_one_caption() -> None:
    result = texts(draw(network("vgg16"), style="volumes").scene)
    assert result[:5] == ["3×224×224", "input", "64×224×224", "block1_conv1–2", "128×112×112"]
    assert "block2_pool" not in result  # the legend says what is green
    assert result[-3:] == ["conv2d 3×3 + ReLU", "max_pool2d 2×2", "dense"]
    assert result.count("ReLU") == 2  # of two of the three dense layers


def test_captions_say_what_the_legend_does_not() -> None:
    result = texts(draw(network("alexnet_2012"), style="volumes").scene)
    assert result[3:6] == ["conv1", "11×11", "stride 4"]
    assert {"5×5", "groups 2", "conv2d + ReLU", "max_pool2d 3×3, stride 2"} <= set(result)
    assert {"dilation 2"} <= {t for m in maps("tcn", depth=3) for t in m.arguments.values()}


def test_a_concatenation_has_its_parts() -> None:
    concat = next(m for m in maps("unet") if m.operation == "concat")
    assert concat.parts == ((512, 11), (512, 15))
    assert concat.role_of == {15: "tensor", 11: "skip"}


def test_closed_blocks_have_their_class_and_number() -> None:
    result = texts(draw(network("resnet@50"), style="volumes").scene)
    assert {"Bottleneck × 3", "Bottleneck × 4", "Bottleneck × 6"} <= set(result)
    assert {"a = 64, s = 1", "a = 512, s = 2, 1", "dashed outline: in some copies only"} <= set(result)
    assert {"downsample", "BN", "output"} <= set(result)  # of the inset
    assert [m.copies for m in maps("resnet@50") if m.is_block] == [1, 2, 1, 3, 1, 5, 1, 2]


def test_opened_blocks() -> None:
    opened = maps("googlenet", opened=["inception3a"])
    assert sum(m.name.startswith("inception3a.") for m in opened) == 5
    concat = next(m for m in opened if m.name == "inception3a.concat")
    assert [n for n, _ in concat.parts] == [64, 128, 32, 32]


def test_positions_of_maxima_are_dotted() -> None:
    scene = draw(network("segnet"), style="volumes").scene
    assert "positions of maxima" in texts(scene)
    assert len(names(scene, "map")) == len(maps("segnet"))


def test_layers_with_the_same_weights_have_the_same_letter() -> None:
    assert {m.letters for m in maps("siamese") if m.kind == "conv"} == {"W"}
    result = texts(draw(network("siamese"), style="volumes").scene)
    assert "W: the same weights" in result
    assert result.count("W") == 2 * 5  # four convolutions and a dense layer in each tower


@pytest.mark.parametrize("spec", ["bert", "gpt2", "seq2seq", "vit"])
def test_networks_over_tokens_are_rejected(spec: str) -> None:
    with pytest.raises(BackendError) as error:
        draw(network(spec), style="volumes").svg()
    assert (error.value.code, error.value.message, error.value.help) == (
        "NS761",
        f"'{spec}' cannot be drawn as volumes: it works on tokens",
        "--style graph draws any network",
    )


def test_a_form_that_does_not_suit_is_rejected() -> None:
    with pytest.raises(BackendError) as error:
        draw(network("vgg16"), style="volumes", form="planes").svg()
    assert (error.value.code, error.value.message, error.value.help) == (
        "NS762",
        "the form planes does not suit 'vgg16'",
        "without --form, the form is chosen; --style graph draws any network",
    )
    titled = draw(network("lenet5"), style="volumes", title="LeNet-5").scene
    assert texts(titled)[0] == "LeNet-5"
    assert "conv2d 5×5 + tanh" in texts(draw(network("lenet5"), style="volumes", form="row").scene)


@pytest.mark.parametrize(
    ("given", "message", "help_"),
    [
        ({"style": "volumes", "shade_by": "macs"}, "volumes has no option 'shade_by'", "styles that have it: graph"),
        ({"form": "row"}, "graph has no option 'form'", "styles that have it: volumes"),
    ],
)
def test_options_that_a_style_lacks_are_rejected(given: dict[str, Any], message: str, help_: str) -> None:
    with pytest.raises(BackendError) as error:
        draw(network("lenet5"), **given).svg()
    assert (error.value.code, error.value.message, error.value.help) == ("NS799", f"the style {message}", help_)


def test_a_figure_that_does_not_fit_says_what_does() -> None:
    with pytest.raises(BackendError) as error:
        draw(network("vgg16"), style="volumes", width="1in").svg()
    assert error.value.code == "NS725"
    assert error.value.message == "no figure with text of at least 6 pt fits into 1 × 9 in"
    assert error.value.help is not None
    width = error.value.help.split()[1]
    assert draw(network("vgg16"), style="volumes", width=width).scene.width <= float(width[:-2]) * 72


def test_without_a_width_a_figure_may_be_larger_than_a_page() -> None:
    scene = draw(network("googlenet"), style="volumes", depth=2).scene
    assert scene.width > 6.5 * 72
    assert faults(scene) == []


def test_too_many_maps() -> None:
    graph = netspec.loads(
        "netspec: 1\ninput: [8]\nlayers:\n" + "".join(f"  l{i}: {{dense: {8 + i % 2}}}\n" for i in range(150))
    )
    with pytest.raises(BackendError) as error:
        draw(graph, style="volumes", depth=1).svg()
    assert error.value.code == "NS722"
    assert error.value.message == "the figure would have 151 feature maps; the limit is 150"
