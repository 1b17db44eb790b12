"""Networks whose weights no memory can hold."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import pytest
import torch

import netspec
import netspec_torch
from netspec_torch import module

LARGE = "netspec: 1\nname: large\ninput: [1073741824]\nlayers: [{dense: 536870912}, {dense: 536870912}, {dense: 10}]\n"
"""Nearly 2^60 parameters."""
SMALL = "netspec: 1\nname: small\ninput: [2000]\nlayers: [{dense: 1000}]\n"
BYTES = 4 * (2000 * 1000 + 1000)


def test_weights_beyond_memory() -> None:
    graph = netspec.loads(LARGE)
    with pytest.raises(netspec.Error) as caught:
        netspec_torch.build(graph)
    text = str(caught.value)
    assert text.startswith(
        "error[NS917]: the network is too large for this machine: its weights have 3,458,764,539,590,344,744 bytes; this "
        "machine has "
    )
    assert text.endswith(
        "\n  = help: a module on the device 'meta' has shapes alone: netspec.build(spec, device='meta')"
    )
    assert sum(p.numel() for p in netspec_torch.build(graph, device="meta").parameters()) == graph_parameters(graph)


def graph_parameters(graph: netspec.Graph) -> int:
    """The parameters of a graph."""
    return sum(p.elements for p in graph.parameters)


def test_memory_is_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_memory", lambda: float(BYTES - 1))
    with pytest.raises(netspec.Error, match="its weights have 8,004,000 bytes; this machine has 8,003,999"):
        netspec_torch.build(netspec.loads(SMALL))
    monkeypatch.setattr(module, "_memory", lambda: float(BYTES))
    assert netspec_torch.build(netspec.loads(SMALL))


def test_memory_that_the_device_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch's errors of any device."""

    def refuse(self: torch.nn.Module, device: torch.device) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory:\n you tried to allocate 8004000 bytes.")

    monkeypatch.setattr(torch.nn.Module, "to_empty", refuse)
    with pytest.raises(netspec.Error) as caught:
        netspec_torch.build(netspec.loads(SMALL))
    assert str(caught.value).splitlines()[0] == (
        "error[NS917]: the network is too large for this machine: its weights have 8,004,000 bytes; 'cpu' has less: "
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 8004000 bytes."
    )
