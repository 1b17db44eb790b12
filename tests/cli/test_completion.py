"""Completion scripts: what the parser has is in them, and the shells that are here accept and use them."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from netspec import zoo
from netspec.backend import Style, names
from netspec.cli import completion
from netspec.cli.completion import SHELLS, commands, variants
from netspec.cli.completion_scripts import quotable
from netspec.report import COLUMNS
from netspec_graphviz.options import parse_options
from tests.cli_support import ran
from tests.fork_server import python

script = cache(completion.script)


@pytest.mark.parametrize("shell", SHELLS)
def test_everything_is_in_it(shell: str) -> None:
    said = ran("completion", shell)
    assert (said.status, said.err) == (0, "")
    assert said.out == script(shell)
    for command in commands():
        assert command.name in said.out
        for option in command.options:
            for name in option.names:
                assert (name.lstrip("-") if shell == "fish" else name) in said.out
    for name in zoo.names():
        assert name in said.out


def test_commands() -> None:
    known = {c.name: c for c in commands()}
    assert known["check"].specs
    assert not known["ops"].specs
    assert "conv2d" in known["ops"].words
    assert set(SHELLS) <= set(known["completion"].words)
    by_name = {o.names[-1]: o for o in known["check"].options}
    assert by_name["--format"].choices == ("table", "json", "csv", "markdown", "github")
    assert by_name["--batch"].takes
    assert not by_name["--watch"].takes
    assert by_name["--columns"].choices == (*COLUMNS, "help")
    assert by_name["--columns"].listed
    assert by_name["--sort"].choices == tuple(COLUMNS)
    drawn = {o.names[-1]: o.choices for o in known["draw"].options}
    assert drawn["--style"] == get_args(Style)
    assert drawn["--shade-by"] == ("params", "macs", "flops", "activations", "connections")
    assert "params%" not in drawn["--show"]
    assert "--variants" not in {name for o in known["completion"].options for name in o.names}


def test_values_are_accepted() -> None:
    """What is offered for an option is what its command takes."""
    known = {c.name: {o.names[-1]: o for o in c.options} for c in commands()}
    for figure in known["draw"]["--show"].choices:
        assert parse_options({"show": figure}).show == (figure,)
    for name in ("style", "direction", "shade_by", "width_by"):
        for value in known["draw"][f"--{name.replace('_', '-')}"].choices:
            assert getattr(parse_options({name: value}), name) == value
    assert set(known["export"]["--to"].choices) == set(names())
    assert known["new"]["--from"].choices == tuple(zoo.names())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vgg", ["A", "A-LRN", "B", "C", "D", "E"]),
        ("lenet5", []),
        ("nonsense", []),
        ("", []),
    ],
)
def test_variants(name: str, expected: list[str]) -> None:
    assert variants(name)[: len(expected)] == expected
    assert variants(name)[-1:] == (["all"] if expected else [])
    said = ran("completion", "--variants", name)
    assert (said.status, said.err) == (0, "")
    assert said.out.split() == [f"{name}@{v}" for v in variants(name)]


def test_variants_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("netspec: 1\ninput: [3]\nlayers: [relu]\nvariants: {small: {}, large: {}}\n", encoding="utf-8")
    assert variants(str(path)) == ["small", "large", "all"]
    path.write_text("netspec: [", encoding="utf-8")
    assert variants(str(path)) == []


def test_without_a_shell() -> None:
    said = ran("completion")
    assert said == (2, "", "netspec completion: a shell is required: bash, zsh, fish\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_syntax(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    file = tmp_path / "script"
    file.write_text(script(shell), encoding="utf-8")
    done = subprocess.run([shell, "-n", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


WORDS: list[tuple[str, list[str]]] = [
    ("netspec ch", ["check"]),
    ("netspec check lenet", ["lenet", "lenet5"]),
    ("netspec check --form", ["--format", "--formulas"]),
    ("netspec check --format m", ["markdown"]),
    ("netspec check vgg@A", ["vgg@A", "vgg@A-LRN"]),
    (
        "netspec draw -o x.svg resnet@1",
        ["resnet@101", "resnet@101_v1", "resnet@152", "resnet@152_v1", "resnet@18"],
    ),
    ("netspec check resnet@al", ["resnet@all"]),
    ("netspec check nonsense@", []),
    ("netspec check own.yaml@", ["own.yaml@all", "own.yaml@large", "own.yaml@small"]),
    ("netspec check vgg16 --sort mac", ["macs", "macs%", "macs_needed"]),
    ("netspec check vgg16 --columns na", ["name"]),
    ("netspec check vgg16 --columns name,para", ["name,params", "name,params%"]),
    ("netspec draw lenet5 --style v", ["volumes"]),
    ("netspec draw lenet5 --show macs,conn", ["macs,connections"]),
    ("netspec export lenet5 --to o", ["onnx"]),
    ("netspec ops dropo", ["dropout"]),
    ("netspec zoo sho", ["show"]),
    ("netspec zoo vgg", ["vgg", "vgg16"]),
    ("netspec completion z", ["zsh"]),
]
"""Lines, and the words that they may end with."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    text = "netspec: 1\ninput: [3]\nlayers: [relu]\nvariants: {small: {}, large: {}}\n"
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    program = tmp_path / "bin" / "netspec"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{python()}" -m netspec "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return tmp_path


def completed(shell: str, program: str, folder: Path) -> list[str]:
    """The words that a program of a shell prints, in order, without the folder of its ``netspec``."""
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    env = {**os.environ, "PATH": path, "HOME": str(folder)}
    done = subprocess.run([shell, "-c", program], capture_output=True, text=True, check=True, cwd=folder, env=env)
    assert done.stderr == ""
    return sorted(word for word in done.stdout.split("\n") if word)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(("line", "expected"), WORDS)
def test_bash(line: str, expected: list[str], folder: Path) -> None:
    """Readline replaces the part of a word after its last @."""
    program = script("bash") + (
        f"COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; _netspec 2>/dev/null\n"
        'for word in "${COMPREPLY[@]}"; do printf "%s\\n" "$word"; done\n'
    )
    word = line.rpartition(" ")[2]
    before = f"{word.rpartition('@')[0]}@" if "@" in word else ""
    assert completed("bash", program, folder) == sorted(w.removeprefix(before) for w in expected)


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(("line", "expected"), WORDS)
def test_fish(line: str, expected: list[str], folder: Path) -> None:
    (folder / "netspec.fish").write_text(script("fish"), encoding="utf-8")
    words = completed("fish", f"source netspec.fish; complete -C '{line}'", folder)
    assert [w.partition("\t")[0] for w in words] == sorted(expected)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
@pytest.mark.parametrize(("line", "expected"), [row for row in WORDS if "@" in row[0]])
def test_variants_in_zsh(line: str, expected: list[str], folder: Path) -> None:
    """The function for specs, with what zsh's own would offer."""
    functions = script("zsh").partition("_netspec() {")[0]
    word = line.rpartition(" ")[2]
    program = f"{functions}\ncompadd() {{ print -l -- ${{(PM)2:#$PREFIX*}} }}\nPREFIX='{word}'; _netspec_specs\n"
    assert completed("zsh", program, folder) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("how to print it (default: text)", "how to print it"),
        ("`a` 'b' \"c\" $d [e]: f…", "a b c d e f..."),
        (None, ""),
    ],
)
def test_plain(text: str | None, safe: str) -> None:
    assert quotable(text) == safe
