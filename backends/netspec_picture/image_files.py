"""Image files, read safely."""

from __future__ import annotations

import os
import stat
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from netspec.diagnostics import Error, clean

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
"""Pillow's names of the accepted formats, which are recognised by content, not by extension.

Pillow supports many more, including EPS, for which it runs Ghostscript on the file.
"""
FORMAT_LIST = "PNG, JPEG, WebP, GIF, BMP or TIFF"
MAX_PIXELS = 64 * 2**20
"""Pixels of the largest image that is decoded: 256 MiB in memory, whatever the file claims."""


def read_image(path: str | os.PathLike[str], mode: str) -> Image.Image:
    """Reads an image in one of the accepted :data:`FORMATS`.

    The image is rotated according to its EXIF orientation, transparent parts are put on white, and the result has 8
    bits per channel.

    Args:
        path: the file.
        mode: Pillow's mode of the result: ``L``, ``RGB`` or ``RGBA``.

    Raises:
        Error: NS806, the file cannot be read or decoded; NS808, it has more than :data:`MAX_PIXELS` pixels.
    """
    name = clean(os.fspath(path))
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Error("NS806", f"cannot read image '{name}': it is not a regular file")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                image.load()
                return _convert(ImageOps.exif_transpose(image), mode)
    except Error:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Error(
            "NS808", f"image '{name}' has more than {MAX_PIXELS:,} pixels", "use a smaller copy of it"
        ) from error
    except FileNotFoundError as error:
        raise Error("NS806", f"cannot read image '{name}': there is no such file") from error
    except UnidentifiedImageError as error:
        raise Error("NS806", f"cannot read image '{name}': it is not a {FORMAT_LIST} image") from error
    except PermissionError as error:
        raise Error("NS806", f"cannot read image '{name}': permission denied") from error
    except Exception as error:  # decoders raise exceptions of any kind for broken files
        raise Error("NS806", f"cannot read image '{name}': it is broken") from error


def _convert(image: Image.Image, mode: str) -> Image.Image:
    """The image in a mode with 8 bits per channel."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        values = np.asarray(image, dtype=np.float64)
        # The upper 8 of 16 bits; floating-point images have no fixed range, so theirs is stretched to 0 to 255.
        low, high = (0.0, 65535.0) if image.mode != "F" else (float(values.min()), float(values.max()))
        scaled = np.clip((values - low) / max(high - low, 1e-30), 0, 1) * 255
        image = Image.fromarray(np.nan_to_num(scaled).round().astype(np.uint8))
    if mode != "RGBA" and (image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info):
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return image if image.mode == mode else image.convert(mode)
