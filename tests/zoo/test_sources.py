"""Every figure that papers and reference code state of the networks that torchvision lacks, as they print it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from netspec import zoo

from .figures import Stated, actual, counted, in_units, stated
from .paper_networks import claims, network
from .test_zoo import CHAPTER
from .vision_networks import NETWORKS

ALL = stated()
OURS = {"small_vgg"}
"""Made for our documents; nobody has published it."""


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_as_stated(row: Stated) -> None:
    value = in_units(actual(row.network, row.quantity), row.unit)
    said = Decimal(row.stated)
    last = Decimal(1).scaleb(int(said.as_tuple().exponent))
    """One of the last digit printed."""
    rounds = abs(value - said) <= last / 2
    holds = {"exact": value == said, "rounds": rounds, "cut": said <= value < said + last, "differs": not rounds}
    assert holds[row.agrees], f"{value} of {said}"


@pytest.mark.parametrize("row", [r for r in ALL if r.agrees != "exact"], ids=lambda row: row.name)
def test_says_why_it_differs(row: Stated) -> None:
    assert row.note or row.agrees == "rounds"
    assert row.source


def test_every_network_is_held_against_a_published_figure() -> None:
    held = {r.network for r in ALL if r.agrees != "differs"} | {r.network for r in counted()} | set(NETWORKS.values())
    held |= {name for c in claims() if (name := network(c)) is not None}
    families = {name.partition(" ")[0].partition("@")[0] for name in held}
    assert set(zoo.names("")) - families == CHAPTER | OURS
