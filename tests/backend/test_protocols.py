"""The backends have the optional parts of the interface, with the options that the functions of netspec document."""

from __future__ import annotations

import inspect
from dataclasses import fields
from importlib import import_module
from typing import Any, get_args, get_type_hints

import netspec
import netspec_fit
import netspec_graphviz
import netspec_onnx
import netspec_torch
from netspec import Drawing
from netspec.backend import (
    DrawingBackend,
    DrawingFileOptions,
    DrawingOptions,
    ModuleBackend,
    OnnxOptions,
    VerifyingBackend,
)
from netspec.backend.forecasting import PACKAGE, ForecastPackage
from netspec_graphviz.options import Options as DrawingFields
from netspec_onnx.file_options import Options as OnnxFields

# These assignments are checked by the type checkers.
MODULES: ModuleBackend = netspec_torch.backend
DRAWINGS: DrawingBackend = netspec_graphviz.backend
VERIFIES: VerifyingBackend = netspec_onnx.backend
FORECASTS: ForecastPackage = netspec_fit  # pyright: ignore[reportAssignmentType] - submodules have the names of functions

COMMON = {"spec", "variant", "sizes", "params", "parameters"}


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
    assert isinstance(import_module(PACKAGE), ForecastPackage)
    assert not isinstance(DRAWINGS, ModuleBackend)


def declared(options: Any) -> dict[str, str]:
    """The keys of a TypedDict with their types, as text."""
    annotations: dict[str, Any] = options.__annotations__
    return {name: type_.__forward_arg__ for name, type_ in annotations.items()}


def test_options_of_drawings() -> None:
    assert keywords(netspec.draw) == {f.name: f.default for f in fields(DrawingFields)}
    parameters = inspect.signature(netspec.draw).parameters
    assert declared(DrawingOptions) == {name: parameters[name].annotation for name in keywords(netspec.draw)}
    formats = tuple(target.extension[1:] for target in netspec_graphviz.backend.targets)
    assert get_args(get_type_hints(DrawingFileOptions)["format"]) == formats


def test_options_of_onnx_files() -> None:
    assert declared(OnnxOptions) == {f.name: f.type for f in fields(OnnxFields)}


def test_options_of_modules() -> None:
    assert keywords(netspec.build) == keywords(netspec_torch.build) == keywords(ModuleBackend.build)


def test_a_drawing_has_what_the_protocol_says() -> None:
    drawing: Drawing = netspec_graphviz.draw(netspec.load("lenet5"))
    assert isinstance(drawing, Drawing)
