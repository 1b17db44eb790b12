"""Texts with many problems, and texts that could make an explanation expensive: the time is bounded."""

from __future__ import annotations

import pytest

from netspec import limits
from netspec.checking.spec import Spec
from netspec.checking.verified_suggestions import with_suggestion
from tests.timing import Stopwatch

HEAD = "netspec: 1\ninput: [3, 32, 32]\n"
LONG = "stage_with_a_long_name_and_many_letters_in_common_with_all_others_"
MANY: dict[str, tuple[str, int, str]] = {
    "references to similar names": (
        "layers:\n"
        + "".join(f"  {LONG}{i:05d}: relu\n" for i in range(2000))
        + "".join(f"  r{i}: {{relu, from: {LONG}x{i:04d}}}\n" for i in range(300))
        + f"  merge: {{add: [{', '.join(f'{LONG}{i:05d}' for i in range(2000))}]}}\n",
        300,
        "NS301",
    ),
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
    "other words": (
        "layers:\n" + "".join(f"  a{i}: {{Conv2D: 3, kernel_size: 3, strides: 2}}\n" for i in range(4000)),
        4000,
        "NS206",
    ),
    "words for several operations": (
        "layers:\n" + "".join(f"  a{i}: {{conv: 3, kernel: 1}}\n" for i in range(4000)),
        4000,
        "NS206",
    ),
    "calls": ("layers:\n" + "".join(f"  - Conv2d({i}, 3, 3)\n" for i in range(4000)), 4000, "NS206"),
    "layers without layers": (
        "layers:\n" + "".join(f"  a{i}: {{b: relu, c: relu}}\n" for i in range(4000)),
        4000,
        "NS210",
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
    spec = Spec("<text>", HEAD + text)
    loaded = with_suggestion(spec, spec.elaborate())
    assert stopwatch.within(6)
    assert {d.code for d in loaded.diagnostics} == {code}
    assert len(loaded.diagnostics) == limits.DIAGNOSTICS
    assert len(loaded.diagnostics) + loaded.hidden == count


HOSTILE = {
    "a wide layer": "layers:\n  a: {" + ", ".join(f"b{i}: relu" for i in range(30_000)) + "}\n",
    "a wide layer in other words": "layers:\n  a: {Conv2D: 3, " + ", ".join(f"b{i}: 3" for i in range(30_000)) + "}\n",
    "a long key": "layers:\n  a: {" + "x" * 900_000 + ": 3}\n",
    "brackets": "layers:\n" + "".join(f"  - {'(' * 290})\n" for _ in range(2_000)),
    "empty layers": "layers:\n" + "".join(f"  a{i}:\n" for i in range(30_000)),
    "arguments as layers": "layers:\n  a: {conv2d: 3}\n" + "".join(f"  k{'_' * i}: 3\n" for i in range(90)),
    "arguments as items": "layers:\n  - conv2d: 3\n" + "  - kernel: 3\n" * 30_000,
    "layers not indented": "layers:\n" + "".join(f"a{i}: relu\n" for i in range(30_000)),
    "copies of a translated layer": "layers:\n  a: {conv: 3, kernel: 1, repeat: 900000}\n",
    "translated layers in copies of a block": "blocks: {B: {layers: [{conv: 3, kernel: 1}]}}\n"
    "layers:\n  a: {B, repeat: 90000}\n",
}
"""Texts that could make an explanation expensive."""


@pytest.mark.parametrize("name", HOSTILE)
def test_explanations_take_bounded_time(name: str) -> None:
    stopwatch = Stopwatch()
    spec = Spec("<text>", HEAD + HOSTILE[name])
    loaded = with_suggestion(spec, spec.elaborate())
    assert stopwatch.within(6)
    assert loaded.diagnostics


def test_entries_of_one_mistake_are_one_problem() -> None:
    loaded = Spec("<text>", HEAD + HOSTILE["arguments as items"]).elaborate()
    assert [(d.code, loaded.hidden) for d in loaded.diagnostics] == [("NS210", 0)]
