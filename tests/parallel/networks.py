"""Small sizes of published networks, and the plans that they are trained by."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import netspec
from netspec.analysis.block_chain import block_chain
from netspec.backend import Plan
from netspec.ir import Graph
from netspec.zoo import folder

LLAMA = {"vocabulary": 64, "depth": 4, "heads": 4, "kv_heads": 2, "width": 32, "hidden": 64, "precision": "float32"}
NETWORKS: dict[str, tuple[str, dict[str, Any], dict[str, int]]] = {
    "resnet": ("cifar_resnet", {"n": 2, "shortcut": "OptionB"}, {"H": 16, "W": 16}),
    "vit": ("vit", {"size": 32, "patch": 8, "depth": 4, "heads": 4, "width": 32, "classes": 10}, {}),
    "gpt2": ("gpt2", {"vocabulary": 64, "context": 16, "depth": 4, "heads": 4, "width": 32, "dropout": 0.0}, {}),
    "llama, any length": ("llama", LLAMA, {}),
    "llama": ("llama", LLAMA, {"n": 16}),
}
LARGER: dict[str, tuple[dict[str, Any], dict[str, int]]] = {
    "resnet": ({}, {}),
    "vit": ({"patch": 4, "width": 64}, {}),
    "gpt2": ({"vocabulary": 256, "context": 64, "width": 64}, {}),
    "llama, any length": ({"vocabulary": 256, "width": 64, "hidden": 128}, {}),
    "llama": ({"vocabulary": 256, "width": 64, "hidden": 128}, {"n": 64}),
}
"""What is larger where memory is measured, so that single numbers do not count."""
PLANS: dict[str, dict[str, Any]] = {
    "data": {"data": 2},
    "sharded": {"sharded": 2},
    "sharded, micro-batches": {"sharded": 2, "micro_batches": 2},
    "data, micro-batches": {"data": 2, "micro_batches": 2},
    "sharded, checkpointed": {"sharded": 2, "checkpoint": True},
    "replicated groups": {"data": 2, "sharded": 2},
    "tensor": {"tensor": 2},
    "tensor along the sequence": {"tensor": 2, "sequence": True},
    "pipeline": {"pipeline": 2, "micro_batches": 2},
    "sharded x tensor": {"sharded": 2, "tensor": 2},
    "sharded x tensor along the sequence": {"sharded": 2, "tensor": 2, "sequence": True, "checkpoint": True},
    "pipeline x sharded": {"pipeline": 2, "sharded": 2, "micro_batches": 4},
    "pipeline x tensor": {"pipeline": 2, "tensor": 2, "sequence": True, "micro_batches": 2},
    "four stages": {"pipeline": 4, "micro_batches": 4, "checkpoint": True},
}
BATCH = 8


@cache
def network(name: str, *, larger: bool = False) -> Graph:
    """One of the networks."""
    spec, params, sizes = NETWORKS[name]
    if larger:
        params, sizes = params | LARGER[name][0], sizes | LARGER[name][1]
    if name == "llama, any length":  # its default is longer than a test should run
        length = 64 if larger else 16
        text = (folder() / "language" / "llama.yaml").read_text(encoding="utf-8")
        return netspec.loads(text.replace("dims: {n: 2048}", f"dims: {{n: {length}}}"), params=params)
    return netspec.load(spec, params=params, sizes=sizes)


def plan_of(name: str, what: str) -> Plan:
    """A plan for one of the networks."""
    blocks = len(block_chain(network(name).at_default).blocks)
    given = PLANS[what]
    stages = given.get("pipeline", 1)
    parts = tuple(blocks // stages + (n < blocks % stages) for n in range(stages)) if stages > 1 else ()
    return Plan(network=name, parameters=0, batch=BATCH, stages=parts, **given)


def cases() -> Iterator[tuple[str, str]]:
    """Every network with every plan that it can be trained by."""
    for name in NETWORKS:
        for what, given in PLANS.items():
            if given.get("tensor", 1) > 1 and name == "resnet":
                continue  # convolutions are not divided
            if given.get("sequence") and name == "vit":
                continue  # an odd number of tokens
            yield name, what
