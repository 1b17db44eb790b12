"""Where ``-o`` writes to: standard output, pipes, devices, and files that cannot be written."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli_support import ran

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices of Unix")

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'backends'}"}
OUTPUTS = {
    "export lenet5 --to torch": (".py", b"# Written by"),
    "export lenet5 --to onnx": (".onnx", b"\x08"),
    "export lenet5 --to weights": (".safetensors", b""),
    "export lenet5 --to graphviz": (".svg", b"<?xml"),
    "draw lenet5": (".svg", b"<?xml"),
    "draw lenet5 --format png": (".png", b"\x89PNG"),
    "draw lenet5 --format dot": (".dot", b"digraph"),
    "draw lenet5 --format html": (".html", b"<!"),
    "schema": (".json", b"{"),
    "ops relu": (".txt", b"relu"),
}
"""Commands that write a file, with its extension and how it begins."""


def shell(line: str, folder: Path) -> tuple[int, bytes, str]:
    """Exit status, standard output and standard error of a line of bash, in which ``netspec`` is this program."""
    line = line.replace("netspec ", f"{sys.executable} -m netspec ")
    done = subprocess.run(["bash", "-c", line], cwd=folder, env=ENVIRONMENT, check=False, capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize("command", OUTPUTS)
def test_standard_output_pipes_and_devices(command: str, tmp_path: Path) -> None:
    """The same bytes everywhere, and nothing beside them on standard output."""
    extension, begins = OUTPUTS[command]
    path = tmp_path / f"file{extension}"
    assert ran(*command.split(), "-o", str(path))[::2] == (0, "")
    data = path.read_bytes()
    assert data.startswith(begins)
    for name in ("-", "/dev/stdout"):
        assert shell(f"netspec {command} -o {name}", tmp_path) == (0, data, "")
    assert shell(f"netspec {command} -o >(gzip > x.gz) && wait $!", tmp_path) == (0, b"", "")
    assert gzip.decompress((tmp_path / "x.gz").read_bytes()) == data
    assert shell(f"netspec {command} -o /dev/null", tmp_path) == (0, b"", "")
    assert shell(f"netspec {command} -o /dev/full", tmp_path) == (
        1,
        b"",
        "error[NS705]: cannot write '/dev/full': no space left on device\n",
    )
    assert shell(f"netspec {command} -o - > /dev/full", tmp_path) == (
        1,
        b"",
        "netspec: cannot write to standard output: no space left on device\n",
    )
    assert {f.name for f in tmp_path.iterdir()} == {path.name, "x.gz"}


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
def test_standard_output_is_appended_to(name: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("before\n")
    assert shell(f"netspec draw lenet5 --format dot -o {name} >> log", tmp_path) == (0, b"", "")
    assert (tmp_path / "log").read_text().startswith("before\ndigraph")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (
            "export lenet5 -o /dev/null",
            "error[NS703]: no backend writes files like '/dev/null'\n"
            "  = help: extensions: .py (torch), .onnx (onnx), .svg (graphviz), .png (graphviz), .pdf (graphviz), "
            ".tex (graphviz), .dot (graphviz), .gv (graphviz), .html (graphviz), .safetensors (weights); for any other name, "
            "--to names the backend\n",
        ),
        (
            "export lenet5 -o /dev/stdout",
            "error[NS703]: standard output has no extension that says what to write\n"
            "  = help: --to names a backend, such as --to torch\n",
        ),
        (
            "draw lenet5 -o picture",
            "error[NS703]: cannot write a drawing as 'picture'\n"
            "  = help: available extensions: svg, png, pdf, tex, dot, gv, html, htm; for any other name, --format names one\n",
        ),
        (
            "export lenet5 --to onnx --external-data -o /dev/null",
            "error[NS712]: '/dev/null' takes one file, but the weights are a second one\n"
            "  = help: use -o FILE, or --no-weights\n",
        ),
        (
            "export lenet5 --to onnx --verify -o /dev/null",
            "error[NS712]: '/dev/null' cannot be read again, which --verify needs\n  = help: use -o FILE\n",
        ),
        ("draw lenet5 -o folder", "error[NS705]: cannot write 'folder': it is a folder\n"),
        ("draw lenet5 -o no/x.svg", "error[NS705]: cannot write 'no/x.svg': its folder does not exist\n"),
        ("draw lenet5 -o loop.svg", "error[NS705]: cannot write 'loop.svg': too many levels of symbolic links\n"),
        ("export lenet5 -o folder/", "error[NS705]: cannot write 'folder': it is a folder\n"),
        (
            "export spec.yaml --to torch -o spec.yaml",
            "error[NS705]: cannot write 'spec.yaml': the spec is read from it\n  = help: another name\n",
        ),
        (
            "draw spec.yaml --format svg -o link",
            "error[NS705]: cannot write 'link': the spec is read from it\n  = help: another name\n",
        ),
        (
            "export spec.yaml --to torch -o used.yaml",
            "error[NS705]: cannot write 'used.yaml': the spec is read from it\n  = help: another name\n",
        ),
        (
            "export lenet5 --weights w.safetensors -o w.safetensors",
            "error[NS705]: cannot write 'w.safetensors': the weights are read from it\n  = help: another name\n",
        ),
    ],
)
def test_what_cannot_be_written(command: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop.svg").symlink_to("loop.svg")
    (tmp_path / "spec.yaml").write_text("{netspec: 1, use: used.yaml, input: [1], layers: [relu]}")
    (tmp_path / "used.yaml").write_text("{netspec: 1, blocks: {A: {layers: [relu]}}}")
    (tmp_path / "link").symlink_to("spec.yaml")
    ran("export", "lenet5", "-o", str(tmp_path / "w.safetensors"))
    before = {f.name: f.lstat() for f in tmp_path.iterdir()}
    if " folder" in command:
        command = f"{command} {'--format svg' if command.startswith('draw') else '--to torch'}"
    assert shell(f"netspec {command}", tmp_path) == (1, b"", message)
    after = {f.name: f.lstat() for f in tmp_path.iterdir()}
    assert {k: (v.st_ino, v.st_size) for k, v in after.items()} == {k: (v.st_ino, v.st_size) for k, v in before.items()}


@pytest.mark.parametrize(
    "output", ["net.py", "net.onnx", "net.safetensors", "net.svg", "net.png", "net.pdf", "net.dot", "net.html"]
)
def test_a_disk_that_is_full(output: str, tmp_path: Path) -> None:
    """A limit on the size of files stands for it; the old file stays."""
    (tmp_path / output).write_bytes(b"old")
    command = "draw" if output.split(".")[1] in ("svg", "png", "pdf", "dot", "html") else "export"
    done = subprocess.run(
        [sys.executable, "-B", "-m", "netspec", command, "lenet5", "-o", output],
        cwd=tmp_path,
        env=ENVIRONMENT,
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error[NS705]: cannot write '{output}': file too large\n"
    assert [f.name for f in tmp_path.iterdir()] == [output]
    assert (tmp_path / output).read_bytes() == b"old"


def test_no_room_for_the_temporary_file_of_standard_output(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-m", "netspec", "export", "lenet5", "--to", "onnx", "-o", "-"],
        cwd=tmp_path,
        env=ENVIRONMENT | {"TMPDIR": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error[NS705]: cannot write '-': file too large, in the folder of temporary files\n"
    assert list(tmp_path.iterdir()) == []
