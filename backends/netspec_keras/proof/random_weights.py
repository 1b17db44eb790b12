"""Random values for the variables of a model, with the magnitude of trained ones."""

from __future__ import annotations

import math
import zlib
from typing import Any

from ..tensors import Variable

GAIN = 1.4
"""Variance gain of kernels, between 1 (for layers without activation) and 2 (for layers before a ReLU)."""


class RandomStore:
    """Random values of variables by name, which are reproducible and differ between variables."""

    def read(self, variable: Variable) -> Any:
        """Returns a float32 array; gains differ from 1, shifts from 0, and statistics are plausible."""
        import numpy as np

        generator = np.random.default_rng(zlib.crc32(f"{variable.store} {variable.number}".encode()))
        name, shape = variable.name.rpartition(".")[2], variable.shape
        if name == "count":
            return np.ones(shape, np.float32)
        if name in ("moving_variance", "variance"):
            return generator.uniform(0.5, 1.5, shape).astype(np.float32)
        if name in ("gamma", "scale"):
            return generator.uniform(0.7, 1.3, shape).astype(np.float32)
        if len(shape) < 2 or name in ("bias", "alpha"):
            return generator.normal(0, 0.1, shape).astype(np.float32)
        if name == "embeddings":
            return generator.normal(0, 1, shape).astype(np.float32)
        inputs = math.prod(shape[:-1]) // (shape[-2] if "depthwise" in name else 1)
        return (generator.normal(0, math.sqrt(GAIN / max(inputs, 1)), shape)).astype(np.float32)
