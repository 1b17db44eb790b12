"""The settings of a forecast: the batch, the optimiser, types, the device and what is checkpointed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from netspec.backend import MemorySettings
from netspec.diagnostics import Error, clip, did_you_mean

from .simulated.run import AttentionKernel
from .simulated.types import HALVES


@dataclass(frozen=True, slots=True)
class Optimizer:
    """Memory that an optimiser needs besides weights and gradients, as multiples of the gradients' bytes.

    Attributes:
        title: display name.
        states: what it keeps between steps.
        step: temporary memory during a step over lists of all tensors (``foreach=True``, PyTorch's default on CUDA).
        counts: whether it keeps a step counter for each tensor, which stays on the CPU.
    """

    title: str
    states: int
    step: int
    counts: bool = True


OPTIMIZERS: dict[str, Optimizer] = {
    "adamw": Optimizer("AdamW", 2, 1),
    "adam": Optimizer("Adam", 2, 1),
    "sgd": Optimizer("SGD", 0, 0, False),
    "momentum": Optimizer("SGD with momentum", 1, 0, False),
    "rmsprop": Optimizer("RMSprop", 1, 1),
    "adagrad": Optimizer("Adagrad", 1, 2),
}
"""Optimisers of ``torch.optim`` with their default arguments, and SGD with a momentum."""
DTYPES = ("float32", "bfloat16", "float16")
KERNELS: tuple[AttentionKernel, ...] = ("math", "efficient", "flash")
MAX_BATCH = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(MemorySettings):
    """Validated settings of a forecast."""

    def check(self) -> None:
        """Raises Error NS823 for an unsupported value."""
        if not 1 <= self.batch <= MAX_BATCH:
            raise Error("NS823", f"the batch must be from 1 to {MAX_BATCH:,}; found {self.batch:,}")
        for what, value, known in (
            ("optimizer", self.optimizer, tuple(OPTIMIZERS)),
            ("dtype", self.dtype, DTYPES),
            ("amp", self.amp, HALVES),
            ("device", self.device, ("cuda", "cpu")),
            ("attention", self.attention, KERNELS),
        ):
            if value is not None and value not in known:
                help_ = did_you_mean(str(value), known) or f"{what} is one of {', '.join(known)}"
                raise Error("NS823", f"there is no {what} '{clip(value)}'", help_)
        if self.amp is not None and self.dtype in HALVES:
            raise Error("NS823", "amp is for weights in single precision", "give amp or dtype, not both")
        if self.amp is not None and self.device == "cpu":
            raise Error("NS823", "amp is forecast on CUDA alone: autocast casts in other places on the CPU")
        if self.attention is not None and self.device == "cpu" and self.attention != "math":
            raise Error(
                "NS823", f"the kernel '{self.attention}' runs on CUDA only", "leave attention out, or choose math"
            )

    def kernel(self, dtype: str) -> AttentionKernel:
        """Returns the attention kernel for inputs of a type: PyTorch's choice, unless one is given."""
        if self.attention is not None:
            return cast(AttentionKernel, self.attention)
        if self.device == "cpu":
            return "cpu"
        return "flash" if (self.amp or dtype) in HALVES else "efficient"
