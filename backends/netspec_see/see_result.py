"""The result of a subcommand, and its files: pictures, arrays as ``.npz``, JSON."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BufferedWriter
from typing import Any, TypeAlias

import numpy as np

from netspec.cli.output_files import destination
from netspec.files import replace_file
from netspec.weights.numpy_types import Array
from netspec_picture.pdf import to_pdf
from netspec_picture.png import to_png
from netspec_picture.scene import Scene
from netspec_picture.svg import to_svg

from .output_options import ARRAYS, output_format
from .sheet_layout import VECTOR_DETAIL, Page

VERSION = 1
"""Version of the output of ``--format json``."""

Render: TypeAlias = Callable[[Page], Scene]


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
    render: Render
    """Arranges the picture on a page."""
    plots: Mapping[str, Render] = field(default_factory=dict[str, Render])
    """Further pictures, by the option that requests them."""

    def json(self) -> str:
        """The report as JSON text."""
        return json.dumps({"version": VERSION, "see": self.subcommand, **self.report}, indent=2, default=_to_python)


def _to_python(value: Any) -> Any:
    """A NumPy number or array as a Python number or list."""
    return value.tolist()


def save(result: SeeResult, path: str, page: Page) -> None:
    """Writes a picture or the arrays, depending on the file extension. Raises Error NS705, NS808, NS815."""
    if output_format(path) == ARRAYS:
        _write(path, lambda file: _write_arrays(file, result.arrays))
    else:
        save_picture(result.render, path, page)


def arrays_size(result: SeeResult, path: str) -> int:
    """Returns the bytes of the arrays for a file, before compression; 0 for a picture. Raises Error NS815."""
    return sum(array.nbytes for array in result.arrays.values()) if output_format(path) == ARRAYS else 0


def save_picture(render: Render, path: str, page: Page) -> None:
    """Writes a picture as PNG, SVG or PDF, depending on the file extension. Raises Error NS705, NS808, NS815."""
    extension = output_format(path)
    if extension != ".png":
        page = replace(page, detail=VECTOR_DETAIL)
    scene = render(page)
    if extension == ".svg":
        data = to_svg(scene).encode()
    else:
        data = to_pdf(scene) if extension == ".pdf" else to_png(scene, page.dpi)
    _write(path, lambda file: file.write(data))


def _write(path: str, write: Callable[[BufferedWriter], object]) -> None:
    with destination(path, output_format(path)) as name, replace_file(name) as file:
        write(file)


def _write_arrays(file: BufferedWriter, arrays: Mapping[str, Array]) -> None:
    """Like ``numpy.savez_compressed``, which receives names as keyword arguments and so does not accept every name."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
