"""The operation ``chebyshev`` for netspec: all that is known of it without PyTorch or ONNX."""

from __future__ import annotations

from netspec.ops import Op
from netspec.ops.argument import argument
from netspec.ops.base import Example, Types
from netspec.ops.common.shared_arguments import UNITS
from netspec.ops.common.validators import COUNT
from netspec.ops.derivation import product
from netspec.ops.registered import register
from netspec.ops.weight import Init, Weight
from netspec.shapes.reads import Reads, reads_except
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.sizes import Size, require_known
from netspec.shapes.types import CHANNELS, TensorType

register("chebyshev", torch="netspec_chebyshev.torch_function:chebyshev", onnx="netspec_chebyshev.onnx_rule:chebyshev")


class Chebyshev(Op):
    """Sums of Chebyshev polynomials of the features along the last axis, a learned layer (SS et al. 2024)."""

    primary = "units"
    examples = (Example("[784]", "{chebyshev: 32, degree: 4}"),)
    size_rule = "`units` along the last axis; the other axes stay the same"
    macs_rule = "the features times the polynomials, for each output element"
    weights_rule = "`coefficients` (features, degree + 1, units)"

    units: int = UNITS
    degree: int = argument(COUNT, "the greatest degree of the polynomials", default=3)

    def features(self, x: TensorType) -> int:
        """Size of the last axis."""
        if not x.rank:
            raise ShapeError("NS501", f"'{self.name}' works along the last axis; there is none")
        n = x.shape[-1]
        message = f"'{self.name}' needs a known number of features; found {n}"
        return require_known(n, lambda: ShapeError("NS590", message, at=((0, x.rank - 1),)))

    def infer(self, *inputs: TensorType) -> Types:
        """The last axis becomes ``units`` long, and the channel axis."""
        x = inputs[0]
        self.features(x)
        before = tuple("" if name == CHANNELS else name for name in x.axes[:-1])
        return (TensorType((*x.shape[:-1], self.units), x.dtype, (*before, CHANNELS)),)

    def weights(self, *inputs: TensorType) -> tuple[Weight, ...]:
        """``coefficients``, one for each feature, polynomial and unit."""
        n = self.features(inputs[0])
        return (
            Weight("coefficients", (n, self.degree + 1, self.units), Init("normal", (1 / (n * (self.degree + 1)),))),
        )

    def macs(self, inputs: Types, outputs: Types) -> Size:
        """A product for each coefficient, at every position."""
        return outputs[0].elements * (self.features(inputs[0]) * (self.degree + 1))

    def macs_expression(self, inputs: Types, outputs: Types) -> str | None:
        """The same as text."""
        return product(self.features(inputs[0]), self.degree + 1, *outputs[0].shape)

    def reads(self, inputs: Types, outputs: Types, output: int = 0) -> Reads:
        """All features, position by position along the other axes."""
        return (reads_except(inputs[0], inputs[0].rank - 1),)
