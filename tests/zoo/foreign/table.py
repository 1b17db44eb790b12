"""All comparisons."""

from __future__ import annotations

from . import (
    audio,
    centres_and_queries,
    detection,
    flux,
    folding,
    generative,
    graphs,
    language,
    llama4,
    mixtures,
    oobleck,
    papers,
    science,
    segmentation,
    style_based,
    text_to_text,
    vision,
)
from .cases import Case

ALL: tuple[Case, ...] = (
    *audio.cases(),
    *centres_and_queries.cases(),
    *detection.cases(),
    *flux.cases(),
    *folding.cases(),
    *generative.cases(),
    *graphs.cases(),
    *language.cases(),
    *llama4.cases(),
    *mixtures.cases(),
    *oobleck.cases(),
    *papers.cases(),
    *science.cases(),
    *segmentation.cases(),
    *style_based.cases(),
    *text_to_text.cases(),
    *vision.cases(),
)
