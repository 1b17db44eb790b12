"""The result of a subcommand, and its files: PNG, arrays as ``.npz``, JSON."""

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

from netspec.cli.output_files import destination, to_standard_output
from netspec.diagnostics import Error, clip
from netspec.files import is_stream, replace_file
from netspec.weights.numpy_types import Array

VERSION = 1
"""Version of the output of ``--format json``."""
EXTENSIONS = (".png", ".npz")


@dataclass(frozen=True)
class SeeResult:
    """The result of a subcommand."""

    subcommand: str
    report: Mapping[str, Any]
    """Names and numbers for JSON, without the arrays."""
    lines: Sequence[str]
    """Text for the terminal."""
    arrays: Mapping[str, Array]
    """Contents of ``.npz`` files."""
    render: Callable[[], Image.Image]
    """Renders the picture."""
    plots: Mapping[str, Callable[[], Image.Image]] = field(default_factory=dict[str, Callable[[], Image.Image]])
    """Renders further pictures, by the option that requests them."""

    def json(self) -> str:
        """The report as JSON text."""
        return json.dumps({"version": VERSION, "see": self.subcommand, **self.report}, indent=2, default=_to_python)


def _to_python(value: Any) -> Any:
    """A NumPy number or array as a Python number or list."""
    return value.tolist()


def output_format(path: str) -> str:
    """The format of a file by its extension; of standard output, a pipe or a device without one, a picture.

    Raises:
        Error: NS815, an unknown extension.
    """
    extension = Path(path).suffix.lower()
    if not extension and (to_standard_output(path) or is_stream(path)):
        return ".png"
    if extension not in EXTENSIONS:
        raise Error("NS815", f"cannot write '{clip(path)}': results are written as {' and '.join(EXTENSIONS)}")
    return extension


def save(result: SeeResult, path: str) -> None:
    """Writes the picture or the arrays, depending on the file extension. Raises Error NS705, NS815."""
    if output_format(path) == ".npz":
        _write(path, lambda file: _write_arrays(file, result.arrays))
    else:
        save_image(result.render(), path)


def save_image(image: Image.Image, path: str) -> None:
    """Writes an image as PNG. Raises Error NS705."""
    _write(path, lambda file: image.save(file, "PNG", optimize=True))


def _write(path: str, write: Callable[[BufferedWriter], None]) -> None:
    with destination(path, output_format(path)) as name, replace_file(name) as file:
        write(file)


def _write_arrays(file: BufferedWriter, arrays: Mapping[str, Array]) -> None:
    """Like ``numpy.savez_compressed``, which receives names as keyword arguments and so does not accept every name."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
