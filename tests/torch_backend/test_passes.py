"""From bodies to classes and their text, each pass alone: with small trees, members and graphs as data."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import netspec_torch
from netspec.blocks import ABSENT, DifferentError, Filled
from netspec_torch.classes.constructor_arguments import Argument, annotation, arrange, derive, give_names
from netspec_torch.classes.decide_arguments import complete, value_expression
from netspec_torch.classes.grouping import Classes
from netspec_torch.classes.series import counted_names
from netspec_torch.classes.shared_body import Column, OptionalMember, SharedStep
from netspec_torch.classes.shared_members import share, share_chains
from netspec_torch.library import names as library_names
from netspec_torch.python.constructor import with_input
from netspec_torch.python.containers import item_over_index
from netspec_torch.python.variables import name_results
from netspec_torch.rules.lowered import Default, Make
from netspec_torch.structure.bodies import BodyBuilder
from netspec_torch.structure.body import Body, Chain, Leaf
from netspec_torch.structure.submodules import constructor_call
from netspec_torch.structure.templates import rule_template
from netspec_torch.syntax.expression_trees import REQUIRED, Name, ValueHole
from netspec_torch.syntax.parser import parse_expression
from netspec_torch.syntax.printer import one_line

from .support import UNIT, loads


# -- columns and arguments ----------------------------------------------------------------------------------------
def argument(name: str, *values: object, default: object = REQUIRED) -> Argument:
    """An argument with its values as its key."""
    return Argument(name, default, values, values, annotation(values))


def test_multiples_opposites_and_paddings_follow() -> None:
    dim, hidden, kernel = argument("dim", 4, 8, 16), argument("hidden", 16, 32, 64), argument("kernel_size", 1, 3, 5)
    padding, flag, other = (
        argument("padding", 0, 1, 2, default=0),
        argument("add", True, False, True, default=False),
        argument("pool", False, True, False, default=False),
    )
    derive([dim, hidden, kernel, padding, flag, other], {dim.key: "dim"})
    assert [a.base for a in (dim, kernel, flag)] == [None, None, None]
    assert [a.base for a in (hidden, padding)] == [dim, kernel]
    assert [one_line(with_input(a.derivation, Name("x"))) for a in (hidden, padding, other) if a.derivation is not None] == [
        "4 * x", "x // 2", "not x",
    ]  # fmt: skip
    assert other.base is flag


def test_the_order_of_arguments() -> None:
    given = [argument("a", 1, 2, default=1), argument("b", 3, 4), argument("c", 5, 6), argument("in_channels", 7, 8)]
    arrange(given, {(5, 6): "c"})
    assert [a.name for a in given] == ["in_channels", "c", "b", "a"]


def test_names_of_arguments() -> None:
    given = [argument("i", 1, 2), argument("relu", True, False), argument("train", 1, 2), argument("class", 1, 2)]
    given[2].in_forward = True
    give_names(given, {"relu"}, ["train_"])
    assert [a.name for a in given] == ["i2", "with_relu", "train", "class_"]
    assert given[2].attribute == "train_2"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1, 2), "int"),
        ((1, 0.5), "float"),
        ((1, None), "int | None"),
        ((True, False), "bool"),
        (("a", 1), "int | str"),
        (((1, 2), 3), "int | tuple[int, ...]"),
        (((1, 2.0), (3, 4)), "tuple[float, ...]"),
        ((((1,),), ((2,),)), "tuple[tuple[int, ...], ...]"),
    ],
)
def test_types_of_arguments(values: tuple[object, ...], expected: str) -> None:
    assert one_line(annotation(values)) == expected


@pytest.mark.parametrize(
    ("values", "others", "parameters", "expected"),
    [
        ((1, ABSENT, 3), [], {}, (1, 1, 3)),  # the first
        ((1, ABSENT, 3), [(1, 2, 3)], {}, (1, 2, 3)),  # another argument that is equal elsewhere
        ((1, ABSENT, 3), [(1, 2, 4)], {"p": (1, 5, 3)}, (1, 5, 3)),  # a parameter of the block
        ((1, ABSENT, 1), [(1, 2, 1)], {}, (1, 1, 1)),  # one value needs no other
        ((1, ABSENT, 1), [], {"n": (1, 2, 1)}, (1, 2, 1)),  # but for the parameter of that name
        ((ABSENT, ABSENT), [], {}, (0, 0)),  # the default
    ],
)
def test_values_that_uses_lack(
    values: tuple[object, ...],
    others: list[tuple[object, ...]],
    parameters: dict[str, tuple[object, ...]],
    expected: tuple[object, ...],
) -> None:
    assert complete(values, ValueHole("n", 0), others, parameters.items()) == expected


def test_long_runs_in_tuples() -> None:
    assert one_line(value_expression((1, 2, 3))) == "(1, 2, 3)"
    assert one_line(value_expression((0,) * 96 + (1,))) == "(0,) * 96 + (1,)"


# -- members ------------------------------------------------------------------------------------------------------
def linear(inside: int, outside: int, *, bias: bool = True) -> Leaf:
    """A dense layer."""
    return Leaf(
        constructor_call(
            Make("nn.Linear", {"in_features": inside, "out_features": outside, "bias": Default(bias, True)}), False
        )
    )


def test_columns_of_members() -> None:
    shared = share([linear(3, 4), None, linear(3, 5, bias=False)], {})
    assert isinstance(shared, Leaf)
    assert shared.call.values == ((3, ABSENT, 3), (4, ABSENT, 5), (True, ABSENT, False))


@pytest.mark.parametrize(
    "other",
    [
        Leaf(constructor_call(Make("nn.Linear", {"in_features": 3}), False)),
        Leaf(
            constructor_call(
                Make("nn.Conv2d", {"in_features": 3, "out_features": 4, "bias": Default(True, True)}), False
            )
        ),
        Chain((("0", linear(3, 4)),)),
    ],
)
def test_members_that_differ(other: Leaf | Chain) -> None:
    with pytest.raises(DifferentError):
        share([linear(3, 4), other], {})


def chain(*members: Leaf, places: tuple[int, ...] = (), left_out: tuple[tuple[int, str], ...] = ()) -> Chain:
    """A chain of which ``when`` left items out."""
    return Chain(tuple((str(i), member) for i, member in enumerate(members)), None, places, left_out)


def test_items_left_out_by_their_places() -> None:
    """0 and 2 of a list in one use, 1 and 2 in the other."""
    shared = share_chains(
        [
            chain(linear(1, 2), linear(2, 3), places=(0, 2), left_out=((1, "deep"),)),
            chain(linear(7, 8), linear(8, 9), places=(1, 2), left_out=((0, "wide"),)),
        ],
        {},
    )
    assert [type(item) for _, item in shared.items] == [OptionalMember, OptionalMember, Leaf]
    flags = [item.flag for _, item in shared.items if isinstance(item, OptionalMember)]
    assert flags == [Column(ValueHole("wide", True), (True, False)), Column(ValueHole("deep", True), (False, True))]


def test_chains_of_other_lists() -> None:
    for first, other in [
        (chain(linear(1, 2)), chain(linear(1, 2), linear(2, 3))),
        (chain(linear(1, 2), places=(0,), left_out=((1, ""),)), chain()),
    ]:
        with pytest.raises(DifferentError):
            share_chains([first, other], {})


def test_names_that_count() -> None:
    assert counted_names(["block1", "block2"]) == ("block", 1)
    assert counted_names(["p2d3", "p2d4"]) == ("p2d", 3)
    for names in (["a1", "b2"], ["a1", "a3"], ["1", "2"], ["a", "b"], []):
        assert counted_names(names) is None


def test_items_over_an_index() -> None:
    item = item_over_index([parse_expression(f"Layer({n}, {2 * n}, 7)") for n in (3, 4, 5)], 1)
    assert item is not None
    assert one_line(item) == "Layer(2 + i, 4 + 2 * i, 7)"
    assert item_over_index([parse_expression(f"Layer({n})") for n in (3, 4, 6)], 0) is None


# -- classes ------------------------------------------------------------------------------------------------------
def classes(text: str) -> Classes:
    """The classes of a spec."""
    return Classes(BodyBuilder(loads(text), library_names()).root(), library_names(), "net")


def test_classes() -> None:
    every = classes(UNIT)
    assert [(cls.name, len(cls.bodies)) for cls in every.order] == [("Unit", 2), ("Net", 1)]
    unit = every.order[0]
    assert [(a.name, a.values, a.default) for a in unit.arguments] == [
        ("step", (1, 2), 1),
        ("pool", (False, True), False),
    ]
    assert unit.content.steps[-1].flag == Column(ValueHole("pool", False), (False, True))


def test_blocks_within_themselves_come_inside_out() -> None:
    text = (
        "name: net\ninput: [4]\nblocks:\n  A: {params: {n: int}, layers: [{B: $n}, relu]}\n  B: {params: {n: int}, layers: [{dense: $n}, tanh]}\n"
        "layers: [{A: 3}, {B: 5}, {A: 7}]\n"
    )
    assert [cls.name for cls in classes(text).order] == ["B", "A", "Net"]


# -- variables ----------------------------------------------------------------------------------------------------
def shared(
    reads: Sequence[int], results: Sequence[int], *titles: str, flag: bool = False, overwrites: bool = False
) -> SharedStep:
    """A step of a class."""
    column = Column(ValueHole("flag"), (True, False)) if flag else None
    return SharedStep(
        Filled(rule_template("f({0})").template),
        tuple(reads),
        tuple(results),
        titles,
        (),
        0,
        overwrites,
        reads[0],
        column,
    )


@pytest.mark.parametrize(
    ("steps", "kept", "names"),
    [
        ([shared([0], [1], "a"), shared([1], [2], "b")], [2], [["x"], ["x"]]),  # one after the other
        ([shared([0], [1], "a"), shared([1, 0], [2], "b")], [2], [["out"], ["x"]]),  # a short skip
        (
            [shared([0], [1], "a"), shared([1], [2], "b"), shared([2, 1], [3], "c")],
            [3],
            [["a"], ["x"], ["x"]],
        ),  # one that is named
        (
            [shared([0], [1], "a"), shared([0], [2], "b"), shared([1, 2], [3], "c")],
            [3],
            [["a"], ["x"], ["x"]],
        ),  # two branches
        ([shared([0], [1, 2], "h", "c"), shared([1, 2], [3], "d")], [3], [["h", "c"], ["x"]]),  # several results
        ([shared([0], [1, 2], "h", "c"), shared([1], [3], "d")], [3], [["x", "_"], ["x"]]),  # one of them unused
        ([shared([0], [1], "a"), shared([1, 0], [2], "b", overwrites=True)], [2], [["out"], ["out"]]),
        (
            [shared([0], [1], "a"), shared([1], [2], "b", flag=True), shared([2, 0], [3], "c")],
            [3],
            [["out"], ["out"], ["x"]],
        ),
    ],
)
def test_names_of_values(steps: list[SharedStep], kept: list[int], names: list[list[str]]) -> None:
    assert name_results(steps, kept, {0: "x"}, ()) == names


# -- all of them --------------------------------------------------------------------------------------------------
def test_text() -> None:
    text = netspec_torch.source(loads(UNIT))
    start = text.index("class Unit(")
    assert (
        text[start : text.index("\n\n\n", start)]
        == """\
class Unit(nn.Module):
    def __init__(self, step: int = 1, pool: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, stride=step, padding=1)
        self.act = nn.ReLU(inplace=True)
        self.pool = nn.MaxPool2d(2) if pool else None

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        x = self.act(x)
        if self.pool is not None:
            x = self.pool(x)  # (4, 2, 2)
        return x"""
    )


def test_an_empty_body_has_no_uses() -> None:
    assert list(Body("net").uses()) == []


EITHER = """
name: net
input: [4, 8, 8]
blocks:
  Unit:
    params: {step: 1}
    layers:
      conv: {conv2d: 4, kernel: 3, stride: $step, padding: 1}
      pool: {max_pool2d: 2, from: input, when: $(step == 2)}
      join: {concat: [conv, pool], when: $(step == 2)}
      add: {add: input, when: $(step == 1)}
layers:
  a: {Unit}
  b: {Unit, step: 2}
"""


def test_layers_that_exactly_the_other_uses_have() -> None:
    """Two flags, of which one is the other's opposite, and one ``if`` for all steps."""
    unit = classes(EITHER).order[0]
    assert [(a.name, a.values) for a in unit.arguments] == [("step", (1, 2)), ("add", (True, False))]
    assert [(a.name, a.values, a.base) for a in unit.derived] == [("pool", (False, True), unit.arguments[1])]
    text = netspec_torch.source(loads(EITHER))
    start = text.index("    def __init__(self, step")
    assert (
        text[start : text.index("\n\n\n", start)]
        == """\
    def __init__(self, step: int = 1, add: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, stride=step, padding=1)
        self.pool = nn.MaxPool2d(2) if not add else None

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv(x)
        if self.pool is not None:
            x = self.pool(x)  # (4, 4, 4)
            out = torch.cat((out, x), dim=1)  # (8, 4, 4)
        else:
            out += x  # (4, 8, 8)
        return out"""
    )


def test_tensors_and_first_values_of_some_uses() -> None:
    graph = loads("""
name: net
input: [4, 6]
blocks:
  Scaled:
    params: {n: 0}
    layers:
      scale: {parameter: [$n], init: ones, when: $(n > 0)}
      table: {buffer: [6], init: zeros, when: $(n > 0)}
      scaled: {multiply: [input, scale], when: $(n > 0)}
      moved: {add: [scaled, table], when: $(n > 0)}
      fc: {dense: 6, init: he_normal, when: $(n > 0)}
      act: tanh
layers: [{Scaled, n: 6}, Scaled]
""")
    text = netspec_torch.source(graph)
    start = text.index("        self.scale =")
    assert (
        text[start : text.index("\n\n\n", start)]
        == """\
        self.scale = nn.Parameter(torch.ones(6)) if scaled else None
        self.register_buffer("table", torch.zeros(6) if scaled else None)
        self.fc = nn.Linear(6, 6) if scaled else None
        if scaled:
            nn.init.kaiming_normal_(self.fc.weight, nonlinearity="relu")
        self.act = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        if self.scaled:
            x = x * self.scale  # (4, 6)
            x = x + self.table
            x = self.fc(x)
        return self.act(x)"""
    )
