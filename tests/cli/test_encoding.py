"""Output where the system's encoding lacks our characters, on dumb terminals and legacy consoles, at any width."""

from __future__ import annotations

import ctypes
import io
import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec.cli.main import commands, main
from netspec.cli.standard_streams import encode_output
from netspec.output.characters import FALLBACKS, UNICODE, CharacterSet, display_width
from netspec.output.terminal import character_set, terminal_width, use_colour, use_escapes

ROOT = Path(__file__).resolve().parent.parent.parent
SYSTEM = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
"""As on Windows, where the encoding of a pipe is not UTF-8."""
NAMES = (
    "netspec: 1\nname: 层\ndoc: “Größe” 3 × 3 … 😀\ninput: [3, 8, 8]\nlayers:\n  conv: {conv2d: 4, kernel: 3}\n"
    "  flat: flatten\n  a: {repeat: 3, layers: {b: {dense: 8}}}\n"
)
WRONG = NAMES + "  fc: {dense: 3, doc: 层, kernäl: 5}\n"
TABLES = ["check names.yaml", "check gpt2", "check vgg16", "check densenet --depth 2", "zoo", "zoo gpt2", "zoo unet3d"]
"""Commands that print tables, whose lines fit."""
ENCODINGS = (("ascii", 60), ("cp1252", 80), ("cp437", 100), ("latin-1", 140))
"""Encodings of standard output, each with the width of a terminal. Tables are printed in all, other texts in one."""
COMMANDS = [
    *TABLES,
    "check wrong.yaml",
    "check lenet5 vgg16 wrong.yaml",
    *(f"{name} --help" for name in ("", *commands())),
    "check names.yaml --columns name,inputs,receptive_field,params",
    *(f"check names.yaml wrong.yaml --format {kind}" for kind in ("json", "csv", "markdown", "github")),
    "expand names.yaml",
    *(f"explain {what}" for what in ("NS512", "NS105", "names.yaml conv", "names.yaml 積", "gpt2 lm_head")),
    *(f"ops {what}" for what in ("", "conv2d", "matmul", "matmul --format json", "--format markdown")),
    "zoo show unet3d",
    "zoo show 层",
    *(f"completion {shell}" for shell in ("bash", "zsh", "fish")),
    "backends",
    "schema",
    "export names.yaml --to torch -o -",
    "export names.yaml -o out.foo",
    "draw names.yaml -o out.dot",
    "draw names.yaml --show foo -o out.svg",
    "new 层.txt",
    "chéck",
]


def printed(words: list[str], encoding: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command, whose streams are strict and have an encoding."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n") for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONIOENCODING", encoding)
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        encode_output()
        status = main(words)
        out.flush()
        err.flush()
    texts: list[str] = []
    for stream in (out, err):
        assert isinstance(stream.buffer, io.BytesIO)
        texts.append(stream.buffer.getvalue().decode("utf-8" if "--to torch" in " ".join(words) else encoding))
    return status, texts[0], texts[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "names.yaml").write_text(NAMES, encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text(WRONG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command fails for an encoding's sake; apart from the characters it prints the same, in lines that fit."""
    words = command.split()
    for encoding, width in ENCODINGS if command in TABLES else ENCODINGS[len(command) % 4 :][:1]:
        monkeypatch.setenv("COLUMNS", str(width))
        expected, actual = printed(words, "utf-8", monkeypatch), printed(words, encoding, monkeypatch)
        assert actual[0] == expected[0]
        for text, reference in zip(actual[1:], expected[1:], strict=True):
            assert "─" not in text or encoding == "cp437"
            assert len(text.splitlines()) == len(reference.splitlines()) or {"--help", "zoo"} & set(words)
        if command in TABLES:
            for text in (expected[1], actual[1]):
                assert max(map(display_width, text.splitlines())) <= width


def test_a_table_in_ascii(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert printed(["check", "names.yaml"], "ascii", monkeypatch)[1] == (
        """\
\\u5c42
'Gr\\u00f6\\u00dfe' 3 x 3 ... \\U0001f600

layer         operation  output     params   MACs
-------------------------------------------------
input         input      (3, 8, 8)
conv          conv2d     (4, 6, 6)     112  3,888
flat          flatten    (144)           -      -
a             3 layers   (8)         1,304  1,280
  0.b         dense      (8)         1,160  1,152
  1 ... 2     dense x 2  (8)           144    128
    (each) b  dense      (8)            72     64
-------------------------------------------------
The figures of a block are sums; (each) and the lines below
it show one of its equal copies. --unfold shows them all.

parameters     1,416  all trainable
MACs           5,168  5.17 k
FLOPs         10,336  10.3 k; 2 x MACs
activations      312  168 of convolutions and dense layers
connections    5,336  5.34 k
weights      5.5 KiB  float32
input        (3, 8, 8)
output       (8)        a
"""
    )


def test_carets_stand_below_what_they_mark(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {e: printed(["check", "wrong.yaml"], e, monkeypatch)[1].splitlines() for e in ("utf-8", "cp1252", "ascii")}
    assert lines["utf-8"][3:5] == [
        "9 |   fc: {dense: 3, doc: 层, kernäl: 5}",
        "  |                           ^^^^^^",
    ]
    assert lines["cp1252"][3:5] == [
        "9 |   fc: {dense: 3, doc: \\u5c42, kernäl: 5}",
        "  |                               ^^^^^^",
    ]
    assert lines["ascii"][3:5] == [
        "9 |   fc: {dense: 3, doc: \\u5c42, kern\\u00e4l: 5}",
        "  |                               ^^^^^^^^^^^",
    ]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize(
    "words", [["check", "names.yaml", "wrong.yaml", "--format", "json"], ["schema"], ["ops", "--format", "json"]]
)
def test_json_is_the_same_data(words: list[str], encoding: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(words, encoding, monkeypatch)[1]
    assert json.loads(text) == json.loads(printed(words, "utf-8", monkeypatch)[1])
    assert encoding != "ascii" or text.isascii()


def test_an_expanded_spec_keeps_its_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(["expand", "names.yaml"], "ascii", monkeypatch)[1]
    graph = netspec.loads(text)
    assert graph.name == "层"
    assert [n.name for n in graph.nodes] == [n.name for n in netspec.load("names.yaml").nodes]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1", "ascii"])
@pytest.mark.parametrize("width", [60, 80])
def test_printing_an_analysis(encoding: str, width: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To a strict stream, which no command has prepared."""
    monkeypatch.setenv("COLUMNS", str(width))
    for spec in ("names.yaml", "resnet"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stream)
            print(netspec.analyze(spec), flush=True)
        assert isinstance(stream.buffer, io.BytesIO)
        text = stream.buffer.getvalue().decode(encoding)
        assert ("───" if encoding == "utf-8" else "---") in text
        assert max(map(display_width, text.splitlines())) <= width


def test_an_analysis_is_text_without_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    analysis = netspec.analyze("lenet5")
    monkeypatch.setenv("COLUMNS", "80")
    text = str(analysis)
    monkeypatch.setattr(sys, "stdout", None)
    assert str(analysis) == text


@pytest.mark.parametrize("words", ["check resnet", "explain resnet fc", "ops conv2d"])
def test_a_dumb_terminal_gets_no_symbols(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    _, out, err = printed(words.split(), "utf-8", monkeypatch)
    assert err == ""
    assert not set(FALLBACKS) & set(out)
    assert "\x1b" not in out


def test_a_dumb_terminal_gets_the_names_of_a_spec(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert printed(["check", "names.yaml"], "utf-8", monkeypatch)[1].startswith("层\n'Größe' 3 x 3 ... 😀\n")


class Console(io.StringIO):
    """Text that believes it is a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 7


@pytest.mark.parametrize(
    ("variables", "coloured", "escapes"),
    [
        ({}, True, True),
        ({"NO_COLOR": "1"}, False, True),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_colours(variables: dict[str, str], coloured: bool, escapes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (use_colour(Console()), use_escapes(Console())) == (coloured, escapes)
    assert not use_colour(io.StringIO())
    assert not use_colour(None)
    assert (use_colour(Console(), "never"), use_colour(io.StringIO(), "always")) == (False, True)


@pytest.mark.parametrize(("modern", "mode"), [(True, 4), (False, 0)])
def test_a_console_of_windows(modern: bool, mode: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Escape sequences are turned on; a legacy console, which cannot, gets no colours."""
    modes: list[int] = []

    def set_mode(handle: int, value: int) -> int:
        modes.append(value)
        return int(modern)

    kernel = types.SimpleNamespace(GetConsoleMode=lambda handle, into: 1, SetConsoleMode=set_mode)  # pyright: ignore[reportUnknownLambdaType] - stands for the C runtime
    runtime: Any = types.ModuleType("msvcrt")
    runtime.get_osfhandle = lambda descriptor: descriptor  # pyright: ignore[reportUnknownLambdaType] - stands for the C runtime
    monkeypatch.setitem(sys.modules, "msvcrt", runtime)
    monkeypatch.setattr(ctypes, "windll", types.SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("TERM", "xterm")
    assert use_escapes(Console()) is modern
    assert modes == [4]


def test_characters() -> None:
    ascii_set = CharacterSet("ascii")
    assert ascii_set.fit("3 × 3 – 5 … é 😀") == "3 x 3 - 5 ... \\u00e9 \\U0001f600"
    assert ascii_set.fit_json('"3 × 😀"') == '"3 \\u00d7 \\ud83d\\ude00"'
    assert json.loads(ascii_set.fit_json('"3 × 😀"')) == "3 × 😀"
    assert CharacterSet("cp1252").fit("─ × …") == "- × …"
    assert CharacterSet("utf-8", symbols=False).fit("─ × … é") == "- x ... é"
    assert UNICODE.fit("─ × … é") == "─ × … é"
    assert (ascii_set.ellipsis, UNICODE.ellipsis) == ("...", "…")
    assert display_width("层a\u0301") == 3
    assert character_set(io.StringIO()).encoding == "utf-8"


def test_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert terminal_width(None) == 60
    monkeypatch.delenv("COLUMNS")
    assert (terminal_width(None), terminal_width(io.StringIO())) == (80, 80)


def test_all_our_symbols_have_a_fallback() -> None:
    """Characters beyond ASCII in the sources of the core, which may reach a terminal."""
    ours = {
        c
        for file in (ROOT / "netspec").rglob("*.py")
        for text in re.findall(r'"[^"\n]*"', file.read_text(encoding="utf-8"))
        for c in text
        if not c.isascii()
    }
    assert ours <= set(FALLBACKS) | {"é"}


@pytest.mark.parametrize(
    ("environment", "encoding", "line"),
    [
        (SYSTEM, "utf-8", "────"),
        (SYSTEM | {"PYTHONIOENCODING": "cp1252"}, "cp1252", "----"),
        (SYSTEM | {"PYTHONIOENCODING": "latin-1"}, "latin-1", "----"),
        (SYSTEM | {"PYTHONIOENCODING": "ascii:strict"}, "ascii", "----"),
        (SYSTEM | {"TERM": "dumb"}, "utf-8", "----"),
    ],
)
def test_a_process(environment: dict[str, str], encoding: str, line: str) -> None:
    code = "from netspec.cli.main import run; import sys; sys.argv = ['netspec', 'check', 'lenet5']; run()"
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON") and k != "TERM"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        cwd=ROOT,
        check=False,
        env=kept | environment,
    )
    assert done.returncode == 0, done.stderr.decode(encoding)
    assert line in done.stdout.decode(encoding)
