"""Folders of images, walked without a list of them: any number, in a fixed order, unreadable ones told apart."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from netspec.diagnostics import clean

from .faults import fail

EXTENSIONS = frozenset((".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff"))
"""File extensions, in lower case, of the formats that :mod:`.images` reads."""


def images(places: Sequence[str | os.PathLike[str]]) -> Iterator[str]:
    """Paths of the images in folders and below them, by name, and of files given themselves.

    What does not end like an image is passed over; links to folders are not followed.

    Raises:
        Error: NS809, a place does not exist or a folder cannot be read.
    """
    for place in places:
        path = os.fspath(place)
        if not os.path.exists(path):
            fail("NS809", f"there is no folder '{clean(path)}'")
        if os.path.isdir(path):
            yield from _below(path)
        else:
            yield path


def _below(folder: str) -> Iterator[str]:
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as found:
                entries = sorted(found, key=lambda e: e.name)
        except OSError as error:
            fail("NS809", f"cannot read folder '{clean(here)}': {(error.strerror or 'it fails').lower()}")
        waiting += [e.path for e in reversed(entries) if e.is_dir(follow_symlinks=False)]
        yield from (e.path for e in entries if os.path.splitext(e.name)[1].lower() in EXTENSIONS and e.is_file())


def count(paths: Iterable[str]) -> int:
    """How many there are."""
    return sum(1 for _ in paths)
