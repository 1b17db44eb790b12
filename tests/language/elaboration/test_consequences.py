"""Problems that follow from others are not reported: each spec here has as many messages as mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from netspec.checking.spec import Spec

HEAD = "netspec: 1\ninput: [3, 32, 32]\nlayers:\n"
LAYERS: dict[str, tuple[str, list[str]]] = {
    "an initialiser in a layer whose weights are shared": (
        "  a: {conv2d: 3, kernel: 3, init: hee}\n  b: {conv2d: 3, kernel: 3, share: a, from: input}\n", ["NS221"]
    ),
    "an initialiser in a part of a layer whose weights are shared": (
        "  a: {layers: {c: {conv2d: 3, kernel: 3, init: hee}, p: {parameter: [3]}}, output: p}\n"
        "  b: {conv2d: 3, kernel: 3, share: a, from: input}\n",
        ["NS221"],
    ),
    "an initialiser in a weight of a dotted name": (
        "  t.weight: {parameter: [3], init: hee}\n  b: {conv2d: 3, kernel: 3, share: t, from: input}\n", ["NS221"]
    ),
    "a layer that shares weights with itself and fails": (
        "  a: {conv2d: 3, kernel: 3}\n  b: {layers: [{conv2d: 3, kernel: 3, init: hee}], share: a, from: input}\n"
        "  c: {relu, from: a}\n",
        ["NS221"],
    ),
    "nothing to share": (
        "  a: {conv2d: 3, kernel: 3, bias: false}\n"
        "  b: {conv2d: 3, kernel: 5, bias: false, share: a, from: input}\n",
        ["NS309"],
    ),
    "two names": ('  "a b": relu\n  "c d": relu\n  e: {add: ["a b", "c d"]}\n', ["NS204", "NS204"]),
    "two equal names": ("  a b$(1): relu\n  a b$(2): relu\n", ["NS204", "NS204"]),
    "a layer with a bad name is read": ('  "a b": {conv2d: 3, kernel: 99}\n', ["NS204", "NS510"]),
    "a name that cannot be evaluated": ("  a$(foo): relu\n  b: {relu, from: a1}\n", ["NS402"]),
    "a number of copies": ('  - {relu, repeat: x}\n  - {add: ["0", "1"]}\n', ["NS410"]),
    "copies of an unreadable layer": ('  - {rlu, repeat: 3}\n  - {add: ["1", "2"]}\n', ["NS206"]),
    "names of unreadable copies": ("  a$(index): {rlu, repeat: 3}\n  b: {add: [a0, a1]}\n", ["NS206"]),
    "what an unreadable layer reads": (
        "  a: {conv2d: 3, kernel: 3}\n  b: {rlu, from: a}\n  c: {ad: [a, input]}\n  d: {relu, from: input}\noutput: d\n",
        ["NS206", "NS206"],
    ),
    "what an unreadable layer reads by default": (
        "  a: {conv2d: 3, kernel: 3}\n  b: rlu\n  c: {relu, from: input}\noutput: c\n", ["NS206"]
    ),
    "what a failed layer reads": (
        "  a: {conv2d: 3, kernel: 3}\n  b: {conv2d: 3, kernel: 99}\n  c: {relu, from: input}\noutput: c\n", ["NS510"]
    ),
    "an unused result besides": (
        "  a: {conv2d: 3, kernel: 3}\n  b: {rlu, from: input}\n  c: {relu, from: input}\noutput: c\n",
        ["NS206", "NS310"],
    ),
    "the inside of a layer that failed": ("  a: {conv2d: 3, kernel: 99}\n  b: {relu, from: a.x.y}\n", ["NS510"]),
    "expressions over a layer that failed": (
        "  a: {conv2d: 3, kernel: 99}\n  b: {dense: $(a.channels), from: input, axis: 0}\n", ["NS510"]
    ),
    "an unknown name besides": ("  a: {conv2d: 3, kernel: 99}\n  b: {relu, from: x}\n", ["NS510", "NS301"]),
}  # fmt: skip
DOCUMENTS: dict[str, tuple[str, list[str]]] = {
    "a block's name": ("blocks: {unit: {layers: [relu]}}\nlayers: [unit, {unit, repeat: 2}]\n", ["NS216"]),
    "a block that is not a mapping": ("blocks: {Unit: [relu]}\nlayers: [Unit, Unti]\n", ["NS203", "NS206"]),
    "a block without layers": ("blocks: {Unit: {params: {a: 1}}}\nlayers: [{Unit: 1}]\n", ["NS202"]),
    "a block's parameter": (
        "blocks: {U: {params: {n: int, b c: 3}, layers: [{conv2d: $n, kernel: 3}]}}\nlayers: [{U: 3, b: 4}]\n",
        ["NS204"],
    ),
    "a file of blocks": ("use: nothing.yaml\nlayers: {a: Unit, b: {Other: 3}, c: rlu}\n", ["NS109", "NS206"]),
    "a file of blocks, by a parameter": ("use: no.yaml\nparams: {b: Unit}\nlayers: [{$b: 3}]\n", ["NS109"]),
    "a parameter's name": ("params: {row: 3}\nlayers: [{conv2d: $row, kernel: 1}]\n", ["NS215"]),
    "a parameter's name that no expression can have": (
        "params: {my-width: 3}\nlayers: [{conv2d: $my-width, kernel: 1}, {conv2d: $other-width, kernel: 1}]\n",
        ["NS204", "NS401"],
    ),
    "a parameter's default": (
        'params: {n: "$(1 +", m: $(n + 1)}\nlayers: [{conv2d: $n, kernel: 1}, {conv2d: $m, kernel: 1}]\n', ["NS401"]
    ),
    "parameters that are not a mapping": (
        "params: [n, 3]\nvariants: {v: {n: 4}}\nlayers: [{conv2d: $n, kernel: 1}]\n", ["NS203"]
    ),
    "the key of the parameters": (
        "parms: {n: 3}\nvariants: {v: {n: 4}}\nlayers: [{conv2d: $n, kernel: 1}]\n", ["NS201"]
    ),
    "the key of a block's parameters": (
        "blocks: {U: {parms: {n: int}, layers: [{conv2d: $n, kernel: 1}]}}\nlayers: [{U: 3}]\n", ["NS201"]
    ),
    "a default argument": (
        "defaults: {conv2d: {paddin: same}}\nlayers: {a: {conv2d: 3, kernel: 3}, b: {add: [a, input]}}\n", ["NS213"]
    ),
    "defaults of an operation in other words": (
        "defaults: {Conv2d: {padding: same}}\nlayers: {a: {conv2d: 3, kernel: 3}, b: {add: [a, input]}}\n", ["NS206"]
    ),
    "defaults of a misspelled operation": (
        "defaults: {cnv2d: {padding: same}}\nlayers: {a: {conv2d: 3, kernel: 3}, b: {add: [a, input]}}\n", ["NS206"]
    ),
    "defaults that are not a mapping": (
        "defaults: [1]\nlayers: {a: {conv2d: 3, kernel: 3}, b: {add: [a, input]}}\n", ["NS203"]
    ),
    "all parameters that a block does not have": (
        "blocks: {U: {params: {n: 1}, layers: [relu]}}\nlayers: [{U: 3, a: 1, b: 2}]\n", ["NS213", "NS213"]
    ),
}  # fmt: skip


def codes(text: str, folder: Path) -> list[str]:
    return [d.code for d in Spec("<text>", text, folder=folder).elaborate().diagnostics]


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name: str, tmp_path: Path) -> None:
    text, expected = LAYERS[name]
    assert codes(HEAD + text, tmp_path) == expected


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(name: str, tmp_path: Path) -> None:
    text, expected = DOCUMENTS[name]
    assert codes("netspec: 1\ninput: [3, 32, 32]\n" + text, tmp_path) == expected


def test_inputs(tmp_path: Path) -> None:
    layers = "layers: {x: {relu, from: a}, y: {add: [x, b]}, z: {relu, from: c}}\n"
    assert codes("netspec: 1\ninputs: {a: 3, b: [3]}\n" + layers, tmp_path) == ["NS203", "NS301"]
    sizes = "params: [n]\ninput: [3, $n, 8]\nlayers: [relu]\n"
    assert codes("netspec: 1\n" + sizes, tmp_path) == ["NS203"]
