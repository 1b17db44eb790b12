"""Layers of ``torch.nn`` with weights."""

from __future__ import annotations

from typing import Any

from ..functions import elementwise, indexing, norm, products, spatial
from ..functions.arguments import spread
from ..simulated.run import current
from ..simulated.tensors import Tensor
from .module_base import WeightedLayer, optional, weight


class Convolution(WeightedLayer):
    """``nn.Conv1d`` and similar classes."""

    axes = 2
    transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        output_padding: Any = 0,
    ) -> None:
        super().__init__()
        n = self.axes
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = (spread(v, n) for v in (kernel_size, stride, dilation))
        self.padding, self.output_padding, self.padding_mode = (
            spread(padding, n),
            spread(output_padding, n),
            padding_mode,
        )
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = weight(first, second // groups, *self.kernel_size)
        self.register_parameter("bias", optional(bias, out_channels))

    def forward(self, x: Tensor, output_size: Any = None) -> Tensor:
        """The convolution."""
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            x = spatial.pad(x, tuple(p for p in reversed(self.padding) for _ in range(2)), self.padding_mode)
            padding = 0
        return spatial.convolution(
            x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups,
            transposed=self.transposed, output_padding=self.output_padding,
        )  # fmt: skip


class TransposedConvolution(Convolution):
    """``nn.ConvTranspose1d`` and similar classes; the order of the arguments differs."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
        padding_mode: str = "zeros",
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
            padding_mode,
            output_padding,
        )


class Linear(WeightedLayer):
    """``nn.Linear``."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = weight(out_features, in_features)
        self.register_parameter("bias", optional(bias, out_features))

    def forward(self, x: Tensor) -> Tensor:
        """The product."""
        return products.linear(x, self.weight, self.bias)


class Bilinear(WeightedLayer):
    """``nn.Bilinear``."""

    def __init__(self, in1_features: int, in2_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = weight(out_features, in1_features, in2_features)
        self.register_parameter("bias", optional(bias, out_features))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """The product."""
        return products.bilinear(x, y, self.weight, self.bias)


class Embedding(WeightedLayer):
    """``nn.Embedding``."""

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None) -> None:
        super().__init__()
        self.weight = weight(num_embeddings, embedding_dim)

    def forward(self, index: Tensor) -> Tensor:
        """Rows of the table."""
        return indexing.embedding(index, self.weight)


class BatchNorm(WeightedLayer):
    """``nn.BatchNorm1d`` and similar classes."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True) -> None:
        super().__init__()
        dtype = current().default_dtype
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.register_parameter("weight", optional(affine, num_features))
        self.register_parameter("bias", optional(affine, num_features))
        self.register_buffer("running_mean", Tensor((num_features,), dtype))
        self.register_buffer("running_var", Tensor((num_features,), dtype))
        self.register_buffer("num_batches_tracked", Tensor((), "int64"))

    def forward(self, x: Tensor) -> Tensor:
        """The normalised input."""
        return norm.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, self.training)


class InstanceNorm(WeightedLayer):
    """``nn.InstanceNorm1d`` and similar classes, without running statistics."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = False) -> None:
        super().__init__()
        self.register_parameter("weight", optional(affine, num_features))
        self.register_parameter("bias", optional(affine, num_features))

    def forward(self, x: Tensor) -> Tensor:
        """The normalised input."""
        return norm.instance_norm(x, weight=self.weight, bias=self.bias)


class LayerNorm(WeightedLayer):
    """``nn.LayerNorm``."""

    def __init__(
        self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True
    ) -> None:
        super().__init__()
        self.normalized_shape = spread(normalized_shape, 1)
        self.register_parameter("weight", optional(elementwise_affine, *self.normalized_shape))
        self.register_parameter("bias", optional(elementwise_affine and bias, *self.normalized_shape))

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input."""
        return norm.layer_norm(input, self.normalized_shape, self.weight, self.bias)


class RMSNorm(LayerNorm):
    """``nn.RMSNorm``."""

    def __init__(self, normalized_shape: Any, eps: float | None = None, elementwise_affine: bool = True) -> None:
        super().__init__(normalized_shape, 0.0, elementwise_affine, False)

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input."""
        return norm.rms_norm(input, self.normalized_shape, self.weight)


class GroupNorm(WeightedLayer):
    """``nn.GroupNorm``."""

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True) -> None:
        super().__init__()
        self.num_groups = num_groups
        self.register_parameter("weight", optional(affine, num_channels))
        self.register_parameter("bias", optional(affine, num_channels))

    def forward(self, x: Tensor) -> Tensor:
        """The normalised input."""
        return norm.group_norm(x, self.num_groups, self.weight, self.bias)


class PReLU(WeightedLayer):
    """``nn.PReLU``."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        super().__init__()
        self.weight = weight(num_parameters)

    def forward(self, x: Tensor) -> Tensor:
        """The activation."""
        return norm.prelu(x, self.weight)


class Dropout(WeightedLayer):
    """``nn.Dropout``."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Returns the input, multiplied by noise in training."""
        return elementwise.dropout(x, self.p, self.training)


class DropoutOfChannels(Dropout):
    """``nn.Dropout2d`` and similar classes."""

    def forward(self, x: Tensor) -> Tensor:
        """Returns the input, multiplied by noise per channel in training."""
        return elementwise.dropout_of_channels(x, self.p, self.training)


class RNNBase(WeightedLayer):
    """``nn.RNNBase``: the weights of recurrent layers."""

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = bias, batch_first, dropout, bidirectional
        rows = {"LSTM": 4, "GRU": 3}.get(mode, 1) * hidden_size
        names: list[str] = []
        for layer in range(num_layers):
            size = input_size if layer == 0 else hidden_size * (2 if bidirectional else 1)
            for end in ("", "_reverse") if bidirectional else ("",):
                shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, size), "weight_hh": (rows, hidden_size)}
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
                for name, shape in shapes.items():
                    names.append(f"{name}_l{layer}{end}")
                    self.register_parameter(names[-1], weight(*shape))
        self.weight_names = names

    @property
    def _flat_weights(self) -> list[Tensor]:
        return [getattr(self, name) for name in self.weight_names]
