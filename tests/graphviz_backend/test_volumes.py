from __future__ import annotations

from typing import Any

import pytest

import netspec
from netspec.analysis import analyze
from netspec.backend import BackendError
from netspec.shapes.types import TensorType
from netspec_graphviz import draw
from netspec_graphviz.options import parse_options
from netspec_graphviz.volumes.feature_maps import feature_maps
from netspec_graphviz.volumes.solids import largest_sizes
from netspec_graphviz.volumes.u_shape import u_levels

from .support import cut_off, network, overlapping, texts


def maps(spec: str, **given: Any) -> list[Any]:
    return list(feature_maps(analyze(network(spec)), parse_options(given)))


def test_the_maps_of_lenet() -> None:
    result = maps("lenet5")
    assert [m.name for m in result] == ["input", "c1", "s2", "c3", "s4", "c5", "f6", "output"]
    assert [m.window for m in result] == [(), (5, 5), (2, 2), (5, 5), (2, 2), (5, 5), (), ()]
    assert [m.sources for m in result[1:]] == [(i,) for i in range(7)]


def test_sizes_are_written_along_the_edges() -> None:
    result = texts(draw(network("alexnet_2012"), style="volumes").scene)
    for size in ("227", "3", "55", "96", "27", "256", "13", "384", "6", "4096", "1000"):
        assert size in result
    assert "conv2d 11×11" in result


@pytest.mark.parametrize(
    "spec",
    [
        "lenet5",
        "alexnet_2012",
        "vgg",
        "resnet@50",
        "googlenet",
        "unet",
        "densenet",
        "vit",
        "bert",
        "siamese",
        "seq2seq",
        "wavenet",
        "c3d",
    ],
)
@pytest.mark.parametrize("dark", [False, True])
def test_no_text_overlaps_or_is_cut(spec: str, dark: bool) -> None:
    scene = draw(network(spec), style="volumes", dark=dark).scene
    assert overlapping(scene) == []
    assert cut_off(scene) == []


def test_a_u_net_is_a_u() -> None:
    result = u_levels(maps("unet"))
    assert result is not None
    assert max(result) == 4
    assert result[0] == result[-1] == 0
    assert sorted(set(result)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("spec", ["vgg", "resnet@50", "googlenet", "siamese", "seq2seq"])
def test_other_networks_are_not_a_u(spec: str) -> None:
    assert u_levels(maps(spec)) is None


def test_blocks_are_opened_as_far_as_the_figure_stays_small() -> None:
    assert any(m.block for m in maps("googlenet"))
    assert [m.copies for m in maps("vit") if m.block] == ["× 12"]
    opened = maps("googlenet", opened=["inception3a"])
    assert sum(m.name.startswith("inception3a.") for m in opened) == 5
    assert next(m for m in opened if m.name == "inception3a.concat").parts == (64, 128, 32, 32)


def test_solids_grow_with_their_sizes() -> None:
    def image(channels: int, size: int) -> TensorType:
        return TensorType((channels, size, size), "float32", ("channels", "height", "width"))

    measured = largest_sizes([image(3, 224), image(512, 7)])
    big, small = measured.solid(image(3, 224)), measured.solid(image(512, 7))
    assert big.down > small.down > 5
    assert big.back == big.down
    assert small.across > big.across
    assert measured.solid(TensorType((10,), "float32", ("channels",))).shape == "bar"
    assert measured.solid(TensorType((50, 8), "float32", ("sequence", "channels"))).shape == "strip"
    assert measured.solid(TensorType((50,), "int64", ("sequence",))).shape == "strip"


def test_too_many_maps() -> None:
    graph = netspec.loads(
        "netspec: 1\ninput: [8]\nlayers:\n" + "".join(f"  l{i}: {{dense: {8 + i % 2}}}\n" for i in range(150))
    )
    with pytest.raises(BackendError) as error:
        draw(graph, style="volumes", depth=1).svg()
    assert error.value.code == "NS722"
    assert error.value.message == "the figure would have 151 feature maps; the limit is 150"
    assert "network" not in texts(draw(graph, style="volumes").scene)
