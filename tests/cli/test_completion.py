"""Completion scripts: what the parser has is in them, and the shells that are here accept and use them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from netspec import zoo
from netspec.cli.completion import SHELLS, commands, quotable, script
from tests.cli_support import ran


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


@pytest.mark.parametrize("shell", SHELLS)
def test_syntax(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    file = tmp_path / "script"
    file.write_text(script(shell), encoding="utf-8")
    done = subprocess.run([shell, "-n", str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("netspec ch", ["check"]),
        ("netspec check lenet", ["lenet", "lenet5"]),
        ("netspec check --form", ["--format"]),
        ("netspec check --format m", ["markdown"]),
        ("netspec ops dropo", ["dropout"]),
        ("netspec zoo sho", ["show"]),
        ("netspec completion z", ["zsh"]),
    ],
)
def test_bash(words: str, found: list[str], tmp_path: Path) -> None:
    program = script("bash") + (
        f'COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _netspec; printf "%s\\n" "${{COMPREPLY[@]}}"\n'
    )
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.split() == found
    assert done.stderr == ""


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
