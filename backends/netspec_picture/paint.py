"""Colours as ``#rrggbb``: mixtures, contrast, and colours that differ on a dark background."""

from __future__ import annotations


class Adaptive(str):
    """A colour for a light background that is another one on a dark background.

    It is the light colour to whatever does not ask for the other one: SVG files name both.
    """

    __slots__ = ("dark",)

    def __new__(cls, light: str, dark: str) -> Adaptive:
        """The light colour, with the dark one."""
        out = super().__new__(cls, light)
        out.dark = dark
        return out

    dark: str
    """The colour on a dark background."""

    def __add__(self, opacity: str) -> Adaptive:
        """Both colours with an opacity, as two hexadecimal digits."""
        return Adaptive(str(self) + opacity, self.dark + opacity)


def mix(a: str, b: str, share: float) -> str:
    """A mixture of two colours: ``share`` of the second, the rest of the first."""
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(rgb(a), rgb(b), strict=True))


def is_dark(colour: str) -> bool:
    """Whether white text has more contrast on it than black text (WCAG 2, section 1.4.3)."""
    return luminance(colour) < 0.179


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 to 1 (WCAG 2, section 1.4.3)."""
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2, section 1.4.3)."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def grey_of(colour: str) -> str:
    """The grey that is as light as a colour, with its opacity."""
    if isinstance(colour, Adaptive):
        return Adaptive(grey_of(str(colour)), grey_of(colour.dark))
    y = luminance(colour)
    value = 12.92 * y if y <= 0.0031308 else 1.055 * y ** (1 / 2.4) - 0.055
    return "#" + f"{round(255 * value):02x}" * 3 + colour[7:]


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
