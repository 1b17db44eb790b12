"""What can be chosen about the file, and what of it goes together."""

from __future__ import annotations

from dataclasses import dataclass

from netspec.backend import BackendError

FIRST_OPSET, LAST_OPSET = 13, 23
"""The operator sets that rules are written and tested for."""

DEFAULT_OPSET = 20
"""Has ``Gelu`` and ``LayerNormalization``, and is read by ONNX Runtime since 1.17."""

BFLOAT16_SINCE = 22
"""The first operator set in which convolution, pooling and the recurrent operators take bfloat16."""

LEAST_IR = {13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11}
"""The IR version that came with each operator set."""

LAST_IR = 11

DTYPES = ("float32", "float16", "bfloat16")


@dataclass(frozen=True)
class Options:
    """What the file is to be.

    Args:
        opset: version of the ONNX operator set, 13 to 23; by default 20, or 22 for bfloat16.
        ir_version: version of the file format; by default the one that came with the operator set.
        dtype: element type that takes the place of float32.
        weights: whether the file holds the weights; without, they are inputs of the graph.
        external_data: whether weights go into a file beside; None means when it would exceed 2 GiB.
        optimize: folds batch normalisation into the layer before it, drops what does nothing in inference.
        functions: keeps blocks as ONNX functions.

    Raises:
        BackendError: NS711, a version or type that there is not; NS712, two that do not go together.
    """

    opset: int | None = None
    ir_version: int | None = None
    dtype: str = "float32"
    weights: bool = True
    external_data: bool | None = None
    optimize: bool = False
    functions: bool = False

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            raise BackendError("NS711", f"dtype must be {', '.join(DTYPES[:-1])} or {DTYPES[-1]}; found '{self.dtype}'")
        if self.opset is not None and not FIRST_OPSET <= self.opset <= LAST_OPSET:
            raise BackendError("NS711", f"opset must be from {FIRST_OPSET} to {LAST_OPSET}; found {self.opset}")
        if self.dtype == "bfloat16" and self.operators < BFLOAT16_SINCE:
            raise BackendError(
                "NS712", f"bfloat16 needs opset {BFLOAT16_SINCE} or later; found {self.operators}",
                f"leave --opset out, or give {BFLOAT16_SINCE}",
            )
        least = LEAST_IR[self.operators]
        if self.functions:
            least = max(least, 8)
        if self.ir_version is not None and not least <= self.ir_version <= LAST_IR:
            raise BackendError(
                "NS712", f"ir_version must be from {least} to {LAST_IR} with opset {self.operators}; "
                f"found {self.ir_version}",
            )

    @property
    def operators(self) -> int:
        """The operator set in use."""
        if self.opset is not None:
            return self.opset
        return BFLOAT16_SINCE if self.dtype == "bfloat16" else DEFAULT_OPSET

    @property
    def ir(self) -> int:
        """The IR version in use."""
        if self.ir_version is not None:
            return self.ir_version
        return max(LEAST_IR[self.operators], 8 if self.functions else 0)
