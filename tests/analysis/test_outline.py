"""The outline of a network: headings with sums, equal copies once, every layer accounted for."""

from __future__ import annotations

import pytest

import netspec
from netspec import zoo
from netspec.analysis import Analysis, Figures, Row, analyze, collapse_blocks
from netspec.analysis.network_figures import Line
from netspec.analysis.outline import outline, range_label
from netspec.report import select_rows
from netspec.report.table_lines import line_name, note, table_lines
from netspec.report.terminal_table import render
from tests.drafts import Draft


def analysis_of(text: str) -> Analysis:
    return analyze(netspec.loads(text))


def texts(lines: list[Line]) -> list[str]:
    return [
        f"{'  ' * x.level}{line_name(x)}: {x.row.operation}{f' × {x.row.copies}' if x.row.copies > 1 else ''}, "
        f"{x.row.params}"
        for x in lines
    ]


def outlined(text: str, depth: int | None = None, *, unfold: bool = False) -> list[str]:
    return texts(list(outline(analysis_of(text), depth, unfold=unfold)))


BLOCKS = """\
netspec: 1
input: [8]
blocks:
  Unit:
    layers:
      fc: {dense: 8, activation: relu}
      norm: layer_norm
layers:
  stem: {dense: 8}
  encoder: {Unit, repeat: 4}
  head: {dense: 2}
"""


def test_equal_copies_are_one() -> None:
    assert outlined(BLOCKS) == [
        "stem: dense, 72",
        "encoder.0 … 3: Unit × 4, 352",
        "  (each): Unit, 88",
        "  fc: dense + relu, 72",
        "  norm: layer_norm, 16",
        "head: dense, 18",
    ]


def test_unfolded() -> None:
    assert outlined(BLOCKS, unfold=True)[1:5] == [
        "encoder: Unit × 4, 352",
        "  0: Unit, 88",
        "    fc: dense + relu, 72",
        "    norm: layer_norm, 16",
    ]
    assert len(outlined(BLOCKS, unfold=True)) == 2 + 1 + 4 * 3


@pytest.mark.parametrize(
    ("depth", "lines"),
    [
        (0, ["net: 10 layers, 442"]),
        (1, ["stem: dense, 72", "encoder: Unit × 4, 352", "head: dense, 18"]),
        (2, ["stem: dense, 72", "encoder.0 … 3: Unit × 4, 352", "head: dense, 18"]),
    ],
)
def test_depth(depth: int, lines: list[str]) -> None:
    assert outlined(BLOCKS.replace("input:", "name: net\ninput:"), depth) == lines


def test_depth_unfolded() -> None:
    assert outlined(BLOCKS, 2, unfold=True)[1:4] == ["encoder: Unit × 4, 352", "  0: Unit, 88", "  1: Unit, 88"]


def test_copies_that_differ_in_a_figure_are_apart() -> None:
    """Shared weights count in the first copy alone."""
    net = Draft()
    x = net.input(8)
    for i in range(4):
        net.enter(f"b{i}", "Unit", copy=(i, 4), key="unit")
        x = net.add(f"b{i}.fc", "dense", x, units=8, share="b0.fc" if i else None)
        net.leave()
    assert texts(list(outline(analyze(net.graph())))) == [
        "b0: Unit, 72",
        "  fc: dense, 72",
        "b1 … 3: Unit × 3, 0",
        "  (each) fc: dense, 0",
    ]


def test_copies_of_a_layer() -> None:
    """Three or more layers are one line and that of each; two stay as they are."""
    text = BLOCKS.replace(
        "  encoder: {Unit, repeat: 4}\n", "  fc: {dense: 8, repeat: 3}\n  ln: {layer_norm, repeat: 2}\n"
    )
    assert outlined(text)[1:] == [
        "fc.0 … 2: dense × 3, 216",
        "  (each): dense, 72",
        "ln: layer_norm × 2, 32",
        "  0: layer_norm, 16",
        "  1: layer_norm, 16",
        "head: dense, 18",
    ]


def test_what_is_shown_separates_copies() -> None:
    """With receptive fields, which grow, every copy of a convolution is shown."""
    text = """\
netspec: 1
input: [4, 32]
layers:
  stem: {conv1d: 4, kernel: 1}
  c: {repeat: 3, layers: {conv: {conv1d: 4, kernel: 3, padding: 1}, relu: relu}}
"""
    selection = select_rows(analysis_of(text))
    assert [x.kind for x in table_lines(selection, ("name", "inputs", "params"))][1:3] == ["copies", "each"]
    lines = table_lines(selection, ("name", "receptive_field"))
    assert [x.label for x in lines if x.kind == "block"] == ["c", "0", "1", "2"]
    assert note(lines) == "The figures of a block are sums."


def test_dotted_names_are_grouped_by_their_parts() -> None:
    """Neighbours alone, for the order stays; such a heading has no figures."""
    net = Draft()
    x = net.input(8)
    for name in ("a.w", "b", "a.x.p", "a.x.q", "a.y", "c.d.e.f", "c.d.g", "h.i"):
        x = net.add(name, "dense", x, units=8)
    lines = list(outline(analyze(net.graph())))
    assert [f"{'  ' * x.level}{line_name(x)} {x.kind}" for x in lines] == [
        "a.w layer",
        "b layer",
        "a part",
        "  x part",
        "    p layer",
        "    q layer",
        "  y layer",
        "c.d part",
        "  e.f layer",
        "  g layer",
        "h.i layer",
    ]
    assert note(lines) == ""
    cells = {
        line.split()[0]: line.split()[1:] for line in render(select_rows(analyze(net.graph()))).splitlines() if line
    }
    assert cells["c.d"] == []
    assert cells["e.f"] == ["dense", "(8)", "72", "64"]


@pytest.mark.parametrize(
    ("names", "heading", "label"),
    [
        (("h.0", "h.11"), "", "h.0 … 11"),
        (("t.h.0", "t.h.11"), "t", "h.0 … 11"),
        (("e.layer_0", "e.layer_11"), "e", "layer_0 … 11"),
        (("b1", "b3"), "", "b1 … 3"),
        (("s.a", "s.b"), "s", "a … b"),
        (("s.0.x", "s.2.x"), "s", "0.x … 2.x"),
    ],
)
def test_ranges(names: tuple[str, str], heading: str, label: str) -> None:
    assert range_label(*names, heading) == label


def test_a_network_without_blocks_is_a_list() -> None:
    selection = select_rows(netspec.analyze("vgg16"))
    lines = table_lines(selection, ("name",))
    assert [(x.label, x.level, x.kind) for x in lines] == [(row.name, 0, "layer") for row in selection.rows]
    assert note(lines) == ""


def test_sorted_rows_are_a_list_by_full_names() -> None:
    selection = select_rows(netspec.analyze("resnet"), sort="macs")
    assert [x.label for x in table_lines(selection, ("name",))] == [row.name for row in selection.rows]


def total(lines: list[Line]) -> Figures:
    """The sums over layers, those of folded copies as many times as there are copies."""
    rows: list[Row] = []
    for i, x in enumerate(lines):
        if x.kind == "layer" or (x.kind == "each" and x.row.layer_count == 1 and _is_last(lines, i)):
            rows += [x.row] * _times(lines, i)
    return Figures.sum(rows)


def _is_last(lines: list[Line], i: int) -> bool:
    """Whether no line below the same heading follows."""
    return i + 1 == len(lines) or lines[i + 1].level < lines[i].level


def _times(lines: list[Line], i: int) -> int:
    """The number of layers that a line stands for."""
    times, level = 1, lines[i].level
    for x in reversed(lines[:i]):
        if x.level < level:
            level = x.level
            times *= x.row.copies if x.kind == "copies" else 1
    return times


@pytest.mark.parametrize("name", zoo.names(""))
def test_every_layer_is_accounted_for(name: str) -> None:
    """In each network of the zoo, and in its order."""
    try:
        graph = netspec.load(name)
    except netspec.Error:
        pytest.skip("a variant is required")
    analysis = analyze(graph)
    unfolded = [x.row for x in outline(analysis, unfold=True) if x.kind == "layer"]
    assert unfolded == list(analysis.layers)
    folded = list(outline(analysis))
    assert total(folded) == analysis.figures
    for x, after in zip(folded, [*folded[1:], None], strict=True):
        assert (x.kind == "copies") == (after is not None and after.kind == "each")
        if x.kind == "copies":
            assert after is not None
            assert x.row.macs == x.row.copies * after.row.macs
            assert x.row.params == x.row.copies * after.row.params
    for depth in (1, 2):
        assert total(list(outline(analysis, depth))) == analysis.figures
    assert [x.row for x in outline(analysis, 1) if x.kind != "part"] == list(collapse_blocks(analysis, 1))
