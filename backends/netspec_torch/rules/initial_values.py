"""Initial values of tensors as source text: ``torch.nn.init`` and other functions."""

from __future__ import annotations

from netspec.ops.common.init_argument import TABLES
from netspec.ops.weight import Init
from netspec.shapes.sizes import Size
from netspec.shapes.types import HALF

from ..syntax.literals import brief, literal
from .lowered import Lowered, expression, numbered

NAMED = {
    "zeros": "zeros_({0})",
    "ones": "ones_({0})",
    "he_normal": 'kaiming_normal_({0}, nonlinearity="relu")',
    "he_uniform": 'kaiming_uniform_({0}, nonlinearity="relu")',
    "xavier_normal": "xavier_normal_({0})",
    "xavier_uniform": "xavier_uniform_({0})",
    "lecun_normal": 'kaiming_normal_({0}, nonlinearity="linear")',
    "orthogonal": "orthogonal_({0})",
    "identity": "eye_({0})",
    "dirac": "dirac_({0})",
}


def init_for_rank(init: Init, rank: int) -> Init:
    """Returns the initialiser under PyTorch's name; an identity with more than two axes is ``dirac_``."""
    return Init("dirac") if init.kind == "identity" and rank > 2 else init


def table(init: Init, tensor: str) -> str:
    """Returns a statement that fills a tensor."""
    if init.kind == "formula":
        from .formulas import number_text  # few networks have formulas

        return f"{tensor}.data.copy_({number_text(init.args[0])})"
    if init.kind == "values":
        return f"nn.init.zeros_({tensor}).data.add_(torch.tensor({brief(init.args[0])}))"
    return "nn.init." + _function(init, [literal(a) for a in init.args]).replace("{0}", tensor)


def _function(init: Init, numbers: list[str]) -> str:
    """Returns a call of a ``torch.nn.init`` function with the given arguments."""
    kind = init.kind
    if kind == "constant":
        return f"constant_({{0}}, {numbers[0]})"
    if kind == "normal":
        return f"normal_({{0}}, std={numbers[0]})"
    if kind == "truncated_normal":
        twice = literal(2 * float(init.args[0])) if numbers[0] == literal(init.args[0]) else f"2 * {numbers[0]}"
        return f"trunc_normal_({{0}}, std={numbers[0]}, a=-{twice}, b={twice})"
    if kind == "uniform":
        return f"uniform_({{0}}, -{numbers[0]}, {numbers[0]})"
    return NAMED[kind]


def computed(init: Init, shape: tuple[Size, ...], dtype: str) -> Lowered:
    """Returns an expression that computes a table of run-time size on the device of the input."""
    sizes, holes = numbered("axis", shape)
    to = "device=device_of_input" if dtype == "float32" else f"dtype=torch.{dtype}, device=device_of_input"
    kind = init.kind
    if kind == "shifted_window_mask":
        size, window, shift = init.args
        arguments: list[str] = []
        for name, values in (("size", size), ("window", window), ("shift", shift)):
            text, more = numbered(name, values)
            arguments.append(f"({text}{',' if len(values) == 1 else ''})")
            holes |= more
        text = f"shift_mask({', '.join(arguments)}, device_of_input).reshape({sizes})"
        if dtype != "float32":
            text += f".to(torch.{dtype})"
        return expression(text, **holes)
    packed = f"({sizes}{',' if len(shape) == 1 else ''})"
    value = {"zeros": 0, "ones": 1}.get(kind)
    if value is not None:
        return expression(f"torch.{kind}({sizes}, {to})", **holes)
    if kind == "constant":
        return expression(f"torch.full({packed}, {{value}}, {to})", **holes, value=init.args[0])
    raise TypeError(f"the sizes of a table of {kind} are fixed")


def filled(init: Init, numbers: list[str], sizes: list[str], dtype: str) -> str:
    """Returns an expression for a new tensor with initial values.

    Args:
        init: the initialiser.
        numbers: its arguments as text.
        sizes: sizes of the tensor as text.
        dtype: type of the elements.
    """
    kind = init.kind
    shape = ", ".join(sizes) or "()"
    packed = f"({shape}{',' if len(sizes) == 1 else ''})" if sizes else "()"
    rest = "" if dtype == "float32" else f", dtype=torch.{dtype}"
    if kind in ("zeros", "ones"):
        return f"torch.{kind}({shape}{rest})"
    if kind == "constant":
        return f"torch.full({packed}, {numbers[0]}{rest})"
    if kind == "values":
        return f"torch.tensor({numbers[0]}, dtype=torch.{dtype})"
    if kind == "norm":
        return f"torch.norm_except_dim({numbers[1]}.detach(), 2, {numbers[0]})"
    if kind == "singular_vector":
        return f"singular_vector({numbers[2]}, {numbers[1]}, {numbers[0]})"
    if kind in TABLES:
        to = "" if dtype == ("int64" if kind == "relative_position_index" else "float32") else f".to(torch.{dtype})"
        return f"{kind}({', '.join(numbers)}).reshape({shape}){to}"
    if dtype in HALF:  # some distributions do not support half precision
        return "nn.init." + _function(init, numbers).replace("{0}", f"torch.empty({shape})") + f".to(torch.{dtype})"
    return "nn.init." + _function(init, numbers).replace("{0}", f"torch.empty({shape}{rest})")
