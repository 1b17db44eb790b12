"""Rules that convert Keras layers to netspec operations: one file per family."""

from __future__ import annotations

from importlib import import_module

from netspec.diagnostics import clip
from netspec.importing import CannotImportError
from netspec.importing.problems import ARGUMENT, NO_EQUIVALENT

from ..call import Rule
from ..model_config import LayerConfig
from ..saved_models.file_error import CODE_IN_MODEL
from .table import LAYERS, OPERATIONS
from .without_equivalent import REASONS

FAMILIES = (
    "activation",
    "attention",
    "conv",
    "dense",
    "elementwise",
    "merge",
    "norm",
    "pool",
    "recurrent",
    "reduce",
    "resize",
    "shape",
    "training_only",
    "wrappers",
)
"""Modules with rules."""

QUANTISED = ("int8", "int4", "float8", "gptq", "awq")
"""Prefixes of the policies of quantised layers."""


def find_rule(layer: LayerConfig) -> Rule:
    """Returns the rule of a layer.

    Raises:
        CannotImportError: NS832, it has custom code, which is not executed; NS841, it has no equivalent; NS842, its
            weights are quantised.
    """
    if layer.class_name == "Lambda" or layer.module.endswith(" "):
        what = (
            "the file contains its Python code, which is not run"
            if layer.class_name == "Lambda"
            else "it is not a layer of Keras, and its code is not run"
        )
        raise CannotImportError(CODE_IN_MODEL, what)
    if layer.policy.startswith(QUANTISED):
        help = "import the model before quantisation"
        raise CannotImportError(ARGUMENT, f"weights quantised as {clip(layer.policy)} have no equivalent", help)
    for family in FAMILIES:
        import_module(f"{__name__}.{family}")
    rule = (OPERATIONS if layer.is_operation else LAYERS).get(layer.class_name)
    if rule is None:
        raise CannotImportError(NO_EQUIVALENT, REASONS.get(layer.class_name, "netspec has no such layer"))
    return rule
