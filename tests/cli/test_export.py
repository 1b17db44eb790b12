"""``netspec export``, ``backends`` and ``draw``: targets by extension, weights, and one line for each error."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli_support import ran

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("extension", [".py", ".onnx", ".safetensors", ".svg", ".dot", ".html"])
def test_by_extension(extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"net{extension}"
    status, out, err = ran("export", "lenet5", "-o", str(path))
    assert (status, err) == (0, "")
    assert out == f"{path}: {path.stat().st_size:,} bytes\n"


def test_same_seed_same_file(tmp_path: Path) -> None:
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert ran("export", "lenet5", "-o", str(tmp_path / f"{name}.safetensors"), "--seed", seed, "--quiet")[:2] == (
            0,
            "",
        )
    a, b, c = ((tmp_path / f"{name}.safetensors").read_bytes() for name in "abc")
    assert a == b != c


def test_weights_from_a_file(tmp_path: Path) -> None:
    weights, path = tmp_path / "w.safetensors", tmp_path / "net.onnx"
    ran("export", "lenet5", "-o", str(weights), "--seed", "3")
    status, out, err = ran("export", "lenet5", "-o", str(path), "--weights", str(weights), "--verify")
    assert (status, err) == (0, "")
    assert "13 tensors" in out
    assert "ONNX Runtime: shapes as in the spec and values as PyTorch's" in out


@pytest.mark.parametrize(("words", "says"), [
    (["lenet5", "-o", "{tmp}/x.abc"], "error[NS703]: no backend writes files like 'x.abc'"),
    (["lenet5", "-o", "{tmp}/no/x.onnx"], "error[NS705]: cannot write '{tmp}/no/x.onnx': its folder does not exist"),
    (["lenet5", "-o", "{tmp}/x.onnx", "--to", "tensorrt"], "error[NS702]: there is no backend 'tensorrt'"),
    (["lenet5", "-o", "{tmp}/x.onnx", "--opset", "99"], "error[NS711]: opset must be from 13 to 23; found 99"),
    (["lenet5", "-o", "{tmp}/x.onnx", "--weights", "{tmp}/none.safetensors"], "error[NS706]: cannot read"),
    (["lenet5", "-o", "{tmp}/x.py", "--weights", "{tmp}/none.pt"],
     "error[NS711]: a file of weights has no meaning for this target: PyTorch source"),
    (["lenet5", "-o", "{tmp}/x.py", "--verify"], "error[NS711]: files of the backend 'torch' cannot be verified"),
    (["lenet5", "-o", "{tmp}/x.py", "--opset", "20"], "error[NS711]: 'opset' has no meaning for PyTorch source"),
    (["lenet5", "-o", "-"],
     "error[NS703]: standard output has no extension that says what to write\n  = help: --to names a backend, such as --to torch\n"),
    (["lenet5", "-o", "-", "--to", "tensorrt"], "error[NS702]: there is no backend 'tensorrt'"),
    (["lenet5", "-o", "-", "--to", "onnx", "--external-data"],
     "error[NS712]: standard output takes one file, but the weights are a second one\n"
     "  = help: use -o FILE, or --no-weights\n"),
    (["lenet6", "-o", "{tmp}/x.py"], "error[NS109]: 'lenet6' is neither a file nor a network of the zoo"),
])  # fmt: skip
def test_errors(words: list[str], says: str, tmp_path: Path) -> None:
    status, out, err = ran("export", *[w.format(tmp=tmp_path) for w in words])
    assert status == 1
    assert err.startswith(says.format(tmp=tmp_path))
    assert "Traceback" not in err + out
    assert [p.name for p in tmp_path.iterdir() if p.name != "x.py"] == []


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        (["export", "lenet5", "--to", "torch"], b"# Written by netspec"),
        (["export", "lenet5", "--to", "onnx", "--verify"], b"\x08"),
        (["draw", "lenet5"], b"<?xml"),
    ],
)
def test_to_standard_output(words: list[str], begins: bytes, tmp_path: Path) -> None:
    """The file alone: what is said beside it goes to standard error."""
    code = "import sys; from netspec.cli.main import main; sys.exit(main())"
    env = {"PYTHONPATH": f"{ROOT}:{ROOT / 'backends'}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "-o", "-"], capture_output=True, env=env, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(begins)
    assert (b"ONNX Runtime" in done.stderr) == ("--verify" in words)
    assert list(tmp_path.iterdir()) == []
    if words[0] == "export":
        path = tmp_path / f"net.{'py' if 'torch' in words else 'onnx'}"
        ran("export", "lenet5", "-o", str(path))
        assert path.read_bytes() == done.stdout


@pytest.mark.parametrize("backend", ["onnx", "torch"])
def test_a_terminal_gets_text_alone(backend: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("{netspec: 1, name: x, input: [1], layers: [relu]}")
    code = "import sys; from netspec.cli.main import main; sys.exit(main())"
    env = {"PYTHONPATH": f"{ROOT}:{ROOT / 'backends'}", "PATH": "/usr/bin:/bin"}
    ours, terminal = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, "export", "x.yaml", "--to", backend, "-o", "-"],
            stdout=terminal,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
            cwd=tmp_path,
            check=False,
        )
        if backend == "torch":
            assert os.read(ours, 20) == b"# Written by netspec"
    finally:
        os.close(ours)
        os.close(terminal)
    said = "error[NS712]: a binary file (.onnx) is not written to a terminal\n  = help: use -o FILE, or > FILE\n"
    assert (done.returncode, done.stderr) == ((1, said) if backend == "onnx" else (0, ""))


MISSING = {"onnx": ("onnx", "ONNX", "x.onnx"), "numpy": ("weights", "NumPy", "x.safetensors")}


@pytest.mark.parametrize("module", MISSING)
def test_a_missing_library_is_one_line(module: str, tmp_path: Path) -> None:
    """As in a light install: the library cannot be found."""
    backend, product, name = MISSING[module]
    code = (
        "import sys, importlib.util as u\n"
        "find = u.find_spec\n"
        f"u.find_spec = lambda n, *a: None if n.split('.')[0] == {module!r} else find(n, *a)\n"
        "from netspec.cli.main import main\n"
        f"sys.exit(main(['export', 'lenet5', '-o', {str(tmp_path / name)!r}]))"
    )
    env = {"PYTHONPATH": f"{ROOT}:{ROOT / 'backends'}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=ROOT, check=False)
    assert done.returncode == 1
    assert done.stderr == f"error[NS704]: backend '{backend}' needs {product}: pip install {module}\n"
    assert not (tmp_path / name).exists()


def test_backends() -> None:
    status, out, _ = ran("backends")
    assert status == 0
    assert "onnx       ready\n           writes .onnx (ONNX model)" in out


def test_draw(tmp_path: Path) -> None:
    path = tmp_path / "net.svg"
    assert ran("draw", "lenet5", "-o", str(path), "--style", "volumes", "--dark", "--quiet") == (0, "", "")
    assert "<svg " in path.read_text(encoding="utf-8")[:100]
    status, _, err = ran("draw", "lenet5", "-o", str(path), "--style", "cubes")
    assert status == 1
    assert err.startswith("error[NS721]: style must be graph, volumes or neurons; found 'cubes'")


TOO_LARGE = """netspec: 1
name: large
input: [1073741824]
layers: [{dense: 536870912}, {dense: 536870912}, {dense: 10}]
"""
"""Nearly 2^60 parameters."""


@pytest.mark.parametrize(
    ("options", "size", "help_"),
    [
        (["large.onnx"], "3,458,764,539,590,345,", "\n  = help: --no-weights writes the architecture alone"),
        (["large.onnx", "--external-data"], "3,458,764,539,590,345,", "\n  = help: --no-weights writes the architecture alone"),
        (["large.onnx", "--dtype", "float16"], "1,729,382,269,795,173,", "\n  = help: --no-weights writes the architecture alone"),
        (["large.safetensors"], "3,458,764,539,590,345,", ""),
    ],
)  # fmt: skip
def test_weights_that_no_disk_can_hold(
    options: list[str], size: str, help_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is computed or written before the message."""
    monkeypatch.chdir(tmp_path)
    Path("large.yaml").write_text(TOO_LARGE, encoding="utf-8")
    status, out, err = ran("export", "large.yaml", "-o", *options)
    assert (status, out) == (1, "")
    bytes_ = size.replace(",", r"\,") + r"\d{3}"
    text = (
        rf"error\[NS705\]: cannot write '{options[0]}': it would have {bytes_} bytes, and the disk has room for [\d,]+"
    )
    assert re.fullmatch(text + re.escape(help_) + "\n", err), err
    assert [p.name for p in tmp_path.iterdir()] == ["large.yaml"]


@pytest.mark.parametrize("options", [["large.onnx", "--no-weights"], ["large.py"], ["large.dot"]])
def test_the_architecture_of_a_network_that_no_disk_can_hold(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("large.yaml").write_text(TOO_LARGE, encoding="utf-8")
    assert ran("export", "large.yaml", "-o", *options, "--quiet") == (0, "", "")
    assert Path(options[0]).stat().st_size < 10_000
