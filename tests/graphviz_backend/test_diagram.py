from __future__ import annotations

from typing import Any

import pytest

import netspec
from netspec.analysis import analyze
from netspec.backend import BackendError
from netspec_graphviz.diagram import Box, Diagram, Frame, build_diagram
from netspec_graphviz.options import Options, parse_options

from .support import network


def diagram(spec: str, **given: Any) -> Diagram:
    return build_diagram(analyze(network(spec)), parse_options(given))


def label(box: Box) -> str:
    return " + ".join([box.content.name, *(layer.label for layer in box.attached)])


def test_depth_opens_and_closes() -> None:
    counts = [len(diagram("resnet@50", depth=d).boxes) for d in (0, 1, 2, 3, 4)]
    assert counts == sorted(counts)
    assert counts[0] == 3  # input, network, output
    names = [b.content.name for b in diagram("resnet@50", depth=1).boxes]
    assert names == ["input", "conv1", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc", "fc"]
    assert len(diagram("resnet@50").boxes) == counts[-1]


def test_blocks_open_by_name() -> None:
    p = diagram("resnet@50", opened=["layer1"])
    assert [c.block.name for c in p.root.children if isinstance(c, Frame)] == ["layer1"]
    assert [b.content.name for b in p.boxes if b.content.name.startswith("layer1")] == ["layer1.0", "layer1.1"]


def test_attached_layers_share_a_box() -> None:
    labels = [label(b) for b in diagram("resnet@18", depth=1).boxes]
    assert labels[1] == "conv1 + bn1 + relu"
    # The first layer of a pre-activation block has no layer before it to be attached to.
    inside = [
        label(b)
        for b in diagram(
            "densenet", opened=["features", "features.denseblock1", "features.denseblock1.denselayer1"]
        ).boxes
    ]
    assert "features.denseblock1.denselayer1.norm1 + relu1" in inside


def roles(p: Diagram, role: str) -> list[tuple[str, str]]:
    return [(p.boxes[e.tail].content.name, p.boxes[e.head].content.name) for e in p.edges if e.role == role]


def test_skip_connections_are_the_shorter_ways_into_joins() -> None:
    assert roles(diagram("vgg"), "skip") == []
    assert roles(diagram("googlenet"), "skip") == []  # branches, none past another
    result = roles(diagram("resnet@50"), "skip")
    assert result[:3] == [  # first the projection, then the identity
        ("maxpool", "layer1.0.downsample.0"),
        ("layer1.0.downsample.0", "layer1.0.add"),
        ("layer1.0.add", "layer1.1.add"),
    ]
    assert len(result) == 4 * 3
    assert roles(diagram("resnet@50", depth=1), "skip") == []  # within the closed blocks


def test_the_skips_of_a_u_net_lead_across() -> None:
    across = [("dropout4", "up4"), ("down3", "up3"), ("down2", "up2"), ("down1", "up1")]
    assert roles(diagram("unet", depth=1), "skip") == across
    opened = diagram("unet")
    steps = [("dropout4", "up4.crop"), ("up4.crop", "up4.concat"), ("down3.2", "up3.crop"), ("up3.crop", "up3.concat")]
    assert roles(opened, "skip")[:4] == steps
    assert ("up4.up", "up4.concat") in roles(opened, "tensor")
    # The size that a crop reads is not drawn.
    assert not any(
        e.head == box.number and opened.boxes[e.tail].content.name == "up4.up"
        for box in opened.boxes
        if box.content.name == "up4.crop"
        for e in opened.edges
    )


def test_the_positions_of_maxima_are_edges_of_their_own() -> None:
    result = roles(diagram("segnet", depth=1), "positions")
    assert result == [("down5", "up5"), ("down4", "up4"), ("down3", "up3"), ("down2", "up2"), ("down1", "up1")]


def letters(spec: str, **given: Any) -> dict[str, str]:
    p = diagram(spec, **given)
    frames = [child for child in p.root.children if isinstance(child, Frame)]
    named = [(box.content.name, box.letters) for box in p.boxes] + [(f.block.name, f.letters) for f in frames]
    return {name: letter for name, letter in named if letter}


def test_the_same_weights_have_the_same_letter() -> None:
    assert letters("siamese") == letters("siamese", depth=1) == {"tower": "W", "other": "W"}
    assert letters("gpt2") == {"transformer.wte": "W", "lm_head": "W"}
    assert letters("gpt2", depth=0) == {}  # both are in the one box
    assert letters("vgg") == {}
    heads = letters("retinanet", opened=["head", "head.classification_head", "head.regression_head"])
    assert {heads[f"head.classification_head.{i}"] for i in range(5)} == {"W1"}
    assert {heads[f"head.regression_head.{i}"] for i in range(5)} == {"W2"}


def test_copies_are_not_connected_and_other_edges_are_drawn_once() -> None:
    p = diagram("vit")
    ends = [(p.boxes[e.tail].content.name, p.boxes[e.head].content.name) for e in p.edges]
    assert len(ends) == len(set(ends))
    assert all(e.tail < e.head for e in p.edges)
    assert ("encoder.layers.encoder_layer_0.add_2", "encoder.ln") in ends


def test_edges_are_labelled_with_the_output() -> None:
    p = diagram("seq2seq")
    labels = {e.label for e in p.edges if p.boxes[e.tail].content.name == "encoder"}
    assert labels >= {"", "hidden"}


def chain(n: int) -> netspec.Graph:
    return netspec.loads(
        "netspec: 1\ninput: [8]\nblocks: {B: {layers: {d: {dense: 8}}}}\nlayers:\n"
        + "".join(f"  l{i}:\n    layers: {{a: B, b: {{dense: 8}}}}\n" for i in range(n))
    )


def test_a_diagram_that_is_too_large_suggests_a_depth() -> None:
    analysis = analyze(chain(751))
    with pytest.raises(BackendError) as error:
        build_diagram(analysis, Options())
    assert error.value.code == "NS722"
    assert error.value.message == "the drawing would have 1,502 boxes; the limit is 1,500"
    assert error.value.help == "--depth 1 closes blocks: 751 boxes"
    assert len(build_diagram(analysis, Options(depth=1)).boxes) == 753
    assert len(build_diagram(analyze(chain(750)), Options()).boxes) == 1502  # with input and output


def test_too_many_layers_at_the_top_suggest_depth_0() -> None:
    graph = netspec.loads(
        "netspec: 1\ninput: [8]\nlayers:\n" + "".join(f"  l{i}: {{dense: {8 + i % 2}}}\n" for i in range(1501))
    )
    with pytest.raises(BackendError) as error:
        build_diagram(analyze(graph), Options(depth=1))
    assert error.value.help == "--depth 0 draws everything as one box"
    assert len(build_diagram(analyze(graph), Options(depth=0)).boxes) == 3


OPTIONS: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "style": ({"style": "volume"}, "style must be graph, volumes or neurons; found 'volume'", "did you mean 'volumes'?"),
    "direction": ({"direction": "up"}, "direction must be down or right; found 'up'", None),
    "depth": ({"depth": -1}, "depth must be a non-negative integer; found -1", None),
    "show": (
        {"show": "params,mac"},
        "show must be params, trainable, active, buffers, macs, macs_needed, flops, activations, connections or "
        "receptive_field; found 'mac'",
        "did you mean 'macs'?",
    ),
    "shade_by": (
        {"shade_by": "cost"}, "shade_by must be params, macs, flops, activations or connections; found 'cost'", None,
    ),
    "unknown": ({"colour": 1}, "drawings have no option 'colour'",
                "available options: style, depth, show, direction, dark, shade_by, width_by, opened, legend, form, width, height, min_text, engine, title, background, palette, font, dpi, image, maps"),
}  # fmt: skip


@pytest.mark.parametrize("case", OPTIONS)
def test_invalid_options(case: str) -> None:
    given, message, help_ = OPTIONS[case]
    with pytest.raises(BackendError) as error:
        parse_options(given)
    assert (error.value.code, error.value.message, error.value.help) == ("NS721", message, help_)


def test_figures_are_named_as_in_the_report() -> None:
    assert parse_options({"show": "params, receptive-field"}).show == ("params", "receptive_field")
    assert parse_options({"show": ["macs"]}).show == ("macs",)
