"""The specs that mutations start from."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

from tests.random_networks import network

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"```yaml\n(netspec: 1\n.*?)```", re.DOTALL)
SMALL = 2_000
"""Characters of a seed of which many can be checked in a short time."""


@cache
def written_specs() -> tuple[str, ...]:
    """The zoo, the invalid specs of the tests, and the specs in the documentation."""
    files = [*sorted((ROOT / "specs").glob("*.yaml")), *sorted((ROOT / "tests" / "invalid").glob("*.yaml"))]
    texts = [path.read_bytes().decode("utf-8", errors="replace") for path in files]
    for page in sorted((ROOT / "docs").rglob("*.md")):
        texts += _BLOCK.findall(page.read_text(encoding="utf-8"))
    return tuple(texts)


def seed_text(r: Random, *, backends: bool) -> str:
    """One seed: usually a written spec, otherwise a random network.

    Args:
        r: source of randomness.
        backends: whether the network will be built, so that it must be small.
    """
    if r.random() < (0.7 if backends else 0.2):
        return network(r, r.randint(1, 6))
    texts = written_specs()
    return r.choice([t for t in texts if len(t) <= SMALL] if backends or r.random() < 0.8 else texts)
