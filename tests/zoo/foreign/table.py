"""All comparisons."""

from __future__ import annotations

from . import (
    audio,
    detection,
    flux,
    generative,
    language,
    llama4,
    mixtures,
    oobleck,
    papers,
    science,
    text_to_text,
    vision,
)
from .cases import Case

ALL: tuple[Case, ...] = (
    *audio.cases(),
    *detection.cases(),
    *flux.cases(),
    *generative.cases(),
    *language.cases(),
    *llama4.cases(),
    *mixtures.cases(),
    *oobleck.cases(),
    *papers.cases(),
    *science.cases(),
    *text_to_text.cases(),
    *vision.cases(),
)
