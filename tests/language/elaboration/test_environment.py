"""The names of expressions on a layer, and tensors as expressions see them."""

from __future__ import annotations

import pytest

from netspec.language.elaboration.draft_graph import DraftGraph
from netspec.language.elaboration.environment import LayerEnvironment, TensorView
from netspec.language.elaboration.names import FAILED, Entry
from netspec.language.reading.evaluation import FailedInputError
from netspec.language.reading.lexer import ExpressionError

from .support import add_image, define, lexical_scope


@pytest.fixture
def environment() -> LayerEnvironment:
    """Two images, a failed layer, a parameter, and a column of the same name as the parameter."""
    graph = DraftGraph()
    scope = lexical_scope(width=64, depth=2)
    define(scope, a=add_image(graph, 3, 8, 6), b=add_image(graph, 16), broken=None)
    return LayerEnvironment(scope, {"width": 32, "index": 1}, graph.types, scope.names["a"])


def test_columns_hide_parameters(environment: LayerEnvironment) -> None:
    assert [environment.lookup(name) for name in ("width", "depth", "index")] == [32, 2, 1]


def test_tensors(environment: LayerEnvironment) -> None:
    view = environment.lookup("incoming")
    assert isinstance(view, TensorView)
    assert [view.attribute(a) for a in ("shape", "channels", "height", "width")] == [[3, 8, 6], 3, 8, 6]
    assert environment.lookup("b").attribute("features") == 16


def test_what_there_is_not(environment: LayerEnvironment) -> None:
    with pytest.raises(KeyError):
        environment.lookup("nothing")
    with pytest.raises(FailedInputError):
        environment.lookup("broken")
    with pytest.raises(FailedInputError):
        LayerEnvironment(environment.scope, {}, environment.types, FAILED).lookup("incoming")
    with pytest.raises(KeyError):
        LayerEnvironment(environment.scope, {}, environment.types).lookup("incoming")


def test_known_names(environment: LayerEnvironment) -> None:
    assert environment.known() == ["width", "index", "width", "depth", "a", "b", "broken"]


@pytest.mark.parametrize(("name", "attribute", "message", "help"), [
    ("b", "height", "'b' has no 'height': its axes are channels", "'.shape[i]' is the size of an axis by its number"),
    ("a", "chanels", "'a' has no 'chanels': its axes are channels, height, width", "did you mean 'channels'?"),
])  # fmt: skip
def test_axes_that_a_tensor_has_not(
    environment: LayerEnvironment, name: str, attribute: str, message: str, help: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        environment.lookup(name).attribute(attribute)
    assert (caught.value.code, caught.value.message, caught.value.help) == ("NS408", message, help)


def test_layers_inside(environment: LayerEnvironment) -> None:
    inner = environment.scope.inside(environment.scope.draft)
    inner.names["conv"] = Entry("block.conv", 0)
    environment.scope.names["block"] = Entry("block", 1, (), inner)
    assert environment.lookup("block").attribute("conv").attribute("channels") == 3
