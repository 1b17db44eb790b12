"""Runs PyTorch in double precision, including explicit conversions to single precision."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode


class _Widened(TorchDispatchMode):  # type: ignore[no-untyped-call] # torch has no types here
    """Replaces every requested float32 by float64: ``x.float()``, ``zeros(3, dtype=float32)``."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        keywords = {key: _widened(value) for key, value in (kwargs or {}).items()}
        return func(*[_widened(value) for value in args], **keywords)


def _widened(value: Any) -> Any:
    return torch.float64 if value is torch.float32 else value


@contextmanager
def double_precision() -> Generator[None]:
    """Makes PyTorch compute in float64 in the context, by default and wherever float32 is requested."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with _Widened():  # type: ignore[no-untyped-call] # as above
            yield
    finally:
        torch.set_default_dtype(before)


def widened(tensor: torch.Tensor) -> torch.Tensor:
    """Converts a float32 tensor to float64."""
    return tensor.detach().to(torch.float64) if tensor.dtype is torch.float32 else tensor.detach()
