"""Elementwise functions and arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from ..simulated.nodes import count_in_place, fresh, fresh_for_each, make, needs_graph, record, rewrite, ungraded
from ..simulated.run import current
from ..simulated.tensors import Backward, Gradients, Tensor, elementwise_stride, float32_cast_needed, result_type
from ..simulated.types import broadcast_shape, is_floating

Number: TypeAlias = "bool | int | float"


def to(x: Tensor, dtype: object = None, **_: Any) -> Tensor:
    """``Tensor.to``, ``Tensor.type``: a copy if the type changes; a device or tensor argument is interpreted, too."""
    if isinstance(dtype, Tensor):
        dtype = dtype.dtype
    if not isinstance(dtype, str) or x.dtype == dtype:
        return x
    shape, old = x.shape, x.dtype
    stride = x.stride if x.is_dense else None

    def backward(g: Tensor) -> list[Tensor]:
        return [g if g.dtype == old else Tensor(shape, old, g.stride if g.is_dense else None)]

    if not is_floating(dtype):
        return ungraded(Tensor(x.shape, dtype, stride), [x], "ToCopy")
    return make(x.shape, dtype, [x], backward, "ToCopy", stride=stride)


def to_float32(x: Tensor) -> Tensor:
    """Casts an argument of a function that autocast runs in single precision."""
    return to(x, "float32") if float32_cast_needed(x) else x


def by_nothing(x: Tensor, name: str) -> Tensor:
    """A function whose derivative needs neither its input nor its result."""
    dtype = x.dtype
    return make(
        x.shape,
        x.dtype,
        [x],
        lambda g: [Tensor(g.shape, dtype, elementwise_stride(g))],
        name,
        stride=elementwise_stride(x),
    )


PARTS = {
    "Sin": 1, "Cos": 2, "Tan": 2, "Abs": 1, "Log2": 1, "Log1p": 1, "Expm1": 1, "Sqrt": 1, "Rsqrt": 2, "Reciprocal": 2,
    "Erf": 4,
}  # fmt: skip
"""Number of temporary tensors of some derivatives, in addition to the result.

Those in one C++ expression live until its end (``grad * -self.sin()`` has two).
"""


def _by_parts(x: Tensor, name: str) -> Backward:
    """Returns the backward pass of an elementwise function, including the temporaries of its derivative."""
    count, whole = PARTS.get(name, 0), fresh(x)
    if not count:
        return whole
    shape, dtype = x.shape, _float(x)

    def backward(g: Tensor) -> Gradients:
        parts = [Tensor(shape, dtype) for _ in range(count)]
        gradients = whole(g)
        del parts
        return gradients

    return backward


def by_input(x: Tensor, name: str, *, inplace: bool = False) -> Tensor:
    """A function that saves its input; in place, it saves a copy of the overwritten input."""
    if inplace:
        old = None
        if needs_graph(x):
            old = Tensor(x.shape, x.dtype, elementwise_stride(x))
        return overwrite(x, [old], fresh(x), name)
    return make(x.shape, _float(x), [x], _by_parts(x, name), name, saved=[x], stride=elementwise_stride(x))


def by_output(x: Tensor, name: str, *, inplace: bool = False) -> Tensor:
    """A function that saves its result."""
    if inplace:
        return overwrite(x, [x], fresh(x), name)
    out = Tensor(x.shape, _float(x), elementwise_stride(x))
    return record(out, [x], [out], _by_parts(x, name), name)


def overwrite(x: Tensor, saved: Sequence[Tensor | None], backward: Backward, name: str) -> Tensor:
    """Applies a function in place."""
    count_in_place(x, saved, name)
    rewrite(x, [], saved, backward, name)
    return x


def _float(x: Tensor) -> str:
    return x.dtype if is_floating(x.dtype) else "float32"


def _stride(x: Tensor, shape: Sequence[int]) -> Any:
    """Returns the strides of an arithmetic result: those of the first operand if it has the result's shape."""
    return elementwise_stride(x) if x.shape == tuple(shape) else None


def add(a: Any, b: Any, *, name: str = "Add", alpha: Number = 1, inplace: bool = False) -> Tensor:
    """``a + b``, and ``a - b`` under another name."""
    plus = name == "Add"
    first, second = (a, b) if isinstance(a, Tensor) else (b, a)
    assert isinstance(first, Tensor)
    other = second if isinstance(second, Tensor) else None
    shape = broadcast_shape(first.shape, other.shape) if other is not None else first.shape
    inputs = [first, other]

    def backward(g: Tensor) -> list[Tensor | None]:
        return [g, g if plus else Tensor(g.shape, g.dtype)] if inputs_needed[1] else [g, None]

    inputs_needed = [x is not None and x.requires_grad for x in inputs]
    if inplace:
        count_in_place(first, [other], name)
        rewrite(first, [other], [], backward, name)
        return first
    stride = _stride(first, shape)
    if stride is None and other is not None:
        stride = _stride(other, shape)
    return make(shape, result_type(first, second), inputs, backward, name, stride=stride)


def subtract(a: Any, b: Any) -> Tensor:
    """``a - b``."""
    return add(a, b, name="Sub")


def add_in_place(a: Tensor, b: Any) -> Tensor:
    """``a += b``."""
    return add(a, b, inplace=True)


def multiply(a: Any, b: Any) -> Tensor:
    """``a * b``: each tensor operand is saved for the gradient of the other."""
    if not isinstance(a, Tensor):
        a, b = b, a
    if not isinstance(b, Tensor):
        return make(a.shape, result_type(a, b), [a], fresh(a), "Mul", stride=elementwise_stride(a))
    shape, dtype = broadcast_shape(a.shape, b.shape), result_type(a, b)
    needed = (a.requires_grad, b.requires_grad)
    saved = [b if needed[0] else None, a if needed[1] else None]
    stride = _stride(a, shape)
    if stride is None:
        stride = _stride(b, shape)
    return make(
        shape,
        dtype,
        [a, b],
        lambda g: [Tensor(shape, dtype) if n else None for n in needed],
        "Mul",
        saved=saved,
        stride=stride,
    )


def divide(a: Any, b: Any) -> Tensor:
    """``a / b``."""
    if not isinstance(a, Tensor):
        return multiply(by_output(b, "Reciprocal"), a)
    if not isinstance(b, Tensor):
        return make(a.shape, result_type(a, float(b)), [a], fresh(a), "Div", stride=elementwise_stride(a))
    shape, dtype = broadcast_shape(a.shape, b.shape), result_type(a, b, 1.0)
    needed = (a.requires_grad, b.requires_grad)

    def backward(g: Tensor) -> list[Tensor | None]:
        first = Tensor(shape, dtype) if needed[0] else None
        parts = [Tensor(shape, dtype) for _ in range(2)] if needed[1] else []
        second = Tensor(shape, dtype) if needed[1] else None
        del parts  # temporaries of one C++ expression live until its end
        return [first, second]

    return make(shape, dtype, [a, b], backward, "Div", saved=[b, a if needed[1] else None], stride=_stride(a, shape))


def power(x: Any, exponent: Any) -> Tensor:
    """``x ** exponent``."""
    if not isinstance(x, Tensor):  # a number to the power of a tensor saves its result
        return by_output(to_float32(exponent), "Pow")
    x = to_float32(x)
    shape, dtype = x.shape, x.dtype
    if isinstance(exponent, Tensor):
        out = Tensor(broadcast_shape(x.shape, exponent.shape), result_type(x, exponent), _stride(x, x.shape))
        return record(out, [x, exponent], [x, exponent, out], fresh_for_each(x, exponent), "Pow")

    def backward(g: Tensor) -> list[Tensor]:
        parts = Tensor(shape, dtype), Tensor(shape, dtype)
        out = Tensor(shape, dtype)
        del parts  # temporaries of one C++ expression live until its end
        return [out]

    return make(shape, dtype, [x], backward, "Pow", saved=[x], stride=elementwise_stride(x))


def square(x: Tensor) -> Tensor:
    """``Tensor.square``."""
    return power(x, 2)


def negate(x: Tensor) -> Tensor:
    """``-x``."""
    return by_nothing(x, "Neg")


def without_gradient(dtype: str | None = None) -> Callable[..., Tensor]:
    """Comparisons, logic and other functions that have no gradient."""

    def run(*values: Any, **_: Any) -> Tensor:
        tensors = [v for v in values if isinstance(v, Tensor)]
        shape = broadcast_shape(*(t.shape for t in tensors))
        out = Tensor(shape, dtype or result_type(*tensors), _stride(tensors[0], shape))
        return ungraded(out, tensors, "Compare")

    return run


compare = without_gradient("bool")


def clamp(x: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """``Tensor.clamp``."""
    if is_floating(x.dtype):
        return by_input(x, "Clamp")
    return ungraded(Tensor(x.shape, x.dtype, elementwise_stride(x)), [x], "Clamp")


def masked_fill(x: Tensor, mask: Tensor, value: Any) -> Tensor:
    """``Tensor.masked_fill``."""
    return make(broadcast_shape(x.shape, mask.shape), x.dtype, [x], fresh(x), "MaskedFill", saved=[mask])


def where(condition: Tensor, a: Any = None, b: Any = None) -> Any:
    """``torch.where`` with two values. A number counts as a zero-dimensional tensor."""
    tensors = [v if isinstance(v, Tensor) else Tensor((), _type_of(v)) for v in (a, b)]
    shape = broadcast_shape(condition.shape, *(t.shape for t in tensors))
    saved = [condition] if any(t.requires_grad for t in tensors) else []
    return make(shape, result_type(*tensors), tensors, fresh(*tensors), "Where", saved=saved)


def _type_of(value: Number) -> str:
    return "bool" if isinstance(value, bool) else "int64" if isinstance(value, int) else "float32"


def maximum(a: Tensor, b: Tensor) -> Tensor:
    """``torch.maximum``, ``torch.minimum``."""
    return make(
        broadcast_shape(a.shape, b.shape),
        result_type(a, b),
        [a, b],
        fresh(a, b),
        "Maximum",
        saved=[a, b],
        stride=_stride(a, a.shape),
    )


def keeps_input(name: str, *, wide: bool = False) -> Callable[..., Tensor]:
    """An activation that saves its input; autocast runs ``wide`` ones in single precision."""

    def run(x: Tensor, *_: Any, inplace: bool = False, **__: Any) -> Tensor:
        return by_input(to_float32(x) if wide else x, name, inplace=inplace)

    return run


def keeps_output(name: str, *, wide: bool = False) -> Callable[..., Tensor]:
    """An activation that saves its result."""

    def run(x: Tensor, *_: Any, inplace: bool = False, **__: Any) -> Tensor:
        return by_output(to_float32(x) if wide else x, name, inplace=inplace)

    return run


def keeps_output_in_place(name: str) -> Callable[..., Tensor]:
    """An activation that saves its input, or its result if it runs in place: ``leaky_relu``, ``elu``."""

    def run(x: Tensor, *_: Any, inplace: bool = False, **__: Any) -> Tensor:
        return by_output(x, name, inplace=True) if inplace else by_input(x, name)

    return run


def softsign(x: Tensor) -> Tensor:
    """``F.softsign``, which is a composite of other functions."""
    return divide(x, add(by_input(x, "Abs"), 1))


def softmax(x: Tensor, dim: int | None = None, **_: Any) -> Tensor:
    """``F.softmax``; its result is contiguous."""
    x = to_float32(x)
    out = Tensor(x.shape, x.dtype)
    return record(out, [x], [out], fresh(x), "Softmax")


def glu(x: Tensor, dim: int = -1) -> Tensor:
    """``F.glu``."""
    shape = list(x.shape)
    shape[dim] //= 2
    return make(shape, x.dtype, [x], fresh(x), "Glu", saved=[x])


def dropout(x: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """``F.dropout``: a boolean mask on CUDA, noise of the input's type on the CPU."""
    if p == 0 or not training:
        return x
    if current().device == "cuda" and p < 1:
        mask = Tensor(x.shape, "bool", elementwise_stride(x))
        return make(x.shape, x.dtype, [x], fresh(x), "NativeDropout", saved=[mask], stride=elementwise_stride(x))
    noise = ungraded(Tensor(x.shape, x.dtype, elementwise_stride(x)), [], "Bernoulli")
    count_in_place(noise, [], "Div")  # by the probability of keeping an element
    return multiply(x, noise)


def dropout_of_channels(x: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """``F.dropout2d`` and similar functions."""
    if p == 0 or not training:
        return x
    return multiply(x, Tensor((*x.shape[:2], *(1,) * (x.ndim - 2)), x.dtype))


def fill_in_place(x: Tensor, *_: Any, **__: Any) -> Tensor:
    """An in-place function without autograd: ``zero_``, or ``copy_`` to buffers."""
    return x


def keeps_nothing(name: str) -> Callable[[Tensor], Tensor]:
    """A function whose derivative needs no tensor."""
    return partial(by_nothing, name=name)


def cast_to(dtype: str) -> Callable[[Tensor], Tensor]:
    """A cast to a type: ``Tensor.float``."""
    return partial(to, dtype=dtype)


HARDTANH = keeps_input("Hardtanh")
ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "relu": keeps_output("Relu"), "relu6": HARDTANH, "gelu": keeps_input("Gelu"), "silu": keeps_input("Silu"),
    "mish": keeps_input("Mish"), "hardsigmoid": keeps_input("HardSigmoid"), "hardswish": keeps_input("HardSwish"),
    "leaky_relu": keeps_output_in_place("LeakyRelu"), "elu": keeps_output_in_place("Elu"),
    "celu": keeps_output_in_place("Celu"), "selu": keeps_output_in_place("Selu"),
    "softplus": keeps_input("Softplus", wide=True), "softsign": softsign, "softmax": softmax, "log_softmax": softmax,
    "glu": glu, "dropout": dropout,
}  # fmt: skip
METHODS: dict[str, Callable[..., Any]] = {
    "add": add, "add_": add_in_place, "sub": subtract, "mul": multiply, "div": divide, "pow": power, "square": square,
    "abs": keeps_input("Abs"), "sign": keeps_nothing("Sign"), "floor": keeps_nothing("Floor"),
    "round": keeps_nothing("Round"), "ceil": keeps_nothing("Ceil"), "log": keeps_input("Log", wide=True),
    "log2": keeps_input("Log2", wide=True), "log1p": keeps_input("Log1p", wide=True),
    "exp": keeps_output("Exp", wide=True), "expm1": keeps_output("Expm1", wide=True), "sqrt": keeps_output("Sqrt"),
    "rsqrt": keeps_output("Rsqrt", wide=True), "reciprocal": keeps_output("Reciprocal", wide=True),
    "sigmoid": keeps_output("Sigmoid"), "tanh": keeps_output("Tanh"), "sin": keeps_input("Sin"),
    "cos": keeps_input("Cos"), "tan": keeps_output("Tan", wide=True), "erf": keeps_input("Erf"),
    "relu": keeps_output("Relu"), "clamp": clamp, "clamp_min": clamp, "clamp_max": clamp, "masked_fill": masked_fill,
    "softmax": softmax, "log_softmax": softmax, "tril": without_gradient(), "triu": without_gradient(), "to": to,
    "type": to, "float": cast_to("float32"), "double": cast_to("float64"), "long": cast_to("int64"),
    "int": cast_to("int32"), "bool": cast_to("bool"), "type_as": to, "maximum": maximum, "minimum": maximum,
    "zero_": fill_in_place, "copy_": fill_in_place, "fill_": fill_in_place, "logical_not": compare,
    "logical_and": compare, "isnan": compare,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{f"F.{name}": function for name, function in ACTIVATIONS.items()},
    **{
        f"torch.{name}": METHODS[name]
        for name in (
            "sigmoid", "tanh", "relu", "exp", "log", "log2", "sqrt", "rsqrt", "abs", "sin", "cos", "square", "clamp",
            "softmax", "pow", "sign", "floor", "erf", "add", "mul", "div", "sub",
        )
    },
    "torch.maximum": maximum, "torch.minimum": maximum, "torch.where": where,
}  # fmt: skip
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "**": power,
    "//": lambda a, b: by_nothing(a, "FloorDivide"), "%": lambda a, b: by_nothing(a, "Remainder"),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), compare), "&": without_gradient(), "|": without_gradient(),
}  # fmt: skip
