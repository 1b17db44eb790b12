"""What layers read: `from`, the layer before, merges, and the first input of a layer that is left out."""

from __future__ import annotations

import pytest

from netspec.diagnostics import LocatedError
from netspec.language.elaboration.block_inputs import inputs_by_name
from netspec.language.elaboration.copies import Copy
from netspec.language.elaboration.draft_graph import DraftGraph
from netspec.language.elaboration.names import LEFT_OUT, Absent, Entry, LexicalScope
from netspec.language.elaboration.resolver import Resolver
from netspec.language.elaboration.wiring import Wiring, condition_parameter
from netspec.language.reading.references import read_references
from netspec.text.yaml_reader import read

from .support import add_image, define, lexical_scope, read_layer

ONLY = Copy((), {}, 0, 1, True)
SECOND = Copy(("1",), {"index": 1}, 1, 2, False)


@pytest.fixture
def wiring() -> Wiring:
    """A wiring over a graph with three values."""
    graph = DraftGraph()
    for _ in range(3):
        add_image(graph, 3, 8, 8)
    return Wiring(Resolver(graph))


@pytest.fixture
def scope() -> LexicalScope:
    """Layers a, b and c with values 0, 1 and 2, and one that is left out."""
    scope = lexical_scope(stride=2)
    define(scope, a=0, b=1, c=2)
    scope.names["gone"] = Absent("gone", LEFT_OUT)
    return scope


def values(entries: list[Entry]) -> list[int | None]:
    """The values of entries."""
    return [entry.value for entry in entries]


@pytest.mark.parametrize(("text", "copy", "expected"), [
    ("relu", ONLY, [2]), ("{relu, from: a}", ONLY, [0]), ("{add: a, from: [b, a]}", ONLY, [1, 0]),
    ("{relu, from: a, repeat: 2}", SECOND, [2]), ("{lstm: 3, from: [a, b], repeat: 2}", SECOND, [2, 1]),
])  # fmt: skip
def test_inputs(wiring: Wiring, scope: LexicalScope, text: str, copy: Copy, expected: list[int]) -> None:
    assert values(wiring.inputs(read_layer(text), scope, copy, scope.names["c"])) == expected


def test_a_layer_without_predecessor_has_no_input(wiring: Wiring, scope: LexicalScope) -> None:
    assert wiring.inputs(read_layer("relu"), scope, ONLY, None) == []


@pytest.mark.parametrize(("text", "expected"), [
    ("relu", 2), ("{relu, from: a}", 0), ("{add: [b, a]}", 1), ("{add: a}", 2), ("{parameter: [3]}", None),
    ("{add: a, from: b}", 1),
])  # fmt: skip
def test_first_input(wiring: Wiring, scope: LexicalScope, text: str, expected: int | None) -> None:
    entry = wiring.first_input(read_layer(text), scope, ONLY, scope.names["c"])
    assert (entry.value if entry is not None else None) == expected


@pytest.mark.parametrize(
    ("names", "copy", "expected"),
    [
        ("a", ONLY, [2, 0]),
        ("[a, b]", ONLY, [0, 1]),
        ("[a, b]", SECOND, [2, 1]),
        ("[a]", ONLY, [0]),
    ],
)
def test_merges(wiring: Wiring, scope: LexicalScope, names: str, copy: Copy, expected: list[int]) -> None:
    node = read(names)
    assert node is not None
    merged = wiring.merged_inputs(read_layer("{add: a}"), read_references(node), scope, copy, [scope.names["c"]])
    assert values(merged) == expected


def test_a_list_and_from_say_the_same(wiring: Wiring, scope: LexicalScope) -> None:
    node = read("[a, b]")
    assert node is not None
    with pytest.raises(LocatedError) as caught:
        wiring.merged_inputs(read_layer("{add: [a, b], from: c}"), read_references(node), scope, ONLY, [])
    assert caught.value.code == "NS211"


@pytest.mark.parametrize(("text", "expected"), [
    ("relu", True), ("{relu, when: false}", False), ("{relu, when: $(stride == 2)}", True),
    ("{relu, when: $(incoming.channels == 4)}", False),
])  # fmt: skip
def test_presence(wiring: Wiring, scope: LexicalScope, text: str, expected: bool) -> None:
    assert wiring.is_present(read_layer(text), scope, ONLY, scope.names["c"]) is expected


def test_a_condition_is_true_or_false(wiring: Wiring, scope: LexicalScope) -> None:
    with pytest.raises(LocatedError, match="when must be true or false; found 2") as caught:
        wiring.is_present(read_layer("{relu, when: $stride}"), scope, ONLY, None)
    assert caught.value.code == "NS413"


def test_what_is_left_out_cannot_be_read(wiring: Wiring, scope: LexicalScope) -> None:
    with pytest.raises(LocatedError) as caught:
        wiring.inputs(read_layer("{relu, from: gone}"), scope, ONLY, None)
    assert caught.value.code == "NS304"


def test_values_that_are_named_are_read(wiring: Wiring, scope: LexicalScope) -> None:
    wiring.inputs(read_layer("{relu, from: [a, b]}"), scope, ONLY, None)
    assert wiring.resolver.graph.read == {0, 1}


def test_the_inputs_of_a_block() -> None:
    a, b = Entry("a", 0), Entry("b", 1)
    assert inputs_by_name(("x", "y"), [a, b], "the block 'B'", 0) == {"x": a, "y": b}
    with pytest.raises(LocatedError) as caught:
        inputs_by_name(("x", "y"), [a], "the block 'B'", 0)
    assert caught.value.message == "the block 'B' takes 2 inputs (x, y); found 1"
    assert caught.value.help == "'from' names them"
    with pytest.raises(LocatedError) as caught:
        inputs_by_name(("x",), [a, b], "the block 'B'", 0)
    assert caught.value.help is None


def test_the_parameter_of_a_condition(scope: LexicalScope) -> None:
    assert condition_parameter(read_layer("{relu, when: $(index > 0 and stride != 1)}"), scope) == "stride"
    assert condition_parameter(read_layer("{relu, when: false}"), scope) == ""
