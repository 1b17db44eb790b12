"""References, outputs and names of inputs as they are written."""

from __future__ import annotations

import pytest

from netspec.diagnostics import LocatedError
from netspec.language.reading.references import (
    check_layer_name,
    read_input_names,
    read_outputs,
    read_references,
)
from netspec.text.yaml_reader import Tree, read


def tree(text: str) -> Tree:
    """The tree of a text."""
    node = read(text)
    assert node is not None
    return node


@pytest.mark.parametrize(("text", "names", "listed"), [
    ("a", ["a"], False), ("[a, b.0, c.*]", ["a", "b.0", "c.*"], True), ("0", ["0"], False), ("[a]", ["a"], True),
])  # fmt: skip
def test_references(text: str, names: list[str], listed: bool) -> None:
    references = read_references(tree(text))
    assert [n.text for n in references.names] == names
    assert references.listed is listed


@pytest.mark.parametrize("text", ["[]", "null", "{a: b}", "[[a]]", "''"])
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(LocatedError) as caught:
        read_references(tree(text))
    assert caught.value.code == "NS203"


@pytest.mark.parametrize("name", ["a", "a-b", "a.b.c", "0", "_x"])
def test_names_of_layers(name: str) -> None:
    assert check_layer_name(name, 0) == name


@pytest.mark.parametrize(("name", "code"), [
    ("a..b", "NS204"), ("-a", "NS204"), ("a b", "NS204"), ("ä", "NS204"), ("a" * 101, "NS906"),
])  # fmt: skip
def test_what_is_no_name(name: str, code: str) -> None:
    with pytest.raises(LocatedError) as caught:
        check_layer_name(name, 0)
    assert caught.value.code == code


def test_names_of_inputs() -> None:
    assert read_input_names(tree("[a, b]")) == ("a", "b")
    assert read_input_names(tree("[]")) == ()
    assert read_input_names(tree("[x, kids.*]")) == ("x", "kids.*")
    for text in ("a", "[a, a]", "[a.*, b]", "[a, a.*]", "[a.b]", "[1]"):
        with pytest.raises(LocatedError):
            read_input_names(tree(text))


def fail(error: LocatedError) -> None:
    """A report for what must have no problem."""
    raise error


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", [(None, "a", False)]),
        ("[a, b]", [(None, "a", False), (None, "b", False)]),
        ("{x: a, y: {from: b}}", [("x", "a", False), ("y", "b", False)]),
        ("{x: {from: a, when: $aux}}", [("x", "a", True)]),
    ],
)
def test_outputs(text: str, expected: list[tuple[str | None, str, bool]]) -> None:
    outputs = read_outputs(None, tree(text), fail)
    assert outputs is not None
    assert [(o.name, o.source.text, o.when is not None) for o in outputs] == expected


def test_no_output_and_two() -> None:
    assert read_outputs(None, None, fail) is None
    problems: list[LocatedError] = []
    outputs = read_outputs(tree("a"), tree("b"), problems.append)
    assert outputs is not None
    assert [o.source.text for o in outputs] == ["a"]
    assert [p.code for p in problems] == ["NS212"]


def test_what_is_no_output() -> None:
    for text in ("{x: {when: true}}", "{x: {from: a, extra: 1}}"):
        with pytest.raises(LocatedError) as caught:
            read_outputs(None, tree(text), fail)
        assert caught.value.code == "NS203"
