"""Sums written over their first input: where it is free, and only there."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
import types

import pytest
import torch
from torch import Tensor, nn

import netspec_torch

from .support import loads, outputs, random_inputs

HEAD = "name: sums\ninput: [4, 6, 6]\nlayers:\n"
OVER = {
    "after batch normalisation": "  a: {conv2d: 4, kernel: 3, padding: 1}\n  b: batch_norm\n  s: {add: input}\n",
    "after a convolution": "  a: relu\n  b: {conv2d: 4, kernel: 1}\n  s: {add: a, activation: relu}\n",
    "after a transposed convolution": "  a: {max_pool2d: 2}\n  b: {conv_transpose2d: 4, kernel: 2, stride: 2}\n  s: {add: input}\n",
    "of three": "  a: relu\n  b: {conv2d: 4, kernel: 1}\n  s: {add: [b, a, input]}\n",
    "of another rank": "  p: {parameter: [4, 1, 1]}\n  b: {conv2d: 4, kernel: 1, from: input}\n  s: {add: [b, p]}\n",
}
APART = {
    "read again": "  b: {conv2d: 4, kernel: 1}\n  s: {add: input}\n  t: {multiply: [s, b]}\n",
    "an output": "  b: {conv2d: 4, kernel: 1}\n  s: {add: input}\noutputs: {s: s, b: b}\n",
    "twice": "  b: {conv2d: 4, kernel: 1}\n  s: {add: [b, b]}\n",
    "the smaller one": "  p: {global_avg_pool: {keepdims: true}}\n  b: {conv2d: 4, kernel: 1}\n  s: {add: input}\n",
    "the input": "  a: {conv2d: 4, kernel: 1}\n  s: {add: [input, a]}\n",
    "what the gradient needs": "  a: {conv2d: 4, kernel: 1}\n  b: sigmoid\n  s: {add: input}\n",
    "dense layers, in half precision": "  a: flatten\n  b: {dense: 144}\n  s: {add: a}\n",
    "a part of another": "  b: {conv2d: 8, kernel: 1}\n  c: {split: 2}\n  s: {add: [c.0, input]}\n  t: {add: c.1}\n",
}


def _created(text: str) -> nn.Module:
    module = types.ModuleType("written")
    exec(compile(text, "written.py", "exec"), module.__dict__)
    created = module.__dict__["Sums"]()
    assert isinstance(created, nn.Module)
    return created


@pytest.mark.parametrize("layers", [pytest.param(text, id=name) for name, text in {**OVER, **APART}.items()])
def test_sums(layers: str) -> None:
    graph = loads(HEAD + layers)
    text = netspec_torch.source(graph)
    sums = re.findall(r"(\w+) \+= (.+)", text)
    assert bool(sums) == (layers in OVER.values())
    model = _created(text)
    aside = _created(re.sub(r"(\w+) \+= (.+)", r"\1 = \1 + (\2)", text))
    aside.load_state_dict(model.state_dict())
    actual: list[list[Tensor]] = []
    for net in (model, aside):
        (x,) = random_inputs(graph)
        x.requires_grad_()
        given = list(outputs(net(x), graph).values())
        torch.stack([t.square().sum() for t in given]).sum().backward()  # type: ignore[no-untyped-call] # torch's
        assert x.grad is not None
        actual.append([*given, x.grad, *(p.grad for p in net.parameters() if p.grad is not None)])
    assert len(actual[0]) > 3
    for a, b in zip(*actual, strict=True):
        assert torch.equal(a, b)
