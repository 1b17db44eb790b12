"""Names: what they lead to, through outputs, layers inside, stars and the scopes around."""

from __future__ import annotations

import pytest

from netspec.language.elaboration.draft_graph import ScopeTree
from netspec.language.elaboration.names import FAILED, LEFT_OUT, Absent, Entry, LexicalScope, UnknownReferenceError

from .support import TRACE, define, document_of, lexical_scope


@pytest.fixture
def scope() -> LexicalScope:
    """A scope with an input, a layer, a block with two outputs and an inner layer, and a chain of two copies."""
    tree = ScopeTree()
    outer = lexical_scope(tree=tree)
    outer.inputs["image"] = Entry("image", 0)
    define(outer, conv=1)
    block = outer.inside(tree.open("block", tree.root, TRACE))
    block.names["left"] = Entry("block.left", 2)
    outer.names["block"] = Entry("block", 3, (("main", 3), ("side", 4)), block)
    chain = outer.inside(tree.open("chain", tree.root, TRACE))
    for number in range(2):
        copy = outer.inside(tree.open(f"chain.{number}", chain.draft, TRACE))
        copy.names["skip"] = Entry(f"chain.{number}.skip", 10 + number)
        chain.names[str(number)] = Entry(f"chain.{number}", 20 + number, (), copy)
    outer.names["chain"] = Entry("chain", 21, (), chain, is_chain=True)
    outer.define("t.weight", Entry("t.weight", 30))
    return outer


@pytest.mark.parametrize(("name", "value"), [
    ("conv", 1), ("image", 0), ("input", 0), ("block", 3), ("block.side", 4), ("block.1", 4), ("block.left", 2),
    ("chain", 21), ("chain.0", 20), ("chain.1.skip", 11), ("t.weight", 30),
])  # fmt: skip
def test_find(scope: LexicalScope, name: str, value: int) -> None:
    assert scope.find(name).value == value


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("conv", [1]),
        ("chain.*", [20, 21]),
        ("chain.*.skip", [10, 11]),
        ("block.*", [3, 4]),
    ],
)
def test_find_all(scope: LexicalScope, name: str, values: list[int]) -> None:
    assert [entry.value for entry in scope.find_all(name)] == values


@pytest.mark.parametrize(
    ("name", "message", "help"),
    [
        ("cnv", "no layer before this is named 'cnv'", "did you mean 'conv'?"),
        ("nothing", "no layer before this is named 'nothing'", None),
        ("block.sid", "there is no 'sid' in 'block'", "did you mean 'side'?"),
        ("block.quite.different", "there is no 'quite.different' in 'block'", "it contains main, side, left"),
        ("later", "'later' is defined further down: a layer reads only what precedes it", None),
        ("later.inner", "'later.inner' is defined further down: a layer reads only what precedes it", None),
        ("chain.*.none", "there is no 'none' in each of 'chain.*'", None),
        ("conv.*", "'conv' contains nothing that '.*' could stand for", None),
    ],
)
def test_unknown(scope: LexicalScope, name: str, message: str, help: str | None) -> None:
    scope.upcoming = frozenset(("conv", "later"))
    with pytest.raises(UnknownReferenceError) as caught:
        scope.find_all(name)
    assert (caught.value.message, caught.value.help) == (message, help)


def test_scopes_inside_see_those_around_but_not_the_reverse(scope: LexicalScope) -> None:
    inner = scope.names["block"].inner
    assert isinstance(inner, LexicalScope)
    assert inner.find("conv").value == 1
    assert inner.find("left").value == 2
    assert scope.lookup("left") is None


def test_a_use_of_a_block_sees_nothing_around(scope: LexicalScope) -> None:
    block = LexicalScope(scope.draft, None, {}, {"x": Entry("conv", 1)}, document_of())
    assert block.lookup("conv") is None
    assert block.find("x").value == 1


def test_input_is_the_only_input(scope: LexicalScope) -> None:
    assert scope.find("input").value == 0
    scope.inputs["mask"] = Entry("mask", 5)
    assert scope.lookup("input") is None


def test_inside_a_failed_layer_everything_has_failed(scope: LexicalScope) -> None:
    scope.names["broken"] = FAILED
    assert scope.find("broken.anything.at.all") is FAILED


def test_nothing_is_inside_an_absent_layer(scope: LexicalScope) -> None:
    scope.names["gone"] = Absent("gone", LEFT_OUT)
    assert scope.lookup("gone.x") is None


def test_local_names(scope: LexicalScope) -> None:
    block = scope.names["block"].inner
    assert isinstance(block, LexicalScope)
    block.inputs["x"] = Entry("conv", 1)
    assert block.local_name(Entry("conv", 1)) == "x"
    assert block.local_name(Entry("block.left", 2)) == "left"
    assert block.local_name(Entry("block.0", 9)) == "layer 0"
    assert block.local_name(Entry("elsewhere", 8)) == "elsewhere"


def test_names_that_are_visible(scope: LexicalScope) -> None:
    inner = scope.names["block"].inner
    assert isinstance(inner, LexicalScope)
    assert inner.visible_names() == ["left", "conv", "block", "chain", "t.weight", "image", "input"]
