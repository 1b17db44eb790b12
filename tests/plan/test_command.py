"""``netspec plan``, and ``netspec export --plan``."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import netspec
from netspec.backend import Plan
from netspec.diagnostics import Error
from netspec_torch import planned_source
from tests.cli_support import ran


def test_a_plan_is_found_written_and_exported(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    out = ran("plan", "gpt2", "--devices", "8", "--nodes", "2", "--memory", "4GB", "--batch", "64", "-o", str(plan))
    assert out.status == 0
    assert "mesh           sharded 8" in out.out
    assert "would need" in out.out
    model = tmp_path / "model.py"
    assert ran("export", "gpt2", "-o", str(model), "--plan", str(plan)).status == 0
    for name in ("model.py", "train.py"):
        ast.parse((tmp_path / name).read_text(encoding="utf-8"))
    assert 'fully_shard(block, mesh=mesh["sharded"])' in model.read_text(encoding="utf-8")
    other = ran("export", "gpt2@medium", "-o", str(model), "--plan", str(plan))
    assert other.status == 1
    assert (
        "error[NS931]: the plan is for 'gpt2' with 124,439,808 parameters; 'gpt2@medium' has 354,823,168" in other.err
    )


def test_a_train_file_of_other_origin_is_kept(tmp_path: Path) -> None:
    graph = netspec.load("gpt2")
    plan = Plan(network="gpt2", parameters=124_439_808, batch=2, data=2)
    (tmp_path / "train.py").write_text("mine\n", encoding="utf-8")
    with pytest.raises(Error, match="a file that netspec did not write is there"):
        netspec.export(graph, tmp_path / "model.py", options={"plan": plan})
    assert (tmp_path / "train.py").read_text(encoding="utf-8") == "mine\n"
    assert not (tmp_path / "model.py").exists()
    for name in ("train.py", "a-b.py"):
        with pytest.raises(Error, match="NS705"):
            netspec.export(graph, tmp_path / name, options={"plan": plan})


PROBLEMS: dict[tuple[str, ...], str] = {
    ("--devices", "2", "--memory", "500MB", "--batch", "8"): (
        "error[NS934]: nothing fits into 500 MB: the least that a device takes is "
    ),
    ("--devices", "6", "--nodes", "4", "--batch", "6"): (
        "error[NS937]: the number of machines must divide the number of devices, 6; found 4"
    ),
    ("--devices", "5", "--batch", "3"): "error[NS936]: no division of 5 devices divides a batch of 3",
    ("--devices", "2", "--batch", "8", "--device", "h1000"): "error[NS827]: there is no device 'h1000'",
    ("--devices", "2", "--batch", "8", "--device", "t4", "--amp", "bfloat16"): "error[NS829]: no peak rate of",
}


@pytest.mark.parametrize("arguments", PROBLEMS)
def test_problems(arguments: tuple[str, ...]) -> None:
    out = ran("plan", "gpt2", *arguments)
    assert out.status == 1
    assert PROBLEMS[arguments] in out.err


def test_networks_with_several_outputs() -> None:
    out = ran("plan", "bert", "--devices", "2", "--batch", "8")
    assert "error[NS935]: a plan needs a network with one output; 'bert' has 2" in out.err


DIVIDED = '''\
def divide(block: nn.Module, mesh: DeviceMesh) -> None:
    """Divides a block among the devices, in place."""
    tensor = mesh["tensor"]
    parallelize_module(
        block,
        tensor,
        {
            "self_attention": HeadParallel(),
            "self_attention.out_proj": RowwiseParallel(),
            "mlp.0": ColwiseParallel(),
            "mlp.3": RowwiseParallel(),
        },
    )
    block.forward = partial(checkpoint, block.forward, use_reentrant=False)
    fully_shard(block, mesh=mesh["sharded"])


def divide_ends(model: Vit, mesh: DeviceMesh) -> None:
    """Divides what comes before and after the blocks, in place."""
    tensor = mesh["tensor"]
    parallelize_module(
        model,
        tensor,
        {
            "heads.head": ColwiseParallel(
                output_layouts=Shard(-1), use_local_output=False
            )
        },
    )
    fully_shard(model, mesh=mesh["sharded"])


def parallelize(model: Vit, mesh: DeviceMesh) -> nn.Module:
    """Divides the network among the devices, in place."""
    for block in blocks(model):
        divide(block, mesh)
    divide_ends(model, mesh)
    return model


def create(mesh: DeviceMesh, device: torch.device) -> nn.Module:
    """The network of this process, on a device, which never holds more than one block
    beyond its own part.
    """
    model = create_blockwise(Vit, (EncoderBlock,), partial(divide, mesh=mesh), device)
    divide_ends(model, mesh)
    return model
'''


def test_source_of_a_plan() -> None:
    plan = Plan(network="vit", parameters=86_567_656, batch=8, sharded=2, tensor=2, checkpoint=True)
    source = planned_source(netspec.load("vit"), plan)
    assert source.model.endswith(DIVIDED)
    assert 'MESH = {"sharded": 2, "tensor": 2}\n' in source.model
    assert "weight, bias = local(attention.in_proj_weight), local(attention.in_proj_bias)" in source.model
    assert 'loss /= REPLICAS * MESH["tensor"]\n' in source.train
    assert "        with loss_parallel():\n" in source.train
    assert max(len(line) for line in (source.model + source.train).split("\n")) <= 88
