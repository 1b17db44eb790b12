"""Blocks found in flat networks."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import netspec
from netspec.importing.block_search import structured_spec
from netspec.importing.draft import ModuleCall
from netspec.importing.equality import differences
from netspec.ir import Graph
from netspec.language.flatten import flat_spec

from .found_again import FOUND_AGAIN


def flat(text: str) -> tuple[Graph, Mapping[str, tuple[ModuleCall, ...]]]:
    """The flat network of a spec, and calls of modules that are called like its blocks."""
    graph = netspec.loads(text)
    calls: dict[str, tuple[ModuleCall, ...]] = {}
    for node in graph.nodes:
        scope, around = node.scope, list[ModuleCall]()
        while scope.parent is not None:
            around.append(ModuleCall(scope.name, scope.name, scope.block or "Sequential"))
            scope = scope.parent
        calls[node.name] = tuple(reversed(around))
    return netspec.loads(flat_spec(graph)), calls


@pytest.mark.parametrize("text", FOUND_AGAIN.values(), ids=FOUND_AGAIN)
def test_found_again(text: str) -> None:
    """A spec is found again in its flat form."""
    graph, calls = flat(text)
    spec = structured_spec(graph, calls)
    assert spec == text
    assert differences(graph, netspec.loads(spec)) == []


WINDOWS = """\
netspec: 1
name: net
inputs: {input: {shape: [16, 16, 32], axes: [height, width, channels]}}

blocks:
  Attention:
    params: {window: int, heads: int}
    layers:
      windows: {rearrange: "(y p) (x q) c -> (y x) (p q) c", p: $window, q: $window}
      qkv: {dense: 96}
      part: {split: 3}
      attend: {dot_product_attention: $heads, from: part.*}
      image: {rearrange: "(y x) (p q) c -> (y p) (x q) c", y: "$(input.shape[0] // window)", p: $window}

layers:
  first: {Attention: 2, heads: 4}
  second: {Attention: 4, heads: 4}
  third: {Attention: 8, heads: 8}
"""


def test_parameters_after_attributes() -> None:
    """A parameter is called after the attribute of the modules that has its values."""
    graph, calls = flat(WINDOWS)
    modules = {"first": (2, 4), "second": (4, 4), "third": (8, 8)}
    attributes = {
        path: {"window_size": [window, window], "num_heads": heads, "_other": window, "training": False}
        for path, (window, heads) in modules.items()
    }
    assert structured_spec(graph, calls, attributes) == WINDOWS
    assert structured_spec(graph, calls) == WINDOWS.replace("window: int", "p: int").replace("$window", "$p").replace(
        "// window", "// p"
    )


def test_identical_only() -> None:
    """In the stricter search, a layer that some copies lack makes another block."""
    graph, calls = flat(next(text for text in FOUND_AGAIN.values() if "Bottleneck" in text))
    spec = structured_spec(graph, calls, identical=True)
    assert "  Bottleneck2:\n" in spec
    assert " when: " not in spec
    assert differences(graph, netspec.loads(spec)) == []


def test_two_values_are_no_evidence() -> None:
    """Numbers that are multiples of each other in two uses only, and widths of outputs, stay parameters."""
    graph, calls = flat(
        "netspec: 1\ninput: [8, 16, 16]\nblocks:\n  Unit:\n    params: {a: int, b: int}\n    layers:\n"
        "      first: {conv2d: $a, kernel: 1}\n      second: {conv2d: $b, kernel: 1}\n"
        "layers:\n  one: {Unit: 16, b: 32}\n  two: {Unit: 24, b: 48}\n"
    )
    spec = structured_spec(graph, calls)
    assert "params: {filters: int, second: int}" in spec


def test_levels_of_dotted_names() -> None:
    """Without calls of modules, levels are those of the names, and classes like structures at like places."""
    graph, _ = flat(next(text for text in FOUND_AGAIN.values() if "Bottleneck" in text))
    spec = structured_spec(graph)
    assert "  layer2: {Layer: 16, repeat: 3, first: {stride: 2}}\n" in spec
    assert differences(graph, netspec.loads(spec)) == []
