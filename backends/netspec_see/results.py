"""Results as files and as text: PNG, arrays in ``.npz``, JSON."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from netspec.diagnostics import clip
from netspec.files import replacing
from netspec.weights.numpy_types import Array

from .faults import fail

VERSION = 1
"""Version of what ``--format json`` prints."""
ENDINGS = (".png", ".npz")


@dataclass(frozen=True)
class Result:
    """What one look at a network has found."""

    what: str
    """The subcommand."""
    report: Mapping[str, Any]
    """As JSON has it: names and numbers, without the arrays."""
    lines: Sequence[str]
    """As a terminal shows it."""
    arrays: Mapping[str, Array]
    """What ``.npz`` files hold."""
    drawn: Callable[[], Image.Image]
    plots: Mapping[str, Callable[[], Image.Image]] = field(default_factory=dict[str, Callable[[], Image.Image]])
    """Further drawings, by the option that asks for them."""

    def json(self) -> str:
        """The report as JSON text."""
        return json.dumps({"version": VERSION, "see": self.what, **self.report}, indent=2, default=_plain)


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's."""
    return value.tolist()


def ending(path: str) -> str:
    """What a file's name asks for. Raises Error NS815 for an ending that nothing is written to."""
    found = Path(path).suffix.lower()
    if found not in ENDINGS:
        fail("NS815", f"cannot write '{clip(path)}': results are written as {' and '.join(ENDINGS)}")
    return found


def save(result: Result, path: str) -> None:
    """Writes the drawing or the arrays, by the file's ending. Raises Error NS705, NS815."""
    if ending(path) == ".npz":
        _written(path, lambda file: _saved(file, result.arrays))
    else:
        save_image(result.drawn(), path)


def save_image(image: Image.Image, path: str) -> None:
    """Writes an image as PNG. Raises Error NS705."""
    _written(path, lambda file: image.save(file, "PNG", optimize=True))


def _written(path: str, write: Callable[[BufferedWriter], None]) -> None:
    with replacing(path) as file:
        write(file)


def _saved(file: BufferedWriter, arrays: Mapping[str, Array]) -> None:
    """As ``numpy.savez_compressed`` does, which takes names as arguments and so cannot take all of them."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
