"""The full text of every message about an ONNX file, by the family of its operators."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from tests.cli_support import ran
from tests.message_texts import check_texts, unseen_messages

from . import test_malformed
from .refused_models import BATCH, FAMILIES
from .support import model, node, read_for_any_batch, refusal

FOLDER = Path(__file__).parent / "messages"
CANNOT_BE_TESTED = (
    "ONNX Runtime",  # its reasons differ by version
    "2 GiB",
    "does not fit into memory",
    "branches nest too deeply",  # of protobuf's own limit
    "constants of more than",
    "cannot read",  # tests/test_input_files.py
    "the model has",  # below
    "that the batch was merged into",  # the next three are guards: other checks come before them
    "example by example",
    "the shape of a constant depends",
    "a size that has a name cannot be scaled",  # it is read for fixed sizes then: test_reading.py
)
"""What depends on another program, or takes much time or memory."""


@pytest.mark.parametrize("family", FAMILIES)
def test_family(family: str) -> None:
    check_texts(FOLDER / f"{family}.txt", {name: refusal(make()) for name, make in FAMILIES[family].items()})


def test_batch() -> None:
    check_texts(FOLDER / "batch.txt", {name: read_for_any_batch(make()) for name, make in BATCH.items()})


def test_every_message_has_a_text() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.txt")))
    texts += inspect.getsource(test_malformed)
    unseen = unseen_messages("backends/netspec_onnx/reading", ("refused", "BackendError"), texts)
    assert [message for message in unseen if not any(known in message for known in CANNOT_BE_TESTED)] == []


@pytest.mark.parametrize(("option", "expected"), [
    (("--input", "z=4"), "error[NS879]: the model has no input 'z'\n --> m.onnx\n  = help: its inputs: x\n"),
    (("--input", "5,6", "--input", "4"), "error[NS879]: the model has only 1 input\n --> m.onnx\n  = help: its inputs: x\n"),
    (("--input", "x=4,5,6"), "error[NS879]: input 'x' has 2 axes without the batch; found 3\n --> m.onnx\n"
     "  = help: give as many sizes, without the batch\n"),
    (("--args", '{"a": 1}'), "error[NS711]: --args has no meaning for an ONNX file, which has no arguments\n"),
])  # fmt: skip
def test_options(option: tuple[str, ...], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.onnx").write_bytes(model([node("Relu", "x")], {"x": ("N", 5, 6)}).SerializeToString())
    assert ran("import", "m.onnx", *option) == (1, "", expected)
