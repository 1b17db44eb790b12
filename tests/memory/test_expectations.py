"""``train_memory`` and ``infer_memory`` under ``expect``, and ``netspec.memory``."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from tests.cli_support import checked

SPEC = """\
netspec: 1
name: small
params: {n: 64}
input: [3, 8, 8]
layers:
  conv: {conv2d: 4, kernel: 3, activation: relu}
  pool: global_avg_pool
  fc: {dense: 10}
expect:
"""


@pytest.mark.parametrize(
    "expect",
    [
        "train_memory: {value: <= 1 MB, batch: 64, optimizer: momentum}",
        "train_memory: {value: <= 300 kB, batch: $n, device: cpu}",
        "train_memory: <= 50 KiB",
        # on CUDA in blocks of 512 bytes: four weights, two of the input, two of the convolution, one of the mean
        "infer_memory: {value: 4_608, dtype: bfloat16, batch: 2}",
        "train_memory: {value: '>= 1 kB', amp: bfloat16, checkpoint: conv, attention: math}",
    ],
)
def test_met(expect: str, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(f"{SPEC}  {expect}\n", encoding="utf-8")
    assert checked(str(tmp_path / "small.yaml"), "--depth", "0")[0] == 0


ROWS = {
    "above": ("train_memory: {value: <= 100 kB, batch: 64}", """\
error[NS601]: train_memory must be <= 100 kB; found 166,912
  --> small.yaml:10:25
   |
10 |   train_memory: {value: <= 100 kB, batch: 64}
   |                         ^^
"""),
    "no value": ("train_memory: {batch: 64}", """\
error[NS602]: train_memory needs a 'value': {value: <= 24 GB, batch: 64}
  --> small.yaml:10:17
   |
10 |   train_memory: {batch: 64}
   |                 ^
"""),
    "unknown key": ("train_memory: {value: <= 1 MB, batches: 64}", """\
error[NS602]: train_memory has no key 'batches'
  --> small.yaml:10:34
   |
10 |   train_memory: {value: <= 1 MB, batches: 64}
   |                                  ^^^^^^^
   = help: did you mean 'batch'?
"""),
    "an optimiser of inference": ("infer_memory: {value: <= 1 MB, optimizer: sgd}", """\
error[NS602]: infer_memory has no key 'optimizer'
  --> small.yaml:10:34
   |
10 |   infer_memory: {value: <= 1 MB, optimizer: sgd}
   |                                  ^^^^^^^^^
   = help: its keys are value, batch, dtype, amp, device, attention, checkpoint
"""),
    "no batch": ("train_memory: {value: <= 1 MB, batch: many}", """\
error[NS602]: batch of train_memory must be a positive integer; found the text 'many'
  --> small.yaml:10:41
   |
10 |   train_memory: {value: <= 1 MB, batch: many}
   |                                         ^^^^
"""),
    "no optimiser": ("train_memory: {value: <= 1 MB, optimizer: adamvv}", """\
error[NS823]: there is no optimizer 'adamvv'
  --> small.yaml:10:17
   |
10 |   train_memory: {value: <= 1 MB, optimizer: adamvv}
   |                 ^
   = help: did you mean 'adam'?
"""),
    "no unit": ("infer_memory: {value: <= 3 pages}", """\
error[NS602]: infer_memory must be a number, or a bound: '<= 500 MiB', '>= 200', '102 MB +- 1%'; found the text '<= 3 pages'
  --> small.yaml:10:25
   |
10 |   infer_memory: {value: <= 3 pages}
   |                         ^^
"""),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_errors(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expect, message = ROWS[name]
    Path("small.yaml").write_text(f"{SPEC}  {expect}\n", encoding="utf-8")
    status, out = checked("small.yaml")
    assert (status, out.partition("\nsmall\n")[0]) == (1, message)


def test_in_python() -> None:
    memory = netspec.memory("lenet5", batch=64, device="cpu")
    assert str(memory) == (
        "lenet5: 5,973,780 bytes at the peak; weights 243,360, gradients 240,000, states 480,048, activations 4,343,104"
    )
    assert memory.total == netspec.memory(netspec.load("lenet5"), batch=64, device="cpu").total
    assert netspec.memory("resnet@18", classes=10).weights < netspec.memory("resnet@18").weights
