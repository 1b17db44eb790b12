"""Differences between operator sets as data: defaults, and attributes that became inputs."""

from __future__ import annotations

from typing import Any

EARLIEST = 7
"""The first supported operator set."""
DOMAINS = ("", "ai.onnx")
"""Names of the domain of ONNX's own operators."""
MICROSOFT = "com.microsoft"

OPERANDS: dict[str, dict[str, int]] = {
    "Clip": {"min": 1, "max": 2},
    "Dropout": {"ratio": 1},
    "Pad": {"pads": 1, "value": 2, "axes": 3},
    "Resize": {"roi": 1, "scales": 2, "sizes": 3},
    "Slice": {"starts": 1, "ends": 2, "axes": 3, "steps": 4},
    "Split": {"split": 1},
    "Squeeze": {"axes": 1},
    "TopK": {"k": 1},
    "Unsqueeze": {"axes": 1},
    "Upsample": {"scales": 1},
    "DFT": {"dft_length": 1, "axis": 2},
    **{
        f"Reduce{kind}": {"axes": 1}
        for kind in ("Mean", "Sum", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSum", "LogSumExp")
    },
}
"""Inputs that were attributes in earlier operator sets, by the attribute's name.

``scales`` of ``Resize`` is input 1 up to operator set 10.
"""

SINCE: dict[tuple[str, str], tuple[tuple[int, Any], ...]] = {
    ("Softmax", "axis"): ((1, 1), (13, -1)),
    ("LogSoftmax", "axis"): ((1, 1), (13, -1)),
    ("Hardmax", "axis"): ((1, 1), (13, -1)),
    ("TopK", "axis"): ((1, -1),),
    ("Split", "axis"): ((1, 0),),
    ("Flatten", "axis"): ((1, 1),),
    ("Resize", "coordinate_transformation_mode"): ((1, "asymmetric"), (11, "half_pixel")),
    ("Resize", "nearest_mode"): ((1, "floor"), (11, "round_prefer_floor")),
    ("BatchNormalization", "momentum"): ((1, 0.9),),
}
"""Defaults of attributes: pairs of an operator set and the value from that set on."""
FLATTENS = {"Softmax": 13, "LogSoftmax": 13, "Hardmax": 13}
"""Operators that flattened all axes from the given one, before this operator set."""


def default(operator: str, attribute: str, opset: int) -> Any:
    """Returns the default of an attribute, or None if it has none in this operator set."""
    value: Any = None
    for since, candidate in SINCE.get((operator, attribute), ()):
        if opset >= since:
            value = candidate
    return value


def operand(operator: str, name: str, opset: int) -> int | None:
    """Returns the index of the input that replaced an attribute of earlier operator sets, or None."""
    if operator == "Resize" and opset < 11:
        return 1 if name == "scales" else None
    return OPERANDS.get(operator, {}).get(name)
