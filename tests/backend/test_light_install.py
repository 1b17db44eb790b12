"""What a light install can do: without PyTorch, NumPy, ONNX and Graphviz, it checks, and writes .py, .dot and .html."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.backend import BackendError, Need, Target, find, find_program, missing_libraries, require
from netspec.ir import Graph, Node
from tests.cli_support import ran

ROOT = Path(__file__).resolve().parents[2]
LIGHT = """\
import sys
from importlib.abc import MetaPathFinder

class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in (
            'torch', 'numpy', 'onnx', 'onnxruntime', 'graphviz', 'matplotlib', 'PIL', 'rich', 'fpdf', 'fontTools',
            'resvg_py',
        ):
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)

sys.meta_path.insert(0, Missing())
import importlib.util
NEEDED = ('torch', 'numpy', 'onnx', 'fpdf', 'fontTools', 'resvg_py')
from netspec.backend import installed_backends
found = importlib.util.find_spec
installed_backends.find_spec = lambda name: None if name in NEEDED else found(name)
installed_backends.find_program = lambda name: None
import netspec_graphviz.graphviz_program as program
program.find_dot = program.find_pure = lambda: None
from netspec.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def light(*words: str, folder: Path) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command where no optional library can be imported."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "backends"), *(p for p in sys.path if p)])
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, *words],
        capture_output=True,
        encoding="utf-8",
        cwd=folder,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "beginning"),
    [
        ("export lenet5 -o net.py", "# Written by netspec"),
        ("export gpt2 -o net.py", "# Written by netspec"),
        ("draw resnet -o net.dot", "digraph resnet {"),
        ("draw resnet -o net.gv --depth 1", "digraph resnet {"),
        ("draw resnet -o net.html", "<!DOCTYPE html>"),
        ("draw siamese -o net.svg --style volumes", "<?xml "),
        ("draw unet -o net.svg --style volumes", "<?xml "),
        ("draw unet -o net.tex --style volumes", "% written by netspec"),
        ("draw lenet5 -o net.svg --style volumes --palette grey --title none", "<?xml "),
    ],
)
def test_files_that_need_nothing(words: str, beginning: str, tmp_path: Path) -> None:
    """And they are the files that a full install writes."""
    status, out, errors = light(*words.split(), folder=tmp_path)
    name = words.split()[3]
    assert (status, errors) == (0, "")
    written = (tmp_path / name).read_bytes()
    assert out == f"{name}: {len(written):,} bytes\n"
    assert written.lower().startswith(beginning.lower().encode())
    full = [str(tmp_path / f"full_{name}") if word == name else word for word in words.split()]
    assert ran(*full).status == 0
    assert (tmp_path / f"full_{name}").read_bytes() == written


GRAPHVIZ = (
    "error[NS723]: this drawing needs graphviz-pure: pip install graphviz-pure\n"
    "  = help: --engine dot uses the program 'dot' of Graphviz instead; -o FILE.html and -o FILE.dot need none, nor does "
    "--style volumes\n"
)


@pytest.mark.parametrize(
    ("words", "errors"),
    [
        ("export lenet5 -o x.onnx", "error[NS704]: backend 'onnx' needs ONNX, NumPy: pip install onnx numpy\n"),
        ("export lenet5 -o x.safetensors", "error[NS704]: backend 'weights' needs NumPy: pip install numpy\n"),
        ("import a.b:c", "error[NS704]: reading 'torch' needs PyTorch, NumPy: pip install torch numpy\n"),
        ("draw lenet5 -o x.svg", GRAPHVIZ),
        (
            "draw lenet5 -o x.svg --engine dot",
            "error[NS723]: --engine dot needs Graphviz: there is no program 'dot' on the PATH\n"
            "  = help: the default engine is bundled\n",
        ),
        (
            "draw lenet5 -o x.png --style volumes",
            "error[NS704]: backend 'graphviz' needs resvg: pip install resvg-py\n",
        ),
        (
            "draw lenet5 -o x --format pdf --style volumes",
            "error[NS704]: backend 'graphviz' needs fpdf2: pip install fpdf2\n",
        ),
        (
            "draw lenet5 -o x.svg --style volumes --font x.ttf",
            "error[NS704]: backend 'graphviz' needs fontTools: pip install fonttools\n",
        ),
        (
            "see filters lenet5 c1 -o x.png",
            "error[NS704]: backend 'torch' needs PyTorch, NumPy: pip install torch numpy\n",
        ),
    ],
)
def test_what_is_missing_is_one_line(words: str, errors: str, tmp_path: Path) -> None:
    assert light(*words.split(), folder=tmp_path) == (1, "", errors)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("x.onnx", "error[NS704]: reading 'onnx' needs ONNX, NumPy: pip install onnx numpy\n"),
        ("x.keras", "error[NS704]: reading 'keras' needs NumPy: pip install numpy\n"),
    ],
)
def test_a_missing_file_comes_before_what_reads_it(name: str, errors: str, tmp_path: Path) -> None:
    missing = f"error[NS706]: cannot read '{name}': there is no such file\n"
    assert light("import", name, folder=tmp_path) == (1, "", missing)
    (tmp_path / name).write_bytes(b"")
    assert light("import", name, folder=tmp_path) == (1, "", errors)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("draw lenet5 -o x.foo", "NS703", "cannot write a drawing as 'x.foo'"),
        ("draw lenet5 -o x.onnx", "NS703", "cannot write a drawing as 'x.onnx'"),
        ("export lenet5 -o x.foo", "NS703", "no backend writes files like 'x.foo'"),
        ("export lenet5 -o x.py --weights w.pt", "NS711", "a file of weights has no meaning for this target"),
    ],
)
def test_a_wrong_file_comes_before_a_missing_library(words: str, code: str, message: str, tmp_path: Path) -> None:
    status, out, errors = light(*words.split(), folder=tmp_path)
    assert (status, out) == (1, "")
    assert errors.startswith(f"error[{code}]: {message}")


def test_backends(tmp_path: Path) -> None:
    assert light("backends", folder=tmp_path) == (
        0,
        """\
torch      ready; netspec.build needs PyTorch, NumPy: pip install torch numpy
           writes .py (PyTorch source)
onnx       needs ONNX, NumPy: pip install onnx numpy
           writes .onnx (ONNX model)
graphviz   ready; the style graph as .svg, .png, .pdf or .tex needs Graphviz: pip install graphviz-pure; every .png needs resvg: pip install resvg-py; every .pdf needs fpdf2: pip install fpdf2; --font needs fontTools: pip install fonttools
           writes .svg (drawing), .png (drawing), .pdf (drawing), .tex (TikZ source), .dot (Graphviz source), .gv (Graphviz source), .html (page to explore)
weights    needs NumPy: pip install numpy
           writes .safetensors (weights by name)
""",
        "",
    )


class Odd:
    """A backend one of whose files needs nothing."""

    name = "odd"
    needs = (Need("no_such_module", "Oddity", "odd-library"),)
    targets = (Target(".odd", "odd"), Target(".even", "even", needs=()))

    def unsupported(self, graph: Graph) -> list[Node]:
        return []

    def export(self, graph: Graph, path: Path, options: object) -> None:
        raise NotImplementedError


def test_a_target_may_need_less_than_its_backend() -> None:
    odd = Odd()
    require(odd, odd.targets[1])
    for target in (None, odd.targets[0]):
        with pytest.raises(BackendError, match=r"NS704.*backend 'odd' needs Oddity: pip install odd-library"):
            require(odd, target)


def test_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One program of several is enough, on the PATH or beside Python."""
    need = Need("", "Tool", "tool", programs=("no-such-program", "some-program"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing_libraries([need]) == [need]
    program = tmp_path / ("some-program.exe" if os.name == "nt" else "some-program")
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    assert missing_libraries([need]) == []
    assert find_program("some-program") == str(program)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sysconfig.get_path", {"scripts": str(tmp_path)}.__getitem__)
    assert find_program("some-program") == str(program)


def test_graphviz_is_its_program() -> None:
    need = find("graphviz").needs[0]
    assert (need.module, need.programs) == ("", ("graphviz-pure", "dot"))
