"""The texts of the zoo, of every spec and every variant, by digest.

``python -m tests.torch_backend.texts`` writes the digests anew and says which have changed; with a folder behind it,
the texts too, to be compared with those of another commit.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

import netspec
import netspec_torch
from netspec import zoo
from netspec.checking.spec import Spec

FILE = Path(__file__).parent / "written" / "digests.txt"
"""Digest and name of every text, a line each."""


def names() -> list[str]:
    """Every spec, or each of its variants: ``vgg16``, ``resnet@18``."""
    out: list[str] = []
    for name in zoo.names(""):
        variants = Spec(str(zoo.path(name))).variants
        out += [f"{name}@{variant}" for variant in variants] if variants else [name]
    return out


def text(name: str) -> str:
    """The text of one of :func:`names`."""
    spec, _, variant = name.partition("@")
    return netspec_torch.source(netspec.load(str(zoo.path(spec)), variant or None))


def digest(text: str) -> str:
    """The digest of a text without its first line, which names netspec's version."""
    return hashlib.sha256(text.partition("\n")[2].encode()).hexdigest()[:16]


@cache
def pinned() -> dict[str, str]:
    """The digests on file, by name."""
    return {name: value for value, name in map(str.split, FILE.read_text(encoding="utf-8").splitlines())}


def renew(folder: Path | None) -> None:
    """Writes the digests, and into a folder the texts."""
    before = pinned() if FILE.exists() else {}
    lines: list[str] = []
    for name in names():
        written = text(name)
        value = digest(written)
        lines.append(f"{value} {name}")
        if before.get(name) != value:
            print(name)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{name}.py").write_text(written, encoding="utf-8")
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    renew(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
