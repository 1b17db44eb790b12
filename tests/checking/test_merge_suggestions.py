"""Suggestions for merges: each is tried, none changes the spec, and none is offered that only hides the problem."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.checking.spec import Spec
from netspec.checking.verified_suggestions import with_suggestion

HEAD = "netspec: 1\nname: net\n"


def suggestion(text: str, **settings: Any) -> str | None:
    """The help for the first problem of a spec, which stays as it is."""
    spec = Spec("net.yaml", HEAD + text)
    before = spec.elaborate(settings=settings)
    result = with_suggestion(spec, before, settings)
    assert spec.elaborate(settings=settings).diagnostics == before.diagnostics
    return result.diagnostics[0].help


MERGES = [
    # The input of the block, an earlier layer, all layers that nothing reads.
    ("input: [8]\nlayers: {a: {dense: 8}, b: {dense: 8}, sum: add}\n", "did you mean `{add: input}`?"),
    ("input: [4]\nlayers: {a: {dense: 8}, b: {dense: 8}, sum: add}\n", "did you mean `{add: a}`?"),
    (
        "input: [4]\nlayers: {a: {dense: 8}, b: {dense: 2, from: input}, c: {dense: 3, from: input}, all: concat}\n",
        "did you mean `{concat: [a, b, c]}`?",
    ),
    ("input: [4]\nlayers: {a: {dense: 8}, b: {dense: 8}, sum: {add: [a]}}\n", "did you mean `{add: a}`?"),
    ("input: [8]\nlayers: {a: {dense: 8}, sum: {add: [a], activation: relu}}\n", "did you mean `{add: [a, input]}`?"),
    (
        "input: [3, 8, 8]\nlayers: {a: {conv2d: 4, kernel: 1}, b: {max_pool2d: 2}, c: {upsample: 2}, d: concat}\n",
        "did you mean `{concat: a}`?",
    ),
    # None fits: the sizes of all earlier layers differ.
    ("input: [4]\nlayers: {a: {dense: 8}, sum: add}\n", "`{add: input}` joins the previous layer and 'input'"),
    (
        "input: [4]\nlayers: {sum: add}\n",
        "it is the first layer of its scope: a merge follows the layers that it joins",
    ),
]


@pytest.mark.parametrize(("text", "help"), MERGES)
def test_the_forgotten_layer(text: str, help: str) -> None:
    assert suggestion(text) == help


def test_every_merge_of_one_tensor_gets_help() -> None:
    text = "input: [8]\nlayers: {a: {dense: 8}, b: {dense: 8}, s: add, c: {dense: 8}, d: {dense: 8}, t: {add: [d]}}\n"
    spec = Spec("net.yaml", HEAD + text)
    helps = [d.help for d in with_suggestion(spec, spec.elaborate()).diagnostics]
    assert helps == ["did you mean `{add: input}`?", "did you mean `{add: [d, input]}`?"]


def test_a_merge_is_repaired_although_another_one_lacks_a_layer() -> None:
    text = "  gate: global_avg_pool\n  out: {multiply: [maps, gate]}\n  more: {conv2d: 16, kernel: 1}\n  sum: add\n"
    spec = Spec("net.yaml", HEAD + GATE + text)
    helps = [d.help for d in with_suggestion(spec, spec.elaborate()).diagnostics]
    assert helps == ["`keepdims: true` in 'gate' (line 6) fits", "did you mean `{add: out}`?"]


GATE = "input: [3, 16, 16]\nlayers:\n  maps: {conv2d: 16, kernel: 3, padding: same}\n"
ALIGNED = [
    ("  gate: {mean: [height, width]}\n  out: {multiply: [gate, maps]}\n", "`keepdims: true` in 'gate' (line 6) fits"),
    (
        "  mean: {mean: [height, width]}\n  gate: {dense: 16}\n  out: {multiply: maps}\n",
        "`gate_aligned: {reshape: [-1, 1, 1]}` before it fits",
    ),
    # A reshape of the larger input would be valid, too, and wrong.
    (
        "  flat: flatten\n  gate: {dense: 16}\n  out: {multiply: [gate, maps]}\n",
        "`gate_aligned: {reshape: [-1, 1, 1], from: gate}` before it and `{multiply: [gate_aligned, maps]}` fit",
    ),
    # The same problem is further down, too.
    (
        "  gate: global_avg_pool\n  gain: {dense: 16}\n  bias: {dense: 16, from: gate}\n"
        "  scaled: {multiply: [maps, gain]}\n  out: {add: bias}\n",
        "`gain_aligned: {reshape: [-1, 1, 1], from: gain}` before it and `{multiply: [maps, gain_aligned]}` fit",
    ),
    (
        "  turned: {permute: [1, 2, 0]}\n  out: {add: [maps, turned]}\n",
        "`turned_aligned: {permute: [2, 0, 1], from: turned}` before it and `{add: [maps, turned_aligned]}` fit",
    ),
]


@pytest.mark.parametrize(("text", "help"), ALIGNED)
def test_an_edit_that_makes_axes_correspond(text: str, help: str) -> None:
    assert suggestion(GATE + text) == help


def test_without_a_verified_suggestion_the_help_names_what_is_possible() -> None:
    spec = Spec("net.yaml", HEAD + GATE + "  gate: global_avg_pool\n  out: {multiply: [gate, maps]}\n")
    help = "`keepdims: true` where axes are reduced, `reshape`, `unsqueeze` or `permute` makes axes correspond"
    assert [d.help for d in spec.elaborate().diagnostics] == [help]
