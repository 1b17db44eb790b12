"""The arguments of an operation, and short names of normalisations and activations."""

from __future__ import annotations

from collections.abc import Sequence

from netspec.diagnostics import clip
from netspec.ops.base import Op

from ..operation_text import HIDDEN, SIZES, STEPS, is_default, parts_of, value_text
from ..read_roles import named_inputs
from .cells import UNLABELLED, Argument

QUIET = frozenset(("drop_path", "dropout", "flatten", "identity"))
"""Operations that are not drawn."""
ATTACHED = frozenset(("activation", "norm", "regularise"))
"""Kinds of layers that become segments of the box before them."""
SYMBOLS = {"add": "+", "multiply": "×", "subtract": "−"}
"""Joins that are drawn as circles, with their symbols."""
SHORT = {
    "batch_norm": "BN",
    "group_norm": "GN",
    "instance_norm": "IN",
    "layer_norm": "LN",
    "rms_norm": "RMSNorm",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "prelu": "PReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
    "hard_swish": "h-swish",
    "hard_sigmoid": "h-sigmoid",
    "leaky_relu": "leaky ReLU",
    "local_response_norm": "LRN",
    "scaled_tanh": "tanh",
}
"""Short names for segments, which have less room than boxes."""
ATTENTION_INPUTS = {2: ["q", "k, v"], 3: ["q", "k", "v"]}
"""Names of the inputs of attention, by their number."""
ORDER = ("filters", "units", "kernel", "size", "heads", "stride", "dilation", "groups")
"""Arguments in order of importance; others come after these, and padding last."""
NEVER = frozenset(("axis", "ceil_mode", "width"))
"""Arguments that figures never show, in addition to those that no drawing shows."""
MAX_FORMULA = 28
"""Maximum length of a formula or pattern; a longer one is omitted, not truncated."""


def segment_text(operation: str) -> str:
    """The short name of an operation."""
    return SHORT.get(operation, operation.replace("_", " "))


def arguments_of(op: Op, names: tuple[str, ...] = ()) -> dict[str, str]:
    """Returns the texts of the arguments that a figure shows, most important first.

    Args:
        op: the operation.
        names: names of its inputs, used in formulas.
    """
    cls = type(op)
    out: dict[str, str] = {}
    for name in cls.arguments:
        validator, value = cls.arguments[name].validator, getattr(op, name)
        if name in HIDDEN or name in NEVER or value is None or validator.kind == "layer":
            continue
        inputs = [*names, *(f"x{i}" for i in range(len(names), getattr(value, "inputs", 0)))]
        written = op.written(name, inputs, str)
        if isinstance(written, str):
            text = written.removeprefix("$(").removesuffix(")")
            if len(text) <= MAX_FORMULA:
                out[name] = text
            continue
        if name != cls.primary and (validator.fallback is not None or name == "dtype"):
            continue
        if name == "padding" and (value in ("same", "valid") or _is_usual_padding(op)):
            continue
        if is_default(op, name, value) and (name != cls.primary or isinstance(value, str | bool)):
            continue
        text = _text(name, value)
        if len(text) <= MAX_FORMULA:
            out[name] = text
    for name, size in op.given_sizes:
        out[name] = str(size)
    if "filters" in out and out.get("groups") == out["filters"]:
        out["groups"] = "depthwise"
    rank = {name: i for i, name in enumerate(ORDER)}
    return {n: out[n] for n in sorted(out, key=lambda n: rank.get(n, 100 if n == "padding" else 50))}


def input_names(op: Op, variables: Sequence[str]) -> list[str]:
    """Returns the names of an operation's inputs; empty strings if they are not distinguished.

    Args:
        op: the operation.
        variables: the names of the inputs in a formula.
    """
    if op.has_variables:
        return [*variables] if len(variables) > 1 else [""]
    further = named_inputs(op)
    plain = len(variables) - len(further)
    first = ATTENTION_INPUTS.get(plain, []) if op.name in ("attention", "dot_product_attention") else []
    return [*(first or [""] * plain), *further]


def written_argument(op: Op, name: str, text: str) -> Argument:
    """An argument with its text."""
    primary = name == type(op).primary and "axis" not in name and "axes" not in name
    unlabelled = primary or (name in UNLABELLED and op.window_rank != 1) or text == "depthwise"
    return Argument(name, text, labelled=not unlabelled)


def _text(name: str, value: object) -> str:
    parts = parts_of(value)
    if parts and len(set(parts)) == 1 and name not in SIZES:
        value = parts[:1]
    return clip(value_text(value, "×" if name in SIZES or name in STEPS else ", "), 40)


def _is_usual_padding(op: Op) -> bool:
    """Whether the padding is half of the window, which keeps the size at stride 1."""
    kernel = parts_of(getattr(op, "kernel", None)) or parts_of(getattr(op, "size", None))
    padding, dilation = parts_of(getattr(op, "padding", None)), parts_of(getattr(op, "dilation", None)) or (1,)
    if not kernel or len(kernel) != len(padding):
        return False
    for i, (size, amount) in enumerate(zip(kernel, padding, strict=True)):
        amounts = parts_of(amount) or (amount,)
        if not isinstance(size, int):
            return False
        half = (size - 1) // 2 * dilation[min(i, len(dilation) - 1)]
        if any(a != half for a in amounts):
            return False
    return True
