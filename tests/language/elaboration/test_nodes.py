"""Nodes: arguments, inputs, activations, and the errors of operations at their locations."""

from __future__ import annotations

import pytest

from netspec.diagnostics import LocatedError
from netspec.language.elaboration.bindings import DocumentParameters
from netspec.language.elaboration.copies import Copy, Instance
from netspec.language.elaboration.draft_graph import DraftGraph, ScopeTree
from netspec.language.elaboration.elaboration_problems import Problems
from netspec.language.elaboration.names import Entry, LexicalScope
from netspec.language.elaboration.nodes import NodeBuilder
from netspec.language.elaboration.resolver import Resolver
from netspec.language.elaboration.sharing import Sharing
from netspec.language.elaboration.wiring import Wiring
from netspec.language.reading.evaluation import FailedInputError

from .support import add_image, define, document_of, read_layer


class Bench:
    """A builder of nodes, and a scope with an image, a second one of another size, and a layer that failed."""

    def __init__(self, defaults: str = "") -> None:
        document = document_of(f"netspec: 1\nparams: {{eps: 0.5}}\ninput: [3, 8, 8]\nlayers: [relu]\n{defaults}")
        self.graph, self.tree = DraftGraph(), ScopeTree()
        wiring = Wiring(Resolver(self.graph))
        values = DocumentParameters(document, {"eps": 0.5})
        self.nodes = NodeBuilder(self.graph, self.tree, Sharing(), wiring, values, Problems(lambda: None))
        self.scope = LexicalScope(self.tree.root, None, {"eps": 0.5}, {}, document)
        define(self.scope, image=add_image(self.graph, 3, 8, 8), small=add_image(self.graph, 3, 4, 4), broken=None)

    def instance(self, text: str, *inputs: str, copy: Copy | None = None) -> Instance:
        """A layer named ``layer`` with these inputs."""
        entries = [self.scope.names[name] for name in inputs]
        return Instance(read_layer(text), "layer", self.scope, copy or Copy((), {}, 0, 1, True), entries)

    def build(self, text: str, *inputs: str, copy: Copy | None = None) -> Entry:
        """The node of a layer, with its activation."""
        instance = self.instance(text, *inputs, copy=copy)
        layer = instance.layer
        assert layer.head is not None
        first = instance.inputs[0] if instance.inputs else None
        environment = self.nodes.resolver.environment(self.scope, instance.copy.cells, first)
        entry = self.nodes.build(instance, str(layer.head.evaluate(environment)), environment)
        return self.nodes.activate(instance, entry) if layer.activation is not None else entry


def test_a_node() -> None:
    bench = Bench()
    entry = bench.build("{conv2d: 4, kernel: 3, bias: $(incoming.channels == 3)}", "image")
    (node,) = bench.graph.nodes
    assert (entry.full_name, entry.value, entry.outputs) == ("layer", 2, ())
    assert (node.name, node.inputs, node.outputs[0].shape) == ("layer", (0,), (4, 6, 6))
    assert [(name, p.name) for name, p in node.weights] == [("weight", "layer.weight"), ("bias", "layer.bias")]


def test_several_outputs() -> None:
    entry = Bench().build("{split: 3}", "image")
    assert entry.outputs == (("0", 2), ("1", 3), ("2", 4))


def test_an_activation_is_a_node_of_its_layer() -> None:
    bench = Bench()
    entry = bench.build("{conv2d: 4, kernel: 3, activation: {leaky_relu: 0.3}}", "image")
    assert [(n.name, n.layer, n.inputs) for n in bench.graph.nodes] == [
        ("layer", "layer", (0,)),
        ("layer.activation", "layer", (2,)),
    ]
    assert (entry.full_name, entry.value) == ("layer", 3)


def test_arguments_of_the_first_copy() -> None:
    text = "{conv2d: 4, kernel: 1, repeat: 2, first: {stride: 2}}"
    shapes: list[tuple[int, ...]] = []
    for number in range(2):
        bench = Bench()
        bench.build(text, "image", copy=Copy((str(number),), {"index": number}, number, 2, number == 0))
        shapes.append(bench.graph.types[-1].shape)
    assert shapes == [(4, 4, 4), (4, 8, 8)]


def test_defaults_of_the_document_see_its_parameters() -> None:
    bench = Bench("defaults: {batch_norm: {eps: $eps}, leaky_relu: {slope: 0.7}}\n")
    bench.build("{batch_norm, activation: leaky_relu}", "image")
    first, second = bench.graph.nodes
    assert getattr(first.op, "eps") == 0.5  # noqa: B009 - an argument of one operation
    assert getattr(second.op, "slope") == 0.7  # noqa: B009 - as above


def test_layers_as_arguments() -> None:
    bench = Bench()
    define(bench.scope, twin=add_image(bench.graph, 3, 4, 4))
    bench.build("{add: twin}", "small")
    assert bench.graph.nodes[0].inputs == (1, 2)
    with pytest.raises(LocatedError, match="'add' would join 'small' with itself"):
        bench.build("{add: small}", "small")


@pytest.mark.parametrize(
    ("text", "inputs", "code"),
    [
        ("{conv2d: 4, kernel: 9}", ["image"], "NS510"),
        ("{conv2d: 4, kernel: $(0 - 1)}", ["image"], "NS221"),
        ("{add: [image, small]}", ["image"], "NS512"),
        ("relu", [], "NS305"),
        ("relu", ["image", "small"], "NS305"),
        ("{parameter: [3], from: image}", ["image"], "NS305"),
        ("{relu, activation: $eps}", ["image"], "NS203"),
        ("{relu, activation: {tanh: 3}}", ["image"], "NS213"),
    ],
)
def test_errors(text: str, inputs: list[str], code: str) -> None:
    with pytest.raises(LocatedError) as caught:
        Bench().build(text, *inputs)
    assert caught.value.code == code
    assert caught.value.diagnostic.location is not None


def test_shape_errors_describe_the_inputs_and_their_history() -> None:
    bench = Bench()
    bench.scope.names["pooled"] = bench.build("{max_pool2d: 4}", "image")
    with pytest.raises(LocatedError) as caught:
        bench.build("{add: [small, pooled]}", "image")
    d = caught.value.diagnostic
    assert d.label == "small is (3, 4, 4), layer is (3, 2, 2)"
    assert d.notes[-1].endswith("8 -> 2 (max_pool2d 'layer', line 1)")


def test_nothing_is_built_on_a_failed_input() -> None:
    bench = Bench()
    with pytest.raises(FailedInputError):
        bench.build("{conv2d: $(1 // 0), kernel: 3}", "broken")
    assert bench.graph.nodes == []
