"""The text of every spec and variant is the one on file: ``python -m tests.torch_backend.texts`` renews the digests."""

from __future__ import annotations

import pytest

from .texts import digest, names, pinned, text


@pytest.mark.parametrize("name", names())
def test_text_is_unchanged(name: str) -> None:
    assert digest(text(name)) == pinned()[name], f"{name} differs: python -m tests.torch_backend.texts renews"


def test_every_spec_and_variant_is_pinned() -> None:
    assert list(pinned()) == names()
