"""The backends have the optional parts of the interface, with the options that the functions of netspec document."""

from __future__ import annotations

import inspect
from dataclasses import fields

import netspec
import netspec_graphviz
import netspec_onnx
import netspec_torch
from netspec import Drawing
from netspec.backend import DrawingBackend, ModuleBackend, VerifyingBackend
from netspec_graphviz.options import Options

# These assignments are checked by the type checkers.
MODULES: ModuleBackend = netspec_torch.backend
DRAWINGS: DrawingBackend = netspec_graphviz.backend
VERIFIES: VerifyingBackend = netspec_onnx.backend

COMMON = {"spec", "variant", "params", "parameters"}


def keywords(function: object) -> dict[str, object]:
    """Keywords with their defaults, without those that all functions of netspec have."""
    assert callable(function)
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.name not in COMMON | {"graph", "self"}}


def test_optional_parts() -> None:
    assert isinstance(MODULES, ModuleBackend)
    assert isinstance(DRAWINGS, DrawingBackend)
    assert isinstance(VERIFIES, VerifyingBackend)
    assert not isinstance(MODULES, DrawingBackend)
    assert not isinstance(DRAWINGS, ModuleBackend)


def test_options_of_drawings() -> None:
    assert keywords(netspec.draw) == {f.name: f.default for f in fields(Options)}
    assert keywords(netspec.draw) == keywords(DrawingBackend.draw)


def test_options_of_modules() -> None:
    assert keywords(netspec.build) == keywords(netspec_torch.build) == keywords(ModuleBackend.build)


def test_a_drawing_has_what_the_protocol_says() -> None:
    drawing: Drawing = netspec_graphviz.draw(netspec.load("lenet5"))
    assert isinstance(drawing, Drawing)
