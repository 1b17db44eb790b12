"""What a figure shows: rows, blocks drawn once and letters, against the tables of the papers."""

from __future__ import annotations

import pytest

from netspec.analysis.network_figures import analyze
from netspec_graphviz.figure.cells import Cell, Run, plain_text, value_runs
from netspec_graphviz.figure.contents import Contents, FigureNetwork
from netspec_graphviz.figure.inset import Inset
from netspec_graphviz.figure.overview import OverviewRows
from netspec_graphviz.figure.single_file import Filing, filed

from .support import network


def contents(spec: str, fold: bool = False) -> Contents:
    return FigureNetwork(analyze(network(spec))).contents(fold=fold)


def text(cell: Cell) -> str:
    """A cell in one line: its caption, and its segments in brackets."""
    segments = "".join(f" [{plain_text(value_runs(s.value))}]" for s in cell.segments)
    dashed = " (some)" if cell.optional else ""
    return f"{cell.name or cell.symbol}: {plain_text(cell.caption())}{segments}{dashed}".removeprefix(": ")


def texts(inset: Inset) -> list[str]:
    return [text(cell) for cell in inset.cells if not cell.port]


def table(figure: Contents, letters: str) -> dict[str, list[str]]:
    """The values of the letters, by the name or the shape of the row."""
    return {
        f"{cell.name} {cell.shape}".strip(): [c.rows[i] for c in figure.columns if c.letter in letters and i in c.rows]
        for i, cell in enumerate(figure.cells)
        if cell.block
    }


def test_resnet_50() -> None:
    """Table 1 of He et al. 2015: filters, strides and repetitions."""
    figure = contents("resnet@50")
    assert [column.letter for column in figure.columns] == ["a", "s"]
    assert table(figure, "as") == {
        "layer1 256×56×56": ["64", "1"],
        "layer2 512×28×28": ["128", "2, 1"],
        "layer3 1024×14×14": ["256", "2, 1"],
        "layer4 2048×7×7": ["512", "2, 1"],
    }
    assert [text(c) for c in figure.cells if not c.port] == [
        "conv1: conv2d 64, 7×7, stride 2 [BN] [ReLU]",
        "maxpool: max_pool2d 3×3, stride 2",
        "layer1: Bottleneck × 3",
        "layer2: Bottleneck × 4",
        "layer3: Bottleneck × 6",
        "layer4: Bottleneck × 3",
        "avgpool: global_avg_pool",
        "fc: dense 1000",
    ]
    (inset,) = figure.insets
    assert texts(inset) == [
        "conv1: conv2d a, 1×1 [BN] [ReLU]",
        "conv2: conv2d a, 3×3, stride s [BN] [ReLU]",
        "conv3: conv2d 4a, 1×1 [BN]",
        "downsample: conv2d 4a, 1×1, stride s [BN] (some)",
        "+: add [ReLU]",
    ]
    # The identity of the other copies is the way of the projection.
    assert [*inset.edges] == [(0, 1), (0, 4), (1, 2), (2, 3), (3, 5), (4, 5), (5, 6)]
    assert sum(cell.params for cell in figure.cells) == 25_557_032


def test_googlenet() -> None:
    """Table 1 of Szegedy et al. 2014: #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj."""
    figure = contents("googlenet@as_published")
    assert table(figure, "abcdef") == {
        "inception3a 256×28×28": ["64", "96", "128", "16", "32", "32"],
        "inception3b 480×28×28": ["128", "128", "192", "32", "96", "64"],
        "inception4a 512×14×14": ["192", "96", "208", "16", "48", "64"],
        "inception4b 512×14×14": ["160", "112", "224", "24", "64", "64"],
        "inception4c 512×14×14": ["128", "128", "256", "24", "64", "64"],
        "inception4d 528×14×14": ["112", "144", "288", "32", "64", "64"],
        "inception4e 832×14×14": ["256", "160", "320", "32", "128", "128"],
        "inception5a 832×7×7": ["256", "160", "320", "32", "128", "128"],
        "inception5b 1024×7×7": ["384", "192", "384", "48", "128", "128"],
    }
    (inset,) = figure.insets
    assert texts(inset) == [
        "branch1: conv2d a, 1×1 [ReLU]",
        "conv2d b, 1×1 [ReLU]",
        "conv2d c, 3×3 [ReLU]",
        "conv2d d, 1×1 [ReLU]",
        "conv2d e, 5×5 [ReLU]",
        "max_pool2d 3×3, stride 1",
        "conv2d f, 1×1 [ReLU]",
        "concat",
    ]


def test_mobilenet_v3_large() -> None:
    """Table 1 of Howard et al. 2019: expanded width, non-linearity, kernel, stride, output width; SE by its width."""
    figure = contents("mobilenet_v3@large")
    assert [column.letter for column in figure.columns] == ["a", "f", "k", "s", "b", "c"]
    rows = [[c.rows.get(i, "") for c in figure.columns] for i, cell in enumerate(figure.cells) if cell.block]
    assert rows == [
        ["16", "ReLU", "3", "1", "16", ""],
        ["64", "ReLU", "3", "2", "24", ""],
        ["72", "ReLU", "3", "1", "24", ""],
        ["72", "ReLU", "5", "2", "40", "24"],
        ["120", "ReLU", "5", "1", "40", "32"],
        ["240", "h-swish", "3", "2", "80", ""],
        ["200", "h-swish", "3", "1", "80", ""],
        ["184", "h-swish", "3", "1", "80", ""],
        ["480", "h-swish", "3", "1", "112", "120"],
        ["672", "h-swish", "3", "1", "112", "168"],
        ["672", "h-swish", "5", "2", "160", "168"],
        ["960", "h-swish", "5", "1", "160", "240"],
    ]
    bneck, squeeze = figure.insets
    assert texts(bneck) == [
        "conv2d a, 1×1 [BN] [f] (some)",
        "conv2d a, k×k, depthwise, stride s [BN] [f]",
        "Squeeze (some)",
        "conv2d b, 1×1 [BN]",
        "+: add (some)",
    ]
    assert texts(squeeze) == [
        "avgpool: adaptive_avg_pool2d 1×1",
        "fc1: conv2d c, 1×1 [ReLU]",
        "fc2: conv2d a, 1×1 [h-sigmoid]",
        "×: multiply",
    ]


def test_efficientnet_b0() -> None:
    """Table 1 of Tan & Le 2019: six times the input width, which the first copy of a stage has from the stage before."""
    figure = contents("efficientnet@b0")
    rows = [[c.rows.get(i, "") for c in figure.columns] for i, cell in enumerate(figure.cells) if cell.block]
    assert [column.letter for column in figure.columns] == ["a", "k", "s", "b", "c"]
    assert rows[1:3] == [["96, 144", "3", "2, 1", "24", "4, 6"], ["144, 240", "5", "2, 1", "40", "6, 10"]]


def test_a_block_used_twice_within_another_says_what_its_letters_are() -> None:
    """S3D's separable convolutions, two of which are in each Inception block."""
    figure = contents("s3d")
    separable, inception = figure.insets
    assert texts(separable) == ["conv3d a, k, stride s [BN] [ReLU]", "conv3d a, b, stride c [BN] [ReLU]"]
    assert [text(c) for c in inception.cells if c.block] == ["Separable a = j", "Separable a = m"]
    values = {column.letter: column.rows for column in figure.columns}
    assert [values["j"][6], values["m"][6], values["a"][1]] == ["128", "32", "64"]
    assert 6 not in values["a"]


def test_a_caption_leaves_out_whole_arguments() -> None:
    """Arguments in which boxes of one operation differ are kept longest; letters are italic."""
    figure = contents("mobilenet_v3@large")
    depthwise = figure.insets[0].cells[2]
    assert plain_text(depthwise.caption(2)) == "conv2d a, k×k"
    assert plain_text(depthwise.caption(1)) == "conv2d a"
    assert depthwise.caption(1) == (Run("conv2d "), Run("a", italic=True))


def test_boxes_can_have_the_values_of_letters() -> None:
    """He et al. 2016, Table 1; no value is left out, as the insets refer to the letters."""
    figure = FigureNetwork(analyze(network("resnet@50"))).contents(table=False)
    assert figure.columns == []
    blocks = [cell for cell in figure.cells if cell.operation == "Bottleneck"]
    expected = [f"Bottleneck × {n}, a = {64 * 2**i}" for i, n in enumerate((3, 4, 6, 3))]
    assert [plain_text(cell.caption(0)).partition(", s")[0] for cell in blocks] == expected


def test_all_cells_in_rows_of_their_own_are_in_topological_order() -> None:
    """Dao and Gu 2024: the blocks of Mamba-2 have cells beside a trunk, parameters among them."""
    (inset,) = [each for each in contents("mamba2").insets if each.title == "Mamba2"]
    counts: list[int] = []
    for filing in Filing:
        arrangement = filed(inset.cells, inset.edges, filing)
        row, beside = arrangement.row, {i for chain in arrangement.chains for i in chain.cells}
        assert sorted(row) == list(range(len(inset.cells)))
        assert all(row[a] < row[b] or a in beside for a, b in inset.edges)
        assert len({row[i] for i in (*arrangement.trunk, *arrangement.inserted)}) == arrangement.rows
        counts.append(arrangement.rows)
    assert counts[0] < counts[1] < counts[2] == len(inset.cells)


@pytest.mark.parametrize(("fold", "expected"), [(False, 13), (True, 5)])
def test_equal_layers_fold_on_request(fold: bool, expected: int) -> None:
    convolutions = [c for c in contents("vgg16", fold=fold).cells if c.operation == "conv2d"]
    assert len(convolutions) == expected
    assert sum(c.copies for c in convolutions) == 13


def test_shared_weights_have_one_mark() -> None:
    """GPT-2's head has the weights of its embedding."""
    figure = contents("gpt2")
    assert figure.shared == 1
    assert [c.name for c in figure.cells if any(s.value == "W" for s in c.segments)] == ["wte", "lm_head"]


def test_sizes_alone_are_no_edges() -> None:
    """FCN's input goes to the upsampling for its size only."""
    figure = contents("fcn")
    heads = [figure.cells[b].operation for a, b in figure.edges if figure.cells[a].port == "in"]
    assert heads == ["conv2d"]


def test_an_edge_is_left_out_for_uses_that_lack_the_boxes_beside_it() -> None:
    """Whisper's decoder attends to the audio beside a skip connection; the encoder has neither."""
    layer = contents("whisper").insets[0]
    sums = [i for i, cell in enumerate(layer.cells) if cell.symbol]
    assert [sorted(a for a, b in layer.edges if b == i) for i in sums] == [[0, 3], [4, 6], [7, 10]]
    assert [i for i, cell in enumerate(layer.cells) if cell.optional] == [5, 6, 7]


@pytest.mark.parametrize(
    ("spec", "ports"),
    [
        # Five levels for each of two heads; the paths of two layers.
        ("efficientdet", ["box_net.0–4", "class_net.0–4"]),
        ("faster_rcnn", ["bbox_pred", "cls_score", "objectness", "offsets"]),
        ("unet", ["output"]),
    ],
)
def test_outputs_of_a_box_that_differ_in_a_number_are_one_port(spec: str, ports: list[str]) -> None:
    assert sorted(cell.name for cell in contents(spec).cells if cell.port == "out") == ports


def test_equal_layers_side_by_side_fold_on_request() -> None:
    """Kirillov et al. 2023: query, key and value are rearranged alike."""
    (attention,) = [inset for inset in contents("sam_vit", fold=True).insets if inset.title == "Attention"]
    assert "q, k, v: rearrange b y x c -> b (y x) c 3 in parallel" in texts(attention)


def test_a_block_beside_the_trunk_says_the_values_of_its_letters() -> None:
    """Radford et al. 2021, ViT-B/32: a text tower of width 512 with 8 heads, an image tower of 768 with 12."""
    figure = contents("clip")
    layers = [text(cell) for cell in figure.cells if cell.operation == "Layer"]
    assert sorted(layers) == ["layers: Layer × 12", "layers: Layer × 12, a = 768, h = 12"]
    assert {column.letter: [*column.rows.values()] for column in figure.columns} == {"a": ["512"], "h": ["8"]}


@pytest.mark.parametrize(
    ("spec", "inset", "head", "names"),
    [
        ("llama", "Layer", "attend", {"q": "q", "k": "k", "v_proj": "v"}),
        ("swin_v2", "WindowAttention", "attend", {"q": "q", "k": "k", "split": "v", "3 buffers": "mask"}),
        ("unet", "Up", "concat", {"up": "", "crop": ""}),
    ],
)
def test_edges_have_the_names_of_inputs_where_an_operation_tells_them_apart(
    spec: str, inset: str, head: str, names: dict[str, str]
) -> None:
    (block,) = [each for each in contents(spec).insets if each.title == inset]
    written = {
        block.cells[a].name or block.cells[a].operation: name
        for (a, b), name in block.edges.items()
        if head in (block.cells[b].name, block.cells[b].operation)
    }
    assert written == names


def test_parts_of_an_overview_are_joined_where_the_trunk_was_cut() -> None:
    """Above the cut, DeepLabv3's auxiliary head is longer than the trunk; but it ends in an output."""
    figure = FigureNetwork(analyze(network("deeplabv3"))).contents(close_all=True)
    rows = OverviewRows(figure, ladders=False)
    parts = rows.arrangements(2)
    assert parts is not None
    assert [numbers[i] for part, numbers in parts for i in part.trunk] == rows.arrangement.trunk
