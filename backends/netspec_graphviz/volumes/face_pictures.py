"""Pictures on the faces of maps: values in shades of a colour, and images."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from netspec_picture.indexed_png import indexed_png
from netspec_picture.paint import grey_of, mix

from ..palettes import palette_in_use

if TYPE_CHECKING:
    from PIL.Image import Image

SHARP: Final = 64
"""Maximum side length up to which values are drawn as sharp rectangles."""
SHADES: Final = 64
"""Number of shades of a map."""
PALE, DARK = 0.85, 0.88
"""Fractions of white and black mixed into the ends of a map's colour scale; its middle is the colour of the layer."""
OUTLIERS: Final = 0.005
"""Fraction of values that are clipped at either end of the scale."""


@dataclass(frozen=True)
class Values:
    """The values of a map: (channels, height, width); their mean for a single channel."""

    array: NDArray[np.float32]

    @cached_property
    def _range(self) -> tuple[float, float]:
        finite = self.array[np.isfinite(self.array)]
        if not finite.size:
            return 0.0, 1.0
        low, high = (float(q) for q in np.quantile(finite, (OUTLIERS, 1 - OUTLIERS)))
        if high <= low:
            low, high = float(finite.min()), float(finite.max())
        return low, high if high > low else low + 1.0

    @property
    def smooth(self) -> bool:
        """Whether it is large enough to be interpolated."""
        return bool(max(self.array.shape[1:]) > SHARP)

    def png(self, colour: str, channel: int | None = None) -> bytes:
        """Returns a channel, or the mean of all, as PNG in shades of a colour; greater values are darker."""
        with np.errstate(all="ignore"):  # of values that are not finite
            of_one = self if channel is not None else Values(self.array.mean(0, keepdims=True))
            low, high = of_one._range
            values = np.nan_to_num((of_one.array[channel or 0] - low) / (high - low))
        levels = np.rint(values.clip(0, 1) * (SHADES - 1)).astype(np.uint8)
        return indexed_png([row.tobytes() for row in levels], shades(colour))


def shades(colour: str) -> list[str]:
    """Returns shades of a colour from light to dark; greys if the current palette is grey."""
    pale, dark = mix(colour, "#ffffff", PALE), mix(colour, "#000000", DARK)
    shares = [2 * i / (SHADES - 1) for i in range(SHADES)]
    out = [mix(pale, colour, s) if s <= 1 else mix(colour, dark, s - 1) for s in shares]
    return [grey_of(each) for each in out] if palette_in_use().grey else out


@dataclass(frozen=True)
class Photo:
    """An image."""

    image: Image

    @property
    def smooth(self) -> bool:
        """Whether it is large enough to be interpolated."""
        return max(self.image.size) > SHARP

    def png(self, colour: str, channel: int | None = None) -> bytes:
        """Returns PNG, in grey if the current palette is; ``colour`` is ignored."""
        out = BytesIO()
        (self.image.convert("L") if palette_in_use().grey else self.image).save(out, "PNG", optimize=True)
        return out.getvalue()
