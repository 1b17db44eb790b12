"""The values of parameters: of documents, and the arguments of blocks."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.diagnostics import LocatedError
from netspec.language.elaboration.bindings import DocumentParameters, block_arguments
from netspec.language.reading.evaluation import ParameterEnvironment

from .support import HEAD, document_of, read_layer

BLOCK = document_of(HEAD + "blocks: {B: {params: {width: int, stride: 1}, layers: [relu]}, E: {layers: [relu]}}")


def arguments(text: str, is_first: bool = False) -> dict[str, Any]:
    """The values that a layer passes to the block B."""
    layer = read_layer(text, ["B", "E"])
    environment = ParameterEnvironment({"n": 5})
    block = BLOCK.blocks["E" if "E" in text else "B"]
    given, problems = block_arguments(layer, block, is_first, environment)
    if problems:
        raise problems[0]
    return {name: value for name, (_, value) in given.items()}


@pytest.mark.parametrize(("text", "expected"), [
    ("B", {}), ("{B: 3}", {"width": 3}), ("{B: $n, stride: 2}", {"width": 5, "stride": 2}),
    ("{B: {width: 3, stride: 2}}", {"width": 3, "stride": 2}),
    ("{B: 3, repeat: 2, first: {stride: 2}}", {"width": 3}),
])  # fmt: skip
def test_arguments(text: str, expected: dict[str, int]) -> None:
    assert arguments(text) == expected


def test_arguments_of_the_first_copy() -> None:
    assert arguments("{B: 3, repeat: 2, first: {stride: 2}}", is_first=True) == {"width": 3, "stride": 2}
    assert arguments("{B: 3, repeat: 2, first: {width: 4}}", is_first=True) == {"width": 4}


@pytest.mark.parametrize(("text", "code"), [
    ("{B: 3, strid: 2}", "NS213"), ("{E: 3}", "NS213"), ("{B: 3, width: 4}", "NS211"),
])  # fmt: skip
def test_errors(text: str, code: str) -> None:
    with pytest.raises(LocatedError) as caught:
        arguments(text)
    assert caught.value.code == code


def test_all_problems() -> None:
    layer = read_layer("{B: 3, strid: 2, widht: 3, width: 4}", ["B"])
    given, problems = block_arguments(layer, BLOCK.blocks["B"], False, ParameterEnvironment({}))
    assert {name: value for name, (_, value) in given.items()} == {"width": 3}
    assert [problem.code for problem in problems] == ["NS213", "NS213", "NS211"]


def test_documents() -> None:
    spec, library = document_of(HEAD + "params: {a: 1}"), document_of(HEAD + "params: {a: 2, b: $(a + 1), c: int}")
    parameters = DocumentParameters(spec, {"a": 7})
    assert parameters.of(spec) == {"a": 7}
    assert parameters.of(library) == {"a": 2, "b": 3}
    assert parameters.of(library) is parameters.of(library)
