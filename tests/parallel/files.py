"""Writes the files of a plan, and imports the one that trains."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from netspec.backend import Plan
from netspec.backend.plan_check import parameter_count
from netspec.ir import Graph
from netspec_torch import planned_source


def write_files(folder: Path, graph: Graph, plan: Plan) -> Any:
    """Writes the files of a plan into a folder. Returns the module that trains, for its data and loss."""
    source = planned_source(graph, replace(plan, parameters=parameter_count(graph.at_default)))
    (folder / "model.py").write_text(source.model, encoding="utf-8")
    (folder / "train.py").write_text(source.train, encoding="utf-8")
    sys.path.insert(0, str(folder))
    for module in ("model", "train"):
        sys.modules.pop(module, None)
    try:
        spec = importlib.util.spec_from_file_location("train", folder / "train.py")
        assert spec is not None
        assert spec.loader is not None
        train = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(train)
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("model", None)
    return train
