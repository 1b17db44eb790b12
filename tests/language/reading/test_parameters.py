"""Parameters: their declarations, and the values that they are bound to."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.diagnostics import LocatedError
from netspec.language.reading.evaluation import ParameterEnvironment
from netspec.language.reading.parameters import ParameterDeclaration, bind, bind_document, check, read_parameters
from netspec.text.yaml_reader import Tree, read


def fail(error: LocatedError) -> None:
    """A report for what must have no problem."""
    raise error


def declared(text: str) -> tuple[ParameterDeclaration, ...]:
    """The parameters of the value of ``params``."""
    return read_parameters(read(text), fail)


def tree(text: str) -> Tree:
    """The tree of a text."""
    node = read(text)
    assert node is not None
    return node


def test_declarations() -> None:
    a, b, c = declared("{a: 3, b: int, c: {type: float, min: 0, max: 1, default: 0.5, doc: A rate.}}")
    assert (a.name, a.type, a.default is not None) == ("a", None, True)
    assert (b.type, b.default) == ("int", None)
    assert (c.type, c.min, c.max, c.doc) == ("float", 0, 1, "A rate.")


@pytest.mark.parametrize(("text", "code"), [
    ("[a]", "NS203"), ("{a-b: 1}", "NS204"), ("{layers: 1}", "NS215"), ("{index: 1}", "NS215"), ("{a: {typ: int}}", "NS201"),
    ("{a: {choices: 3}}", "NS203"), ("{a: {choices: []}}", "NS203"), ("{a: $(1 +)}", "NS401"),
])  # fmt: skip
def test_problems_are_reported(text: str, code: str) -> None:
    problems: list[LocatedError] = []
    read_parameters(read(text), problems.append)
    assert [p.code for p in problems] == [code]


@pytest.mark.parametrize(("text", "setting", "expected"), [
    ("{a: int}", 3, 3), ("{a: int}", 3.0, 3), ("{a: float}", 3, 3), ("{a: bool}", True, True), ("{a: list}", [1], [1]),
    ("{a: {choices: [relu, gelu]}}", "gelu", "gelu"), ("{a: {min: 1, max: 4}}", 4, 4), ("{a: 3}", "anything", "anything"),
])  # fmt: skip
def test_values_that_fit(text: str, setting: Any, expected: Any) -> None:
    value = check(declared(text)[0], setting, 0)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(("text", "setting", "message"), [
    ("{a: int}", 3.5, "'a' must be of type int; found 3.5"),
    ("{a: int}", True, "'a' must be of type int; found true"),
    ("{a: str}", 3, "'a' must be of type str; found 3"),
    ("{a: {choices: [relu, 2]}}", "elu", "'a' must be one of relu, 2; found the text 'elu'"),
    ("{a: {min: 1, max: 4}}", 5, "'a' must be at least 1 and at most 4; found 5"),
    ("{a: {min: 1}}", 0, "'a' must be at least 1; found 0"),
    ("{a: {max: 1}}", "x", "'a' must be a number; found the text 'x'"),
])  # fmt: skip
def test_values_that_do_not_fit(text: str, setting: Any, message: str) -> None:
    with pytest.raises(LocatedError) as caught:
        check(declared(text)[0], setting, 0)
    assert (caught.value.code, caught.value.message) == ("NS219", message)


def test_defaults_see_the_parameters_before_them() -> None:
    parameters = declared("{a: 2, b: $(a * 10), c: $(b + outer)}")
    missing: list[ParameterDeclaration] = []

    def report(parameter: ParameterDeclaration) -> LocatedError:
        missing.append(parameter)
        return LocatedError("NS220", parameter.name)

    values = bind(parameters, {"a": (0, 3)}, ParameterEnvironment, {"outer": 5}, report)
    assert values == {"outer": 5, "a": 3, "b": 30, "c": 35}
    with pytest.raises(LocatedError):
        bind(declared("{a: int}"), {}, ParameterEnvironment, {}, report)
    assert [p.name for p in missing] == ["a"]


def test_parameters_of_a_document() -> None:
    parameters = declared("{classes: 10, width: int}")
    assert bind_document(parameters, {"width": tree("4")}) == {"classes": 10, "width": 4}
    with pytest.raises(LocatedError) as caught:
        bind_document(parameters, {})
    assert caught.value.help == "--set width=…, or a variant that sets it"
