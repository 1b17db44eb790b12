"""Rules of the language, as small specs and the names, shapes and parameters that they give."""

from __future__ import annotations

from typing import Any

import pytest

import netspec

IMAGE = "netspec: 1\ninput: [3, 16, 16]\n"


def names(text: str, **params: Any) -> list[str]:
    """Names of the layers."""
    return [n.name for n in netspec.loads(IMAGE + text, **params).nodes]


@pytest.mark.parametrize(("text", "expected"), [
    ("layers: [relu, relu]", ["0", "1"]),
    ("layers: {a: relu, b: [relu, {layers: {c: relu}}]}", ["a", "b.0", "b.1.c"]),
    ("layers: {a: {relu, repeat: 2}}", ["a.0", "a.1"]),
    ("layers: [{relu, repeat: 2}, abs]", ["0", "1", "2"]),
    ("layers: {a$(index + 1): {relu, repeat: 2}}", ["a1", "a2"]),
    ("layers: {a: {dropout: $r, each: {columns: r, rows: [0.1, 0.2]}}}", ["a.0", "a.1"]),
    ("layers: {a: {dropout: $r, each: {columns: r, rows: {x: 0.1, y: 0.2}}}}", ["a.x", "a.y"]),
    ("layers: {a: {dropout: $r, repeat: $n, each: {columns: [r, n], rows: {x: [0.1, 2], y: [0.2, 1]}}}}",
     ["a.x.0", "a.x.1", "a.y.0"]),
    ("layers: [{dropout: $r, repeat: $n, each: {columns: [r, n], rows: [[0.1, 2], [0.2, 1]]}}]", ["0", "1", "2"]),
    ("layers:\n  - each: {columns: n, rows: [1, 2]}\n    layers: [{relu, repeat: $n}]\n  - abs", ["0.0", "1.0", "1.1", "2"]),
    ("layers:\n  - each: {columns: n, rows: [1, 2]}\n    inline: [{inline: [relu], repeat: $n}, abs]",
     ["0", "1", "2", "3", "4"]),
    ("layers: [{relu, when: false}, abs]", ["0"]),
    ("layers: {a: {relu, when: false}, b: abs}", ["b"]),
    ("layers: {a.b: relu, a.c: abs}", ["a.b", "a.c"]),
    ("layers: {a: {relu, activation: sigmoid}}", ["a", "a.activation"]),
    ("layers: {row$(row): {relu, each: {rows: [1, 2]}}}", ["row0", "row1"]),
    ("params: {n: 2}\nlayers: {a: {relu, repeat: $n}}", ["a.0", "a.1"]),
    ("layers: {a: {relu, repeat: 0}, b: abs}", ["b"]),
])  # fmt: skip
def test_names(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def reads(text: str) -> dict[str, list[str]]:
    """What every layer reads, by name."""
    graph = netspec.loads(text if text.startswith("netspec") else IMAGE + text)
    return {n.name: [graph.value_name(v) for v in n.inputs] for n in graph.nodes}


@pytest.mark.parametrize(("text", "layer", "expected"), [
    ("layers: {a: relu, b: abs}", "b", ["a"]),
    ("layers: {a: relu, b: {abs, from: input}, c: {add: [a, b]}}", "b", ["input"]),
    ("layers: {a: relu, b: {add: input}}", "b", ["a", "input"]),
    ("layers: {a: relu, b: {add: [input, a]}}", "b", ["input", "a"]),
    ("layers: {a: {relu, when: false}, b: {add: [a, input]}}", "b", ["input", "input"]),
    ("layers: {x: relu, a: {abs, from: input, when: false}, b: {add: [a, x]}}", "b", ["input", "x"]),
    ("layers: {a: {relu, repeat: 3}, b: {add: [a.*]}}", "b", ["a.0", "a.1", "a.2"]),
    ("layers: {a: {relu, repeat: 3}, b: {add: [a.0, a.2, a.1]}}", "b", ["a.0", "a.2", "a.1"]),
    ("layers: {s: {split: 3}, b: {concat: s.*}}", "b", ["s.0", "s.1", "s.2"]),
    ("layers: {s: {split: 3}, b: {concat: [s.0, s.1, s.2]}}", "b", ["s.0", "s.1", "s.2"]),
    ("layers: {g: {layers: {p: relu, q: abs}}, b: {add: [g.p, g]}}", "b", ["g.p", "g.q"]),
    ("layers: {a: abs, o: relu, g: {layers: {p: {add: a}}}}", "g.p", ["o", "a"]),
    ("layers: {g: {layers: {p: relu, q: {add: input}}}}", "g.q", ["g.p", "input"]),
    ("layers: {g: {layers: {p: {relu, from: x}, q: {add: input}}, inputs: [x]}}", "g.q", ["g.p", "input"]),
    ("layers: {t: {parameter: [3, 1, 1]}, a: relu, b: {add: t}}", "a", ["input"]),
    ("layers: {a: {add: [input, input], repeat: 2}}", "a.1", ["a.0", "input"]),
    ("blocks: {B: {inputs: [a, b], layers: {s: {add: [a, b]}}}}\nlayers: {x: relu, u: {B, from: [input, x], repeat: 2}}",
     "u.1.s", ["u.0.s", "x"]),
    ("blocks: {B: {layers: {p: relu, q: abs}, outputs: {main: q, side: p}}}\nlayers: {u: B, b: {add: [u.side, u]}}",
     "b", ["u.p", "u.q"]),
    ("blocks: {B: {layers: {p: relu, q: abs}, output: p}}\nlayers: {u: {B, repeat: 1}, b: {add: [u.*, u.0.q]}}",
     "b", ["u.0.p", "u.0.q"]),
    ("netspec: 1\ninputs: {x: [3], y: [3]}\nlayers: {a: {relu, from: y}, b: {add: x}}", "b", ["a", "x"]),
])  # fmt: skip
def test_references(text: str, layer: str, expected: list[str]) -> None:
    assert reads(text)[layer] == expected


def shapes(text: str) -> dict[str, tuple[int, ...]]:
    """Shapes of the layers by name."""
    graph = netspec.loads(text)
    return {n.layer: n.outputs[0].shape for n in graph.nodes}


def test_expressions_see_shapes() -> None:
    got = shapes(
        IMAGE
        + """
blocks:
  Squeeze:
    params: {ratio: 4, width: "$(max(1, input.channels // ratio))"}
    layers: {a: {conv2d: $width, kernel: 1}, b: {conv2d: $(input.channels), kernel: $(a.height // 16)}}
layers:
  first: {conv2d: 32, kernel: 3, padding: same}
  squeeze: Squeeze
  double: {conv2d: $(2 * incoming.channels), kernel: 1}
  last: {conv2d: "$(first.shape[0] + squeeze.a.channels)", kernel: 1}
"""
    )
    assert got["squeeze.a"] == (8, 16, 16)
    assert got["double"] == (64, 16, 16)
    assert got["last"] == (40, 16, 16)


def test_first_holds_for_the_first_copy() -> None:
    text = IMAGE + "layers: {a: {conv2d: 3, kernel: 3, padding: 1, repeat: 3, first: {stride: 2}}}"
    assert [n.outputs[0].shape for n in netspec.loads(text).nodes] == [(3, 8, 8)] * 3
    rows = IMAGE + (
        "layers:\n  a: {conv2d: 3, kernel: 3, padding: 1, repeat: 2, first: {stride: $s}, "
        "each: {columns: s, rows: [2, 2]}}"
    )
    assert [n.outputs[0].shape for n in netspec.loads(rows).nodes] == [(3, 8, 8), (3, 8, 8), (3, 4, 4), (3, 4, 4)]


def test_sharing_and_freezing() -> None:
    graph = netspec.loads(
        IMAGE
        + """
blocks: {T: {layers: {c: {conv2d: 3, kernel: 3, padding: 1}, d: {conv2d: 3, kernel: 1}}}}
layers:
  a: {T, freeze: true}
  b: {T, share: a}
  c: {conv2d: 3, kernel: 1, bias: false, share: a.d}
"""
    )
    assert [p.name for p in graph.parameters] == ["a.c.weight", "a.c.bias", "a.d.weight", "a.d.bias"]
    assert not any(p.trainable for p in graph.parameters)
    assert netspec.analyze(graph).params == 3 * 27 + 3 + 9 + 3


def test_block_sees_its_document_not_its_user() -> None:
    text = IMAGE + "params: {w: 4}\nblocks: {B: {layers: {c: {conv2d: $w, kernel: 1}}}}\nlayers: {a: B}"
    assert netspec.loads(text).values[-1].shape == (4, 16, 16)
    assert netspec.loads(text, w=9).values[-1].shape == (9, 16, 16)
    with pytest.raises(netspec.SpecError, match="'index' is not known here"):
        netspec.loads(
            IMAGE + "blocks: {B: {layers: {c: {conv2d: $(index + 1), kernel: 1}}}}\nlayers: {a: {B, repeat: 2}}"
        )


def test_variants_and_set() -> None:
    text = IMAGE + (
        "params: {w: 4, n: 1}\nlayers: {a: {conv2d: $w, kernel: 1, repeat: $n}}\nvariants: {wide: {w: 8}, deep: {n: 3}}"
    )
    assert netspec.loads(text, "wide").values[-1].shape == (8, 16, 16)
    assert len(netspec.loads(text, "deep").nodes) == 3
    assert netspec.loads(text, "wide", w="16").values[-1].shape == (16, 16, 16)


def test_scopes_say_what_was_there() -> None:
    graph = netspec.load("resnet@18")
    scopes = {n.scope.name: n.scope for n in graph.nodes}
    second = scopes["layer2.1"]
    assert second.block == "BasicBlock"
    assert second.arguments == {"filters": 128, "stride": 1}
    assert second.copy == (1, 2)
    assert second.left_out == ("downsample",)
    assert scopes["layer2.0"].left_out == ()
    assert scopes["layer1.0"].key == scopes["layer1.1"].key
    assert scopes["layer2.0"].key != scopes["layer2.1"].key


def test_channels_last_reads_as_keras_does() -> None:
    got = shapes("""
netspec: 1
input: [10, 8, 128]
layout: channels_last
layers:
  up: {conv_transpose2d: 32, kernel: 3, stride: 2, padding: valid}
  conv: {conv2d: 6, kernel: 5, padding: valid}
  order: {permute: [2, 0, 1]}
  flat: flatten
""")
    assert got == {"up": (21, 17, 32), "conv": (17, 13, 6), "order": (6, 17, 13), "flat": (6 * 17 * 13,)}


def test_use(tmp_path: Any) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "blocks.yaml").write_text(
        "netspec: 1\nparams: {w: 5}\nblocks: {B: {layers: {c: {conv2d: $w, kernel: 1}}}}\n"
    )
    spec = tmp_path / "net.yaml"
    spec.write_text(IMAGE + "params: {w: 9}\nuse: lib/blocks.yaml\nlayers: {a: B}\n")
    assert netspec.load(spec).values[-1].shape == (5, 16, 16)
    (tmp_path / "outside.yaml").write_text("netspec: 1\n")
    inner = tmp_path / "lib" / "net.yaml"
    inner.write_text(IMAGE + "use: link.yaml\nlayers: [relu]\n")
    (tmp_path / "lib" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    with pytest.raises(netspec.SpecError, match="in the spec's folder or below"):
        netspec.load(inner)
