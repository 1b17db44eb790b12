"""Texts of a spec reach terminals, programs and spreadsheets without controlling them."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest

from netspec.diagnostics import clean, clip

from .cli_support import ran

HIDDEN = [
    "\x1b",
    "\x07",
    "\x7f",
    "\x85",
    "\u00ad",
    "\u061c",
    "\u200b",
    "\u2028",
    "\u202e",
    "\u2060",
    "\ufeff",
    "\U000e0041",
]
SPECS = {
    "name of an output": 'layers: [relu]\noutputs: {"o%s": 0}',
    "name of a weight": 'layers: [{conv2d: 4, kernel: 3, init: {"w%s": zeros}}]',
    "axis": 'layers: [{softmax, axis: "a%s"}]',
    "choice": 'params: {p: {default: a, choices: ["a", "b%s"]}}\nlayers: [relu]\nvariants: {v: {p: c}}',
    "doc": 'doc: "d%s"\nlayers: [relu]',
    "argument": 'layers: [{relu, "x%s": 1}]',
    "operation": 'layers: ["op%s"]',
    "name": 'name: "n%s"\nlayers: [relu]',
    "file": 'use: ["f%s.yaml"]\nlayers: [relu]',
    "expectation": 'layers: [relu]\nexpect: {params: "< %s"}',
}


def escaped(character: str) -> str:
    """A character as an escape within double quotes of YAML."""
    return f"\\U{ord(character):08x}"


@pytest.mark.parametrize("kind", ["table", "json", "csv", "markdown", "github"])
@pytest.mark.parametrize("place", SPECS)
def test_no_hidden_character_is_printed(place: str, kind: str) -> None:
    for character in HIDDEN:
        text = f"netspec: 1\ninput: [3, 8, 8]\n{SPECS[place] % escaped(character)}\n"
        _, out, err = ran("check", "-@all", "--format", kind, stdin=text.encode())
        assert out + err
        assert not [c for c in out + err if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@pytest.mark.parametrize(
    "words",
    [
        ["check", "n%s.yaml"],
        ["fit", "n%s.yaml"],
        ["fit", "n%s.yaml", "--context", "%s"],
        ["sizes", "n%s.yaml"],
        ["explain", "n%s.yaml", "0"],
        ["plan", "n%s.yaml", "--devices", "2", "--batch", "2"],
        ["export", "n%s.yaml", "-o", "n%s.py"],
        ["draw", "n%s.yaml", "-o", "n%s.html"],
        ["check", "n%s.yaml", "--set", "%s"],
        ["check", "n%s.yaml", "--format", "github", "--set", "%s=1"],
        ["check", "n%s.yaml", "--batch", "%s"],
        ["check", "n%s.yaml", "%s", "--%s"],
        ["n%s"],
    ],
    ids=" ".join,
)
def test_arguments_are_printed_without_hidden_characters(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if words[0] in ("fit", "plan"):
        pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "n\x1b[31m\u202e.yaml").write_text("netspec: 1\ninput: [3]\nlayers: [{dense: 4}]\n", encoding="utf-8")
    _, out, err = ran(*(word.replace("%s", "\x1b[31m\u202e") for word in words))
    assert out + err
    assert not [c for c in out + err if c != "\n" and not c.isprintable()]


def test_json_keeps_the_text() -> None:
    name = "a\u00ad\x1b"
    text = f'netspec: 1\nname: "{"".join(map(escaped, name))}"\ninput: [3]\nlayers: [relu]\n'
    _, out, _ = ran("check", "-", "--format", "json", stdin=text.encode())
    assert "\x1b" not in out
    assert json.loads(out)[0]["name"] == name


def test_clean_keeps_what_can_be_seen() -> None:
    text = "Größe 大小 \u00a0\u3000 Ω ½ 🙂"
    assert clean(text) == text
    assert clip("x" * 61) == "x" * 59 + "…"
    assert clip("x" * 60) == "x" * 60


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_formula_in_csv(formula: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"{formula}.yaml"
    (tmp_path / name).write_text("netspec: 1\ninput: [3]\nlayers: [relu]\n", encoding="utf-8")
    _, out, _ = ran("check", "--format", "csv", "--", name)
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["spec"] == f"'{name}"
    assert row["params"] == "0", "numbers stay numbers"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"], ids=ascii)
def test_lines_are_counted_as_yaml_counts_them(end: str) -> None:
    text = end.join(("netspec: 1", "input: [3, 8, 8]", "layers:", "  - {conv2d: 4, kernal: 3}", ""))
    status, out, err = ran("check", "-", stdin=text.encode())
    assert status == 1
    assert "<stdin>:4:17" in out + err
    assert "4 |   - {conv2d: 4, kernal: 3}" in out + err
