"""Every network of the zoo compiles, and is what its ``expect`` says."""

from __future__ import annotations

import pytest

from netspec import zoo
from netspec.checking.expectations import check_expectations
from netspec.text.yaml_reader import Map

from .support import analysis, loaded, references, spec

CHAPTER = {
    "filters",
    "filters_1d",
    "filters_3d",
    "laplacian",
    "stride",
    "pooling",
    "large_image",
    "transposed",
}
"""Specs that show one layer; there is nothing to cite."""


@pytest.mark.parametrize("reference", list(references()))
def test_compiles_as_expected(reference: str) -> None:
    actual = loaded(reference)
    assert actual.diagnostics == ()
    stated = {key for tree in actual.expect if isinstance(tree, Map) for key in tree.entries}
    assert stated & {"params", "trainable_params"}, "a network of the zoo states its figures"
    assert [d.message for d in check_expectations(actual, analysis(reference))] == []


@pytest.mark.parametrize("name", zoo.names())
def test_says_what_it_is(name: str) -> None:
    document = spec(name).document
    assert document is not None
    assert document.name == name
    assert document.cite or name in CHAPTER
