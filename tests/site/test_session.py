"""What the playground asks of netspec, without a browser."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from netspec import zoo

pytestmark = pytest.mark.slow

PLAYGROUND = Path(__file__).resolve().parents[2] / "docs" / "playground"
VALID = "{netspec: 1, input: [3, 8, 8], layers: {conv: {conv2d: 4, kernel: 3}}}"


@pytest.fixture(name="session")
def session_(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that runs in the browser."""
    monkeypatch.setattr(sys, "path", [str(PLAYGROUND), *sys.path])
    yield importlib.import_module("session")
    sys.modules.pop("session")


def test_a_valid_spec(session: Any) -> None:
    answer = json.loads(session.check(VALID))
    assert {key: answer[key] for key in ("ok", "name", "variants", "variant", "layers", "diagnostics")} == {
        "ok": True,
        "name": "spec",
        "variants": [],
        "variant": None,
        "layers": 1,
        "diagnostics": [],
    }
    assert "<td" in answer["report"]
    assert "(4, 6, 6)" in answer["report"]


def test_a_spec_with_an_error(session: Any) -> None:
    answer = json.loads(session.check(VALID.replace("kernel", "kernal")))
    assert (answer["ok"], answer["report"]) == (False, None)
    (problem,) = answer["diagnostics"]
    assert (problem["code"], problem["severity"], problem["line"], problem["column"]) == ("NS213", "error", 1, 59)
    assert problem["text"].startswith("error[NS213]: 'conv2d' has no argument 'kernal'\n --> spec.yaml:1:59\n")
    assert json.loads(session.draw(VALID[:-1], None, "graph", None, False)) == {"error": "The spec has errors."}


def test_expectations_are_checked(session: Any) -> None:
    answer = json.loads(session.check(VALID[:-1] + ", expect: {params: 1}}"))
    assert not answer["ok"]
    assert answer["report"] is not None
    assert [d["code"] for d in answer["diagnostics"]] == ["NS601"]


def test_variants(session: Any) -> None:
    path = zoo.path("resnet")
    assert path is not None
    text = path.read_text(encoding="utf-8")
    answer = json.loads(session.check(text, "18"))
    assert answer["variant"] == "18"
    assert "50" in answer["variants"]
    assert json.loads(session.check(text, "no such variant"))["variant"] is None, "as after editing its name"


@pytest.mark.parametrize(
    ("kind", "start"), [("graph", "digraph"), ("volumes", "<?xml"), ("page", "<!DOCTYPE html>"), ("pytorch", "# Writ")]
)
def test_views(session: Any, kind: str, start: str) -> None:
    answer = json.loads(session.draw(VALID, None, kind, None, False))
    assert answer["text"].lstrip().startswith(start)


def test_a_network_that_is_too_large_to_draw(session: Any) -> None:
    layers = ", ".join(f"c{i}: {{conv2d: {i + 1}, kernel: 1}}" for i in range(3000))
    text = f"{{netspec: 1, input: [1, 8, 8], layers: {{{layers}}}}}"
    answer = json.loads(session.draw(text, None, "graph", None, False))
    assert answer["error"].startswith("error[NS722]: ")


def test_examples(session: Any) -> None:
    examples = json.loads(session.examples())
    names = [example["name"] for example in examples]
    assert "resnet" in names
    for example in examples[:: len(examples) // 6]:
        assert json.loads(session.check(example["text"]))["ok"], example["name"]
