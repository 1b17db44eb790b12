"""Formulas mean what Python means: every element of PyTorch's and ONNX's results against `eval` at its position."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownLambdaType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

import itertools
import math
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort  # type: ignore[import-untyped]  # it has no types
import pytest
import torch
from torch.nn import functional as F

import netspec
from netspec.checking.spec import Spec
from netspec.language.flatten import flat_spec
from netspec.ops.formulas.elementwise_functions import functions
from netspec.weights.formula_values import FUNCTIONS
from netspec.weights.weight_source import SeedSource

from .torch_backend.support import from_text

Array = npt.NDArray[Any]


def single(name: str, x: float) -> float:
    """A function of PyTorch applied to one number."""
    result: float = getattr(F, name)(torch.tensor(float(x), dtype=torch.float64)).item()
    return result


PYTHON: dict[str, Any] = {
    **{name: getattr(math, name) for name in ("sqrt", "log", "log2", "exp", "sin", "cos", "tan", "erf", "floor", "ceil", "pi", "inf")},
    **{
        name: partial(single, name)
        for name in ("silu", "gelu", "sigmoid", "tanh", "softplus", "mish", "selu", "elu", "celu", "relu", "relu6", "softsign", "leaky_relu")
    },
    "hard_sigmoid": lambda x: min(max(x / 6 + 0.5, 0), 1),
    "hard_swish": lambda x: x * min(max(x / 6 + 0.5, 0), 1),
    "scaled_tanh": lambda x: 1.7159 * math.tanh(2 / 3 * x),
    "square": lambda x: x * x,
    "sign": lambda x: (x > 0) - (x < 0),
    "stop_gradient": lambda x: x,
    "true": True,
    "false": False,
    "weights": [0.5, -2.0, 3.25, 1.0, 7.0, 0.0, 2.0, 1.5, 0.25],
}  # fmt: skip
"""What formulas know, as Python has it."""
CONSTANTS: list[tuple[str, dict[str, int], str]] = [
    ("i - 2 * j", {"i": 4, "j": 3}, "int64"),
    ("-i ** 2 + (-i) ** 2 - i % 3 * 2 - -i // 3", {"i": 9}, "int64"),
    ("2 ** -i", {"i": 5}, "float32"),
    ("2 ** i", {"i": 63}, "int64"),
    ("sin(pos / 10000 ** (2 * (i // 2) / 6) + pi / 2 * (i % 2))", {"pos": 50, "i": 6}, "float32"),
    ("(k - q) * 2 ** (-8 * (h + 1) / 4)", {"h": 4, "q": 5, "k": 6}, "float32"),
    ("i <= j < 4 and not (i == 1 or j != 2)", {"i": 4, "j": 5}, "bool"),
    ("0 if j <= i else -inf", {"i": 4, "j": 4}, "float32"),
    ("i if i > 2 else 0.5", {"i": 5}, "float32"),
    ("(i > 2) + (i > 1) * 3", {"i": 5}, "int64"),
    ("min(max(i - 1, 0), 3, j) + abs(i - j)", {"i": 6, "j": 3}, "int64"),
    ("max(0.3 * i, 1)", {"i": 6}, "float32"),
    ("floor(i / 3) + ceil(i / 3) + round(i / 2) + floor(i)", {"i": 9}, "int64"),
    (
        "sqrt(i) + log(i + 1) + log2(i + 1) + exp(-i) + cos(i) + tan(i / 9) + erf(i - 2) + log(i + 1, 10)",
        {"i": 6},
        "float32",
    ),
    ("sign(i - 2) * square(i - 2.5)", {"i": 6}, "float32"),
    ("weights[i] + weights[i // 2 + j]", {"i": 9, "j": 3}, "float32"),
    ("[3, 1, 2][i % 3]", {"i": 7}, "int64"),
    ("7.25", {"i": 3}, "float32"),
    ("silu(2.0) * i", {"i": 3}, "float32"),
    ("7 % (i + 1) - 7 // (i + 1) - (-7) % (i + 1) + (i - 3) % 2.5 + (i - 3) // 2.5", {"i": 6}, "float32"),
    *((f"{name}(i / 2 - 2)", {"i": 9}, "float32") for name in functions() if name not in ("sqrt", "log")),
]
"""Expressions, their positions, and the type of their elements."""


def evaluated(text: str, names: dict[str, Any]) -> Any:
    """The value of an expression by Python itself."""
    code = compile(text, "<formula>", "eval")
    return eval(code, {"__builtins__": {"min": min, "max": max, "abs": abs, "round": round}}, {**PYTHON, **names})


def table(text: str, positions: dict[str, int]) -> Array:
    """The value of an expression at every position."""
    values = [
        evaluated(text, dict(zip(positions, at, strict=True)))
        for at in itertools.product(*map(range, positions.values()))
    ]
    return np.array(values).reshape([*positions.values()])


def run_onnx(graph: netspec.Graph, path: Path, inputs: dict[str, Array]) -> dict[str, Array]:
    """The outputs of the ONNX file in ONNX Runtime."""
    netspec.export(graph, path, to="onnx")
    session = ort.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    actual = session.run(names, inputs)
    return {name: np.asarray(values) for name, values in zip(names, actual, strict=True)}


def constants_spec(size: Any) -> str:
    """A network of all constants, with a function of a position's size."""
    lines = ["params: {weights: [0.5, -2.0, 3.25, 1.0, 7.0, 0.0, 2.0, 1.5, 0.25]}", "layers:", "  x: identity"]
    for number, (text, positions, _) in enumerate(CONSTANTS):
        sizes = ", ".join(f"{name}: {size(n)}" for name, n in positions.items())
        lines.append(f'  c{number}: {{formula: "$({text})", for: {{{sizes}}}}}')
    outputs = ", ".join(["x", *(f"c{number}" for number in range(len(CONSTANTS)))])
    return "\n".join([*lines, f"outputs: [{outputs}]"])


def check_constants(actual: dict[str, Any]) -> None:
    """Compares the outputs of such a network with Python's values."""
    for number, (text, positions, dtype) in enumerate(CONSTANTS):
        expected, values = table(text, positions), np.asarray(actual[f"c{number}"])
        values = values[0] if values.ndim > len(positions) else values
        assert (values.dtype.name, values.shape) == (dtype, expected.shape), text
        tolerance = 2e-7 if dtype == "float32" else 0
        np.testing.assert_allclose(values, expected.astype(dtype), rtol=tolerance, atol=tolerance, err_msg=text)


def test_constants_are_pythons(tmp_path: Path) -> None:
    graph = netspec.loads("netspec: 1\ninput: [2]\n" + constants_spec(str))
    x = np.zeros((1, 2), np.float32)
    with torch.no_grad():
        check_constants(netspec.build(graph)(torch.from_numpy(x)))
    check_constants(run_onnx(graph, tmp_path / "net.onnx", {"input": x}))
    assert not netspec.build(graph).state_dict()


def test_constants_with_named_sizes_are_pythons(tmp_path: Path) -> None:
    graph = netspec.loads(
        "netspec: 1\ndims: {n: {default: 2, min: 2, max: 2}}\ninput: [n]\n"
        + constants_spec(lambda n: f"$({n} + input.shape.0 - 2)")
    )
    x = np.zeros((1, 2), np.float32)
    with torch.no_grad():
        check_constants(netspec.build(graph)(torch.from_numpy(x)))
    check_constants(run_onnx(graph, tmp_path / "net.onnx", {"input": x}))


TENSORS: list[tuple[str, str]] = [
    ("silu(x) * y", "float32"),
    ("x + t", "float32"),
    ("t / 2 + (t // 2) * (t % 3) - t ** 2", "float32"),
    ("t // 2 - t % 3 + -t", "int64"),
    ("x // 0.7 + x % 0.7 + x % -0.7", "float32"),
    ("x if b else y", "float32"),
    ("1 if x > 0.3 and not b else 0", "int64"),
    ("0.5 if x > y else -1", "float32"),
    ("x > 0 or t == 1 != b", "bool"),
    ("b + (x > 0) * 2", "int64"),
    ("floor(3 * x) + ceil(y) - round(2 * x)", "int64"),
    ("min(x, y, 0.5) + max(t, 1) + max(x, -0.2)", "float32"),
    ("sqrt(abs(x)) + log2(abs(y) + 1) + exp(x) + erf(y) + sign(x) + square(t)", "float32"),
    ("sin(2 ** (i - 1) * x) + t * 0.5", "float32"),
    ("x * (i - j) if i > j else t", "float32"),
    ("weights[i] * x + (y if i == 1 else 0)", "float32"),
    ("30 * tanh(x / 30) + stop_gradient(y - x) + gelu(x)", "float32"),
    ("b if x > 0 else t > 1", "bool"),
]


def test_formulas_over_tensors_are_pythons(tmp_path: Path) -> None:
    lines = [
        "netspec: 1",
        "params: {weights: [0.5, -2.0, 3.25]}",
        "inputs: {x: [3, 4], y: [4], t: {shape: [3, 4], dtype: int64}, b: {shape: [1], dtype: bool}}",
        "layers:",
        *(f'  f{k}: {{formula: "$({text})", for: {{i: 3, j: 4}}}}' for k, (text, _) in enumerate(TENSORS)),
        f"outputs: [{', '.join(f'f{k}' for k in range(len(TENSORS)))}]",
    ]
    graph = netspec.loads("\n".join(lines))
    r = np.random.default_rng(0)
    x, y = r.normal(size=(2, 3, 4)).astype(np.float32), r.normal(size=(2, 4)).astype(np.float32)
    t, b = r.integers(-3, 4, (2, 3, 4)), np.array([[True], [False]])
    inputs: dict[str, Array] = {"x": x, "y": y, "t": t, "b": b}
    with torch.no_grad():
        ours = netspec.build(graph)(*map(torch.from_numpy, inputs.values()))
    theirs = run_onnx(graph, tmp_path / "net.onnx", inputs)
    for k, (text, dtype) in enumerate(TENSORS):
        expected = np.empty((2, 3, 4), dtype)
        for n, i, j in itertools.product(range(2), range(3), range(4)):
            names = {
                "x": float(x[n, i, j]),
                "y": float(y[n, j]),
                "t": int(t[n, i, j]),
                "b": bool(b[n, 0]),
                "i": i,
                "j": j,
            }
            expected[n, i, j] = evaluated(text, names)
        for values in (ours[f"f{k}"].numpy(), theirs[f"f{k}"]):
            assert values.dtype.name == dtype, text
            np.testing.assert_allclose(values, expected, rtol=3e-6, atol=3e-6, err_msg=text)


def test_names_with_dots_are_those_of_layers_and_weights() -> None:
    """Layers with dots in their names, weights of layers, and what a block is given."""
    module = netspec.build(
        netspec.loads("""netspec: 1
input: [2, 3]
blocks:
  Mix: {inputs: [x, others.*], layers: {y: {formula: "$(x * others.0 + len(others) * others.0.features)"}}}
layers:
  norm: layer_norm
  fc: {dense: 3, bias: false}
  fc.bias: {parameter: [3]}
  book.0.weight: {parameter: [3]}
  sum: {formula: $(fc + fc.bias + book.0.weight * norm.weight * book.0.weight.features)}
  out: {Mix, from: {others: [norm]}}
""")
    )
    x = torch.randn(4, 2, 3)
    state = {name: torch.randn_like(value) for name, value in module.state_dict().items()}
    module.load_state_dict(state)
    norm = F.layer_norm(x, (3,), state["norm.weight"], state["norm.bias"])
    fc = norm @ state["fc.weight"].T + state["fc.bias"]
    with torch.no_grad():
        torch.testing.assert_close(module(x), (fc + 3 * state["book.0.weight"] * state["norm.weight"]) * norm + 3)


def test_every_function_has_values() -> None:
    assert set(functions()) <= set(FUNCTIONS)


def test_gradients_pass_but_for_those_that_are_stopped() -> None:
    module = netspec.build(
        netspec.loads("netspec: 1\ninput: [3]\nlayers: {y: {formula: $(input ** 2 + stop_gradient(input) * 5)}}")
    )
    x = torch.tensor([[1.0, 2.0, -3.0]], requires_grad=True)
    module(x).sum().backward()
    assert x.grad is not None
    assert torch.equal(x.grad, 2 * x.detach())


@pytest.mark.parametrize("dims", [False, True])
def test_the_flat_spec_has_the_same_formulas(dims: bool) -> None:
    head = "dims: {n: 5}\ninput: [n, 4]" if dims else "input: [5, 4]"
    text = f"""netspec: 1
{head}
layers:
  far: {{formula: $(abs(q - k)), for: {{q: $(input.shape.0), k: $(input.shape.0)}}}}
  near: {{formula: "$(min(far, 3) if far > 1 else -far ** 2)"}}
  waves: {{formula: $(sin(incoming * 2 ** k)), for: {{k: 3, n: 1, c: 1}}}}
  mixed: {{from: {{x: waves}}, formula: "$(x - (x - x) if not (x > 1 and x < 2) else -(x + 2) ** -2)"}}
outputs: [near, mixed]
"""
    graph = netspec.loads(text)
    flat = netspec.loads(flat_spec(graph))
    assert described(flat) == [row for row in described(graph) if row[0] != "far"]


def described(graph: netspec.Graph) -> list[tuple[Any, ...]]:
    """The nodes with the names of their inputs."""
    return [(node.name, repr(node.op), [graph.value_name(v) for v in node.inputs]) for node in graph.nodes]


INITS = """netspec: 1
input: [4, 6]
layers:
  places: {formula: $(sin(t / 10 ** c)), for: {t: 4, c: 6}}
  table: {parameter: [4, 6], init: places, batch_axis: true}
  rates: {parameter: [3, 6], init: {formula: $(log(s + 1)), for: [c, s]}}
  counts: {buffer: [3, 6], dtype: int64, init: {formula: $(s - 2 * c), for: [c, s]}}
  d: {dense: 6, from: input, init: {weight: {formula: $(1 if i == j else -0.5), for: [i, j]}, bias: {formula: $(i / 7), for: [i]}}}
  y: {formula: $(d + table)}
  z: {formula: $(rates * counts)}
outputs: [y, z]
"""


def test_initial_values_are_pythons() -> None:
    graph = netspec.loads(INITS)
    expected = {
        "table": table("sin(t / 10 ** c)", {"t": 4, "c": 6})[None],
        "rates": table("log(s + 1)", {"c": 3, "s": 6}),
        "counts": table("s - 2 * c", {"c": 3, "s": 6}),
        "d.weight": table("1 if i == j else -0.5", {"i": 6, "j": 6}),
        "d.bias": table("i / 7", {"i": 6}),
    }
    values = SeedSource(0)
    state = netspec.build(graph).state_dict()
    assert set(state) == set(expected)
    fresh = from_text(graph).state_dict()
    for parameter in graph.parameters:
        for actual in (values.values(parameter), state[parameter.name].numpy(), fresh[parameter.name].numpy()):
            np.testing.assert_allclose(actual, expected[parameter.name], rtol=1e-6, atol=1e-7)
    assert [p.name for p in graph.parameters if p.trainable] == ["table", "rates", "d.weight", "d.bias"]


def test_equal_constants_are_stored_once(tmp_path: Path) -> None:
    layer = "{inputs: [x], layers: {far: {formula: $(i - j), for: {i: 4, j: 4}}, out: {formula: $(x * far ** 2)}}}"
    graph = netspec.loads(f"netspec: 1\nblocks: {{B: {layer}}}\ninput: [4, 4]\nlayers: {{b: {{B, repeat: 3}}}}")
    netspec.export(graph, tmp_path / "net.onnx")
    model = onnx.load(tmp_path / "net.onnx")
    assert [i.name for i in model.graph.initializer] == ["b.0.out_i_j/table"]
    assert sum(p.elements for p in graph.parameters) == 3 * 16  # those of `far` are in no tensor


def test_what_is_left_out_stands_for_its_first_tensor() -> None:
    graph = netspec.loads("""netspec: 1
input: [6]
layers:
  a: {dense: 6}
  b: {dense: 6, from: input}
  c: {formula: $(i * b + a), for: {i: 6}, when: false}
  d: {formula: $(incoming * 2), repeat: 2}
""")
    assert [graph.value_name(v) for v in graph.node("d.0").inputs] == ["b"]
    assert [graph.value_name(v) for v in graph.node("d.1").inputs] == ["d.0"]


@pytest.mark.parametrize("init", ["{constant: $gain}", "{normal: $(2 * gain)}", "{relative_position_index: [$n]}"])
def test_initialisers_with_expressions_are_no_formulas(init: str) -> None:
    text = f"netspec: 1\nparams: {{gain: 0.5, n: 3}}\ninput: [3, 3]\nlayers:\n  b: {{buffer: [3, 3], dtype: float32, init: {init}}}\n"
    graph = Spec("net.yaml", f"{text}  add: {{add: [input, b]}}\n").elaborate().require_graph()
    assert graph.node("b").weights[0][1].init.kind == init[1:].partition(":")[0]


def test_initialisers_with_an_expression_are_no_constants() -> None:
    graph = netspec.loads("""netspec: 1
params: {window: 3, scale: 0.02, rule: he_normal}
input: [6]
layers:
  index: {buffer: [81], init: {relative_position_index: "$([window, window])"}, dtype: int64}
  a: {dense: 6, from: input, init: {normal: $scale}}
  b: {dense: 6, init: {weight: $rule}}
  c: identity
  taps: {embedding: 25, width: 6, from: index}
outputs: [c, taps]
""")
    inits = {p.name: p.init.kind for p in graph.parameters}
    assert (inits["index"], inits["a.weight"]) == ("relative_position_index", "normal")
    assert inits["b.weight"] == "he_normal"
