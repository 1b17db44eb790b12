"""Image files in folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from netspec.diagnostics import Error, clean

EXTENSIONS = frozenset((".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff"))
"""File extensions of the formats that :func:`netspec_picture.image_files.read_image` accepts, in lower case; in a
folder, only such files are read."""


def find_images(paths: Sequence[str | os.PathLike[str]]) -> Iterator[str]:
    """Paths of the images in folders and their subfolders, sorted by name, and of files that are given directly.

    Folders are walked without building a list of their files. Files with another extension are ignored; links to
    folders are not followed.

    Raises:
        Error: NS809, a path does not exist or a folder cannot be read.
    """
    for each in paths:
        path = os.fspath(each)
        if not os.path.exists(path):
            raise Error("NS809", f"there is no folder '{clean(path)}'")
        if os.path.isdir(path):
            yield from _walk(path)
        else:
            yield path


def _walk(folder: str) -> Iterator[str]:
    pending = [folder]
    while pending:
        current = pending.pop()
        try:
            with os.scandir(current) as scan:
                entries = sorted(scan, key=lambda e: e.name)
        except OSError as error:
            raise Error(
                "NS809", f"cannot read folder '{clean(current)}': {(error.strerror or 'unknown error').lower()}"
            ) from error
        pending += [e.path for e in reversed(entries) if e.is_dir(follow_symlinks=False)]
        yield from (e.path for e in entries if os.path.splitext(e.name)[1].lower() in EXTENSIONS and e.is_file())
