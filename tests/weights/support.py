"""Parameters built by hand."""

from __future__ import annotations

from netspec.ir import Parameter
from netspec.ops.weight import ZEROS, Init


def parameter(
    *shape: int, init: Init = ZEROS, name: str = "layer.weight", dtype: str = "float32", persistent: bool = True
) -> Parameter:
    """A parameter with that shape."""
    return Parameter(name, shape, init, dtype=dtype, persistent=persistent)


def sampled(*shape: int, kind: str = "normal", args: tuple[object, ...] = (1.0,), **more: str) -> Parameter:
    """A parameter with that initialiser."""
    return parameter(*shape, init=Init(kind, args), **more)  # type: ignore[arg-type]  # only texts are passed here


NAMED = ("he_normal", "he_uniform", "xavier_normal", "xavier_uniform", "lecun_normal")
EVERY_KIND = [
    Init("zeros"), Init("ones"), Init("constant", (0.1,)), Init("uniform", (0.3,)), Init("normal", (0.02,)),
    Init("truncated_normal", (0.02,)), *(Init(kind) for kind in NAMED), Init("orthogonal"), Init("identity"),
]  # fmt: skip
