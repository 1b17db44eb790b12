"""Pictures on the faces of maps: an image on the input, and computed values on the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.ir import Graph

from .face_pictures import Photo, Values
from .map_file import MapFile
from .maps import Map

MOST_CHANNELS: Final = 24
"""Maximum number of channels that are kept individually, as for planes; of more channels, only the mean is kept."""
MOST_PIXELS: Final = 512
"""Maximum side length of an image in a figure, in pixels."""
MOST_VALUES: Final = 128
"""Maximum side length of a map in a figure; larger maps are averaged over squares."""
IMAGE_NAMES: Final = ("image__", "image_", "image")
"""Names of the image in a file with maps; the longer ones are used if a layer has the shorter name."""


class MapPictures:
    """Pictures by the names of layers, blocks and inputs.

    Args:
        graph: the network.
        image: a file with the image of the input.
        maps: a file with maps.

    Raises:
        BackendError: NS763, the file cannot be read, or its maps are not those of the network; NS764, no input is an
            image.
        Error: NS806, NS808: the image cannot be read.
    """

    def __init__(self, graph: Graph, image: str | None, maps: str | None) -> None:
        self.name = graph.name
        self._image = image
        self._file: MapFile | None = None
        self._names: dict[int, str] = {}
        """Names in the file, by number of the value."""
        self._values: dict[str, Values] = {}
        if maps is not None:
            self._file = MapFile(maps)
            names = graph.values_by_name.items()
            self._names = {v: name for name, v in names if name in self._file.names and name not in graph.inputs}
            if not self._names:
                raise self._file.error(f"it has no map of '{clip(self.name)}'")

    def add_to(self, maps: Sequence[Map]) -> None:
        """Sets the pictures of these maps."""
        if self._image is None and self._file is None:
            return
        for m in maps:
            self._add_values(m)
        inputs = [m for m in maps if m.kind is None and len(m.sides) == 2]
        photo = self._photo(inputs[0]) if inputs else None
        if photo is not None:
            inputs[0].picture = photo
        elif self._image is not None:
            raise BackendError("NS764", f"no input of '{clip(self.name)}' is an image", "leave out --image")

    def _add_values(self, m: Map) -> None:
        name = next((self._names[v] for v in m.values if v in self._names), None)
        if name is None or self._file is None or m.joint or len(m.sides) not in (0, 2):
            return
        expected = (m.channels, *m.sides)
        if name not in self._values:
            shape = self._file.shape(name)
            if not _is_reduced(shape, expected):
                text = "×".join(map(str, expected))
                stored = "×".join(map(str, shape)) or "a number"
                raise self._file.error(f"'{clip(name)}' is {stored}; in '{clip(self.name)}' it is {text}")
            sides = shape[1:] or (1, 1)
            self._values[name] = Values(_reduced(self._file.values(name).reshape(m.channels, *sides)))
        m.picture = self._values[name]

    def _photo(self, m: Map) -> Photo | None:
        """Returns the image, from its own file or the file with maps, cropped to the proportions of an input."""
        from PIL import Image, ImageOps

        if self._image is not None:
            from netspec_picture.image_files import read_image

            image = read_image(self._image, "L" if m.channels == 1 else "RGB")
            size = _fitted(image.size, m.sides[1] / m.sides[0])
            return Photo(ImageOps.fit(image, size, Image.Resampling.LANCZOS))
        assert self._file is not None
        name = next((name for name in IMAGE_NAMES if name in self._file.names), None)
        shape = () if name is None else self._file.shape(name)
        if name is None or len(shape) != 3 or shape[:2] != m.sides or shape[2] not in (1, 3, 4):
            return None
        pixels: NDArray[Any] = self._file.values(name)
        levels = np.rint(np.nan_to_num(pixels[..., :3] if m.channels >= 3 else pixels[..., 0]).clip(0, 1) * 255)
        image = Image.fromarray(levels.astype(np.uint8))
        return Photo(image if max(image.size) <= MOST_PIXELS else ImageOps.contain(image, (MOST_PIXELS, MOST_PIXELS)))


def _is_reduced(shape: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    """Whether a stored map has the expected shape, or fewer rows or columns by averaging over equal rectangles."""
    if len(shape) != len(expected) or shape[:1] != expected[:1]:
        return False
    return all(0 < n <= side and side // (side // n) == n for n, side in zip(shape[1:], expected[1:], strict=True))


def _fitted(size: tuple[int, int], proportion: float) -> tuple[int, int]:
    """Returns the largest size with the given aspect ratio within an image, at most :data:`MOST_PIXELS` per side."""
    width = min(float(size[0]), size[1] * proportion)
    width *= min(1.0, MOST_PIXELS / max(width, width / proportion))
    return max(1, round(width)), max(1, round(width / proportion))


def _reduced(values: NDArray[Any]) -> NDArray[np.float32]:
    """Returns values (channels, height, width), reduced to the mean of many channels and to averages over squares.

    A vector, (channels, 1, 1), becomes a column with one channel.
    """
    with np.errstate(all="ignore"):  # of values that are not finite
        return _averaged(values)


def _averaged(values: NDArray[Any]) -> NDArray[np.float32]:
    out = values
    if values.shape[1:] == (1, 1):
        out = values.reshape(1, -1, 1)
    elif len(values) > MOST_CHANNELS:
        out = values.mean(0, keepdims=True, dtype=np.float64)
    count, high, wide = out.shape
    down, across = -(-high // MOST_VALUES), -(-wide // MOST_VALUES)
    high, wide = high // down, wide // across
    squares = out[:, : high * down, : wide * across].reshape(count, high, down, wide, across)
    return np.asarray(squares.mean((2, 4), dtype=np.float64), np.float32)
