"""Options of an ONNX file, and their valid combinations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import get_args

from netspec.backend import BackendError, OnnxDtype
from netspec.diagnostics import clip
from netspec.ir import Graph

FIRST_OPSET, LAST_OPSET = 13, 23
"""The operator sets that are supported and tested."""

DEFAULT_OPSET = 20
"""The default operator set has ``Gelu`` and ``LayerNormalization`` and is supported since ONNX Runtime 1.17."""

BFLOAT16_SINCE = 22
"""The first operator set whose convolution, pooling and recurrent operators accept bfloat16."""

MIN_IR = {13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11}
"""The IR version introduced with each operator set."""

MAX_IR = 11

DTYPES = get_args(OnnxDtype)


@dataclass(frozen=True)
class Options:
    """Options of an ONNX file.

    Args:
        opset: version of the ONNX operator set, 13 to 23; by default 20, or 22 for bfloat16.
        ir_version: version of the file format; by default the one introduced with the operator set.
        dtype: element type that replaces the spec's own; None keeps that.
        weights: whether the file contains the weights; otherwise they are inputs of the graph.
        external_data: whether to store weights in a separate data file; None does so if the model would exceed 2 GiB.
        optimize: whether to fold batch normalisation into the previous layer, and to omit operations without effect in
            inference.
        functions: whether to write blocks as ONNX functions.
        batch: the number of examples; by default it is dynamic, with the symbol ``N``.

    Raises:
        BackendError: NS711, an unknown version or type; NS712, options that cannot be combined.
    """

    opset: int | None = None
    ir_version: int | None = None
    dtype: OnnxDtype | None = None
    weights: bool = True
    external_data: bool | None = None
    optimize: bool = False
    functions: bool = False
    batch: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("opset", self.opset), ("ir_version", self.ir_version)):
            if value is not None and type(value) is not int:
                raise BackendError("NS711", f"{name} must be an integer; found {clip(repr(value))}")
        for name in ("weights", "external_data", "optimize", "functions"):
            value = getattr(self, name)
            if type(value) is not bool and not (name == "external_data" and value is None):
                raise BackendError("NS711", f"{name} must be true or false; found {clip(repr(value))}")
        if self.batch is not None and (type(self.batch) is not int or self.batch < 1):
            raise BackendError("NS711", f"batch must be a positive integer; found {clip(repr(self.batch))}")
        if self.dtype is not None and self.dtype not in DTYPES:
            raise BackendError("NS711", f"dtype must be {', '.join(DTYPES[:-1])} or {DTYPES[-1]}; found '{self.dtype}'")
        if self.opset is not None and not FIRST_OPSET <= self.opset <= LAST_OPSET:
            raise BackendError("NS711", f"opset must be from {FIRST_OPSET} to {LAST_OPSET}; found {self.opset}")
        if self.dtype == "bfloat16":
            self._check_bfloat16()
        lowest = MIN_IR[self.operators]
        if self.functions:
            lowest = max(lowest, 8)
        if self.ir_version is not None and not lowest <= self.ir_version <= MAX_IR:
            raise BackendError(
                "NS712",
                f"ir_version must be from {lowest} to {MAX_IR} with opset {self.operators}; found {self.ir_version}",
            )

    def for_graph(self, graph: Graph) -> Options:
        """Returns the options for a graph; bfloat16 values require a later operator set.

        Raises:
            BackendError: NS712, a given operator set is too old.
        """
        dtypes = {x.dtype for x in graph.values} - ({graph.dtype} if self.dtype is not None else set())
        if self.dtype == "bfloat16" or "bfloat16" not in dtypes:
            return self
        if self.opset is None:
            return replace(self, opset=BFLOAT16_SINCE)
        self._check_bfloat16()
        return self

    def _check_bfloat16(self) -> None:
        """Raises BackendError NS712 unless the operator set supports bfloat16."""
        if self.operators < BFLOAT16_SINCE:
            raise BackendError(
                "NS712",
                f"bfloat16 needs opset {BFLOAT16_SINCE} or later; found {self.operators}",
                f"omit --opset, or use {BFLOAT16_SINCE}",
            )

    @property
    def operators(self) -> int:
        """The operator set to use."""
        if self.opset is not None:
            return self.opset
        return BFLOAT16_SINCE if self.dtype == "bfloat16" else DEFAULT_OPSET

    @property
    def ir(self) -> int:
        """The IR version to use."""
        if self.ir_version is not None:
            return self.ir_version
        return max(MIN_IR[self.operators], 8 if self.functions else 0)
