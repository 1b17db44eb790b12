"""Random networks with names for the sizes of their inputs, against the integer rules; many more by a command."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from .random_networks import seeded
from .random_networks.names import DisagreementError, compare


def test_names_agree_with_the_integer_rules() -> None:
    counts: Counter[str] = Counter()
    for number in range(80):
        compare(seeded(3, number), Random(number), counts)
    assert counts["networks"] >= 60
    assert counts["both accept"] >= 200
    assert counts["both refuse"] >= 100


def test_a_disagreement_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def forget(*_: object) -> None:
        """Record no condition."""

    text = "netspec: 1\ninput: [3, 9, 9]\nlayers: [{max_pool2d: 8}]\n"
    compare(text, Random(0), Counter())
    monkeypatch.setattr("netspec.shapes.named_sizes.NamedSizes.require", forget)
    with pytest.raises(DisagreementError, match="names accept"):
        compare(text, Random(0), Counter())
