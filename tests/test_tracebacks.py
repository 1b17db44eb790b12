"""Input that once ended in a traceback: each now has an answer. Invalid specs among them are in ``tests/invalid``."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from netspec.checking import spec as spec_module
from tests.timing import Stopwatch

from .cli_support import ran

LONG = "a" * 5000
CLIPPED = "a" * 59 + "…"


@pytest.mark.parametrize("command", [("check",), ("explain", "x"), ("expand",), ("export", "-o", "x.py"), ("draw",)])
@pytest.mark.parametrize("name", [LONG, f"{LONG}@small", f"vgg16@{LONG}", f"{LONG}/*.yaml", "a\0", "\ud800"])
def test_names_that_no_file_can_have(command: tuple[str, ...], name: str) -> None:
    said = ran(command[0], name, *command[1:])
    assert said.status in (1, 2)
    assert said.out + said.err
    assert "\0" not in said.out + said.err


def test_name_that_is_too_long() -> None:
    said = ran("check", LONG)
    assert said.status == 1
    assert said.out == (
        f"error[NS109]: '{CLIPPED}' is neither a file nor a network of the zoo\n"
        "  = help: `netspec zoo` lists the networks that come with netspec\n\n1 error\n"
    )


@pytest.mark.parametrize("columns", ["²", "٣", "9" * 5000, "-1", "", "8x"])
def test_columns_that_are_no_number(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    expected = ran("check", "lenet5")
    monkeypatch.setenv("COLUMNS", columns)
    assert ran("check", "lenet5") == expected


def test_surrogate() -> None:
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads("netspec: 1\ninput: [4]\nlayers: [relu]  # \ud800\n")
    assert str(caught.value) == (
        "error[NS101]: the character U+D800 is not allowed in YAML\n"
        " --> <text>:3:19\n"
        "  |\n"
        "3 | layers: [relu]  # \ufffd\n"
        "  |                   ^"
    )


@pytest.mark.parametrize("error", [MemoryError, RecursionError])
def test_out_of_memory(error: type[BaseException], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*arguments: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(spec_module, "elaborate", fail)
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads("netspec: 1\ninput: [4]\nlayers: [relu]\n")
    assert str(caught.value) == (
        f"error[NS917]: the network is too large for this machine ({error.__name__})\n"
        " --> <text>\n"
        "  = help: use smaller sizes, or fewer layers"
    )


LARGE = 2**40 - 1
NUMBERS = {
    "roll and a wide window": (
        "[1, 4096]",
        "[{roll: 1, axis: -1}, {conv1d: 1, kernel: 4095, padding: same}]",
        "4095-4096",
    ),
    "adaptive pooling": ("[4, 8]", f"[{{adaptive_avg_pool1d: {LARGE}}}]", "varies"),
    "channel shuffle": (f"[{LARGE}, 8, 8]", f"[{{channel_shuffle: {LARGE}}}]", "1"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_that_once_took_minutes(name: str) -> None:
    shape, layers, field = NUMBERS[name]
    stopwatch = Stopwatch()
    analysis = netspec.analyze(netspec.loads(f"netspec: 1\ninput: {shape}\nlayers: {layers}\n"))
    fields = analysis.receptive_fields.of(len(analysis.receptive_fields.values) - 1)
    assert str(analysis)
    assert fields is not None
    assert str(fields[0]) == field
    assert stopwatch.within(2)


def test_table_for_a_weight() -> None:
    with pytest.raises(netspec.SpecError) as caught:
        netspec.loads("netspec: 1\ninput: [9]\nlayers:\n- {dense: 9, init: {relative_position_index: [3, 3]}}\n")
    assert caught.value.code == "NS221"
    assert caught.value.message == "init relative_position_index is for a 'buffer'; 'weight' is learned"
