"""All comparisons."""

from __future__ import annotations

from . import audio, detection, generative, language, papers, science, text_to_text, vision
from .cases import Case

ALL: tuple[Case, ...] = (
    *audio.cases(),
    *detection.cases(),
    *generative.cases(),
    *language.cases(),
    *papers.cases(),
    *science.cases(),
    *text_to_text.cases(),
    *vision.cases(),
)
