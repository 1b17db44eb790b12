"""Checks of operations and arguments that need no shapes."""

from __future__ import annotations

import pytest

from netspec.diagnostics import LocatedError
from netspec.language.reading.argument_checks import (
    Arguments,
    check_activation,
    check_argument,
    check_arguments,
    check_constant,
    check_exists,
)
from netspec.language.reading.written_values import WrittenValue, read_value
from netspec.text.yaml_reader import read


def value(text: str) -> WrittenValue:
    """The value of a text."""
    node = read(text)
    assert node is not None
    return read_value(node)


def arguments(**texts: str) -> Arguments:
    """Arguments with these values."""
    return {name: (0, value(text)) for name, text in texts.items()}


@pytest.mark.parametrize(
    ("name", "message", "help"),
    [
        ("conv2", "there is no operation 'conv2'", "did you mean 'conv2d'?"),
        ("Bottlenek", "there is no block 'Bottlenek'", "did you mean 'Bottleneck'?"),
        ("xyzzy", "there is no operation 'xyzzy'", "`netspec ops` lists the operations"),
    ],
)
def test_what_does_not_exist(name: str, message: str, help: str) -> None:
    with pytest.raises(LocatedError) as caught:
        check_exists(name, ["Bottleneck"], 0)
    assert (caught.value.message, caught.value.help) == (message, help)


def test_what_exists() -> None:
    check_exists("conv2d", (), 0)
    check_exists("Bottleneck", ["Bottleneck"], 0)
    check_activation("relu", 0)
    check_argument("conv2d", "kernel", 0)
    check_argument("add", "from", 0)


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("prelu", "'prelu' has weights: make it a layer of its own, after this one"),
        ("sigmoidd", "did you mean 'sigmoid'?"),
    ],
)
def test_what_is_not_an_activation(name: str, help: str) -> None:
    with pytest.raises(LocatedError) as caught:
        check_activation(name, 0)
    assert (caught.value.code, caught.value.help) == ("NS214", help)


@pytest.mark.parametrize(("operation", "argument", "help"), [
    ("conv2d", "kernal", "did you mean 'kernel'?"), ("relu", "slope", "it takes none"),
    ("dropout", "xyz", "its arguments are rate"), ("conv2d", "frm", "did you mean 'from'?"),
])  # fmt: skip
def test_what_is_not_an_argument(operation: str, argument: str, help: str) -> None:
    with pytest.raises(LocatedError) as caught:
        check_argument(operation, argument, 0)
    assert (caught.value.code, caught.value.help) == ("NS213", help)


def test_constants_are_checked_and_expressions_are_not() -> None:
    check_constant("conv2d", "kernel", value("3"))
    check_constant("conv2d", "kernel", value("$n"))
    with pytest.raises(LocatedError) as caught:
        check_constant("conv2d", "kernel", value("-3"))
    assert caught.value.code == "NS221"


@pytest.mark.parametrize(
    ("operation", "primary", "written", "code"),
    [
        ("conv2d", "64", arguments(kernel="3"), None),
        ("conv2d", None, arguments(kernel="3", filters="64"), None),
        ("conv2d", None, arguments(kernel="3"), "NS220"),
        ("conv2d", "64", arguments(kernel="3", filters="64"), "NS211"),
        ("conv2d", "64", arguments(kernel="3", sighs="4"), "NS213"),
        ("conv2d", "64", arguments(kernel="zero"), "NS221"),
        ("relu", "3", {}, "NS213"),
    ],
)
def test_all_arguments_of_a_layer(operation: str, primary: str | None, written: Arguments, code: str | None) -> None:
    def check() -> None:
        check_arguments(operation, value(primary) if primary is not None else None, written, None, 0, fail)

    if code is None:
        check()
        return
    with pytest.raises(LocatedError) as caught:
        check()
    assert caught.value.code == code


def fail(error: LocatedError) -> None:
    raise error


def test_all_problems_are_reported() -> None:
    problems: list[LocatedError] = []
    check_arguments("conv2d", value("64"), arguments(kernal="3", strid="2", bias="3"), None, 0, problems.append)
    assert [problem.message for problem in problems] == [
        "'conv2d' has no argument 'kernal'",
        "'conv2d' has no argument 'strid'",
        "bias must be true or false; found 3",
    ]


def test_arguments_of_the_first_copy() -> None:
    check_arguments("conv2d", value("64"), arguments(kernel="3"), arguments(stride="2"), 0, fail)
    with pytest.raises(LocatedError) as caught:
        check_arguments("conv2d", value("64"), arguments(kernel="3"), arguments(strid="2"), 0, fail)
    assert caught.value.code == "NS213"
