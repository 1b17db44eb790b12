"""Python as a tree: read from the text of rules, and printed as ruff's formatter leaves it."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from random import Random

import pytest

from netspec.blocks import Template
from netspec_torch.syntax.documents import WIDTH
from netspec_torch.syntax.expression_trees import (
    Attribute,
    Call,
    Expression,
    Index,
    Input,
    Keyword,
    ListExpression,
    Literal,
    Member,
    Name,
    Slice,
    TupleExpression,
    ValueHole,
    binary,
    call,
)
from netspec_torch.syntax.lines import function_lines, statement_lines
from netspec_torch.syntax.parser import parse
from netspec_torch.syntax.printer import one_line
from netspec_torch.syntax.statements import Assign, Evaluate, Function, If, Parameter, Return, Statement

from .trees import random_statement, statement

X = Name("x")


@pytest.mark.parametrize(("text", "tree"), [
    ("{self}({0})", Call(Member(()), (Input(0),))),
    ("{0} += {1}", Assign((Input(0),), Input(1), "+")),
    ("F.pad({0}, ({pad0}, {pad1}))", call("F.pad", Input(0), TupleExpression((ValueHole("pad0"), ValueHole("pad1"))))),
    ("({0} + {1}) / 2", binary(binary(Input(0), "+", Input(1)), "/", Literal(2))),
    ("{0} - {1} + 1", binary(binary(Input(0), "-", Input(1)), "+", Literal(1))),
    ("{0}[:, None, -1]", Index(Input(0), (Slice(), Literal(None), Literal(-1)))),
    ("{0}.flatten(1, dim=-2)", Call(Attribute(Input(0), "flatten"), (Literal(1), Keyword("dim", Literal(-2))))),
])  # fmt: skip
def test_reading_the_text_of_a_rule(text: str, tree: Expression) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize("text", [
    "x", "-x", "not x", "-3", "(-3) ** 2", "(x,)", "()", "a.b.c[0, 1:, ::2]", "x[*y,]", "(a + b) * (c @ d)", "a - (b - c)",
    "a if b is not None else c", "(a if b else c) + 1", "[f(x) for x in range(3)]", "f(x for x in y)", "f(*a, b=1)",
    '{"a": 1, "b": (2,)}', 'f"a{i + 1}"', "(a + b).sum(1)", "nn.init.zeros_(x)",
])  # fmt: skip
def test_reading_and_printing(text: str) -> None:
    tree = parse(text)
    assert not isinstance(tree, Assign)
    assert one_line(tree) == text


def test_literals_are_compared_with_their_types() -> None:
    assert len({Literal(1), Literal(True), Literal(1.0)}) == 3
    assert Literal(0.0) != Literal(-0.0)
    assert Template(ValueHole("n", default=0)) != Template(ValueHole("n", default=False))


LONG = [
    "x = " + " + ".join(f"value{i}" for i in range(20)),
    "return torch.cat((" + ", ".join(f"branch{i}" for i in range(20)) + "), dim=1)",
    'check_shape(tokens, "tokens", (50,))',
    'x = f("a, (b", "]", ' + ", ".join(f'"text{i}"' for i in range(20)) + ")",
    "self.downsample = Projection(in_channels, out_channels, stride=stride, groups=groups) if downsample else None",
    "x = self.downsample_of_the_shortcut(x) if self.downsample_of_the_shortcut is not None else the_input_of_it",
    'super().__init__(OrderedDict((f"denselayer_with_a_long_name{i}", DenseLayer(32 + 32 * i)) for i in range(1, 7)))',
    "x = F.scaled_dot_product_attention(query[:, None], key[:, None], value[:, None], attn_mask=mask_of_them[:, 0])",
    "self.a = ConnectedConv2d(24, ((" + ", ".join(map(str, range(30))) + "),), (1, 1))",
    "scaled_and_shifted_by_channel = scaled_and_shifted_by_channel_before @ another[:, None, None]",
    "x = out * per_channel(separa0, (1.6, -0.53, 1.79, 1.74, 0.86, 1.84, 1.84, 1.74, 0.25), 1)",
    "x = scaled_and_shifted_by_channel_and_by_position_and_by_nothing_else * per_channel(before, (1.6, -0.53, 1.79), 1)",
    "x = per_channel(out, (1.6, -0.53, 1.79, 1.74, 0.86, 1.84, 1.84), 1) * scaled_and_shifted",
    "x = per_channel(out, (1.6, -0.53, 1.79, 1.74, 0.86, 1.84, 1.84), 1) + per_channel(out, (1.6, -0.53, 1.79, 1.74), 1)",
    "x = out * per_channel(out, (1.6, -0.53, 1.79, 1.74, 0.86, 1.84, 1.84, 1.85, 12.5), 1) + 0.57",
    "x = self.conv_with_a_long_name(self.another_convolution(x)).movedim(1, -1).clamp(min=0.5)[0]",
    "x = self.conv_with_a_long_name(self.another_convolution_of_it(x), more).movedim(1, -1) + 1.5",
    "x = self.conv_with_a_long_name(self.another_convolution(x)).movedim(1, -1).expand(x.shape[0], -1) + y",
    "return torch.cat((table[None].expand(another_input.shape[0], -1, -1, -1, -1, -1).movedim(100, 2), x))",
    'return {"out0": scaled_and_shifted_by_channel * per_channel(out, (1.6, -0.53, 1.79, 1.74, 0.86), 1), "b": c}',
    "x = self.lstm(out, self.p1[None].expand(out.shape[0], -1, -1), self.p2.expand(out.shape[0], -1, -1))[0]",
    "x, y = self.lstm(out, self.p1[None].expand(out.shape[0], -1, -1), self.p2[None])[0][:1]",
    "x += self.depthw2(out.unflatten(1, (6, -1)).flatten(0, 1)).unflatten(0, (-1, 6)).flatten(1, 2)",
    'self.register_buffer("a", torch.tensor([[(' + ", ".join(map(str, range(40))) + "),]]))",
]


def by_ruff(text: str) -> str:
    """A text as ruff formats it."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return done.stdout


def function(statements: list[str]) -> str:
    """Statements as the text of a method."""
    return "\n".join(["class A:", "    def f(self):", *statements, ""])


@pytest.mark.parametrize("text", LONG)
def test_long_lines(text: str) -> None:
    """Broken where ruff breaks them, and saying the same."""
    lines = statement_lines(statement(text), 8)
    assert ast.dump(ast.parse(textwrap.dedent("\n".join(lines)))) == ast.dump(ast.parse(text))
    assert function(lines) == by_ruff(function(lines))
    assert all(len(line) <= WIDTH for line in lines)


@pytest.mark.parametrize("function", [
    Function("__init__", (Parameter("self"), *(Parameter(f"argument{i}", Name("int"), i) for i in range(8))), Name("None"),
             (Evaluate(call("super().__init__")),)),
    Function("forward", (Parameter("self"), *(Parameter(f"the_input{i}", Name("Tensor")) for i in range(3))),
             Index(Name("dict"), (Name("str"), Name("Tensor"))), (Return(X),)),
    Function("f", (Parameter("a"), Parameter("b", default="c")), Name("None"), (If(X, (Return(X),), (Evaluate(X),)),)),
    Function("f", (Parameter("a"),), Name("None"), (
        If(call("a_long_condition", *(Name(f"argument_{i}") for i in range(9))), (Return(X),)),)),
])  # fmt: skip
def test_functions(function: Function) -> None:
    text = "\n".join(function_lines(function, 0)) + "\n"
    assert text == by_ruff(text)


@pytest.mark.parametrize("statement", [
    Return(Call(X, (X, X), one_per_line=True)),
    Assign((Attribute(Name("self"), "a"),), Call(Name("nn.Sequential"), tuple(call("nn.Linear", Literal(n)) for n in range(9)), True)),
    Assign((X,), ListExpression((X,), one_per_line=True), "+"),
    Assign((X,), ListExpression((X, X), one_per_line=True), annotation=Name("list[nn.Module]")),
])  # fmt: skip
def test_one_item_a_line(statement: Statement) -> None:
    """Where it is asked for, though there would be room."""
    lines = statement_lines(statement, 8)
    assert len(lines) > 2
    assert function(lines) == by_ruff(function(lines))


@pytest.mark.parametrize(("tree", "lines"), [
    (Assign((X,), call("f", X), comment="(3)"), ["x = f(x)  # (3)"]),
    (Return(call("f", Name("a" * 70)), comment="(3, 224, 224)"), [f"return f({'a' * 70})"]),
    (Return(call("f", *(Name(f"argument_{i}") for i in range(7)))),
     ["return f(", "    argument_0, argument_1, argument_2, argument_3, argument_4, argument_5, argument_6", ")"]),
    (Return(TupleExpression((X, X), bare=True)), ["return x, x"]),
    (Assign((X, Name("y")), X), ["x, y = x"]),
    (Assign((Attribute(Name("self"), "a"),), binary(Name("a" * 50), "@", Name("b" * 40))),
     ["self.a = (", f"    {'a' * 50}", f"    @ {'b' * 40}", ")"]),
    (If(X, (Return(X),), (Evaluate(X),)), ["if x:", "    return x", "else:", "    x"]),
])  # fmt: skip
def test_statements(tree: Statement, lines: list[str]) -> None:
    assert statement_lines(tree, 0) == lines


@pytest.mark.parametrize("seed", range(4))
def test_random_statements(seed: int) -> None:
    """Ruff would change none of them."""
    r = Random(seed)
    statements = [random_statement(r) for _ in range(400)]
    text = (
        "\n\n\n".join(f"def f{i}(self):\n" + "\n".join(statement_lines(s, 4)) for i, s in enumerate(statements)) + "\n"
    )
    assert text.split("\n\n\n") == by_ruff(text).split("\n\n\n")


def test_a_sum_of_thousands_of_terms() -> None:
    tree = parse(" + ".join(f"{{{i}}}" for i in range(2500)))
    assert not isinstance(tree, Assign)
    filled = Template(tree)
    assert filled.holes == ()
    lines = statement_lines(Return(parse(" + ".join(f"x{i}" for i in range(2500)))), 8)
    assert lines == [
        "        return (",
        "            x0",
        *(f"            + x{i}" for i in range(1, 2500)),
        "        )",
    ]
