"""``netspec fmt``: files that change, and files that stay as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli_support import ran

UGLY = "netspec:   1\ninput: [ 3,8,8]\nlayers:\n- {kernel: 3, conv2d: 8}   # first\n"
NEAT = "netspec: 1\ninput: [3, 8, 8]\n\nlayers:\n  - {conv2d: 8, kernel: 3}  # first\n"


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(UGLY, encoding="utf-8")
    file.chmod(0o640)
    assert ran("fmt", str(file)) == (0, "", f"formatted {file}\n")
    assert file.read_text(encoding="utf-8") == NEAT
    assert file.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["a.yaml"]
    assert ran("fmt", str(file)) == (0, "", "")


def test_check_and_diff(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(UGLY, encoding="utf-8")
    assert ran("fmt", "--check", str(file)) == (1, "", f"would format {file}\n")
    said = ran("fmt", "--diff", str(file))
    assert (said.status, said.err) == (0, f"would format {file}\n")
    assert said.out.startswith(
        f"--- {file}\n+++ {file}\n@@ -1,4 +1,5 @@\n-netspec:   1\n-input: [ 3,8,8]\n+netspec: 1\n"
    )
    assert file.read_text(encoding="utf-8") == UGLY


def test_standard_input() -> None:
    assert ran("fmt", "-", stdin=UGLY.encode()) == (0, NEAT, "")
    assert ran("fmt", "-", "--check", stdin=UGLY.encode()) == (1, "", "")
    assert ran("fmt", "-", "--check", stdin=NEAT.encode()) == (0, "", "")


def test_several_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(UGLY, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(NEAT, encoding="utf-8")
    (tmp_path / "c.yaml").write_text("netspec: 1\ninput: [3]\nlayers:   [unknown]\n", encoding="utf-8")
    said = ran("fmt", str(tmp_path / "*.yaml"))
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"formatted {tmp_path / 'a.yaml'}\nerror[NS")
    assert said.err.endswith("1 file formatted, 1 file unchanged, 1 file invalid\n")
    assert (tmp_path / "c.yaml").read_text(encoding="utf-8").endswith("layers:   [unknown]\n")


def test_a_file_of_blocks(tmp_path: Path) -> None:
    part, spec = tmp_path / "part.yaml", tmp_path / "spec.yaml"
    part.write_text("netspec: 1\nblocks:\n  B:   {layers: [relu]}\n", encoding="utf-8")
    spec.write_text("netspec: 1\nuse: part.yaml\ninput: [3]\nlayers:   [B]\n", encoding="utf-8")
    assert ran("fmt", str(part), str(spec)).status == 0
    assert part.read_text(encoding="utf-8") == "netspec: 1\n\nblocks:\n  B: {layers: [relu]}\n"
    assert spec.read_text(encoding="utf-8") == "netspec: 1\nuse: part.yaml\ninput: [3]\n\nlayers: [B]\n"
    part.write_text("netspec: 1\nblocks:\n  B:   {layer: [relu]}\n", encoding="utf-8")
    said = ran("fmt", str(part))
    assert said.status == 1
    assert "layer" in said.err


def test_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + NEAT.replace("\n", "\r\n").encode())
    assert ran("fmt", str(file)).err == f"formatted {file}\n"
    assert file.read_bytes() == NEAT.replace("\n", "\r\n").encode()


def test_every_variant_is_compared(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "netspec: 1\nparams: {n: int}\ninput: [3]\nlayers:   [{dense: $n}]\nvariants: {a: {n: 0}}\n", encoding="utf-8"
    )
    assert ran("fmt", str(file)).status == 1
    file.write_text(
        "netspec: 1\nparams: {n: int}\ninput: [3]\nlayers:   [{dense: $n}]\nvariants: {a: {n: 2}}\n", encoding="utf-8"
    )
    assert ran("fmt", str(file)).status == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "error[NS109]: the file cannot be read: there is no such file\n --> {file}\n\n"),
        (
            b"\xff",
            "error[NS102]: the file is not UTF-8: byte 0xFF on line 1\n --> {file}\n  = help: save it as UTF-8\n\n",
        ),
        (
            b"netspec: 1\ninput: [3]\nlayers: [relu]\rname: x\n",
            "error[NS112]: the character U+000D ends a line for YAML, but not in an editor\n --> {file}:3:15\n"
            "  |\n3 | layers: [relu]\n  |               ^\n  = help: a line feed in its place; within quotes, an escape\n\n",
        ),
    ],
)
def test_what_cannot_be_formatted(content: bytes | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    if content is not None:
        file.write_bytes(content)
    said = ran("fmt", str(file))
    assert (said.status, said.out) == (1, "")
    assert said.err == message.format(file=file)
