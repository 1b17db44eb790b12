"""Python statements as trees of the writer, read from text or drawn at random."""

from __future__ import annotations

import ast
from random import Random

from netspec_torch.syntax.expression_trees import (
    Attribute,
    Call,
    Expression,
    Index,
    Keyword,
    ListExpression,
    Literal,
    Name,
    Slice,
    TupleExpression,
    binary,
)
from netspec_torch.syntax.parser import OPERATORS, converted
from netspec_torch.syntax.statements import Assign, Evaluate, Return, Statement


def statement(text: str) -> Statement:
    """The tree of a statement."""
    function = ast.parse(f"def f():\n    {text}").body[0]
    assert isinstance(function, ast.FunctionDef)
    match node := function.body[0]:
        case ast.Assign(targets=[target], value=value):
            targets = target.elts if isinstance(target, ast.Tuple) else [target]
            return Assign(tuple(map(converted, targets)), converted(value))
        case ast.AugAssign(target, operator, value):
            return Assign((converted(target),), converted(value), OPERATORS[type(operator)])
        case ast.AnnAssign(target=target, annotation=annotation, value=ast.expr() as value):
            return Assign((converted(target),), converted(value), annotation=converted(annotation))
        case ast.Return(value=ast.Tuple(items)):
            return Return(TupleExpression(tuple(map(converted, items)), bare=True))
        case ast.Return(value=ast.expr() as value):
            return Return(converted(value))
        case ast.Expr(value):
            return Evaluate(converted(value))
        case _:
            raise TypeError(ast.dump(node))


NAMES = ("x", "out", "branch1", "self.conv1", "attention_weights", "scaled_and_shifted", "self.p2", "key")


def random_name(r: Random) -> Expression:
    """A variable, or an attribute of the class."""
    owner, _, name = r.choice(NAMES).rpartition(".")
    return Attribute(Name(owner), name) if owner else Name(name)


def random_owner(r: Random, depth: int) -> Expression:
    """Something that may have attributes and be indexed."""
    while isinstance(tree := random_expression(r, depth), Literal):
        pass
    return tree


def random_expression(r: Random, depth: int) -> Expression:
    """Any expression, so many levels deep."""
    kind = r.random()
    if depth == 0 or kind < 0.2:
        return r.choice([random_name(r), Literal(r.randrange(1000)), Literal(r.choice(["zeros", "a text"]))])

    def several(least: int, most: int) -> tuple[Expression, ...]:
        return tuple(random_expression(r, depth - 1) for _ in range(r.randint(least, most)))

    if kind < 0.5:
        keywords = (
            Keyword(f"{r.choice(['dim', 'stride', 'padding', 'keepdim'])}{n}", random_expression(r, depth - 1))
            for n in range(r.randint(0, 2))
        )
        function = Name(r.choice(["F.relu", "torch.cat", "nn.Conv2d", "convolution_with_a_name", "f"]))
        method = Attribute(random_owner(r, depth - 1), r.choice(["movedim", "flatten", "reshape"]))
        return Call(r.choice([function, method]), (*several(0, 4), *keywords))
    if kind < 0.6:
        return Attribute(random_owner(r, depth - 1), r.choice(["shape", "weight"]))
    if kind < 0.7:
        indices = [Slice(), Literal(None), Literal(2), Slice(Literal(1), Literal(5))]
        return Index(random_owner(r, depth - 1), tuple(r.choice(indices) for _ in range(r.randint(1, 3))))
    if kind < 0.8:
        return TupleExpression(several(1, 5))
    if kind < 0.85:
        return ListExpression(several(1, 4))
    return binary(random_expression(r, depth - 1), r.choice("+-*/@"), random_expression(r, depth - 1))


def random_statement(r: Random) -> Statement:
    """An assignment, or what a function returns."""
    value = random_expression(r, r.randint(2, 4))
    statements: list[Statement] = [
        Return(value),
        Assign((Name("x"),), value),
        Assign((Name("q"), Name("k")), value),
        Assign((Attribute(Name("self"), "layer_of_attention"),), value),
    ]
    return r.choice(statements)
