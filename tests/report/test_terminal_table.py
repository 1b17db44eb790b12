"""The table for a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec import load, loads
from netspec.analysis import Analysis, analyze
from netspec.report import COLUMNS, find_column, number_format, select_rows
from netspec.report.terminal_table import render
from tests.drafts import Draft
from tests.report.golden import agrees
from tests.report.networks import hostile, resnet18, two_inputs, unet, vgg16
from tests.timing import Stopwatch

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize(
    ("name", "network", "depth", "sort", "batch", "columns", "width"),
    [
        ("vgg16", vgg16, None, None, None, "name op output params macs", 80),
        ("vgg16-wide", vgg16, None, None, None, "name op output params macs activations receptive_field", 120),
        ("vgg16-narrow", vgg16, None, None, None, "name op output params macs", 50),
        ("resnet18", resnet18, None, None, None, "name op output params macs", 80),
        ("resnet18-depth0", resnet18, 0, None, None, "name op output params macs", 80),
        ("resnet18-depth1", resnet18, 1, None, None, "name op output params macs", 80),
        ("resnet18-depth2", resnet18, 2, None, None, "name op output params trainable buffers", 80),
        ("resnet18-sorted", resnet18, 2, "macs", None, "name macs flops", 80),
        ("resnet18-batch", resnet18, 1, None, 32, "name output macs activations connections", 80),
        ("unet", unet, None, None, None, "name op output params macs receptive_field", 80),
        ("pair", two_inputs, None, None, None, "name op inputs output params receptive_field", 80),
        ("hostile", hostile, None, None, None, "name op output params macs", 80),
    ],
)
def test_golden(
    name: str,
    network: Callable[[], Analysis],
    depth: int | None,
    sort: str | None,
    batch: int | None,
    columns: str,
    width: int,
) -> None:
    selection = select_rows(network(), depth=depth, sort=sort, batch=batch)
    text = render(selection, columns=columns.split(), width=width)
    assert all(len(line) <= width for line in text.splitlines())
    agrees(f"table-{name}.txt", text)


@pytest.mark.parametrize(
    ("name", "width"),
    [
        *(("gpt2", width) for width in (60, 80, 100, 140)),
        *(("swin", width) for width in (60, 80, 140)),
        *(("densenet", width) for width in (60, 80, 100)),
        *(("lstm_tagger", width) for width in (60, 80, 140)),
        *(("resnet", width) for width in (80, 140)),
        ("mobilenet_v3", 80),
        ("seq2seq", 80),
    ],
)
def test_networks_of_the_zoo(name: str, width: int) -> None:
    """As they were looked at, the larger ones down to their third level of blocks."""
    text = render(select_rows(analyze(load(name)), depth=3 if name in ("densenet", "swin") else None), width=width)
    assert all(len(line) <= width for line in text.splitlines())
    agrees(f"zoo-{name}-{width}.txt", text)


def test_headings_say_what_the_figures_are(monkeypatch: pytest.MonkeyPatch) -> None:
    text = render(select_rows(resnet18()), hint="--unfold shows them all.")
    assert (
        """
The figures of a block are sums; (each) and the lines below it show one of its
equal copies. --unfold shows them all.

parameters """
        in text
    )
    assert "copies" not in render(select_rows(resnet18(), unfold=True), hint="--unfold shows them all.")
    assert "\nlayer1 " in render(select_rows(resnet18(), unfold=True))


def test_colour_changes_nothing_but_colour() -> None:
    selection = select_rows(two_inputs())
    plain, coloured = render(selection), render(selection, colour=True)
    assert "\x1b" not in plain
    assert coloured != plain
    assert ESCAPES.sub("", coloured) == plain


def test_heading_may_be_left_out() -> None:
    selection = select_rows(resnet18(), depth=1)
    full = render(selection)
    assert render(selection, heading=False) == full.split("\n\n", 1)[1]


@settings(deadline=None)  # a busy machine is not a failure
@given(
    columns=st.lists(st.sampled_from(sorted(COLUMNS)), min_size=1, max_size=6, unique=True).map(lambda c: ["name", *c]),
    width=st.integers(72, 200),
)
def test_shortened_texts_are_marked_and_nothing_else_is_lost(columns: list[str], width: int) -> None:
    columns = list(dict.fromkeys(columns))
    selection = select_rows(resnet18(), depth=1)
    lines = render(selection, columns=columns, width=width).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("───")) + 1
    body = lines[start : start + len(selection.rows) + (1 if "output" in columns else 0)]
    names = [line.split()[0] for line in body if not line.startswith("input")]
    assert names == [row.name for row in selection.rows]
    for row, line in zip(selection.rows, body[-len(selection.rows) :], strict=True):
        for c in columns:
            value = COLUMNS[c].value(selection, row)
            if isinstance(value, int) and value and "…" not in line:
                assert f"{value:,}" in line or re.search(r"\d [kMG]\b", line)


def test_long_names_keep_both_ends() -> None:
    net = Draft("deep")
    x = net.input(4)
    names = [f"backbone_{i}.stages.{i}.blocks.{i}.attention.self.projection.of.values.output_dense" for i in range(3)]
    for name in names:
        x = net.add(name, "dense", x, units=4)
    text = render(select_rows(analyze(net.graph())), width=80)
    assert all(len(line) <= 80 for line in text.splitlines())
    for i in range(3):
        assert re.search(rf"^backbone_{i}\.stages\.{i}\S*…\S*output_dense  dense", text, re.MULTILINE)


def test_wide_characters_take_two_columns() -> None:
    net = Draft("wide")
    x = net.add("层", "dense", net.input(4), units=4)
    net.add("ab", "dense", x, units=4)
    lines = render(select_rows(analyze(net.graph()))).splitlines()
    (wide,) = [line for line in lines if line.startswith("层")]
    (plain,) = [line for line in lines if line.startswith("ab")]
    assert wide.index("dense") == plain.index("dense") - 1


@pytest.mark.parametrize("sort", sorted(COLUMNS))
def test_sorting(sort: str) -> None:
    a = two_inputs()
    selection = select_rows(a, sort=sort)
    assert sorted(r.name for r in selection.rows) == sorted(r.name for r in a.layers)
    values = [COLUMNS[sort].value(selection, row) for row in selection.rows]
    if COLUMNS[sort].number:
        assert values == sorted(values, reverse=True, key=float)
    assert "tokens  " not in render(selection).split("\nparameters")[0]  # inputs stand where the order is the network's


def test_percentages() -> None:
    """Of all parameters and MACs; those of an unequal batch are the same."""
    for batch in (None, 8):
        selection = select_rows(resnet18(), depth=1, batch=batch)
        for column in ("params%", "macs%"):
            values = [COLUMNS[column].value(selection, row) for row in selection.rows]
            assert sum(float(v) for v in values) == pytest.approx(100)
    fc = next(row for row in select_rows(resnet18()).rows if row.name == "fc")
    assert COLUMNS["params%"].value(selection, fc) == pytest.approx(100 * 513_000 / 11_689_512)
    assert [number_format.figure_text(n) for n in (0.0, 0.05, 0.1, 12.345, 100.0)] == [
        "0.0",
        "<0.1",
        "0.1",
        "12.3",
        "100.0",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("name", "name"), ("layer", "name"), ("Operation", "op"), ("MACs", "macs"), ("MACs %", "macs%"),
        ("params%", "params%"), ("rec. field", "receptive_field"), ("receptive-field", "receptive_field"),
        (" FLOPs", "flops"), ("mac", None), ("", None),
    ],
)  # fmt: skip
def test_columns_by_name_or_heading(text: str, name: str | None) -> None:
    assert find_column(text) == name


def test_unknown_columns() -> None:
    with pytest.raises(KeyError, match="flop"):
        select_rows(resnet18(), sort="flop")
    with pytest.raises(KeyError, match="flop"):
        render(select_rows(resnet18()), columns=["name", "flop"])


def test_every_column_is_documented() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "reports.md"
    table = page.read_text(encoding="utf-8").split("| column | heading | value |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `(.+)` \| (.+) \| (.+) \|$", table, re.MULTILINE)
    assert rows == [(name, column.title, column.doc) for name, column in COLUMNS.items()]


def test_a_long_description_takes_linear_time() -> None:
    text = f"netspec: 1\ndoc: {'é' * 300_000}\ninput: [3]\nlayers: [relu]\n"
    stopwatch = Stopwatch()
    lines = render(select_rows(analyze(loads(text))), width=80).splitlines()
    assert stopwatch.within(3)
    assert lines[1] == "é" * 79 + "…"
