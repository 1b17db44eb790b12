"""Runs the files of a plan in several processes on this machine, which exchange tensors by gloo."""

# What the files define is known at run time alone:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import importlib
import io
import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

for module in ("_dynamo", "distributed.checkpoint.state_dict", "distributed.fsdp", "distributed.pipelining"):
    import_module(f"torch.{module}")  # here, so that no process has to import it
import_module("torch.distributed.tensor.parallel")


@dataclass
class Process:
    """What a process of a plan works with.

    Attributes:
        model: the file with the network.
        train: the file that trains it.
        mesh: the devices.
    """

    model: Any
    train: Any
    mesh: Any


def run_processes(folder: Path, count: int, job: Callable[[Process], Any]) -> list[Any]:
    """What a function returns in each of the processes of the plan in a folder.

    Raises:
        RuntimeError: a process failed; its traceback is the message.
    """
    context = multiprocessing.get_context("fork")
    queue: Any = context.Queue()
    store = folder / f"store-{os.getpid()}-{next(_numbers)}"
    processes = [
        context.Process(target=_process, args=(folder, rank, count, store, job, queue)) for rank in range(count)
    ]
    for process in processes:
        process.start()
    out: list[Any] = [None] * count
    try:
        for _ in processes:
            rank, result, fault = queue.get(timeout=120)
            if fault:
                raise RuntimeError(f"process {rank} of {count}:\n{fault}")
            out[rank] = torch.load(io.BytesIO(result), weights_only=True)
    finally:
        for process in processes:
            process.join(20 if all(r is not None for r in out) else 0.5)
            if process.is_alive():
                process.kill()
    return out


def _count() -> Any:
    n = 0
    while True:
        n += 1
        yield n


_numbers = _count()


def _process(folder: Path, rank: int, count: int, store: Path, job: Callable[[Process], Any], queue: Any) -> None:
    distributed: Any = dist  # typed in part
    try:
        torch.set_num_threads(1)
        os.environ |= {"RANK": str(rank), "WORLD_SIZE": str(count), "LOCAL_RANK": str(rank)}
        dist.init_process_group("gloo", store=distributed.FileStore(str(store), count), rank=rank, world_size=count)
        sys.path.insert(0, str(folder))
        for name in ("model", "train"):
            sys.modules.pop(name, None)
        model, train = importlib.import_module("model"), importlib.import_module("train")
        result = job(Process(model, train, model.device_mesh("cpu")))
        buffer = io.BytesIO()  # tensors in shared memory would end with their process
        torch.save(result, buffer)
        queue.put((rank, buffer.getvalue(), ""))
        dist.barrier()
        dist.destroy_process_group()
    except BaseException:
        queue.put((rank, None, traceback.format_exc()))
