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

HEAD = "netspec: 1\ninput: [3, 8, 8]\n"
ONE = HEAD + 'layers:\n  - {conv2d: "$(%s)", kernel: 3, padding: 1}\n'


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
    ("NS910", lambda n: ONE % ("3" + " " * (n - 1)), limits.EXPRESSION),
    ("NS911", lambda n: ONE % ("(" * (n - 1) + "3" + ")" * (n - 1)), limits.EXPRESSION_DEPTH),
    ("NS913", lambda n: ONE % f"len([0] * {n}) - {n} + 3", limits.LIST),
    ("NS914", lambda n: ONE % f"{n - 1} - {n - 4}", limits.INTEGER),
    ("NS915", lambda n: HEAD.replace("3, 8, 8", f"{n - 1}") + "layers: [relu]\n", limits.SIZE),
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


def test_expression_steps() -> None:
    def text(n: int) -> str:
        return ONE % f"len([i for i in range({n}) if len([j for j in range(100)]) == 1]) + 3"

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
    "power": (ONE % "9 ** 9 ** 9", "NS914"),
    "text times text": (HEAD + "params: {s: aaaaaaaaaa}\nlayers:\n  - {conv2d: $(s * 1000000000), kernel: 3}\n", "NS403"),
    "text that formats itself": (HEAD + "params: {s: '%9999999999d'}\nlayers:\n  - {conv2d: $(s % 1), kernel: 3}\n", "NS403"),
    "comprehensions": (ONE % "len([[[1 for a in range(9999)] for b in range(9999)] for c in range(9999)])", "NS912"),
    "list of lists": (ONE % "len([range(9999)] * 9999) - 9996", ""),
    "a thousand brackets": (HEAD + "layers: " + "[" * 5000, "NS903"),
    "a thousand braces": (HEAD + "layers: " + "{a: " * 5000, "NS903"),
    "indentation": (HEAD + "layers:\n" + "".join(" " * i + "a:\n" for i in range(2, 3000)), "NS903"),
    "sums": (ONE % "+".join(["1"] * 499), ""),
    "signs": (ONE % ("-" * 998 + "3"), ""),
    "nots": (HEAD + f"layers:\n  - {{relu, when: $({'not ' * 200}true)}}\n", ""),
    "filters": (HEAD + "layers:\n  - {conv2d: 1099511627775, kernel: 1}\n", ""),
    "kernel": (HEAD + "layers:\n  - {max_pool2d: 1099511627775}\n", "NS510"),
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


MANY: dict[str, tuple[str, int, str]] = {
    "references": (
        "layers:\n" + "".join(f"  layer{i}: {{relu, from: leyar{i}x}}\n" for i in range(4000)),
        4000,
        "NS301",
    ),
    "keys": ("".join(f"kay{i}: 1\n" for i in range(60_000)) + "layers: [relu]\n", 60_000, "NS201"),
    "arguments": (
        "layers:\n" + "".join(f"  a{i}: {{conv2d: 3, kernel: 3, strid{i}: 3}}\n" for i in range(4000)),
        4000,
        "NS213",
    ),
    "operations": ("layers:\n" + "".join(f"  a{i}: {{cnov{i}: 3}}\n" for i in range(4000)), 4000, "NS206"),
    "names in expressions": (
        "layers:\n" + "".join(f"  a{i}: {{relu, when: $(nmae{i})}}\n" for i in range(4000)),
        4000,
        "NS402",
    ),
    "parameters of a variant": (
        f"params: {{{', '.join(f'param{i}: 3' for i in range(300))}}}\n"
        f"variants: {{v: {{{', '.join(f'paarm{i}x: 3' for i in range(4000))}}}}}\nlayers: [relu]\n",
        4000,
        "NS218",
    ),
}
"""Texts with many problems of one kind: their number and code."""


@pytest.mark.parametrize("name", MANY)
def test_problems_beyond_the_hundredth_are_only_counted(name: str) -> None:
    text, count, code = MANY[name]
    stopwatch = Stopwatch()
    loaded = Spec("<text>", HEAD + text).elaborate()
    assert stopwatch.within(6)
    assert {d.code for d in loaded.diagnostics} == {code}
    assert len(loaded.diagnostics) == limits.DIAGNOSTICS
    assert len(loaded.diagnostics) + loaded.hidden == count


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


def test_all_problems_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(HEAD + "layers:\n" + "".join(f"  a{i}: {{conv2d: 0}}\n" for i in range(300)), encoding="utf-8")
    status, out = checked(str(path))
    assert status == 1
    assert out.count("error[NS221]") == limits.DIAGNOSTICS
    assert out.endswith("\n300 errors\n")


def test_user_text_is_clipped_and_cleaned() -> None:
    text = HEAD + 'layers:\n  a: {"x\\e[31m' + "y" * 500 + '": 3}\n'
    (d,) = Spec("<text>", text).elaborate().diagnostics
    assert "\x1b" not in d.message
    assert len(d.message) < 120
