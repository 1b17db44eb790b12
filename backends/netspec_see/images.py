"""Images as a network's input wants them: size, channels, axes, mean and standard deviation."""

from __future__ import annotations

import os
import stat
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from netspec.diagnostics import Error, clean

from .faults import fail
from .probe import Network

Pixels: TypeAlias = NDArray[np.float32]
"""An image of numbers from 0 to 1, (height, width, channels)."""

Fit: TypeAlias = Literal["crop", "pad", "stretch", "exact"]
FITS: tuple[Fit, ...] = ("crop", "pad", "stretch", "exact")

MAX_PIXELS = 64 * 2**20
"""Pixels of the largest image that is decoded: 256 MiB in memory, whatever its file says."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""Pillow's names of the formats that are read, whatever the file's extension. Pillow itself knows many more, among
them EPS, for which it runs Ghostscript on the file."""
_FORMAT_LIST = "PNG, JPEG, WebP, GIF, BMP or TIFF"

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True)
class Preparation:
    """How an image becomes the input of a network."""

    size: tuple[int, int, int]
    """Channels, height and width of the input."""
    order: tuple[int, int, int]
    """Numbers of these axes in the input."""
    mean: tuple[float, ...]
    """Taken off each channel, in units of 0 to 1."""
    std: tuple[float, ...]
    """Each channel is divided by it after that."""
    fit: Fit = "crop"

    def pixels(self, path: str | os.PathLike[str]) -> Pixels:
        """The image of a file in the input's size and channels, before mean and standard deviation.

        ``crop`` scales the shorter side to the input's and takes the middle; ``pad`` scales the longer one and puts
        black around; ``stretch`` scales both; ``exact`` takes only an image of that very size.

        Raises:
            Error: NS806, it cannot be read or decoded; NS807, it does not fit; NS808, it is too large.
        """
        channels, height, width = self.size
        image = opened(path, _MODES[channels])
        if self.fit == "exact" and image.size != (width, height):
            fail("NS807", f"'{clean(os.fspath(path))}' is {image.width} wide and {image.height} high; "
                 f"the network takes {width} and {height}", "--fit crop, pad or stretch scales it")
        if image.size != (width, height):
            image = _fitted(image, self.fit, width, height)
        out = np.asarray(image, dtype=np.float32) / np.float32(255)
        return out[:, :, None] if out.ndim == 2 else out

    def normal(self, pixels: Pixels) -> NDArray[np.float32]:
        """The input for an image: mean taken off, divided by the standard deviation, axes in the input's order."""
        out: Any = (pixels - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(placed(out.astype(np.float32).transpose(2, 0, 1), self.order))

    def denormal(self, x: NDArray[np.float32]) -> Pixels:
        """The image that an input stands for."""
        out = x.transpose(self.order).transpose(1, 2, 0)
        return np.asarray(out * np.array(self.std, np.float32) + np.array(self.mean, np.float32), dtype=np.float32)


def placed(chw: NDArray[np.float32], order: tuple[int, int, int]) -> NDArray[np.float32]:
    """Channels, height and width put at the numbers of their axes."""
    return chw.transpose(np.argsort(order))


def preparation(
    net: Network, mean: Sequence[float] | None = None, std: Sequence[float] | None = None, fit: Fit = "crop"
) -> Preparation:
    """How images become the input of this network.

    Args:
        net: the network.
        mean: one number, or one for each channel, in units of 0 to 1; 0 by default.
        std: likewise, 1 by default.
        fit: how an image of another size is brought to the input's.

    Raises:
        Error: NS805, the network takes no image; NS807, it has a number of channels that images have not; NS811,
            other numbers of means or deviations than channels, or a deviation that is not positive.
    """
    size = net.image_size
    channels = size[0]
    if channels not in _MODES:
        fail("NS807", f"images have 1, 3 or 4 channels; the network takes {channels}")
    means, deviations = _each("mean", mean, 0.0, channels), _each("std", std, 1.0, channels)
    if not all(0 < s < float("inf") for s in deviations):
        fail("NS811", f"every number of std must be above 0; found {', '.join(f'{s:g}' for s in deviations)}")
    return Preparation(size, net.image.order, means, deviations, fit)


def _each(what: str, given: Sequence[float] | None, default: float, channels: int) -> tuple[float, ...]:
    numbers = (default,) if not given else tuple(given)
    if len(numbers) not in (1, channels):
        plural = "s" if channels > 1 else ""
        fail("NS811", f"{what} takes one number, or one for each of {channels} channel{plural}; found {len(numbers)}")
    return numbers * channels if len(numbers) == 1 else numbers


def opened(path: str | os.PathLike[str], mode: str) -> Image.Image:
    """Reads an image in one of the accepted :data:`FORMATS`.

    The image is rotated as its EXIF orientation says, transparent parts are put on white, and the result has 8 bits
    per channel.

    Args:
        path: the file.
        mode: Pillow's mode of the result: ``L``, ``RGB`` or ``RGBA``.

    Raises:
        Error: NS806, the file cannot be read or decoded; NS808, it has more than :data:`MAX_PIXELS` pixels.
    """
    name = clean(os.fspath(path))
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            fail("NS806", f"cannot read image '{name}': it is not a regular file")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                image.load()
                return _converted(ImageOps.exif_transpose(image), mode)
    except Error:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        fail("NS808", f"image '{name}' has more than {MAX_PIXELS:,} pixels", "use a smaller copy of it")
    except FileNotFoundError:
        fail("NS806", f"cannot read image '{name}': there is no such file")
    except UnidentifiedImageError:
        fail("NS806", f"cannot read image '{name}': it is not a {_FORMAT_LIST} image")
    except PermissionError:
        fail("NS806", f"cannot read image '{name}': permission denied")
    except Exception:  # decoders raise whatever they like for broken files
        fail("NS806", f"cannot read image '{name}': it is broken")


def _converted(image: Image.Image, mode: str) -> Image.Image:
    """The image in that mode."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        numbers = np.asarray(image, dtype=np.float64)
        # Of 16 bits the upper eight; numbers without a scale are stretched from their least to their greatest.
        low, high = (0.0, 65535.0) if image.mode != "F" else (float(numbers.min()), float(numbers.max()))
        scaled = np.clip((numbers - low) / max(high - low, 1e-30), 0, 1) * 255
        image = Image.fromarray(np.nan_to_num(scaled).round().astype(np.uint8))
    if mode != "RGBA" and (image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info):
        image = image.convert("RGBA")
        under = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(under, image)
    return image if image.mode == mode else image.convert(mode)


def _fitted(image: Image.Image, fit: Fit, width: int, height: int) -> Image.Image:
    if fit == "stretch":
        return image.resize((width, height), Image.Resampling.BICUBIC)
    if fit == "pad":
        scale = min(width / image.width, height / image.height)
        inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        out = Image.new(image.mode, (width, height))
        out.paste(image.resize(inner, Image.Resampling.BICUBIC),
                  ((width - inner[0]) // 2, (height - inner[1]) // 2))
        return out
    return ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)
