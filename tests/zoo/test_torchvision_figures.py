"""Parameters and MACs of every network against the figures that torchvision publishes with its weights."""

from __future__ import annotations

import pytest

from netspec.text.yaml_reader import Map

from .support import analysis, loaded
from .vision_networks import FINE_TUNED, NETWORKS, WITH_AUXILIARY, Figures, published

ROWS = published()


def test_every_row_is_a_network() -> None:
    assert {row.builder for row in ROWS} == NETWORKS.keys()
    assert {(row.builder, row.crop) for row in ROWS} >= FINE_TUNED.keys()


@pytest.mark.parametrize("reference", sorted({*NETWORKS.values(), *FINE_TUNED.values(), *WITH_AUXILIARY.values()}))
def test_states_both_figures(reference: str) -> None:
    stated = {key for tree in loaded(reference).expect if isinstance(tree, Map) for key in tree.entries}
    assert stated >= {"params", "macs"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.builder}-{row.entry}")
def test_figures(row: Figures) -> None:
    reference = FINE_TUNED.get((row.builder, row.crop), NETWORKS[row.builder])
    actual = analysis(reference)
    # Inception's figure counts the parameters of its auxiliary classifier, but not the work of it.
    counted = analysis(WITH_AUXILIARY[row.builder]) if row.builder == "inception_v3" else actual
    assert counted.params == row.params
    assert round(actual.macs / 1e9, 3) == row.giga_macs
    if row.macs is not None:
        assert actual.macs == row.macs
