"""The fuzzer's own behaviour, and every text that it found to break a property."""

from __future__ import annotations

import pytest

from netspec import SpecError

from .fuzz.oracles import PropertyError, TimeLimitError, check_backends, check_text, time_limit
from .fuzz.worker import examine, mutant

VALID = "netspec: 1\ninput: [3, 8, 8]\nlayers: [{conv2d: 4, kernel: 3}, relu]\n"
FOUND = {
    "an index beyond a list": "netspec: 1\ninput: [3, 32, 32]\nparams: {depths: [1, 2]}\nlayers: [{conv2d: $depths.2, kernel: 3}]\n",
}
"""Reduced texts that a run found to break a property, or that resemble one."""


def test_a_series_is_reproducible() -> None:
    texts = [mutant(3, n, backends=False) for n in range(30)]
    assert texts == [mutant(3, n, backends=False) for n in range(30)]
    assert len(set(texts)) > 25
    assert texts != [mutant(4, n, backends=False) for n in range(30)]


def test_valid_and_invalid_texts() -> None:
    graph = check_text(VALID)
    assert graph is not None
    assert check_text("netspec: 1\n") is None


def test_lowering(tmp_path_factory: pytest.TempPathFactory) -> None:
    graph = check_text(VALID)
    assert graph is not None
    assert check_backends(graph, tmp_path_factory.mktemp("fuzz"))


def test_it_reports_exceptions(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    def broken(text: str) -> None:
        raise KeyError("broken")

    monkeypatch.setattr("netspec.loads", broken)
    outcome = examine(0, 0, tmp_path_factory.mktemp("fuzz"), backends=False)
    assert outcome.kind == "failed"
    assert "KeyError: 'broken'" in outcome.report


def test_it_reports_contradictions(monkeypatch: pytest.MonkeyPatch) -> None:
    def rejecting(text: str) -> None:
        raise SpecError([])

    monkeypatch.setattr("netspec.loads", rejecting)
    with pytest.raises(PropertyError, match=r"check accepts what loads\(\) rejects"):
        check_text(VALID)


def test_it_ends_what_takes_too_long() -> None:
    def endless() -> None:
        with time_limit(0.1):
            while True:
                pass

    with pytest.raises(TimeLimitError):
        endless()


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_found(text: str) -> None:
    check_text(text)
