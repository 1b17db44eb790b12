"""The JSON Schema: every spec passes, and what a schema can see of a fault it sees."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped,unused-ignore]  # it has no types of its own

from netspec import zoo
from netspec.diagnostics import LocatedError
from netspec.language.reading.records import plain_value
from netspec.ops import TABLE
from netspec.ops.reference import spec_of
from netspec.schema import rendered, schema
from netspec.text.yaml_reader import read

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "netspec.schema.json"
INVALID = ROOT / "tests" / "invalid"
HEAD = "netspec: 1\ninput: [3, 32, 32]\n"


@cache
def validator() -> Draft7Validator:
    Draft7Validator.check_schema(schema())
    return Draft7Validator(schema())


def faults(text: str) -> list[tuple[str, str]]:
    """Places and messages of what is wrong with a text."""
    checker: Any = validator()
    errors = checker.iter_errors(plain_value(read(text)))
    return sorted((".".join(map(str, e.absolute_path)), str(e.message)) for e in errors)


@pytest.mark.parametrize("name", zoo.names())
def test_zoo_passes(name: str) -> None:
    path = zoo.path(name)
    assert path is not None
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("op", TABLE)
def test_examples_pass(op: str) -> None:
    assert faults(spec_of(op)) == []


PASSING = (
    "layers: [relu, Unit, $act, {$block: 64, dropout: 0.1}, {Unit, repeat: 3, first: {stride: 2}}]",
    "layers: {a$(1): relu, attn.c_proj: {dense: 3}, 0: identity}",
    "layers: [{conv2d: {filters: 4, kernel: 3}, activation: {leaky_relu: 0.2}}, {conv2d: 4.0, kernel: [3, $k]}]",
    "layers: [{conv2d: , filters: 4, kernel: 3}, {conv2d: {kernel: 3}, filters: 4}, {add: input}, {add: [0, 1]}]",
    "layers: [{inline: [relu, tanh], repeat: $(n)}, [relu, [tanh]], {layers: [relu], from: 0, inputs: [x]}]",
    "layers: [{conv2d: $c, kernel: 3, padding: $p, bias: $(c > 3), each: {columns: c, rows: $rows}}]",
    "layers: [{max_pool2d: 2, stride: null, padding: [[0, 1], 0]}, {slice: 0, stop: [null, 3]}, {reshape: [3, -1]}]",
    "layers: [{conv2d: 4, kernel: 3, init: {weight: {normal: 0.02}}}, {conv2d: 1, kernel: 1, init: [[[[1]]]]}]",
    "params: {n: int, s: [1, 2], act: {default: relu, choices: [relu], doc: x}}\nlayers: [relu]",
    "layers: [relu]\noutputs: {a: 0, b: {from: 0, when: $(n > 1)}}\nexpect: {params: <= 5M, shapes: {0: [3, 32, 32]}}",
    "layers: [{pad: 1}, {pad: [1, 2]}, {pad: [[0, 1], [2, 3]]}, {crop: [[0, $n], $p]}, {reshape: [2, 3], axes: [null, $a]}, {add: 0, from: 1}]",
    "layers: [{upsample, like: skip}, {embedding: 30_522, width: $w}, {gather: 0, index: 3}]",
    "blocks: {B: {inputs: [a, b], params: {n: 1}, layers: {s: {add: [a, b]}}, output: s}}\nlayers: [B]",
    "blocks: {B: {inputs: [a, kids.*], layers: [relu]}, C: {inputs: [], layers: [relu]}}\nlayers: [{B, from: {a: x, kids: [y, $z]}}]",
    "layers: {a: {relu, map: b.*}, c: {B, map: [a, {from: b, when: $d}]}}",
    "layers: {a: {relu, parallel: true, repeat: 2}, b: {B, carry: [x], each: {as: s, rows: [1]}}, c: {inline: {d$(index): relu}, repeat: 2}}",
    "layers: [{add: {from: a, when: $c}}, {concat: [a, {from: b.*, when: false}, false]}, {relu, from: {from: a, when: $c}}]",
)


@pytest.mark.parametrize("text", PASSING)
def test_passes(text: str) -> None:
    assert faults(HEAD + text) == []


FAILING = (
    ("layers: [{conv2d: 4, kernal: 3}]", "layers.0", "'kernel' is a required property"),
    ("layers: [{conv2d: 4, kernal: 3}]", "layers.0", "Additional properties are not allowed ('kernal' was unexpected)"),
    ("layers: [{conv2d: true, kernel: 3}]", "layers.0.conv2d", "True is not of type 'integer', 'string'"),
    ("layers: [{conv2d: {filters: 4}}]", "layers.0", "is not valid under any of the given schemas"),
    ("layers: [{conv2d: {filters: 4, kernel: 3, x: 1}}]", "layers.0.conv2d", "('x' was unexpected)"),
    ("layers: [{conv2d: 4, kernel: [3, 3, 3]}]", "layers.0.kernel", "[3, 3, 3] is too long"),
    ("layers: [{conv3d: 4, kernel: [3, 3]}]", "layers.0.kernel", "[3, 3] is too short"),
    ("layers: [conv2d]", "layers.0", "'conv2d' is not one of"),
    ("layers: [rleu]", "layers.0", "'rleu' is not one of"),
    ("layers: [{rleu: }]", "layers.0", "'operation' is a required property"),
    ("layers: [{relu: 3}]", "layers.0.relu", "3 is not of type 'null', 'object'"),
    ("layers: [{relu, repeat: many}]", "layers.0.repeat", "'many' does not match"),
    ("layers: [{relu, freeze: 1}]", "layers.0.freeze", "1 is not of type 'boolean'"),
    ("layers: [{relu, frm: input}]", "layers.0", "('frm' was unexpected)"),
    ("layers: [{layers: [relu], kernel: 3}]", "layers.0", "('kernel' was unexpected)"),
    ("layers: [{inline: {a: relu}}]", "layers.0.inline", "is not of type 'array'"),
    ("layers: {a: {inline: [relu]}}", "layers.a.inline", "is not of type 'object'"),
    ("layers: [relu]\nexpect: {parms: 3}", "expect", "('parms' was unexpected)"),
    ("layers: [relu]\nlayrs: []", "", "('layrs' was unexpected)"),
    ("blocks: {B: {layer: [relu], layers: [relu]}}\nlayers: [B]", "blocks.B", "('layer' was unexpected)"),
    ("blocks: {B: {layers: [{conv2d: 4}]}}\nlayers: [B]", "blocks.B.layers.0", "'kernel' is a required property"),
    ("layers: [{conv2d: 4, kernel: 3, padding: full}]", "layers.0.padding", "'full' is not one of"),
    ("layers: [{conv2d: 4, kernel: 3, activation: prelu}]", "layers.0.activation", "'prelu' is not one of"),
    ("layers: [{dropout: 1.5}]", "layers.0.dropout", "1.5 is greater than the maximum of 1"),
)


@pytest.mark.parametrize(("text", "place", "message"), FAILING)
def test_fails(text: str, place: str, message: str) -> None:
    assert any(where == place and message in said for where, said in faults(HEAD + text)), faults(HEAD + text)


NAMED = "netspec: 1\ndims: {H: 224, W: {default: $n, multiple_of: 32, min: 1_024, max: 4096, doc: x}}\nlayers: [relu]\n"


def test_named_dimensions() -> None:
    assert faults(f"{NAMED}input: [3, H, W]") == faults(f"{NAMED}inputs: {{x: {{shape: [$n, H]}}, y: [W]}}") == []
    for edit, place in (
        ("input: [3, H/2]", "input.1"),
        ("input: [3, -1]", "input.1"),
        ("input: [3, H]\ndims: {N: 3}", "dims"),
        ("input: [3, H]\ndims: {index: 3}", "dims"),
        ("input: [3, H]\ndims: {H: 0}", "dims.H"),
        ("input: [3, H]\ndims: {H: wide}", "dims.H"),
        ("input: [3, H]\ndims: {H: {min: 3}}", "dims.H"),
        ("input: [3, H]\ndims: {H: {default: 3, step: 3}}", "dims.H"),
    ):
        assert [where for where, _ in faults(f"netspec: 1\nlayers: [relu]\n{edit}")] == [place], edit


UNSEEN = {
    # needs names of blocks, parameters, layers or dimensions
    "NS206", "NS213", "NS215", "NS218", "NS219", "NS220", "NS223", "NS224", "NS231", "NS30", "NS31", "NS233", "NS32",
    # needs values, shapes, other files or the text
    "NS109", "NS221", "NS222", "NS227", "NS228", "NS4", "NS5", "NS601", "NS602", "NS604", "NS9",
}  # fmt: skip
"""Codes (or beginnings of codes) of which a schema sees some, or none."""


@pytest.mark.parametrize("path", sorted(INVALID.glob("ns*.yaml")), ids=lambda p: p.stem)
def test_invalid_specs(path: Path) -> None:
    try:
        actual = faults(path.read_text(encoding="utf-8"))
    except LocatedError:
        return  # no YAML, or what netspec leaves out of it
    code = path.stem.split("_")[0].upper()
    assert actual or any(code.startswith(c) for c in UNSEEN)


def test_file_is_up_to_date() -> None:
    """``NETSPEC_RENEW=1`` writes it anew, as ``netspec schema -o docs/netspec.schema.json`` does."""
    text = rendered()
    if os.environ.get("NETSPEC_RENEW"):
        FILE.write_text(text, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == text


def test_every_argument_and_operation_is_described() -> None:
    definitions = schema()["definitions"]
    for name, value in definitions.items():
        if name.startswith("argument_"):
            assert "$ref" in value or value["description"]
    for op in TABLE:
        assert definitions[f"op_{op}"]["properties"][op]["description"]
