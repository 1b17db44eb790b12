"""A user's text, made safe and short enough for a message."""

from __future__ import annotations

import re

from .. import limits

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def clean(text: object) -> str:
    """Text without control characters and marks that turn its direction."""
    return _UNSEEN.sub("�", str(text))


def clip(text: object, most: int = limits.CLIP) -> str:
    """A user's text for a message: clean, and no longer than ``most``."""
    text = clean(text)
    return text if len(text) <= most else text[: most - 1] + "…"
