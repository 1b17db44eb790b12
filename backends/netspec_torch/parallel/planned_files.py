"""The files of a plan: the network with ``parallelize``, and ``train.py``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from netspec.backend import Plan
from netspec.backend.plan_check import plan_problems
from netspec.backend.plan_file import read_plan
from netspec.diagnostics import Error, SpecError
from netspec.files import FileWriteError, replace_file
from netspec.ir import Graph

from .loss import loss_parallel
from .opened_forward import NotOpenedError
from .train_text import train_text
from .write import PlannedText

TRAIN = "train.py"
MARK = b"# Written by netspec"


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """The texts of the files of a network with a plan.

    Attributes:
        model: the file with the classes and ``parallelize``.
        train: the file to start with ``torchrun``.
    """

    model: str
    train: str


def planned_source(graph: Graph, plan: Plan, module: str = "model") -> PlannedSource:
    """Returns the texts of the files of a network with a plan.

    Args:
        graph: the network.
        plan: the plan.
        module: name of the file with the network, without its extension.

    Raises:
        Error: NS931 to NS936, the plan does not fit the network.
        netspec.backend.UnsupportedError: NS701, operations without a rule.
    """
    problems = [problem for _, problem in plan_problems(graph, plan)]
    if problems:
        raise SpecError(problems)
    text = PlannedText(graph, plan)
    try:
        model = text.text()
    except NotOpenedError:
        message = "the network cannot be cut into stages: its source does not run the blocks one after the other"
        raise Error("NS935", message, "a plan without a pipeline") from None
    divided_loss = loss_parallel(graph, plan, text.split)
    return PlannedSource(model, train_text(graph, plan, module, text.chain.tied, divided_loss=divided_loss))


def export_planned(graph: Graph, path: Path, plan: Plan | str | os.PathLike[str]) -> None:
    """Writes the files of a plan: the network to ``path``, and ``train.py`` to the same folder.

    Raises:
        Error: NS930 to NS936, the plan is invalid, or does not fit the network.
        netspec.files.FileWriteError: NS705. Each file is replaced atomically; a ``train.py`` from elsewhere is kept.
    """
    if not isinstance(plan, Plan):
        plan = read_plan(plan, graph)
    train = path.with_name(TRAIN)
    if path.name == TRAIN:
        raise FileWriteError(path, "train.py is what trains the network", "another name")
    if not path.stem.isidentifier():
        raise FileWriteError(path, "train.py imports it, so that its name must be an identifier", "another name")
    source = planned_source(graph, plan, path.stem)
    if os.path.exists(train) and not _ours(train):
        raise FileWriteError(train, "a file that netspec did not write is there", "another folder")
    for target, text in ((path, source.model), (train, source.train)):
        with replace_file(target) as file:
            file.write(text.encode())


def _ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(MARK)) == MARK
    except OSError:
        return False
