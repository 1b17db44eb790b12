"""Every limit just below and just above, and bombs: bounded time and memory, a diagnostic, never a traceback."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from netspec import limits
from netspec.checking.spec import Spec
from tests.cli_support import checked
from tests.timing import Stopwatch

pytestmark = pytest.mark.slow

HEAD = "netspec: 1\ninput: [3, 8, 8]\n"
SINGLE = HEAD + 'layers:\n  - {conv2d: "$(%s)", kernel: 3, padding: 1}\n'


def codes(text: str | bytes) -> list[str]:
    """Codes of everything that is wrong with a text."""
    return [d.code for d in Spec("<text>", text).elaborate().diagnostics]


def nested_lists(n: int) -> str:
    """A layer n lists deep: mapping, `layers`, and what is inside."""
    return HEAD + "layers: " + "[" * (n - 1) + "relu" + "]" * (n - 1) + "\n"


def aliased(n: int) -> str:
    """Aliases that stand for n values."""
    return HEAD + f"params: {{a: &a 1, b: [{', '.join(['*a'] * n)}]}}\nlayers: [relu]\n"


def chain_of_blocks(n: int) -> str:
    """Blocks n deep within one another."""
    blocks = "".join(f"  B{i}: {{layers: [B{i + 1}]}}\n" for i in range(n - 1)) + f"  B{n - 1}: {{layers: [relu]}}\n"
    return HEAD + "blocks:\n" + blocks + "layers: [B0]\n"


def values(n: int) -> str:
    """A parameter that is a list, n values in all."""
    used = 15
    return HEAD + "params: {a: [" + ",".join(["1"] * (n - used)) + "]}\nlayers: [relu]\n"


CASES: list[tuple[str, Callable[[int], str], int]] = [
    ("NS903", nested_lists, limits.NESTING),
    ("NS904", aliased, limits.ALIASED),
    ("NS905", lambda n: HEAD + f"params: {{a: {'1' * n}}}\nlayers: [relu]\n", limits.DIGITS),
    ("NS906", lambda n: HEAD + f"layers: {{{'a' * n}: relu}}\n", limits.NAME),
    (
        "NS907",
        lambda n: HEAD + "layers:\n  " + ".".join(["a" * 90] * 10) + "." + "b" * (n - 910) + ": relu\n",
        limits.DOTTED_NAME,
    ),
    ("NS908", chain_of_blocks, limits.BLOCKS),
    ("NS910", lambda n: SINGLE % ("3" + " " * (n - 1)), limits.EXPRESSION),
    ("NS911", lambda n: SINGLE % ("(" * (n - 1) + "3" + ")" * (n - 1)), limits.EXPRESSION_DEPTH),
    ("NS913", lambda n: SINGLE % f"len([0] * {n}) - {n} + 3", limits.LIST),
    ("NS914", lambda n: SINGLE % f"{n - 1} - {n - 4}", limits.INTEGER),
    ("NS915", lambda n: HEAD.replace("3, 8, 8", f"{n - 1}") + "layers: [relu]\n", limits.SIZE),
    ("NS915", lambda n: HEAD.replace("3, 8, 8", str([1] * n)[1:-1]) + "layers: [relu]\n", limits.AXES),
    (
        "NS915",
        lambda n: HEAD.replace("3, 8, 8", f"{2**30}, {n + 1}") + "layers: [relu]\n",
        limits.ELEMENTS // 2**30 - 2,
    ),
]


@pytest.mark.parametrize(("code", "make", "limit"), CASES, ids=[c for c, _, _ in CASES])
def test_limit(code: str, make: Callable[[int], str], limit: int) -> None:
    assert code not in codes(make(limit))
    assert code in codes(make(limit + 1))


def test_values(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.VALUES == 2_000_000
    monkeypatch.setattr(limits, "VALUES", 2_000)  # two million take seconds to read
    assert "NS902" not in codes(values(2_000))
    assert "NS902" in codes(values(2_001))


def test_steps() -> None:
    def text(n: int) -> str:
        return HEAD + f"layers:\n  - {{relu, when: false, repeat: {n}}}\n  - relu\n"

    assert codes(text(limits.STEPS // 10)) == []
    assert codes(text(limits.STEPS + 1)) == ["NS909"]


def residual(n: int) -> str:
    """The text of n layers in a chain, and of a sum of all of them, repeated 2,000 times."""
    return HEAD + f"layers:\n  s: {{relu, repeat: {n}}}\n  m: {{add: [s.*], repeat: 2000}}\n"


MULTIPLIED: dict[str, str] = {
    "edges": residual(20_000),
    "edges of layers that fail": HEAD + "layers:\n  s: {relu, repeat: 20000}\n  m: {relu, from: [s.*], repeat: 2000}\n",
    "weights": HEAD.replace("3, 8, 8", "8, 8") + "layers:\n  s: {lstm: 8, num_layers: 1000, repeat: 2000}\n",
    "outputs": HEAD.replace("3, 8, 8", "10000, 2")
    + "layers:\n  - {inline: [{split: 10000, axis: 0, from: input}], repeat: 2000}\n",
    "cells": HEAD
    + f"layers:\n  s:\n    each: {{columns: [{', '.join(f'c{i}' for i in range(5000))}], "
    + f"rows: [[{', '.join(['1'] * 5000)}]]}}\n    layers: [{{relu, repeat: 5000}}]\n",
    "parameters of a block": HEAD
    + f"blocks:\n  B: {{params: {{{', '.join(f'p{i}: 1' for i in range(5000))}}}, layers: [relu]}}\n"
    + "layers: [{B, repeat: 5000}]\n",
    "parameters of the document": HEAD
    + f"params: {{{', '.join(f'p{i}: 1' for i in range(20000))}}}\n"
    + "blocks: {B: {layers: [relu]}}\nlayers: [{B, repeat: 5000}]\n",
    "layers that are left out": HEAD
    + f"blocks:\n  B:\n    layers: [{'{relu, when: false}, ' * 1000}relu]\nlayers: [{{B, repeat: 60000}}]\n",
    "axes": HEAD.replace("3, 8, 8", ", ".join(["1"] * limits.AXES)) + "layers: [{relu, repeat: 90000}]\n",
    "names": HEAD
    + "blocks:\n"
    + "".join(f"  B{i}: {{layers: {{{'n' * 99}: B{i + 1}}}}}\n" for i in range(8))
    + f"  B8: {{layers: {{{'n' * 90}: {{relu, repeat: 90000}}}}}}\nlayers: [B0]\n",
    "arguments": HEAD.replace("3, 8, 8", "9")
    + f"layers: [{{inline: [{{dense: 1000, from: input, init: {{weight: [{', '.join(['[' + '0.5,' * 9 + ']'] * 1000)}]}}}}], "
    + "repeat: 5000}]\n",
    "docs": HEAD + f"layers: [{{relu, repeat: 5000, doc: {'x' * 100_000}}}]\n",
    "dots": HEAD
    + "layers:\n  a: relu\n  s: "
    + "{layers: [" * 25
    + f"{{relu, from: a.{'b.' * 500}c, repeat: 5000}}"
    + "]}" * 25
    + "\n",
}
"""Texts in which a few lines multiply: each is rejected after as many steps as it costs."""


@pytest.mark.parametrize("name", MULTIPLIED)
def test_what_multiplies_is_charged(name: str) -> None:
    stopwatch = Stopwatch()
    result = codes(MULTIPLIED[name])
    assert stopwatch.within(10)
    assert result == [{"dots": "NS301", "edges of layers that fail": "NS305"}.get(name, "NS909")]


def test_all_variants_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    variants = "".join(f"  v{i}: {{p: {i + 1}}}\n" for i in range(50))
    text = HEAD + f"params: {{p: 1}}\nvariants:\n{variants}layers: [{{relu, repeat: 100}}]\n"
    cost = 100 + 2 + 100 + 100 * (1 + 2 + 2)  # the network with a parameter and an input, copies, layers with nodes
    monkeypatch.setattr(limits, "STEPS", 20 * cost)
    results = list(Spec("<text>", text).elaborate_variants("all"))
    assert [r.variant for r in results] == [f"v{i}" for i in range(21)]
    assert [r.graph is not None for r in results] == [True] * 20 + [False]
    assert [d.code for d in results[-1].diagnostics] == ["NS909"]
    assert Spec("<text>", text).elaborate("v49").graph is not None


def test_a_variant_of_a_network_with_a_problem_is_searched_like_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STEPS_AFTER_PROBLEM", 1000)
    text = HEAD + "params: {k: 9}\nvariants: {a: {k: 9}, b: {k: 3}}\nlayers:\n"
    text += "  - {relu, repeat: 150}\n  - {conv2d: 3, kernel: $k}\n"
    a, b = Spec("<text>", text).elaborate_variants("all")
    assert [d.code for d in a.diagnostics] == ["NS510"]
    assert b.graph is not None


def test_references_have_a_length() -> None:
    name = ".".join(["a"] * 5000)
    (d,) = Spec("<text>", HEAD + f"layers:\n  a: relu\n  b: {{relu, from: {name}}}\n").elaborate().diagnostics
    assert (d.code, d.message) == ("NS907", f"a reference is longer than 1,101 characters: {name[:59]}…")
    assert codes(HEAD + f"layers:\n  a: relu\n  b: {{relu, from: {name[:1101]}}}\n") == ["NS301"]


def test_expression_steps() -> None:
    def text(n: int) -> str:
        return SINGLE % f"len([i for i in range({n}) if len([j for j in range(100)]) == 1]) + 3"

    assert codes(text(50)) == []
    assert codes(text(2000)) == ["NS912"]


def test_file_size(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    fine = (HEAD + "layers: [relu]\n").encode()
    path.write_bytes(fine + b"#" * (limits.FILE_BYTES - len(fine)))
    assert [d.code for d in Spec(str(path)).elaborate().diagnostics] == []
    with path.open("ab") as f:
        f.write(b"#")
    assert [d.code for d in Spec(str(path)).elaborate().diagnostics] == ["NS901"]
    with path.open("r+b") as f:
        f.truncate(100_000_000)
    start = time.monotonic()
    assert [d.code for d in Spec(str(path)).elaborate().diagnostics] == ["NS901"]
    assert time.monotonic() - start < 5


def test_used_files(tmp_path: Path) -> None:
    for i in range(limits.USED_FILES + 1):
        (tmp_path / f"f{i}.yaml").write_text("netspec: 1\ninput: [1]\nblocks: {}\nlayers: [relu]\n", encoding="utf-8")

    def text(n: int) -> str:
        return HEAD + f"use: [{', '.join(f'f{i}.yaml' for i in range(n))}]\nlayers: [relu]\n"

    for n, expected in ((limits.USED_FILES, []), (limits.USED_FILES + 1, ["NS916"])):
        spec = Spec(str(tmp_path / "spec.yaml"), text(n))
        assert [d.code for d in spec.elaborate().diagnostics] == expected


def test_files_that_are_large_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILE_BYTES", 10_000)
    (tmp_path / "f.yaml").write_text("netspec: 1\nblocks: {}\n#" + "x" * 3000 + "\n", encoding="utf-8")
    for n in range(5):
        (tmp_path / f"f{n}.yaml").write_text("netspec: 1\nuse: f.yaml\n", encoding="utf-8")

    def text(n: int) -> str:
        return HEAD + f"use: [{', '.join(f'f{i}.yaml' for i in range(n))}]\nlayers: [relu]\n"

    assert Spec(str(tmp_path / "spec.yaml"), text(3)).elaborate().diagnostics == ()
    (d,) = Spec(str(tmp_path / "spec.yaml"), text(4)).elaborate().diagnostics
    assert (d.code, d.message) == ("NS901", "a spec and the files that it uses are larger than 0 MB together")


def test_files_with_many_values_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VALUES", 100)
    for n in range(3):
        text = f"netspec: 1\nparams: {{a: [{','.join(['1'] * 30)}]}}\n"
        (tmp_path / f"f{n}.yaml").write_text(text, encoding="utf-8")
    for used, expected in (("f0.yaml, f1.yaml", []), ("f0.yaml, f1.yaml, f2.yaml", ["NS902"])):
        spec = Spec(str(tmp_path / "spec.yaml"), HEAD + f"use: [{used}]\nlayers: [relu]\n")
        assert [d.code for d in spec.elaborate().diagnostics] == expected


def doubling(n: int) -> str:
    """A block that holds two of the next, n times: 2^n empty layers."""
    blocks = "".join(f"  B{i}: {{layers: [B{i + 1}, B{i + 1}]}}\n" for i in range(n))
    return HEAD + f"blocks:\n{blocks}  B{n}: {{layers: [{{relu, when: false}}]}}\nlayers: [B0, relu]\n"


def laughs() -> str:
    """Ten aliases of ten aliases of …"""
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    return HEAD + "params:\n  " + "\n  ".join(lines) + "\nlayers: [relu]\n"


BOMBS: dict[str, tuple[str | bytes, str]] = {
    "aliases": (laughs(), "NS904"),
    "merges": (HEAD + "x0: &x0 {a: 1, b: 1}\n" + "".join(
        f"x{i}: &x{i} {{<<: [*x{i - 1}, *x{i - 1}], k{i}: 1}}\n" for i in range(1, 60)) + "layers: [relu]\n", "NS904"),
    "repeat": (HEAD + "layers:\n  - {relu, repeat: 1099511627776}\n", "NS909"),
    "repeat within repeat": (
        HEAD + "layers:\n  - {layers: [{layers: [{relu, repeat: 1000}], repeat: 1000}], repeat: 1000}\n", "NS909"),
    "inline within inline": (
        HEAD + "layers:\n  - {inline: [{inline: [{inline: [{relu, when: false}], repeat: 10000}], repeat: 10000}], "
        "repeat: 10000}\n  - relu\n", "NS909"),
    "empty blocks": (doubling(40), "NS909"),
    "chain of 400 blocks": (chain_of_blocks(400), "NS908"),
    "power": (SINGLE % "9 ** 9 ** 9", "NS914"),
    "text times text": (HEAD + "params: {s: aaaaaaaaaa}\nlayers:\n  - {conv2d: $(s * 1000000000), kernel: 3}\n", "NS403"),
    "text that formats itself": (HEAD + "params: {s: '%9999999999d'}\nlayers:\n  - {conv2d: $(s % 1), kernel: 3}\n", "NS403"),
    "comprehensions": (SINGLE % "len([[[1 for a in range(9999)] for b in range(9999)] for c in range(9999)])", "NS912"),
    "list of lists": (SINGLE % "len([range(9999)] * 9999) - 9996", ""),
    "a thousand brackets": (HEAD + "layers: " + "[" * 5000, "NS903"),
    "a thousand braces": (HEAD + "layers: " + "{a: " * 5000, "NS903"),
    "indentation": (HEAD + "layers:\n" + "".join(" " * i + "a:\n" for i in range(2, 3000)), "NS903"),
    "sums": (SINGLE % "+".join(["1"] * 499), ""),
    "signs": (SINGLE % ("-" * 998 + "3"), ""),
    "nots": (HEAD + f"layers:\n  - {{relu, when: $({'not ' * 200}true)}}\n", ""),
    "filters": (HEAD + "layers:\n  - {conv2d: 1099511627775, kernel: 1}\n", ""),
    "kernel": (HEAD + "layers:\n  - {max_pool2d: 1099511627775}\n", "NS221"),
    "large kernel": (HEAD + "layers:\n  - {max_pool2d: 2147483647}\n", "NS510"),
    "not UTF-8": (b"netspec: 1\nname: \xff\xfe\n", "NS102"),
    "null bytes": (b"\x00" * 1000, "NS101"),
    "surrogates": ("netspec: 1\nname: \"\\ud800\"\ninput: [3]\nlayers: [relu]\n", "NS1"),
    "names": (HEAD + f"layers:\n  a: {{layers: {{{'b' * 90}$('{'c' * 500}'): relu}}}}\n", "NS906"),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_bomb(name: str) -> None:
    text, code = BOMBS[name]
    stopwatch = Stopwatch()
    actual = codes(text)
    assert stopwatch.within(20)
    if code:
        assert any(c.startswith(code) for c in actual), actual
    else:
        assert not any(c.startswith("NS9") for c in actual), actual


def test_no_more_than_a_hundred_diagnostics() -> None:
    text = HEAD + "layers:\n" + "".join(f"  a{i}: {{conv2d: 0, kernel: 3}}\n" for i in range(500))
    loaded = Spec("<text>", text).elaborate()
    assert len(loaded.diagnostics) == limits.DIAGNOSTICS
    assert loaded.hidden == 400


@pytest.mark.parametrize(
    "layers",
    [
        "  - {B: 3, repeat: 90000}\n",  # the problem is in the text of the block
        "  - {conv2d: 0, kernel: 3}\n  - {relu, from: input, repeat: 900000}\n",
    ],
)
def test_elaboration_ends_soon_after_a_problem(layers: str) -> None:
    block = "blocks:\n  B: {params: {a: 1}, layers: {s: {kernel: 1}, r: {relu, from: input}}}\n"
    stopwatch = Stopwatch()
    loaded = Spec("<text>", HEAD + block + "layers:\n" + layers).elaborate()
    assert stopwatch.within(10)
    assert "NS909" not in [d.code for d in loaded.diagnostics]
    assert {d.code for d in loaded.diagnostics} <= {"NS206", "NS221"}


def test_a_hundred_of_all_problems_are_listed() -> None:
    text = HEAD + "".join(f"kay{i}: 1\n" for i in range(70)) + "layers:\n"
    loaded = Spec("<text>", text + "".join(f"  a{i}: {{conv2d: 0, kernel: 3}}\n" for i in range(70))).elaborate()
    assert len(loaded.diagnostics) == limits.DIAGNOSTICS
    assert loaded.hidden == 40
    text = HEAD + "".join(f"kay{i}: 1\n" for i in range(70)) + "layers:\n"
    loaded = Spec("<text>", text + "".join(f"  a{i}: {{relu, from: b{i}}}\n" for i in range(70))).elaborate()
    assert len(loaded.diagnostics) == limits.DIAGNOSTICS
    assert loaded.hidden == 40


def test_all_problems_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(
        HEAD + "layers:\n" + "".join(f"  a{i}: {{conv2d: 0, kernel: 3}}\n" for i in range(300)), encoding="utf-8"
    )
    status, out = checked(str(path))
    assert status == 1
    assert out.count("error[NS221]") == limits.DIAGNOSTICS
    assert out.endswith("\n300 errors\n")


def test_user_text_is_clipped_and_cleaned() -> None:
    text = HEAD + 'layers:\n  a: {"x\\e[31m' + "y" * 500 + '": 3}\n'
    (d,) = Spec("<text>", text).elaborate().diagnostics
    assert "\x1b" not in d.message
    assert len(d.message) < 120
