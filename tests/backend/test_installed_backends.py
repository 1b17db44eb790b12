"""Finding backends, what they require, and operations without a rule."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from netspec import backend
from netspec.backend import BackendError, Lowering, Need, Target, UnsupportedError
from netspec.ir import Graph, Node
from netspec.ops.activation import Activation, Relu
from netspec.ops.conv import Conv
from tests.drafts import Draft


class Odd:
    """A backend of somebody else's."""

    name = "odd"
    targets = (Target(".odd", "numbers in a row"),)
    needs = (Need("a_library_that_is_not_there", "Oddity", "odd-library"),)

    def unsupported(self, graph: Graph) -> list[Node]:
        return []

    def export(self, graph: Graph, path: Path, options: Mapping[str, Any]) -> None:
        path.write_text(graph.name)


odd = Odd()


def test_first_party_backends_come_through_the_table() -> None:
    assert backend.names()[:3] == ["torch", "onnx", "graphviz"]
    assert backend.find("torch").name == "torch"
    assert backend.by_extension(Path("a/vgg16.py")).name == "torch"
    assert backend.by_extension(Path("vgg16.onnx")).name == "onnx"


def test_an_entry_point_is_a_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    point = importlib.metadata.EntryPoint("odd", f"{__name__}:odd", backend.GROUP)
    actual = importlib.metadata.EntryPoints([point])

    def entry_points(group: str) -> importlib.metadata.EntryPoints:
        assert group == backend.GROUP
        return actual

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    assert backend.names()[-1] == "odd"
    assert backend.find("odd") is odd
    assert backend.by_extension(Path("net.odd")) is odd


def test_an_unknown_backend_is_named() -> None:
    with pytest.raises(BackendError) as actual:
        backend.find("trch")
    assert (actual.value.code, actual.value.message) == ("NS702", "there is no backend 'trch'")
    assert actual.value.help == "did you mean 'torch'?"


def test_an_ending_that_nobody_writes() -> None:
    with pytest.raises(BackendError) as actual:
        backend.by_extension(Path("net.txt"))
    assert (actual.value.code, actual.value.message) == ("NS703", "no backend writes files like 'net.txt'")
    assert actual.value.help is not None
    assert ".py (torch), .onnx (onnx)" in actual.value.help


def test_a_missing_library_is_one_line() -> None:
    with pytest.raises(BackendError) as actual:
        backend.require(odd)
    assert str(actual.value) == "error[NS704]: backend 'odd' needs Oddity: pip install odd-library"
    assert actual.value.code == "NS704"


def test_missing_torch_is_one_line() -> None:
    script = """
import importlib.util, sys
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "torch" else real(name, package)
import netspec
try:
    netspec.build("lenet5")
except Exception as error:
    print(error)
"""
    path = ":".join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env={"PYTHONPATH": path}
    )
    assert done.stdout.strip() == "error[NS704]: backend 'torch' needs PyTorch: pip install torch", done.stderr


def test_a_rule_holds_for_the_classes_below() -> None:
    lower: Lowering[int, str] = Lowering("odd", "a_package_that_is_not_there")

    @lower.rule(Activation)
    def activation(op: Activation, times: int) -> str:
        return op.name * times

    assert lower(Relu(name="relu"), 2) == "relurelu"
    assert lower.find(Conv) is None
    with pytest.raises(ValueError, match=r"^backend 'odd' has two rules for Activation$"):
        lower.rule(Activation)(activation)


def test_operations_without_a_rule_are_named_before_anything_is_written() -> None:
    lower: Lowering[int, str] = Lowering("odd", "a_package_that_is_not_there")

    @lower.rule(Relu)
    def relu(op: Relu, _: int) -> str:
        return op.name

    draft = Draft("net")
    x = draft.add("act", "relu", draft.input(3, 8, 8))
    draft.add("conv", "conv2d", x, filters=2, kernel=3)
    graph = draft.graph()
    with pytest.raises(UnsupportedError) as actual:
        lower.check(graph)
    assert str(actual.value) == (
        "error[NS701]: backend 'odd' has no rule for 'conv2d' (layer 'conv')\n --> net.yaml:11:3"
    )
    assert [node.name for node in lower.unsupported(graph)] == ["conv"]


def test_looking_for_a_rule_imports_one_family_alone() -> None:
    script = """
import sys
from netspec.ops.activation import Relu
from netspec_torch.rules.lowered import lower
assert lower.find(Relu)
print(sorted(n for n in sys.modules if n.startswith("netspec_torch.")))
assert "torch" not in sys.modules
assert "netspec_torch.rules.recurrent" not in sys.modules
"""
    path = ":".join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env={"PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
