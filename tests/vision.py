"""torchvision, also where its wheel and torch do not belong together.

Its Python part looks for two compiled operators while it is imported; where the compiled part cannot be loaded (a
wheel linked to CUDA beside a torch for CPUs), they are declared here. No test calls them.
"""

# Parts of torch and safetensors have no types, in calls whose results are checked by value.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import torch

_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@cache
def _declared() -> torch.library.Library | None:
    """What declares the operators; kept, since they go away with it."""
    actual = find_spec("torchvision")
    assert actual is not None
    assert actual.origin is not None
    for compiled in Path(actual.origin).parent.glob("_C*"):
        try:
            torch.ops.load_library(str(compiled))  # type: ignore[no-untyped-call] # it has no types
        except OSError:
            continue
        return None
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call] # as above
    for operator in _OPERATORS:
        library.define(operator)  # type: ignore[no-untyped-call] # as above
    return library


def torchvision() -> ModuleType:
    """The package, imported with all its models."""
    if "torchvision" not in sys.modules:
        _declared()
    import torchvision.models  # type: ignore[import-untyped, unused-ignore] # it has no types
    import torchvision.models.swin_transformer  # type: ignore[import-untyped, unused-ignore] # as above

    module: ModuleType = torchvision
    return module
