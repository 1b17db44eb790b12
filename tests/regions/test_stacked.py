"""Copies whose weights are stored as one: values, gradients and running statistics are those of a plain `repeat`."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import pytest
import torch

import netspec
from netspec.analysis import analyze
from netspec.diagnostics import Sources
from netspec.report.explanation import Explanation

from .specs import HALF, document

CHAIN = f"input: [6, 8]\nblocks:{HALF}layers: {{halves: {{Half, repeat: 3}}}}"
SIDE_BY_SIDE = f"input: [6, 8]\nblocks:{HALF}layers: {{halves: {{Half, repeat: 3, parallel: true}}}}\noutputs: halves.*"
NORMS = (
    "input: [4, 9, 9]\nlayers:\n  halves:\n    layers: [{conv2d: 4, kernel: 3, padding: 1}, batch_norm, relu]\n"
    "    repeat: 3"
)


def both(text: str) -> tuple[Any, Any]:
    """The modules of a network without and with `stacked`, with the same weights."""
    plain = netspec.build(netspec.loads(document(text)))
    stacked = netspec.build(netspec.loads(document(text.replace("repeat: 3", "repeat: 3\n    stacked: true"
                            if "    repeat" in text else "repeat: 3, stacked: true"))))  # fmt: skip
    state = plain.state_dict()
    for name in stacked.state_dict():
        parts = [state[name.replace("halves.", f"halves.{i}.", 1)] for i in range(3)]
        stacked.state_dict()[name].copy_(torch.stack(parts))
    return plain, stacked


@pytest.mark.parametrize("text", [CHAIN, SIDE_BY_SIDE, NORMS], ids=["chain", "side by side", "statistics"])
def test_copies_are_those_of_a_plain_repeat(text: str) -> None:
    plain, stacked = both(text)
    x = torch.randn(2, *netspec.loads(document(text)).input_types["input"].shape)
    results: list[list[torch.Tensor]] = []
    for model in (plain, stacked):
        y = model.train()(x)
        tensors = list(y.values()) if isinstance(y, dict) else [y]
        torch.autograd.backward([t.square().sum() for t in tensors])
        results.append(tensors)
    torch.testing.assert_close(results[0], results[1])
    own = dict(plain.named_parameters())
    for name, parameter in stacked.named_parameters():
        parts = [own[name.replace("halves.", f"halves.{i}.", 1)].grad for i in range(3)]
        torch.testing.assert_close(parameter.grad, torch.stack([p for p in parts if p is not None]))
    state = plain.state_dict()  # the running statistics after a step
    for name, buffer in stacked.named_buffers():
        if name.endswith("num_batches_tracked"):
            continue  # functions of PyTorch do not count batches, which only `momentum=None` needs
        torch.testing.assert_close(
            buffer, torch.stack([state[name.replace("halves.", f"halves.{i}.", 1)] for i in range(3)])
        )


def test_figures_are_those_of_a_plain_repeat() -> None:
    plain = analyze(netspec.loads(document(CHAIN)))
    stacked = analyze(netspec.loads(document(CHAIN.replace("repeat: 3", "repeat: 3, stacked: true"))))
    for name in ("params", "trainable_params", "macs", "connections", "bytes_by_dtype", "buffer_bytes"):
        assert getattr(plain, name) == getattr(stacked, name)
    rows = {row.name: row.params for row in stacked.layers}
    assert {name: rows[name] for name in rows} == {row.name: row.params for row in plain.layers}


def test_a_weight_of_a_layer_outside_stays_as_it_is() -> None:
    text = "input: [6, 8]\nlayers: {one: {dense: 8}, same: {dense: 8, share: one, repeat: 3, stacked: true}}"
    assert [p.name for p in netspec.loads(document(text)).parameters] == ["one.weight", "one.bias"]


def test_explain_names_the_part() -> None:
    graph = netspec.loads(document(CHAIN.replace("repeat: 3", "repeat: 3, stacked: true")))
    text = Explanation(graph, graph.layer("halves.1.fc"), Sources(["net.yaml"], [""]), width=80).text()
    assert "weight (8, 8): units, features (part 1 of halves.fc.weight (3, 8, 8))" in " ".join(text.split())
