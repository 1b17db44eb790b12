"""Images as the input of a network: size, channels, axis order, mean and standard deviation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from netspec.diagnostics import Error, clean
from netspec_picture.image_files import read_image

from .loaded_network import Network

Pixels: TypeAlias = NDArray[np.float32]
"""An image with values from 0 to 1, (height, width, channels)."""

Fit: TypeAlias = Literal["crop", "pad", "stretch", "exact"]
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


@dataclass(frozen=True)
class Preparation:
    """How an image becomes the input of a network."""

    size: tuple[int, int, int]
    """Channels, height and width of the input."""
    order: tuple[int, int, int]
    """Indices of these axes in the input."""
    mean: tuple[float, ...]
    """Subtracted from each channel, in units of 0 to 1."""
    std: tuple[float, ...]
    """Each channel is divided by it afterwards."""
    fit: Fit = "crop"

    def pixels(self, path: str | os.PathLike[str]) -> Pixels:
        """Reads a file in the input's size and channels, before mean and standard deviation are applied.

        ``crop`` scales the shorter side to the input's and takes the centre; ``pad`` scales the longer side and adds
        black borders; ``stretch`` scales both sides; ``exact`` accepts only an image of exactly that size.

        Raises:
            Error: NS806, it cannot be read or decoded; NS807, it does not fit; NS808, it is too large.
        """
        channels, height, width = self.size
        image = read_image(path, _MODES[channels])
        if self.fit == "exact" and image.size != (width, height):
            raise Error(
                "NS807",
                f"'{clean(os.fspath(path))}' is {image.width} wide and {image.height} high; "
                f"the network expects {width} and {height}",
                "--fit crop, pad or stretch scales it",
            )
        if image.size != (width, height):
            image = _scale(image, self.fit, width, height)
        out = np.asarray(image, dtype=np.float32) / np.float32(255)
        return out[:, :, None] if out.ndim == 2 else out

    def normalize(self, pixels: Pixels) -> NDArray[np.float32]:
        """The input for an image: mean subtracted, divided by the standard deviation, axes in the input's order."""
        out: Any = (pixels - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        channels_first = out.astype(np.float32).transpose(2, 0, 1)
        return np.ascontiguousarray(channels_first.transpose(np.argsort(self.order)))


def preparation(
    net: Network, mean: Sequence[float] | None = None, std: Sequence[float] | None = None, fit: Fit = "crop"
) -> Preparation:
    """How images become the input of this network.

    Args:
        net: the network.
        mean: one number, or one per channel, in units of 0 to 1; 0 by default.
        std: likewise; 1 by default.
        fit: how an image of another size is brought to the input's size.

    Raises:
        Error: NS805, the network has no image input; NS807, images do not have that number of channels; NS811, the
            number of means or deviations does not match the channels, or a deviation is not positive.
    """
    size = net.image_size
    channels = size[0]
    if channels not in _MODES:
        raise Error("NS807", f"images have 1, 3 or 4 channels; the network expects {channels}")
    means, deviations = _per_channel("mean", mean, 0.0, channels), _per_channel("std", std, 1.0, channels)
    if not all(0 < s < float("inf") for s in deviations):
        raise Error("NS811", f"every value of std must be positive; found {', '.join(f'{s:g}' for s in deviations)}")
    return Preparation(size, net.image.order, means, deviations, fit)


def _per_channel(option: str, values: Sequence[float] | None, default: float, channels: int) -> tuple[float, ...]:
    numbers = (default,) if not values else tuple(values)
    if len(numbers) not in (1, channels):
        plural = "s" if channels > 1 else ""
        raise Error(
            "NS811", f"{option} needs one number, or one for each of {channels} channel{plural}; found {len(numbers)}"
        )
    return numbers * channels if len(numbers) == 1 else numbers


def _scale(image: Image.Image, fit: Fit, width: int, height: int) -> Image.Image:
    if fit == "stretch":
        return image.resize((width, height), Image.Resampling.BICUBIC)
    if fit == "pad":
        scale = min(width / image.width, height / image.height)
        inner = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        out = Image.new(image.mode, (width, height))
        out.paste(image.resize(inner, Image.Resampling.BICUBIC), ((width - inner[0]) // 2, (height - inner[1]) // 2))
        return out
    return ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)
