"""Uses of blocks and blocks in place, with a stand-in for the elaboration of their layers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netspec import limits
from netspec.diagnostics import LocatedError
from netspec.language.elaboration.bindings import DocumentParameters
from netspec.language.elaboration.block_scopes import BlockBuilder
from netspec.language.elaboration.budget import Budget
from netspec.language.elaboration.copies import Copy, Instance
from netspec.language.elaboration.draft_graph import DraftGraph, ScopeTree
from netspec.language.elaboration.elaboration_problems import Problems
from netspec.language.elaboration.environment import Cells
from netspec.language.elaboration.names import Entry, LexicalScope
from netspec.language.elaboration.nodes import NodeBuilder
from netspec.language.elaboration.resolver import Resolver
from netspec.language.elaboration.sharing import Sharing
from netspec.language.elaboration.wiring import Wiring
from netspec.language.reading.layers import Layers

from .support import HEAD, add_image, define, document_of, read_layer

DOCUMENT = document_of(
    HEAD + "params: {scale: 2}\nblocks:\n"
    "  One: {params: {w: int, s: $(w * scale)}, layers: [relu]}\n"
    "  Two: {inputs: [x, y], layers: {a: relu, b: relu}, outputs: {main: a, side: {from: b, when: $(scale > 1)}}}\n"
)
Visit = Callable[[LexicalScope, Entry | None], Entry | None]


class Bench:
    """A builder of scopes; ``visit`` stands in for the elaboration of the layers inside."""

    def __init__(self, visit: Visit) -> None:
        self.scopes: list[LexicalScope] = []
        self.tree, self.budget, graph = ScopeTree(), Budget(), DraftGraph()

        def visit_layers(layers: Layers, scope: LexicalScope, cells: Cells, previous: Entry | None) -> Entry | None:
            self.scopes.append(scope)
            return visit(scope, previous)

        parameters = DocumentParameters(DOCUMENT, {"scale": 2})
        resolver, problems = Resolver(graph, self.budget), Problems()
        nodes = NodeBuilder(graph, self.tree, Sharing(), Wiring(resolver), parameters, problems)
        self.blocks = BlockBuilder(nodes, resolver, problems, self.budget, parameters, visit_layers)
        self.outer = LexicalScope(self.tree.root, None, {"scale": 2}, {}, DOCUMENT)
        define(self.outer, a=add_image(graph, 3, 8, 8), b=add_image(graph, 3, 8, 8))

    def build(self, text: str, *inputs: str, number: int = 0, total: int = 1) -> Entry:
        """A use of a block, or a block in place, named ``layer``."""
        layer = read_layer(text, list(DOCUMENT.blocks))
        copy = Copy((), {}, number, total, number == 0)
        instance = Instance(layer, "layer", self.outer, copy, [self.outer.names[name] for name in inputs])
        if layer.inner is not None:
            return self.blocks.build_in_place(instance)
        environment = self.blocks.resolver.environment(self.outer, {})
        assert layer.head is not None
        return self.blocks.use(instance, DOCUMENT.blocks[layer.head.evaluate(environment)], environment)


def last(scope: LexicalScope, previous: Entry | None) -> Entry | None:
    """The stand-in for layers that pass on their input."""
    return previous


def inside(scope: LexicalScope, previous: Entry | None) -> Entry | None:
    """The stand-in for layers ``a`` and ``b``."""
    define(scope, a=0, b=1)
    return scope.names["b"]


def test_a_use_of_a_block() -> None:
    bench = Bench(last)
    entry = bench.build("{One: 4}", "a")
    (scope,) = bench.scopes
    assert (entry.full_name, entry.value, entry.outputs, entry.inner) == ("layer", 0, (), scope)
    assert scope.parent is None
    assert scope.parameters == {"scale": 2, "w": 4, "s": 8}
    assert (scope.draft.block, scope.draft.arguments, scope.draft.inputs) == ("One", {"w": 4, "s": 8}, {"input": 0})
    assert scope.draft.outputs == (("", 0),)
    assert bench.budget.steps == limits.SCOPE_STEPS + 1 + 2  # one input, two parameters


def test_a_block_in_place_sees_the_scopes_around() -> None:
    bench = Bench(last)
    entry = bench.build("{layers: [relu], inputs: [x]}", "b")
    (scope,) = bench.scopes
    assert (entry.value, scope.parent, scope.parameters) == (1, bench.outer, {"scale": 2})
    assert (scope.draft.block, scope.draft.inputs) == (None, {"x": 1})


def test_several_outputs() -> None:
    entry = Bench(inside).build("Two", "a", "b")
    assert (entry.value, entry.outputs) == (0, (("main", 0), ("side", 1)))


def test_copies_of_one_text_have_equal_keys() -> None:
    keys: list[object] = []
    for number in range(2):
        bench = Bench(last)
        bench.build("{One: 4, repeat: 2}", "a", number=number, total=2)
        assert bench.scopes[0].draft.copy == (number, 2)
        keys.append(bench.scopes[0].draft.key)
    assert all(key is not None for key in keys)
    single = Bench(last)
    single.build("{One: 4}", "a")
    assert (single.scopes[0].draft.copy, single.scopes[0].draft.key) == (None, None)


@pytest.mark.parametrize(
    ("text", "inputs", "message"),
    [
        ("{One: 1}", ["a", "b"], "the block 'One' takes 1 input (input); found 2"),
        ("Two", ["a"], "the block 'Two' takes 2 inputs (x, y); found 1"),
        ("One", ["a"], "'One' needs 'w'"),
        ("{layers: [relu], output: nowhere, inputs: [x]}", ["a", "b"], "a block in place takes 1 input (x); found 2"),
    ],
)
def test_errors(text: str, inputs: list[str], message: str) -> None:
    with pytest.raises(LocatedError) as caught:
        Bench(last).build(text, *inputs)
    assert caught.value.message == message


def test_a_block_without_a_result() -> None:
    with pytest.raises(LocatedError) as caught:
        Bench(lambda scope, previous: None).build("{One: 1}", "a")
    assert caught.value.code == "NS308"
