"""Layers and inputs that were forgotten."""

from __future__ import annotations

from netspec.language.elaboration.draft_graph import DraftGraph, ScopeTree
from netspec.language.elaboration.elaboration_problems import Problems
from netspec.language.elaboration.inference import Inference
from netspec.language.elaboration.unused_layers import report_unused

from .support import TRACE, add_image, document_of


class Chain:
    """A graph of activations: each reads one value."""

    def __init__(self) -> None:
        self.tree, self.graph = ScopeTree(), DraftGraph()
        self.image = add_image(self.graph, 3, 8, 8)

    def relu(self, name: str, value: int, trace_scope: str | None = None) -> int:
        """Add a layer, in a scope of its own if that has a name: its value."""
        op, outputs, _ = Inference().infer("relu", {}, self.graph.types_of([value]), False, 0)
        scope = self.tree.root if trace_scope is None else self.tree.open(trace_scope, self.tree.root, TRACE)
        return self.graph.add_node(name, name, op, (value,), outputs, (), scope, TRACE).first_value

    def problems(self, *outputs: int) -> list[str]:
        """The messages about this graph with these outputs."""
        problems = Problems()
        report_unused(self.graph, outputs, document_of(), {"input": self.image}, problems)
        return [d.message for d in problems.diagnostics]


def test_everything_is_used() -> None:
    chain = Chain()
    assert chain.problems(chain.relu("b", chain.relu("a", chain.image))) == []


def test_only_the_last_of_several_is_reported() -> None:
    chain = Chain()
    main = chain.relu("main", chain.image)
    chain.relu("side.2", chain.relu("side.1", main))
    assert chain.problems(main) == ["the result of 'side.2' reaches no output"]


def test_what_a_failed_layer_reads_is_used() -> None:
    chain = Chain()
    main = chain.relu("main", chain.image)
    chain.graph.read.add(chain.relu("side", main))
    assert chain.problems(main) == []


def test_one_output_of_a_block_is_enough() -> None:
    chain = Chain()
    main = chain.relu("block.main", chain.image, "block")
    side = chain.relu("block.side", chain.image, "block")
    assert chain.problems(main) == ["the result of 'block.side' reaches no output"]
    chain.graph.nodes[-1].scope.outputs = (("main", main), ("side", side))
    assert chain.problems(main) == []


def test_inputs() -> None:
    chain = Chain()
    other = add_image(chain.graph, 3, 8, 8)
    assert chain.problems(chain.relu("a", other)) == ["the input 'input' is not read by any layer"]
