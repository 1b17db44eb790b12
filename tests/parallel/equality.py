"""Compares training on several devices with training in one process: losses, and gradients of all parameters."""

# PyTorch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

import netspec
from netspec.analysis.block_chain import block_chain
from netspec.analysis.tensor_split import tensor_split
from netspec.backend import Plan
from netspec.ir import Graph

from .processes import Process, run_processes

STEPS = 3
SEED = 5


def one_process(graph: Graph, plan: Plan, train: Any) -> tuple[list[float], dict[str, Tensor]]:
    """Losses of some steps, and the gradients of the first, without a plan: parts of a batch one after the other."""
    torch.manual_seed(SEED)
    model = type(netspec.build(graph, device="meta"))()
    optimizer = sgd(model)
    losses: list[float] = []
    gradients: dict[str, Tensor] = {}
    parts = plan.replicas * plan.micro_batches
    for step in range(STEPS):
        *inputs, targets = train.examples(step, 0, plan.batch)
        optimizer.zero_grad()
        total = 0.0
        for n in range(parts):
            loss = train.loss_function(model(*(x.chunk(parts)[n] for x in inputs)), targets.chunk(parts)[n]) / parts
            loss.backward()
            total += loss.item()
        losses.append(total)
        if step == 0:
            gradients = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
        optimizer.step()
    return losses, gradients


def sgd(model: nn.Module) -> torch.optim.Optimizer:
    """An optimiser whose steps show differences of gradients."""
    return torch.optim.SGD(parameter_groups(model), lr=0.1, momentum=0.9)


def adamw(model: nn.Module) -> torch.optim.Optimizer:
    """The optimiser of the plans."""
    return torch.optim.AdamW(parameter_groups(model), lr=1e-3)


def parameter_groups(model: nn.Module) -> list[dict[str, Any]]:
    """Parameters by the devices that share them."""
    groups: dict[Any, list[nn.Parameter]] = {}
    for parameter in model.parameters():
        groups.setdefault(getattr(parameter, "device_mesh", None), []).append(parameter)
    return [{"params": group} for group in groups.values()]


def started(process: Process, plan: Plan, optimizer: Callable[[nn.Module], torch.optim.Optimizer]) -> Any:
    """The training of a process, and a function that runs a step of it and returns the loss."""
    torch.manual_seed(SEED)
    train, mesh, device = process.train, process.mesh, torch.device("cpu")
    own = process.model.create(mesh, device)
    training = train.Training(own, optimizer(own))
    before: list[Any] = [training]
    after: list[Any] = [device]
    if plan.pipeline > 1:
        stage = mesh.get_local_rank("pipeline") if mesh.ndim > 1 else mesh.get_local_rank()
        group = mesh.get_group("pipeline") if mesh.ndim > 1 else mesh.get_group()
        piece = train.PipelineStage(own, stage, plan.pipeline, device, group=group)
        before.append(train.Schedule1F1B(piece, plan.micro_batches, loss_fn=train.loss_function))
        after += [train.ends(mesh)] if hasattr(train, "ends") else []
    share, count = _share(mesh, plan), plan.batch // plan.replicas

    def step(number: int) -> float:
        batch = train.examples(number, share * count, count)
        loss: float = train.train_step(*before, batch, *after).item()
        return loss

    return training, step


def planned(process: Process, plan: Plan) -> dict[str, Any]:
    """Losses of some steps, and the gradients of the first, in one of the processes of a plan."""
    training, step = started(process, plan, sgd)
    losses: list[float] = []
    gradients: dict[str, Tensor] = {}
    for number in range(STEPS):
        losses.append(step(number))
        if number == 0:
            named = training.model.named_parameters()
            gradients = {n.removeprefix("module."): _whole(p.grad) for n, p in named if p.grad is not None}
    return {"losses": losses, "gradients": gradients}


def _whole(gradient: Tensor) -> Tensor:
    return (gradient.full_tensor() if isinstance(gradient, DTensor) else gradient).detach().clone()


def _share(mesh: Any, plan: Plan) -> int:
    share = 0
    for name, size in (("data", plan.data), ("sharded", plan.sharded)):
        if size > 1:
            share = share * size + (mesh.get_local_rank(name) if mesh.ndim > 1 else mesh.get_local_rank())
    return share


def differences(graph: Graph, plan: Plan, folder: Path, train: Any) -> tuple[float, float]:
    """The largest relative differences of losses, and of gradients."""
    losses, gradients = one_process(graph, plan, train)
    results = run_processes(folder, plan.devices, lambda process: planned(process, plan))
    expected = _sorted_rows(graph, plan, gradients)
    actual: dict[str, Tensor] = {}
    worst = 0.0
    for result in results:
        for name, gradient in result["gradients"].items():
            scale = expected[name].abs().max().clamp(min=1e-8)
            worst = max(worst, ((gradient - expected[name]).abs().max() / scale).item())
            actual[name] = gradient
    assert set(actual) == set(expected), set(actual) ^ set(expected)
    sums = [0.0] * STEPS
    for result in results:
        for step, loss in enumerate(result["losses"]):
            sums[step] += loss / (plan.replicas * plan.tensor)
    return max(abs(a - b) / abs(b) for a, b in zip(sums, losses, strict=True)), worst


def _sorted_rows(graph: Graph, plan: Plan, gradients: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Gradients with their rows in the order in which a plan sorts them."""
    out = dict(gradients)
    if plan.tensor == 1:
        return out
    chain = block_chain(graph.at_default)
    for layer in tensor_split(graph.at_default, chain).layers:
        if layer.parts > 1:
            for scope in chain.blocks:
                for name in (
                    n for n in gradients if n.startswith(f"{scope.name}.{layer.name}.") and ".out_proj." not in n
                ):
                    rows = (
                        gradients[name]
                        .reshape(layer.parts, plan.tensor, -1, *gradients[name].shape[1:])
                        .transpose(0, 1)
                    )
                    out[name] = rows.flatten(0, 2)
    return out
