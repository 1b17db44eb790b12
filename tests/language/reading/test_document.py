"""Documents: what is read from a file, and what is reported about it."""

from __future__ import annotations

import pytest

from netspec.diagnostics import LocatedError
from netspec.language.reading.document import Blocks, Document, read_document, read_library
from netspec.text.yaml_reader import read

HEAD = "netspec: 1\ninput: [3, 8, 8]\nlayers: [relu]\n"


def written(text: str) -> tuple[Document | None, list[str]]:
    """The document of a text, and the codes of its problems."""
    problems: list[LocatedError] = []
    document = read_document(read(text), "net", problems.append)
    return document, [p.code for p in problems]


def test_a_document() -> None:
    document, codes = written(
        "netspec: 1\ndoc: A network.\nlayout: channels_last\nuse: lib.yaml\nparams: {n: 2}\n"
        "inputs: {x: [4], y: {shape: [3], dtype: int64}}\nblocks: {B: {layers: [relu], params: {w: int}, inputs: [p, q]}}\n"
        "layers: {a: {B, from: [x, y]}}\noutput: a\nvariants: {large: {n: 5, doc: Larger., expect: {params: 3}}}\n"
    )
    assert codes == []
    assert document is not None
    assert (document.name, document.doc, document.layout) == ("net", "A network.", "channels_last")
    assert document.use == ("lib.yaml",)
    assert [(i.name, i.dtype) for i in document.inputs] == [("x", None), ("y", "int64")]
    block = document.blocks["B"]
    assert (block.inputs, [p.name for p in block.params], block.document) == (("p", "q"), ["w"], document)
    large = document.variants["large"]
    assert (list(large.settings), large.doc, large.expect is not None) == (["n"], "Larger.", True)


@pytest.mark.parametrize(("text", "codes"), [
    ("", ["NS110"]), ("[1]", ["NS203"]), ("netspec: 2\ninput: [3]\nlayers: [relu]", ["NS203"]),
    (HEAD + "colour: red", ["NS201"]), ("netspec: 1\nlayers: [relu]", ["NS202"]), ("netspec: 1\ninput: [3]", ["NS202"]),
    (HEAD + "inputs: {x: [3]}", ["NS212"]), (HEAD + "output: []", ["NS203"]), (HEAD + "blocks: {b: {layers: [relu]}}", ["NS216"]),
    (HEAD + "blocks: {B: {}}", ["NS202"]), (HEAD + "blocks: {B: 3}", ["NS203"]), (HEAD + "variants: {all: {}}", ["NS217"]),
    (HEAD + "variants: {a: {n: 3}}", ["NS218"]), (HEAD + "defaults: {conv2d: {kernel: 3}}", ["NS225"]),
    ("netspec: 1\ninput: 3\nlayers: [relu]", ["NS203"]), ("netspec: 1\ninputs: {a.b: [3]}\nlayers: [relu]", ["NS204"]),
    ("netspec: 1\ninput: {shape: [3], dtype: text}\nlayers: [rlu]", ["NS203", "NS206"]),
])  # fmt: skip
def test_problems(text: str, codes: list[str]) -> None:
    assert written(text)[1] == codes


def test_blocks_may_use_blocks_that_are_written_later() -> None:
    document, codes = written(HEAD + "blocks: {A: {layers: [B]}, B: {layers: [relu]}}")
    assert codes == []
    assert document is not None
    assert list(document.blocks) == ["A", "B"]


def test_own_blocks_take_precedence_over_used_ones() -> None:
    library = read_library(
        read("netspec: 1\nblocks: {A: {layers: [relu]}, B: {layers: [abs]}}"), "lib", print, Blocks()
    )
    assert library is not None
    document = read_document(read(HEAD + "blocks: {A: {layers: [tanh]}}"), "net", print, library.blocks)
    assert document is not None
    assert [document.blocks[name].document for name in ("A", "B")] == [document, library]


def test_a_library_is_checked_only_as_far_as_it_is_used() -> None:
    problems: list[LocatedError] = []
    text = "netspec: 1\ninput: nonsense\nlayers: [nothing]\nblocks: {B: {layers: [relu]}}"
    library = read_library(read(text), "lib", problems.append, Blocks())
    assert library is not None
    assert (list(library.blocks), problems) == (["B"], [])
    assert read_library(read("[1]"), "lib", problems.append, Blocks()) is None
    assert [p.code for p in problems] == ["NS203"]
