"""Uses of a block that differ in items left out, in length, or in the parity of a padding are of one class."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

import netspec_torch
from netspec.ir import Graph

from .support import check_facts, check_source, check_training, loads, random_inputs

BLOCKS = """
input: [4, 8, 8]
blocks:
  Unit:
    params: {filters: int, kernel: 1, groups: 1}
    layers:
      - {conv2d: $filters, kernel: $kernel, padding: $(kernel // 2), groups: $groups, bias: false}
      - batch_norm
      - relu
  Squeeze:
    params: {width: int}
    layers:
      pool: {adaptive_avg_pool2d: 1}
      fc1: {conv2d: $width, kernel: 1, activation: relu}
      fc2: {conv2d: $(input.channels), kernel: 1, activation: sigmoid}
      multiply: {multiply: input}
  Block:
    params: {filters: int, expand: 2, se: true, hidden: $(input.channels * expand)}
    layers:
      inner:
        - {Unit: $hidden, when: $(expand != 1)}
        - {Unit: $hidden, kernel: 3, groups: $hidden}
        - {Squeeze: 2, when: $se}
        - {conv2d: $filters, kernel: 1}
        - batch_norm
      add: {add: input, when: $(input.channels == filters)}
  Chain:
    params: {rate: 0.0}
    layers:
      - {conv2d: 6, kernel: 1}
      - {dropout: $rate, when: $(rate > 0)}
      - {batch_norm, when: $(input.channels != 4)}
      - {relu, when: $(input.channels != 4)}
  Started:
    params: {norm: true}
    layers:
      inner: [{batch_norm, when: $norm}, {conv2d: 4, kernel: 1, init: he_normal}, relu]
      out: tanh
  Either:
    params: {small: true}
    layers:
      inner: [{conv2d: 4, kernel: 1, when: $small}, {max_pool2d: 3, stride: 1, padding: 1, when: $(not small)}, relu]
      out: tanh
  Three:
    params: {filters: int, drop: int, add: true}
    layers:
      inner:
        - {Unit: $filters, when: $(drop != 0)}
        - {Unit: $filters, kernel: 3, when: $(drop != 1)}
        - {Squeeze: 2, when: $(drop != 2)}
      add: {add: [inner, inner], when: $add}
  V1: {layers: [{conv2d: 4, kernel: 1}]}
  V2: {layers: [{conv2d: 4, kernel: 1}, relu]}
  V3: {layers: [{conv2d: 4, kernel: 1}, tanh]}
  V4: {layers: [{conv2d: 4, kernel: 1}, batch_norm]}
  V5: {layers: [{conv2d: 4, kernel: 1}, sigmoid]}
  Sets:
    params: {has: text}
    layers:
      inner:
        - {V1, when: $(has == '134' or has == '125' or has == '123')}
        - {V2, when: $(has == '245' or has == '125' or has == '123')}
        - {V3, when: $(has == '134' or has == '123')}
        - {V4, when: $(has == '134' or has == '245')}
        - {V5, when: $(has == '245' or has == '125')}
      add: {add: [inner, inner]}
  Fused:
    params: {filters: int, expand: 2}
    layers:
      inner:
        - {Unit: $(input.channels * expand), kernel: 3, when: $(expand != 1)}
        - {Unit: $filters, when: $(expand != 1)}
        - {Unit: $filters, kernel: 3, when: $(expand == 1)}
      add: {add: input, when: $(input.channels == filters)}
  Grow: {layers: {conv: {conv2d: 3, kernel: 1}, join: {concat: [input, conv]}}}
  Dense:
    params: {depth: int}
    layers:
      part$(index + 1): {Grow, repeat: $depth}
  Wide: {params: {i: int}, layers: {conv: {conv2d: $i, kernel: 1}}}
  Counted:
    params: {i: int, n: int}
    layers:
      first: {conv2d: $i, kernel: 1}
      rest: {layers: {part$(index): {Wide: $i, repeat: $n}}}
  Odd:
    params: {Unit: int, PaddedConv2d: int}
    layers:
      one: {Unit: $Unit}
      two: {Unit: $PaddedConv2d, kernel: 3}
      three: {conv2d: $Unit, kernel: 2, padding: same}
  Halve: {layers: {conv: {conv2d: $((input.channels + 1) // 2), kernel: 1}}}
  Halves:
    params: {depth: int}
    layers:
      half$(index): {Halve, repeat: $depth}
  Same:
    params: {stride: 1, mode: zeros}
    layers:
      - {conv2d: 4, kernel: 3, stride: $stride, padding: same, padding_mode: $mode}
      - {depthwise_conv2d: 3, stride: $stride, padding: same}
layers:
"""
COUNT = 60
"""Random blocks in an ordinary run."""
CASES: dict[str, tuple[str, dict[str, int]]] = {
    "first": ("a: {Block: 4, expand: 1}\n  b: {Block: 4}", {"Block": 1}),
    "first, seldom there": ("a: {Block: 4, expand: 1}\n  b: {Block: 4}\n  c: {Block: 4, expand: 1}", {"Block": 1}),
    "in the middle": ("a: {Block: 4, se: false}\n  b: {Block: 4}\n  c: {Block: 5}", {"Block": 1}),
    "both, and a layer": (
        "a: {Block: 4, expand: 1}\n  b: {Block: 6}\n  c: {Block: 6, se: false}\n  d: {Block: 6}\n"
        "  e: {Block: 4, se: false, expand: 1}", {"Block": 1}),
    "nowhere all of them": ("a: {Block: 4, expand: 1}\n  b: {Block: 4, se: false}", {"Block": 1}),
    "each lacks another": (
        "a: {Three: 3, drop: 0}\n  b: {Three: 3, drop: 1}\n  c: {Three: 3, drop: 2}\n  d: {Three: 3, drop: 1}", {"Three": 1}),
    "each lacks another, and a layer": (
        "a: {Three: 3, drop: 0}\n  b: {Three: 3, drop: 1}\n  c: {Three: 3, drop: 1, add: false}\n"
        "  d: {Three: 3, drop: 2, add: false}\n  e: {Three: 3, drop: 0, add: false}", {"Three": 1}),
    "united with others that join a class before": (
        "\n  ".join(f"u{i}: {{Sets: '{has}'}}" for i, has in enumerate(("134", "245", "125", "123"))), {"Sets": 1}),
    "either or": ("a: {Fused: 4, expand: 1}\n  b: {Fused: 4}\n  c: {Fused: 6}\n  d: {Fused: 6}", {"Fused": 1}),
    "frozen throughout": ("a: {Block: 4, expand: 1, freeze: true}\n  b: {Block: 4, freeze: true}", {"Block": 1}),
    "at the end of a chain": ("a: Chain\n  b: {Chain, rate: 0.5}\n  c: Chain", {"Chain": 1}),
    "first values by number": ("a: {Started, norm: false}\n  b: Started", {"Started": 2}),
    "series": ("a: {Dense: 2}\n  b: {conv2d: 6, kernel: 1}\n  c: {Dense: 4}\n  d: {Dense: 3}", {"Dense": 1, "Grow": 1}),
    "series over a parameter called i": (
        "a: {Counted: {i: 3, n: 3}}\n  b: {Counted: {i: 4, n: 4}}\n  c: {Counted: {i: 4, n: 3}}", {"Counted": 2}),
    "a parameter called as a block, and as a class of the library": ("a: {Odd: {Unit: 3, PaddedConv2d: 4}}\n"
        "  b: {Odd: {Unit: 5, PaddedConv2d: 6}}", {"Odd": 1}),
    "series of one": ("a: {Dense: 1}\n  c: {Dense: 3}", {"Dense": 2}),
    "series that grow unevenly": ("a: {Halves: 3}\n  b: {conv2d: 9, kernel: 1}\n  c: {Halves: 2}", {"Halves": 2}),
    "series of one length": ("a: {Dense: 2}\n  c: {Dense: 2}", {"Dense": 1}),
    "frozen series": ("a: {Dense: 2, freeze: true}\n  b: {Dense: 3, freeze: true}", {"Dense": 1}),
    "padding": ("a: Same\n  b: {Same, stride: 2}\n  c: Same", {"Same": 1}),
    "padding by reflection": ("a: {Same, mode: reflect}\n  b: {Same, mode: reflect, stride: 2}", {"Same": 1}),
    "one or the other": ("a: {Either, small: false}\n  b: Either", {"Either": 1}),
}  # fmt: skip


@pytest.mark.parametrize(("layers", "classes"), CASES.values(), ids=CASES)
def test_values_and_number_of_classes(layers: str, classes: dict[str, int], tmp_path: Path) -> None:
    graph = loads(f"{BLOCKS}  {layers}\n")
    model = netspec_torch.build(graph).eval()
    text = netspec_torch.source(graph)
    for name, count in classes.items():
        assert len(re.findall(rf"^class {name}\d*\(", text, re.MULTILINE)) == count
    check_source(graph, model, random_inputs(graph), check_facts(graph, model, random_inputs(graph)))
    if "freeze" not in layers:
        check_training(graph, model, random_inputs(graph, 4))
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    assert_formatted(tmp_path)


def assert_formatted(folder: Path) -> None:
    """What ruff's formatter and linter have nothing to say about."""
    for command in (["format", "--diff"], ["check", "--select", "E,F,W,I,UP,SIM,PIE,RET"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def random_graph(number: int) -> Graph:
    """A block whose items have conditions, and uses of it with all kinds of arguments."""
    r = Random(number)
    kinds = [
        "{conv2d: 3, kernel: 1}",
        "{Unit: 3}",
        "{Unit: 3, kernel: 3}",
        "batch_norm",
        "relu",
        "{Squeeze: 2}",
        "{conv2d: 3, kernel: 3, padding: same}",
        "{Unit: $(input.channels)}",
    ]
    conditions = ["$a", "$(not a)", "$b", "$(not b)", "$(a and b)", "$(input.channels == 3)"]

    def item() -> str:
        kind = r.choice(kinds)
        if r.random() < 0.5:
            return kind
        return (
            f"{kind[:-1]}, when: {r.choice(conditions)}}}"
            if kind[0] == "{"
            else f"{{{kind}, when: {r.choice(conditions)}}}"
        )

    first = [f"      - {item()}" for _ in range(r.randint(2, 5))]
    body = ["      inner:", *(f"  {line}" for line in first), "        - {Unit: 3}"]
    if r.random() < 0.5:
        body.append(f"      add: {{add: [inner, inner], when: {r.choice(['$a', '$b', '$(not b)'])}}}")
    if r.random() < 0.3:
        body = [*first, "      - {Unit: 3}"]
    block = "\n".join(["  Random:", "    params: {a: true, b: true}", "    layers:", *body])
    uses = [f"  u{i}: {{Random, a: {r.choice(['true', 'false'])}, b: {r.choice(['true', 'false'])}}}" for i in range(4)]
    return loads("\n".join([BLOCKS.removesuffix("layers:\n") + block, "layers:", *uses, ""]))


@pytest.mark.parametrize("number", range(COUNT))
def test_random_items(number: int) -> None:
    graph = random_graph(number)
    model = netspec_torch.build(graph).eval()
    check_source(graph, model, random_inputs(graph), check_facts(graph, model, random_inputs(graph)))


def test_the_text_of_random_items_is_formatted(tmp_path: Path) -> None:
    for number in range(COUNT):
        (tmp_path / f"net{number}.py").write_text(netspec_torch.source(random_graph(number)), encoding="utf-8")
    assert_formatted(tmp_path)


def test_the_text() -> None:
    text = netspec_torch.source(loads(f"{BLOCKS}  {CASES['both, and a layer'][0]}\n"))
    start = text.index("class Block(")
    assert (
        text[start : text.index("        self.inner", start)]
        == """\
class Block(nn.Module):
    def __init__(
        self,
        in_channels: int,
        filters: int,
        hidden: int,
        se: bool = True,
        add: bool = False,
        expand: bool = True,
    ) -> None:
        super().__init__()
        self.add = add
        layers: list[nn.Module] = []
        if expand:
            layers.append(Unit(in_channels, hidden, 1))
        layers.append(Unit(hidden, hidden, 3, groups=hidden))
        if se:
            layers.append(Squeeze(hidden))
        layers += [
            nn.Conv2d(hidden, filters, 1),
            nn.BatchNorm2d(filters),
        ]
"""
    )
    assert "self.e = Block(6, 4, 6, se=False, expand=False)" in text


def test_the_text_of_a_chain() -> None:
    """Items of one condition stand under it together; a flag has the name of what was asked for, or of the item."""
    text = netspec_torch.source(loads(f"{BLOCKS}  {CASES['at the end of a chain'][0]}\n"))
    start = text.index("class Chain(")
    assert (
        text[start : text.index("\n\n\n", start)]
        == """\
class Chain(nn.Sequential):
    def __init__(
        self, in_channels: int, rate: bool = False, batch_norm2d: bool = True
    ) -> None:
        layers: list[nn.Module] = [nn.Conv2d(in_channels, 6, 1)]
        if rate:
            layers.append(nn.Dropout(0.5))
        if batch_norm2d:
            layers += [
                nn.BatchNorm2d(6),
                nn.ReLU(inplace=True),
            ]
        super().__init__(*layers)"""
    )


def test_the_text_of_a_series() -> None:
    text = netspec_torch.source(loads(f"{BLOCKS}  {CASES['series'][0]}\n"))
    start = text.index("class Dense(")
    assert (
        text[start : text.index("\n\n\n", start)]
        == """\
class Dense(nn.Sequential):
    def __init__(self, in_channels: int, depth: int) -> None:
        super().__init__(
            OrderedDict(
                (f"part{i + 1}", Grow(in_channels + 3 * i)) for i in range(depth)
            )
        )"""
    )
    assert "self.c = Dense(6, 4)" in text
