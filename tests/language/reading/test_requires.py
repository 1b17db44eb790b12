"""``requires``: its grammar against Python's own version specifiers, and what it stops."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

import netspec
from netspec import SpecError
from netspec.diagnostics import LocatedError
from netspec.language.flatten import flat_spec
from netspec.language.reading.requires import check_requires, release, specifier
from netspec.schema.document_schema import SPECIFIER
from netspec.text.yaml_reader import read

NUMBERS = st.lists(st.integers(0, 3), min_size=1, max_size=4).map(lambda n: ".".join(map(str, n)))
SPACE = st.sampled_from(["", " "])
CLAUSE = st.tuples(SPACE, st.sampled_from(["~=", "==", "!=", "<=", ">=", "<", ">"]), SPACE, NUMBERS, SPACE).map("".join)
SPECIFIERS = st.lists(CLAUSE, min_size=1, max_size=3).map(",".join)
SUFFIX = st.sampled_from([".dev1", "a1", "b2", "rc1", "+local", ".post1"])


def allows(text: str, version: str) -> bool:
    try:
        check_requires(read(f"requires: '{text}'"), version)
    except LocatedError as fault:
        assert fault.code == "NS226"
        return False
    return True


def valid(text: str) -> bool:
    try:
        specifier(text)
    except ValueError:
        return False
    return True


@given(SPECIFIERS, NUMBERS)
def test_agrees_with_packaging(text: str, version: str) -> None:
    try:
        theirs = SpecifierSet(text)
    except InvalidSpecifier:
        assert not valid(text)
        return
    assert valid(text)
    assert allows(text, version) == theirs.contains(version)


@given(SPECIFIERS.filter(valid), NUMBERS, SUFFIX)
def test_a_suffix_does_not_count(text: str, version: str, suffix: str) -> None:
    assert release(version + suffix) == release(Version(version + suffix).base_version)
    assert allows(text, version + suffix) == allows(text, version)


@given(st.text("0123.,~=<>! *vra", max_size=12))
def test_what_is_valid_is_valid_for_packaging(text: str) -> None:
    if valid(text):
        SpecifierSet(text)


@given(st.one_of(SPECIFIERS, st.text("012.,~=<>! ", max_size=10)))
def test_schema(text: str) -> None:
    """The schema allows what the reader allows, but for ``~=`` with one number."""
    assert (re.search(SPECIFIER, text) is not None) == (valid(text) or valid(text.replace("~=", ">=")))


@pytest.mark.parametrize(
    "text",
    [
        "", ">=", "0.2", "=0.2", "=>0.2", ">=0.2,", ">=0.2 <1", ">=0.2rc1", "==0.*", "~=1", ">=v1", ">=1_0",
        ">=" + "1" * 10,
        ",".join([">=0"] * 12),
    ],
)  # fmt: skip
def test_malformed(text: str) -> None:
    assert not valid(text)


HELP = [
    (">=0.3", "upgrade"), (">0.2", "upgrade"), ("!=0.2", "upgrade"), ("~=0.3.1", "upgrade"), ("==1", "upgrade"),
    ("<0.2", "older"), ("<=0.1", "older"), ("==0.1", "older"), ("~=0.1.0", "older"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "word"), HELP)
def test_help(text: str, word: str) -> None:
    with pytest.raises(LocatedError) as caught:
        check_requires(read(f"requires: '{text}'"), "0.2.0")
    assert caught.value.help is not None
    assert word in caught.value.help


def test_a_used_file_is_checked_and_nothing_else_is_said(tmp_path: Path) -> None:
    (tmp_path / "blocks.yaml").write_text("netspec: 1\nrequires: '>=99'\nnew_key: 1\nblocks: {}\n", encoding="utf-8")
    (tmp_path / "net.yaml").write_text(
        "netspec: 1\nuse: blocks.yaml\ninput: [3]\nlayers: [{B: 1}]\nwrong: 1\n", encoding="utf-8"
    )
    with pytest.raises(SpecError) as caught:
        netspec.load(tmp_path / "net.yaml")
    assert [d.code for d in caught.value.diagnostics] == ["NS226"]
    assert "blocks.yaml:2:11" in str(caught.value)


def test_it_is_kept() -> None:
    text = "netspec: 1\nrequires: '>=0.2, <9'\ninput: [3]\nlayers: [relu]\n"
    graph = netspec.loads(text)
    assert graph.requires == ">=0.2, <9"
    flat = flat_spec(graph)
    assert flat.splitlines()[:2] == ["netspec: 1", 'requires: ">=0.2, <9"']
    assert netspec.loads(flat).requires == graph.requires
