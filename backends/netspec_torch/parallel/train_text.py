"""The text of ``train.py``: a loop to start with ``torchrun``, which saves and resumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netspec.backend import Plan
from netspec.ir import Graph
from netspec.ops.dense import Embedding

from ..python.file import header
from .loss import Loss, loss_kind

OPTIMIZERS = {
    "adamw": "torch.optim.AdamW({}, lr=args.rate)",
    "adam": "torch.optim.Adam({}, lr=args.rate)",
    "sgd": "torch.optim.SGD({}, lr=args.rate)",
    "momentum": "torch.optim.SGD({}, lr=args.rate, momentum=0.9)",
    "rmsprop": "torch.optim.RMSprop({}, lr=args.rate)",
    "adagrad": "torch.optim.Adagrad({}, lr=args.rate)",
}
"""Statements that create the optimiser of a plan."""


LOSSES: Mapping[Loss, tuple[str, str]] = {
    "tokens": (
        "F.cross_entropy(scores.flatten(0, 1).float(), targets.flatten())",
        "The cross-entropy of the next tokens",
    ),
    "classes": ("F.cross_entropy(scores.float(), targets)", "The cross-entropy of the classes"),
    "values": ("F.mse_loss(scores.float(), targets.float())", "The mean squared error"),
}
"""How each loss is computed, and its description."""


def train_text(graph: Graph, plan: Plan, module: str, tied: Sequence[str], *, divided_loss: bool) -> str:
    """Returns the text of the file.

    Args:
        graph: the network.
        plan: the plan.
        module: name of the file with the network, without its extension.
        tied: parameters that both the first and the last stage of a pipeline have.
        divided_loss: whether the loss is computed from scores that are divided by classes.
    """
    staged = plan.pipeline > 1
    parts = [
        _head(plan, module, tied=bool(tied) and staged, divided_loss=divided_loss),
        _examples(graph),
        _loss(graph),
        TRAINING,
        _groups() if plan.tensor > 1 else "",
        TIED.replace("@NAMES@", "".join(f'"{name}", ' for name in tied).strip()) if tied and staged else "",
        _staged_step(plan, bool(tied)) if staged else _step(plan, divided_loss),
        _main(plan, bool(tied)),
    ]
    return "\n\n\n".join(part.strip("\n") for part in parts if part) + '\n\n\nif __name__ == "__main__":\n    main()\n'


def _head(plan: Plan, module: str, *, tied: bool, divided_loss: bool) -> str:
    staged = plan.pipeline > 1
    uses_mesh = staged or plan.tensor > 1 or (plan.data > 1 and plan.sharded > 1)
    names = [*["MESH"] * uses_mesh, "create", "device_mesh"]
    imports = ["import argparse", "import importlib", "import os"]
    if plan.micro_batches > 1 and not staged and plan.data > 1 and plan.sharded == 1:
        imports.append("from contextlib import nullcontext")
    imports.append("from pathlib import Path")
    imports.append("from typing import Any")
    further = "from torch.distributed.device_mesh import DeviceMesh\n" if tied else ""
    further += "from torch.distributed.pipelining import PipelineStage, Schedule1F1B\n" if staged else ""
    further += "from torch.distributed.tensor import DTensor\n" if tied else ""
    further += "from torch.distributed.tensor.parallel import loss_parallel\n" if divided_loss else ""
    return f'''{header()}
"""Trains the network of {module}.py on {plan.devices} device{"s" if plan.devices > 1 else ""}: one process for each.

    torchrun --nproc-per-node {plan.devices} train.py

With several machines, --nnodes and --rdzv-endpoint of torchrun say where they are.
"""

{chr(10).join(imports)}

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_state_dict,
    set_state_dict,
)
{further}from torch.nn import functional as F

from {module} import {", ".join(names)}

BATCH = {plan.batch}
"""Examples in a step, over all devices."""
MICRO_BATCHES = {plan.micro_batches}
"""Parts of the examples of a device, one after the other."""
REPLICAS = {plan.replicas}
"""Devices, or groups of devices, that have examples of their own."""'''


def _examples(graph: Graph) -> str:
    fixed = graph.at_default
    (output,) = fixed.output_types.values()
    texts: list[str] = []
    lines: list[str] = []
    types = list(fixed.input_types.items())
    predicts_next = loss_kind(graph) == "tokens"
    for n, (_, kind) in enumerate(types):
        shape = tuple(map(int, kind.shape))
        if kind.dtype.startswith(("int", "uint", "bool")):
            high = _vocabulary(fixed, list(fixed.inputs.values())[n])
            size = (shape[0] + 1,) if predicts_next else shape
            value = f"torch.randint({high}, {size}, generator=generator)"
        else:
            value = f"torch.randn({shape}, generator=generator)"
            if kind.dtype != "float32":
                value += f".to(torch.{kind.dtype})"
        lines.append(f"        x{n or ''} = {value}")
        texts.append(f"x{n or ''}")
    shape = tuple(map(int, output.shape))
    if predicts_next:
        texts, target = ["x[:-1]"], "x[1:]"
    elif loss_kind(graph) == "classes":
        target = f"torch.randint({shape[0]}, (), generator=generator)"
    else:
        target = f"torch.randn({shape}, generator=generator)"
    row = ", ".join([*texts, target])
    return f'''def examples(step: int, first: int, count: int) -> tuple[Tensor, ...]:
    """Inputs and targets of a step, ``count`` examples from ``first`` on: random ones.

    Your own come from --data MODULE:FUNCTION, a function with the same arguments.
    """
    rows = []
    for n in range(first, first + count):
        generator = torch.Generator().manual_seed(step * BATCH + n)
{chr(10).join(lines)}
        rows.append(({row}))
    return tuple(map(torch.stack, zip(*rows, strict=True)))'''


def _vocabulary(graph: Graph, value: int) -> int:
    sizes = [node.op.vocabulary for node in graph.readers(value) if isinstance(node.op, Embedding)]
    return min(sizes, default=2)


def _loss(graph: Graph) -> str:
    value, what = LOSSES[loss_kind(graph)]
    return f'''def loss_function(scores: Tensor, targets: Tensor) -> Tensor:
    """{what}, on average."""
    return {value}'''


TRAINING = '''
class Training:
    """Model, optimiser and the number of steps, as checkpoints keep them."""

    options = StateDictOptions(flatten_optimizer_state_dict=True)

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.model, self.optimizer, self.step = model, optimizer, 0

    def state_dict(self) -> dict[str, Any]:
        model, optimizer = get_state_dict(
            self.model, self.optimizer, options=self.options
        )
        return {"model": model, "optimizer": optimizer, "step": self.step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        set_state_dict(
            self.model,
            self.optimizer,
            model_state_dict=state["model"],
            optim_state_dict=state["optimizer"],
            options=self.options,
        )
        self.step = state["step"]

    def save(self, folder: Path) -> None:
        dcp.save({"training": self}, checkpoint_id=folder / f"step-{self.step}")

    def resume(self, folder: Path) -> None:
        """Loads the last checkpoint that is complete."""
        steps = [int(p.parent.name[5:]) for p in folder.glob("step-*/.metadata")]
        if steps:
            dcp.load({"training": self}, checkpoint_id=folder / f"step-{max(steps)}")
'''


def _groups() -> str:
    return '''
def parameter_groups(model: nn.Module) -> list[dict[str, Any]]:
    """Parameters by the devices that share them: an optimiser's step is over each."""
    groups: dict[Any, list[nn.Parameter]] = {}
    for parameter in model.parameters():
        groups.setdefault(getattr(parameter, "device_mesh", None), []).append(parameter)
    return [{"params": group} for group in groups.values()]
'''


TIED = '''
def ends(mesh: DeviceMesh) -> dist.ProcessGroup | None:
    """The first and the last stage, which share weights, beside this process."""
    own = None
    for ranks in mesh.mesh.reshape(MESH["pipeline"], -1).T.tolist():
        group = dist.new_group([ranks[0], ranks[-1]])
        own = group if dist.get_rank() in (ranks[0], ranks[-1]) else own
    return own


def add_shared_gradients(stage: nn.Module, group: dist.ProcessGroup | None) -> None:
    """Adds the gradients of the weights that the first and the last stage share."""
    if group is not None:
        for name in (@NAMES@):
            gradient = stage.get_parameter(name).grad
            if isinstance(gradient, DTensor):
                gradient = gradient.to_local()
            dist.all_reduce(gradient, group=group)
'''


def _autocast(plan: Plan, indent: int) -> tuple[str, int]:
    """Returns the line that enables autocast, if any, and the indent of the code below it."""
    if plan.amp is None:
        return "", indent
    return f"{' ' * indent}with torch.autocast(device.type, torch.{plan.amp}):\n", indent + 4


def _step(plan: Plan, divided_loss: bool) -> str:
    unsynced = plan.micro_batches > 1 and plan.data > 1 and plan.sharded == 1
    start, total = "", "loss.detach()"
    if unsynced:
        start = "        last = n == MICRO_BATCHES - 1\n        with nullcontext() if last else model.no_sync():\n"
    elif divided_loss:
        start, total = "        with loss_parallel():\n", "loss.detach().full_tensor()"
    inner = 12 if start else 8
    line, pad = _autocast(plan, inner)
    back = " " * inner
    return f'''
def train_step(
    training: Training, batch: tuple[Tensor, ...], device: torch.device
) -> Tensor:
    """One step of the optimiser; returns the loss of the examples of this process."""
    model, total = training.model, torch.zeros((), device=device)
    training.optimizer.zero_grad()
    for n in range(MICRO_BATCHES):
{start}{back}*inputs, targets = (x.chunk(MICRO_BATCHES)[n].to(device) for x in batch)
{line}{" " * pad}loss = loss_function(model(*inputs), targets) / MICRO_BATCHES
{back}loss.backward()
        total += {total}
    training.optimizer.step()
    training.step += 1
    return total
'''


def _staged_step(plan: Plan, tied: bool) -> str:
    line, pad = _autocast(plan, 4)
    add = "    add_shared_gradients(stage, group)\n" if tied else ""
    group = "    group: dist.ProcessGroup | None,\n" if tied else ""
    return f'''
def train_step(
    training: Training,
    schedule: Schedule1F1B,
    batch: tuple[Tensor, ...],
    device: torch.device,
{group}) -> Tensor:
    """One step of the optimiser; returns the loss, which only the last stage knows."""
    stage = training.model
    inputs, targets = (x.to(device) for x in batch)
    losses: list[Tensor] = []
    training.optimizer.zero_grad()
{line}{" " * pad}schedule.step(
{" " * pad}    *([inputs] if stage.first else []),
{" " * pad}    target=targets if stage.last else None,
{" " * pad}    losses=losses if stage.last else None,
{" " * pad}    return_outputs=False,
{" " * pad})
{add}    training.optimizer.step()
    training.step += 1
    return sum(losses, torch.zeros((), device=device)).detach() / MICRO_BATCHES
'''


def _main(plan: Plan, tied: bool) -> str:
    staged = plan.pipeline > 1
    groups = "parameter_groups(model)" if plan.tensor > 1 else "model.parameters()"
    before = ["    torch.manual_seed(args.seed)  # equal weights in all processes", "    model = create(mesh, device)"]
    apart = "dist.get_rank()" if plan.tensor == 1 or plan.sequence else 'dist.get_rank() // MESH["tensor"]'
    before.append("    # other dropout in each of them")
    before.append(f"    torch.manual_seed(args.seed + 1 + {apart})")
    before.append(f"    optimizer = {OPTIMIZERS[plan.optimizer].format(groups)}")
    before.append("    training = Training(model, optimizer)")
    before.append("    training.resume(args.checkpoints)")
    if staged:
        axis = '"pipeline"' if len(plan.mesh) > 1 else ""
        before.append(f"    stage = mesh.get_local_rank({axis})")
        before.append("    piece = PipelineStage(")
        before.append(f'        model, stage, MESH["pipeline"], device, group=mesh.get_group({axis})')
        before.append("    )")
        before.append("    schedule = Schedule1F1B(piece, MICRO_BATCHES, loss_fn=loss_function)")
    share = _share(plan)
    step = "training, batch, device"
    if staged:
        step = "training, schedule, batch, device"
        if tied:
            before.append("    group = ends(mesh)")
            step += ", group"
    return f'''
def main() -> None:
    """Trains, from the last checkpoint on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", metavar="MODULE:FUNCTION")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"))
    parser.add_argument("--save-every", type=int, default=50, metavar="STEPS")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    args = parser.parse_args()
    device = torch.device(args.device)
    if args.device == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if args.device == "cuda" else "gloo")
    mesh = device_mesh(args.device)
    data = examples
    if args.data:
        module, _, function = args.data.partition(":")
        data = getattr(importlib.import_module(module), function)
{chr(10).join(before)}
    share = {share}
    count = BATCH // REPLICAS
    while training.step < args.steps:
        batch = data(training.step, share * count, count)
        loss = train_step({step})
        dist.all_reduce(loss)
        if dist.get_rank() == 0:
            loss /= {"REPLICAS" if plan.tensor == 1 else 'REPLICAS * MESH["tensor"]'}
            print(f"step {{training.step}}: loss {{loss.item():.6f}}", flush=True)
        if training.step % args.save_every == 0 or training.step == args.steps:
            training.save(args.checkpoints)
    dist.destroy_process_group()
'''


def _share(plan: Plan) -> str:
    """Returns the code that computes a process's share of the examples from its position in the mesh."""
    axes = [name for name in ("data", "sharded") if plan.mesh.get(name, 1) > 1]
    if not axes:
        return "0"
    if len(plan.mesh) == 1:
        return "mesh.get_local_rank()"
    if len(axes) == 1:
        return f'mesh.get_local_rank("{axes[0]}")'
    return 'mesh.get_local_rank("data") * MESH["sharded"]\n    share += mesh.get_local_rank("sharded")'
