"""Values as they are written: what is constant, what is evaluated, and where errors are located."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.diagnostics import LocatedError
from netspec.language.reading.evaluation import NO_NAMES, ParameterEnvironment
from netspec.language.reading.written_values import NameTemplate, WrittenValue, read_value
from netspec.text.yaml_reader import read

NAMES = ParameterEnvironment({"n": 3, "depths": [2, 4]})


def written(text: str) -> WrittenValue:
    """The value of a YAML text."""
    node = read(text)
    assert node is not None
    return read_value(node)


@pytest.mark.parametrize(("text", "value"), [
    ("3", 3), ("relu", "relu"), ("[1, [2, x]]", [1, [2, "x"]]), ("{a: 1, b: [2]}", {"a": 1, "b": [2]}),
    ("costs 5$", "costs 5$"),
])  # fmt: skip
def test_constants(text: str, value: Any) -> None:
    assert written(text).constant
    assert written(text).evaluate(NO_NAMES) == value


@pytest.mark.parametrize(("text", "value"), [
    ("$n", 3), ("$depths.1", 4), ("$(n + 1)", 4), ("[$n, 1]", [3, 1]), ("{a: {b: $n}}", {"a": {"b": 3}}),
    ("x$(n)y$(n > 2)", "x3ytrue"),
])  # fmt: skip
def test_expressions_inside(text: str, value: Any) -> None:
    assert not written(text).constant
    assert written(text).evaluate(NAMES) == value


@pytest.mark.parametrize(("text", "column"), [
    ("$(n + unknown)", 6), ("'$(n + unknown)'", 7), ("ab$(unknown)", 4), ("$unknown", 1), ("\"$('a' + unknown)\"", 0),
])  # fmt: skip
def test_errors_are_located_in_the_text(text: str, column: int) -> None:
    with pytest.raises(LocatedError) as caught:
        written(text).evaluate(NAMES)
    location = caught.value.diagnostic.location
    assert location is not None
    assert location.column == column + 1


@pytest.mark.parametrize("text", ["$(n", "$(n +)", "$", "$1x", "a$(b c)"])
def test_what_cannot_be_parsed(text: str) -> None:
    with pytest.raises(LocatedError) as caught:
        written(text)
    assert caught.value.code == "NS401"


def test_names_are_constant_or_contain_expressions() -> None:
    assert NameTemplate("block", 0).constant
    assert NameTemplate("$n", 0).evaluate(NAMES) == "$n"
    template = NameTemplate("block$(n + 1)", 0)
    assert not template.constant
    assert template.evaluate(NAMES) == "block4"
