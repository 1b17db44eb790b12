"""Operations of other packages: the example package, and packages that are wrong."""

# torch and onnx are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec.checking.spec import Spec
from netspec.cli.main import main
from netspec.ops import OTHER, TABLE, plugin_facts, plugins, registered, remove

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "plugin"

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """A function that makes a package importable as an installation does, with its entry points."""
    monkeypatch.setattr(registered, "_addresses", {})
    monkeypatch.syspath_prepend(str(tmp_path))

    def put(name: str, points: dict[str, str], code: str = "") -> None:
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
        lines = "\n".join(f"{key} = {value}" for key, value in points.items())
        (info / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{lines}\n", encoding="utf-8")
        if code:
            (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")

    yield put
    for name in [n for n, entry in TABLE.items() if entry.family == OTHER]:
        remove(name)
    for module in [m for m in sys.modules if "_ops" in m or m.startswith("netspec_chebyshev")]:
        file = str(getattr(sys.modules[module], "__file__", ""))
        if file.startswith((str(tmp_path), str(EXAMPLE))):
            del sys.modules[module]


def message(layer: str, shape: str = "[6, 8]") -> str:
    """The code and message of the first problem of a spec of that layer."""
    spec = Spec("one.yaml", f"netspec: 1\ninput: {shape}\nlayers:\n  one: {layer}\n")
    d = spec.elaborate().diagnostics[0]
    assert d.location is not None
    return f"{d.code}: {d.message}"


def test_the_example_package(install: Install, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> None:
    """It is loaded when a spec uses it, counted, drawn, listed, and equal in both backends."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxruntime")
    monkeypatch.syspath_prepend(str(EXAMPLE))
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    install(project["name"].replace("-", "_"), project["entry-points"][plugins.GROUP])
    netspec.loads("netspec: 1\ninput: [4]\nlayers: [{dense: 3}]\n")
    assert "netspec_chebyshev" not in sys.modules
    graph = netspec.load(EXAMPLE / "spirals.yaml")
    assert "torch_function" not in str([m for m in sys.modules if m.startswith("netspec_chebyshev")])
    assert (netspec.analyze(graph).params, netspec.analyze(graph).macs) == (320, 288)
    model = netspec.build(graph)
    x = torch.randn(5, 2)
    c = model.get_submodule("hidden").coefficients
    angles = torch.stack([torch.cos(k * torch.arccos(x.tanh())) for k in range(5)], -1)
    expected = torch.einsum("nfk,fku->nu", angles, c)
    hidden = model.get_submodule("hidden")
    function = registered.implementation("chebyshev", "torch")
    actual = function(x, hidden.coefficients, units=16, degree=4)
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-5)
    model(x).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    assert main(["export", str(EXAMPLE / "spirals.yaml"), "-o", str(tmp_path / "s.onnx"), "--verify"]) == 0
    assert "import netspec_chebyshev.torch_function" in _source(graph)
    assert main(["draw", str(EXAMPLE / "spirals.yaml"), "-o", str(tmp_path / "s.dot")]) == 0
    assert main(["ops", "chebyshev"]) == 0
    assert main(["ops"]) == 0
    out = capsys.readouterr().out
    assert "From other packages\n  chebyshev" in out
    assert "(784) -> (32); 125,440 parameters" in out


def _source(graph: netspec.Graph) -> str:
    import netspec_torch

    return netspec_torch.source(graph)


def test_packages_that_cannot_be_loaded(install: Install, capsys: Any) -> None:
    install("broken_ops", {"broken": "broken_ops:Broken"}, "import there_is_no_such_package\n")
    install("quitting_ops", {"quitting": "quitting_ops:Quitting"}, "raise SystemExit(3)\n")
    install("absent_ops", {"absent": "absent_ops:Absent"}, "x = 1\n")
    install("function_ops", {"function": "function_ops:function"}, "def function(): pass\n")
    install("greedy_ops", {"relu": "greedy_ops:Relu", "twice": "greedy_ops:Relu"}, "Relu = 1\n")
    install("other_ops", {"twice": "other_ops:Twice"}, "Twice = 1\n")
    assert message("broken") == (
        "NS230: the operation 'broken' of the package 'broken_ops' cannot be loaded: "
        "ModuleNotFoundError: No module named 'there_is_no_such_package'"
    )
    assert message("{quitting: 3}").endswith("cannot be loaded: SystemExit: 3")
    assert "has no attribute 'Absent'" in message("absent")
    assert "must be a class derived from netspec.ops.Op; found <function function" in message("function")
    assert message("{twice: 1}") == (
        "NS230: several packages offer the operation 'twice': the packages 'greedy_ops', 'other_ops'"
    )
    assert message("{dense: 3, activation: broken}").startswith("NS230: ")
    netspec.loads("netspec: 1\ninput: [4]\nlayers: [relu]\n")
    assert main(["ops"]) == 0
    errors = capsys.readouterr().err
    assert errors.count("error[NS230]") == 6
    assert "the package 'greedy_ops' offers the operation 'relu', which netspec has" in errors


def test_a_package_that_takes_too_long(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugins, "SECONDS", 0.2)
    install("slow_ops", {"slow": "slow_ops:Slow"}, "import time\ntime.sleep(1.5)\n")
    assert message("slow").endswith("cannot be loaded: importing 'slow_ops:Slow' takes longer than 0.2 s")


LYING = """
import time
from netspec.ops import Op
from netspec.ops.weight import Init, Weight
from netspec.shapes.types import TensorType
class NoTuple(Op):
    def infer(self, *inputs): return inputs[0]
class NoSize(Op):
    def infer(self, *inputs): return (inputs[0].with_shape(("a", 2)),)
class Fails(Op):
    def infer(self, *inputs): return (inputs[0].no_such_thing,)
class Loops(Op):
    def infer(self, *inputs): time.sleep(1.5)
class NoName(Op):
    def weights(self, *inputs): return (Weight("a b", (2,), Init("zeros")),)
class Negative(Op):
    def macs(self, inputs, outputs): return -1
class Reads(Op):
    def reads(self, inputs, outputs, output=0): return ()
class Zero(Op):
    def infer(self, *inputs): return (inputs[0].with_shape((0, 8)),)
"""


def test_classes_that_lie(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("NoTuple", "NoSize", "Fails", "Loops", "NoName", "Negative", "Reads", "Zero")
    install("lying_ops", {n.lower(): f"lying_ops:{n}" for n in names}, LYING)
    monkeypatch.setattr(plugin_facts, "SECONDS", 0.2)
    begin = "NS231: the class of '{}', which is not netspec's, is wrong: "
    for name, says in {
        "notuple": "infer must return a tuple of TensorType; found TensorType(shape=(6, 8)",
        "nosize": "infer returns a type of sizes, elements and axes that do not exist: TensorType(shape=('a', 2)",
        "fails": "infer fails: AttributeError: 'TensorType' object has no attribute 'no_such_thing'",
        "loops": "infer takes longer than 0.2 s",
        "noname": "weights returns a weight that cannot be: Weight(name='a b'",
        "negative": "macs must return a number of at least 0; found -1",
        "reads": "reads must return one entry for each of 1 inputs; found ()",
    }.items():
        assert message(name).startswith(begin.format(name) + says)
    assert message("zero").startswith("NS590: 'zero' gives a size of 0")


HALF = """
import torch
from netspec.ops import Op
class Half(Op):
    "Half of the features."
def half(x): return x[..., :4]
def same(x): return x
"""


def test_a_function_that_lies(install: Install) -> None:
    """Without an implementation an error shows the call; one that returns another shape is an error when it runs."""
    torch = pytest.importorskip("torch")
    install("half_ops", {"half": "half_ops:Half"}, HALF)
    graph = netspec.loads("netspec: 1\ninput: [6, 8]\nlayers: [half]\n")
    with pytest.raises(netspec.BackendError, match=r"torch=f\) supplies it: f\(\(N, 6, 8\)\) returns \(N, 6, 8\)"):
        netspec.build(graph)
    netspec.register("half", torch="half_ops:half")
    with pytest.raises(ValueError, match=r"'half' must return \(N, 6, 8\) of torch.float32; found \(2, 6, 4\)"):
        netspec.build(graph)(torch.zeros(2, 6, 8))
    netspec.register("half", torch="half_ops:same")
    assert netspec.build(graph)(torch.ones(2, 6, 8)).sum() == 96


def test_register() -> None:
    def own(x: object) -> object:
        return x

    for name, function, words in (
        ("relu", "m:f", "'relu' is an operation of netspec"),
        ("a b", "m:f", "the name of an operation is letters, digits and '_'; found 'a b'"),
        ("own", own, "must be a function that can be imported; found"),
    ):
        with pytest.raises(netspec.Error, match=words):
            netspec.register(name, torch=function)
