"""Names and remarks that are not identifiers, belong to ``nn.Module``, or are meant to break out of the text."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn

import netspec
import netspec_torch
from netspec.backend import BackendError
from netspec.ir import Graph, Scope
from netspec_torch.syntax.literals import CONTAINER_ATTRIBUTES, MODULE_ATTRIBUTES
from tests.drafts import Draft

from .support import check_facts, check_source, loads, random_inputs

NAMES = [
    "0", "12", "block1-0", "type", "training", "forward", "class", "None", "True", "import", "self", "super", "x",
    "torch", "nn", "F", "Tensor", "out", "input", "print", "match", "_modules", "_parameters", "__init__", "__class__",
    "__dict__", "__x", "__file__", "keys", "items", "append", "é", "ﬁ", "Ⅷ", "変数", "ªb", "a b", "a'b", 'a"b',
    'a"""b', "a\\", "a\\N{DASH}", "a\nb", "a\tb", "a{b}", "a{0}", "{self}", "a%sb", "a#b", "a)b", "a(", "a,b", "a=b",
    "\0", "\x01", "\x01" + "0\x01", "\u202e", "\u2028", "'''", '"', "'", "\\", "`", "$(rm)", "eval", "exec", "T_destination",
    "check_shape", "attend", "OrderedDict", "lambda", "def f(): pass", "x" * 100,
]  # fmt: skip
"""Names are checked long before by the language; nothing here relies on that."""


def single(name: str) -> Graph:
    draft = Draft("net")
    x = draft.input(4)
    x = draft.add(name, "dense", x, units=4, activation="relu")
    inner = name if name != "training" else "inner"  # PyTorch's own layers have no room for it
    x = draft.add(f"{name}.{inner}", "dense", x, units=3, bias=False)
    gain = draft.add(f"{name}.gain" if name != "gain" else "other", "parameter", shape=[3])
    x = draft.add(f"{name}_", "multiply", x, gain)
    return draft.graph(x)


def in_a_chain(name: str) -> Graph:
    draft = Draft("net")
    x = draft.input(4)
    draft.enter("chain")
    x = draft.add(f"chain.{name}", "dense", x, units=4)
    x = draft.add(f"chain.{name}b", "relu", x)
    x = draft.add(f"chain.{name}c", "dense", x, units=2)
    draft.leave()
    return draft.graph(x)


def tensor(name: str) -> Graph:
    draft = Draft("net")
    x = draft.input(4)
    own = draft.add(name, "parameter", shape=[4])
    fixed = draft.add(f"{name}2", "buffer", shape=[4], init="ones")
    inner = draft.add(f"inner.{name}", "buffer", shape=[4], init="ones")
    return draft.graph(draft.add("sum", "add", x, own, fixed, inner))


def block(name: str) -> Graph:
    draft = Draft(name)
    x = draft.input(4, name=name)
    for i, units in enumerate((4, 5)):
        scope = draft.enter(f"use{i}", block=name)
        assert isinstance(scope, Scope)
        x = draft.add(f"use{i}.{name}", "dense", x, units=units)
        x = draft.add(f"use{i}.act", "leaky_relu", x, slope=0.1 * (i + 1))
        draft.leave()
    return draft.graph(x)


@pytest.mark.parametrize("make", [single, in_a_chain, tensor, block])
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names(make: Callable[[str], Graph], name: str) -> None:
    if "." in name:
        return
    graph = make(name)
    model = netspec_torch.build(graph)
    expected = check_facts(graph, model, random_inputs(graph))
    check_source(graph, model, random_inputs(graph), expected)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(twin.eval()(*random_inputs(graph)), next(iter(expected.values())))
    ast.parse(netspec_torch.source(graph))


def test_reserved_names_are_all_known() -> None:
    """What PyTorch's modules use themselves, in the version at hand."""
    actual: set[str] = set()
    for module in (nn.Module(), nn.Sequential(), nn.ModuleList(), nn.ModuleDict()):
        actual |= {name for name in dir(module) if not name.startswith("_")}
    assert actual <= MODULE_ATTRIBUTES | CONTAINER_ATTRIBUTES


STACKED = """
netspec: 1
blocks: {{Expert: {{layers: {{{name}: {{dense: 4}}, relu: relu}}}}}}
input: [5, 4]
layers: {{scores: {{dense: 3}}, top: {{top_k: 2}},
          train: {{Expert, from: input, repeat: 3, stacked: true, route: [top.index, top.values]}}}}
"""


def test_names_in_stacked_copies() -> None:
    with pytest.raises(BackendError) as caught:
        netspec_torch.source(netspec.loads(STACKED.format(name="forward")))
    assert str(caught.value) == (
        "error[NS717]: in PyTorch, no layer of the stacked copies 'train' can be named 'forward'\n"
        "  = help: nn.Module has an attribute of that name: choose another one"
    )
    graph = netspec.loads(STACKED.format(name="values"))
    check_facts(graph, netspec_torch.build(graph), random_inputs(graph))


DOCS = [
    '"""', "'''", '"', "ends with a quote\"", "ends with a backslash\\", "\\N{BULLET}", "\\x00 \\u0000 \\", "a\nb\n\n\nc",
    "\n", "   ", "{x} %s", "\u202e reversed", "\u2028", "# noqa", '"""\nimport os\n"""', "word " * 60, "w" * 200, "é – 変数",
    '\\"""', '""" + eval("1") + """', "tab\there", "\r\n\r\nx", "\x00\x1b[31m",
]  # fmt: skip


@pytest.mark.parametrize("doc", DOCS, ids=ascii)
def test_remarks(doc: str) -> None:
    graph = block("Block")
    nodes = tuple(replace(n, scope=replace(n.scope, doc=doc, parent=graph.root)) for n in graph.nodes)
    scopes = {n.scope.name: n.scope for n in nodes}
    nodes = tuple(replace(n, scope=scopes[n.scope.name]) for n in nodes)
    graph = replace(graph, nodes=nodes, doc=doc, cite=doc, name="net")
    text = netspec_torch.source(graph)
    tree = ast.parse(text)
    kinds = {type(node) for node in tree.body}
    assert kinds <= {ast.ImportFrom, ast.Import, ast.ClassDef, ast.FunctionDef}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    words = " ".join(doc.split())
    if words.isprintable() and words:
        said = " ".join((ast.get_docstring(classes[0]) or "").split())
        assert words in said
    model = netspec_torch.build(graph)
    check_source(graph, model, random_inputs(graph), check_facts(graph, model, random_inputs(graph)))


def test_texts_that_are_arguments() -> None:
    graph = loads("""
name: net
doc: |
  A remark with "quotes", 'others' and a \\ backslash.
input: [3, 8, 8]
layers:
  conv: {conv2d: 4, kernel: 3, padding: 1, padding_mode: reflect}
  up: {upsample: 2, mode: bilinear}
""")
    model = netspec_torch.build(graph)
    check_source(graph, model, random_inputs(graph), check_facts(graph, model, random_inputs(graph)))
