"""Names, batches, notes and open sizes of modules that are read."""

# Calls of functions of any kind.
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

import netspec
from netspec.language.flatten import flat_spec

from .support import Function, imported, normal, operations, read


def test_a_small_network() -> None:
    parts = {"conv": nn.Conv2d(3, 8, 3, padding=1), "norm": nn.BatchNorm2d(8), "act": nn.ReLU()}
    head = {"pool": nn.AdaptiveAvgPool2d(1), "flat": nn.Flatten(), "logits": nn.Linear(8, 5)}
    module = nn.Sequential(OrderedDict({**parts, **head}))
    result = netspec.from_torch(module, [normal(3, 8, 8)], name="small")
    assert result.text(flat=True) == (
        "netspec: 1\nname: small\ninput: [3, 8, 8]\n\nlayers:\n"
        "  conv: {conv2d: 8, kernel: 3, padding: 1}\n  norm: batch_norm\n  act: relu\n"
        "  pool: global_avg_pool\n  logits: {dense: 5}\n"
    )
    assert set(result.weights) == set(module.state_dict())
    assert module.training
    outputs = result.proof.outputs
    assert outputs is not None
    assert outputs.batch_sizes == (2, 1)
    assert outputs.sizes == ({"input": (3, 8, 8)}, {"input": (3, 40, 72)})


def test_the_batch_is_never_a_size() -> None:
    """23 channels, and 46 features: the next prime is the batch."""
    module = nn.Sequential(nn.Conv1d(23, 46, 1), nn.Flatten(), nn.Linear(92, 23))
    graph, comparison, source = imported(module, normal(23, 2))
    assert source.examples == 29
    assert comparison.agrees
    assert operations(graph) == "conv1d reshape dense"


def test_a_size_that_is_the_batch_within() -> None:
    """No size of the state is 23, but one in between is: it is read again with another batch."""
    graph, comparison, source = imported(Function(lambda m, x: F.pad(x, (0, 18)).flatten(1)), normal(2, 5))
    assert source.examples == 29
    assert comparison.agrees
    assert operations(graph) == "pad reshape"


class Expanded(nn.Module):
    """Repeats a learned vector at as many positions as an attribute says, and one at as many as its code says."""

    def __init__(self) -> None:
        super().__init__()
        self.positions = 23
        self.vector, self.other = nn.Parameter(torch.rand(4)), nn.Parameter(torch.rand(1, 4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Both, added to each example."""
        table = self.vector.expand(self.positions, 4) + self.other.repeat(29 - 6, 1)
        return x.flatten(1)[:, None, :4] + torch.cat([table, self.other.expand(29, 4)])


def test_numbers_of_the_module_are_not_the_batch() -> None:
    graph, comparison, source = imported(Expanded(), normal(4))
    assert source.examples == 31
    assert comparison.agrees
    assert graph.values[-1].shape == (52, 4)


def test_open_sizes() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.Flatten(2))
    sizes = {2: torch.export.Dim("H"), 3: torch.export.Dim("W", max=512)}
    graph, comparison, _ = imported(
        module, normal(3, 16, 12), dynamic_shapes={"input": {0: torch.export.Dim("B"), **sizes}}
    )
    assert str(graph.values[-1].shape) == "(4, ((H + 1)//2)*((W + 1)//2))"
    assert "dims: {H: 16, W: {default: 12, max: 512}}" in flat_spec(graph)
    assert comparison.agrees
    assert comparison.sizes == ({"input": (3, 16, 12)}, {"input": (3, 48, 76)})


def test_a_multiple_is_promised() -> None:
    module = Function(lambda m, x: x.unflatten(1, (-1, 4)))
    graph, _, _ = imported(module, normal(16), dynamic_shapes=(({1: 4 * torch.export.Dim("L")},),))
    assert "dims: {L: {default: 16, multiple_of: 4}}" in flat_spec(graph)


def test_names_of_inputs_and_outputs() -> None:
    class Pair(nn.Module):
        def forward(self, left: torch.Tensor, right: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"sum": left + right, "difference": left - right, "same": torch.ones(2)}

    graph, _, source = imported(Pair(), normal(4), normal(4))
    assert list(graph.inputs) == ["left", "right"]
    assert list(graph.outputs) == ["sum", "difference"]
    assert source.network.notes == ["output 'same' is left out: it is the same for all inputs"]


def test_the_batch_of_an_output_elsewhere() -> None:
    _, comparison, source = imported(Function(lambda m, x: x.relu().transpose(0, 1)), normal(3, 4))
    assert comparison.agrees
    assert source.network.batch_axes == [1]
    assert source.network.notes == ["output 'output' has the batch as axis 1: in the spec it is the first"]


def test_what_is_computed_between_examples() -> None:
    class Contrastive(nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor) -> dict[str, torch.Tensor]:
            x, y = x.relu(), y.tanh()
            return {"similarity": 2 * (x @ y.T), "left": x, "right": y}

    graph, comparison, result = imported(Contrastive(), normal(4), normal(4))
    assert comparison.agrees
    assert list(graph.outputs) == ["left", "right"]
    assert result.network.notes == ["output 'similarity' is left out: it is computed between the examples of a batch"]


def test_what_only_training_uses() -> None:
    class DropPath(nn.Module):
        drop_prob = 0.0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * 0.5 if self.training else x

    path = DropPath()
    path.drop_prob = 0.1
    module = Function(lambda m, x: m.path(m.fc(x)), fc=nn.Linear(4, 4), path=path, auxiliary=nn.Linear(4, 2))
    assert read(module, normal(4)).network.notes == [
        "stochastic depth is used in training only and not imported: 1 branches, dropped with a probability of up to 0.1",
        "2 tensors of the source are not used in inference, and not imported: auxiliary (2)",
    ]


def test_attributes_are_the_words_of_the_author() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    assert read(module, normal(3, 8, 8)).network.attributes["0"]["kernel_size"] == [3, 3]


def test_a_table_is_stored_once() -> None:
    table = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    module = Function(lambda m, x: m.b(m.a(x)), a=Function(lambda m, x: x + table), b=Function(lambda m, x: x * table))
    graph, comparison, source = imported(module, normal(6, 4))
    assert comparison.agrees
    assert list(source.network.tables) == ["table"]
    assert operations(graph) == "buffer add multiply"


def test_frozen_parameters_stay_frozen() -> None:
    module = nn.Linear(3, 4)
    module.weight.requires_grad_(False)
    graph, _, _ = imported(
        Function(lambda m, x: m.scale * x, scale=nn.Parameter(torch.ones(3), requires_grad=False)), normal(3)
    )
    assert not next(iter(graph.parameters)).trainable


class OddStateDict(nn.Module):
    """Leaves a second name of a tensor out of its state dict, and one tensor altogether."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.head = nn.Embedding(9, 4), nn.Linear(4, 9, bias=False)
        self.head.weight = self.table.weight
        self.own = nn.Parameter(torch.ones(4))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Logits of tokens."""
        logits: torch.Tensor = self.head(self.table(ids) * self.own)
        return logits

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        """That of the embedding alone."""
        state: Any = super().state_dict(*args, **kwargs)
        return {name: tensor for name, tensor in state.items() if name == "table.weight"}


def test_parameters_that_a_state_dict_leaves_out() -> None:
    result = netspec.from_torch(OddStateDict(), (torch.tensor([[1, 4, 2], [0, 3, 5]]),))
    assert sorted(result.weights) == ["own", "table.weight"]
    assert result.proof.outputs is not None
    assert result.proof.outputs.agrees
