"""Files of plans: what is wrong with them, and that what is written is read."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from netspec.backend import Plan
from netspec.backend.plan_file import plan_text, read_plan
from netspec.diagnostics import Error

GOOD = "network: gpt2\nparameters: 124_439_808\nbatch: 16\nmesh: {sharded: 2}\n"
INVALID = {
    "nothing": ("", """\
error[NS930]: a plan is a mapping
 --> plan.yaml:1:1
  |
1 |
  | ^"""),
    "keys and values": ("network: gpt2\nparameters: 1\nbatches: 4\nmesh: {tensors: 2, data: 0}\namp: float8\n", """\
error[NS930]: a plan has no key 'batches'
 --> plan.yaml:3:1
  |
3 | batches: 4
  | ^^^^^^^
  = help: did you mean 'batch'?

error[NS930]: 'amp' must be one of bfloat16, float16; found 'float8'
 --> plan.yaml:5:6
  |
5 | amp: float8
  |      ^^^^^^

error[NS930]: a plan must have batch
 --> plan.yaml:1:1
  |
1 | network: gpt2
  | ^^^^^^^

error[NS930]: the mesh has no key 'tensors'
 --> plan.yaml:4:8
  |
4 | mesh: {tensors: 2, data: 0}
  |        ^^^^^^^
  = help: did you mean 'tensor'?

error[NS930]: 'data' must be a positive integer; found 0
 --> plan.yaml:4:26
  |
4 | mesh: {tensors: 2, data: 0}
  |                          ^"""),
    "another network": (GOOD.replace("124_439_808", "8_030_261_248").replace("gpt2", "llama@llama3_8b"), """\
error[NS931]: the plan is for 'llama@llama3_8b' with 8,030,261,248 parameters; 'gpt2' has 124,439,808
 --> plan.yaml:2:13
  |
2 | parameters: 8_030_261_248
  |             ^^^^^^^^^^^^^
  = help: netspec plan makes one for this network"""),
    "heads": (GOOD.replace("sharded: 2", "tensor: 8"), """\
error[NS932]: 8 devices do not divide the 12 heads of 'transformer.h.0.attn.attend'
 --> plan.yaml:4:16
  |
4 | mesh: {tensor: 8}
  |                ^
  = help: tensor: 2, 3, 4, 6, 12"""),
    "stages": (GOOD.replace("sharded: 2", "pipeline: 16") + "micro_batches: 16\n", """\
error[NS933]: there are more stages than blocks: 16, of 12
 --> plan.yaml:4:18
  |
4 | mesh: {pipeline: 16}
  |                  ^^
  = help: pipeline: 12 or less"""),
    "blocks of stages": (GOOD.replace("sharded: 2", "pipeline: 2") + "micro_batches: 2\nstages: [6, 5]\n", """\
error[NS933]: 'stages' must list 2 numbers of blocks that add up to 12; found 2 with the sum 11
 --> plan.yaml:6:9
  |
6 | stages: [6, 5]
  |         ^"""),
    "replicas": (GOOD.replace("sharded: 2", "data: 2, tensor: 2"), """\
error[NS935]: replicas of stages and of divided layers must be 'sharded', by 2 or more; found 'data' alone
 --> plan.yaml:4:14
  |
4 | mesh: {data: 2, tensor: 2}
  |              ^
  = help: sharded: 2"""),
    "batch": (GOOD + "micro_batches: 3\n", """\
error[NS936]: the batch must be a multiple of replicas times micro-batches, 2 x 3 = 6; found 16
 --> plan.yaml:3:8
  |
3 | batch: 16
  |        ^^
  = help: 12 or 18 would do"""),
    "too few micro-batches": (GOOD.replace("sharded: 2", "pipeline: 2") + "stages: [6, 6]\n", """\
error[NS936]: a pipeline needs at least as many micro-batches as stages, 2; found 1
 --> plan.yaml:1:1
  |
1 | network: gpt2
  | ^^^^^^^
  = help: micro_batches: 2"""),
}  # fmt: skip


@pytest.mark.parametrize("case", INVALID)
def test_invalid_plans(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, expected = INVALID[case]
    monkeypatch.chdir(tmp_path)
    Path("plan.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Error) as caught:
        read_plan("plan.yaml", netspec.load("gpt2"))
    assert str(caught.value).rstrip() == expected.rstrip()


UNDIVIDED = {
    "resnet@50": (
        "tensor",
        "error[NS935]: the network has no layers to divide: its blocks have no attention and no pair of dense layers that can be divided",
    ),
    "convnext": ("pipeline", "error[NS935]: the network cannot be cut into stages: layers stand between its blocks"),
}


@pytest.mark.parametrize("name", UNDIVIDED)
def test_divisions_that_a_network_does_not_allow(name: str, tmp_path: Path) -> None:
    axis, expected = UNDIVIDED[name]
    graph = netspec.load(name)
    count = sum(p.elements for p in graph.parameters if not p.buffer)
    path = tmp_path / "plan.yaml"
    path.write_text(
        f"network: x\nparameters: {count}\nbatch: 8\nmesh: {{{axis}: 2}}\nmicro_batches: 2\n", encoding="utf-8"
    )
    with pytest.raises(Error) as caught:
        read_plan(path, graph)
    assert str(caught.value).splitlines()[0] == expected


def test_a_written_plan_is_read(tmp_path: Path) -> None:
    plan = Plan(
        network="gpt2 n=512", parameters=124_439_808, batch=64, pipeline=2, data=2, sharded=2, tensor=2, sequence=True,
        micro_batches=4, checkpoint=True, stages=(6, 6), optimizer="sgd", amp="bfloat16",
    )  # fmt: skip
    path = tmp_path / "plan.yaml"
    path.write_text(plan_text(plan), encoding="utf-8")
    assert read_plan(path, netspec.load("gpt2")) == plan


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    graph = netspec.load("gpt2")
    (tmp_path / "plan.yaml").write_bytes(b"\xff")
    for name, reason in (("plan.yaml", "it is not UTF-8: byte 0xFF"), ("other.yaml", "no such file or directory")):
        with pytest.raises(Error, match=reason):
            read_plan(tmp_path / name, graph)
