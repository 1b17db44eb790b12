"""Networks that torchvision lacks, against what timm, Keras and pytorchcv count of theirs."""

from __future__ import annotations

import pytest

from .figures import Counted, actual, counted


@pytest.mark.parametrize("figure", counted(), ids=lambda figure: figure.name)
def test_figure(figure: Counted) -> None:
    assert actual(figure.network, figure.quantity) == figure.value
