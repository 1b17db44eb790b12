"""The texts at maps: the legend describes what layers of a kind have in common, and captions describe only the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Literal, TypeAlias, TypeVar

from netspec.diagnostics import clean, clip
from netspec.shapes.types import compact_shape
from netspec_picture.typefaces import text_width

from .maps import Map

Style: TypeAlias = Literal["shape", "name", "block", "letter", "argument"]
T = TypeVar("T", bound=Hashable)
LINE = 1.2
"""Height of a line, in units of the font size."""
MOST = 0.75
"""Fraction of an operation's maps that must share a value for the legend to describe it."""
MAX_NAME = 32
"""Maximum length of a name."""


@dataclass(frozen=True, slots=True)
class CaptionLine:
    """A line of a caption."""

    text: str
    style: Style

    def width(self, size: float) -> float:
        """Its width at a font size."""
        return text_width(self.text, size, bold=self.style == "name", italic=self.style == "letter")


Caption: TypeAlias = tuple[CaptionLine, ...]


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """An operation, or a class of blocks, and the arguments that its maps share."""

    operation: str
    kind: str
    text: str


class Wording:
    """The texts of one figure.

    Args:
        maps: all its maps.
        letters: the values of letters for maps, by their numbers.
    """

    def __init__(self, maps: Sequence[Map], letters: Mapping[int, tuple[str, ...]] | None = None) -> None:
        self.letters = letters or {}
        self.groups: dict[str, list[Map]] = {}
        for m in maps:
            if m.operation and not m.joint:
                self.groups.setdefault(m.operation, []).append(m)
        self.vague = _vague_labels(maps)
        """Labels of maps with several different sizes; these are not written, because they are not informative."""
        self.shared = {operation: _shared_arguments(group) for operation, group in self.groups.items()}
        self.segments = {operation: _shared_segments(group) for operation, group in self.groups.items()}

    def legend(self) -> list[LegendEntry]:
        """Returns the entries of the legend, in order of appearance."""
        out: list[LegendEntry] = []
        for operation, group in self.groups.items():
            text = " ".join(filter(None, (operation, ", ".join(self.shared[operation].values()))))
            text = " + ".join((text, *self.segments[operation]))
            out.append(LegendEntry(operation, group[0].kind or "", clean(clip(text, 90))))
        return out

    def differences(self, m: Map) -> list[str]:
        """Returns what the legend does not say about a map: arguments, then normalisations and activations."""
        if m.operation not in self.shared:
            return []
        shared, segments = self.shared[m.operation], self.segments[m.operation]
        out = [text for name, text in m.arguments.items() if shared.get(name) != text]
        if m.segments != segments:
            out += m.segments or [f"no {segment}" for segment in segments]
        return out

    def caption(self, maps: Sequence[Map], arguments: int | None, names: bool) -> Caption:
        """Returns the caption of adjacent maps.

        Args:
            maps: the maps, all of one size.
            arguments: maximum number of arguments; None for all.
            names: whether to include names.
        """
        main = [m for m in maps if m.kind != "pool"] or list(maps)
        lines = [CaptionLine(shape_text(main), "shape")]
        if names:
            named = [m for m in main if m.label not in self.vague]
            lines += [CaptionLine(text, "name") for text in [merged_names(named)] if text]
        for operation in dict.fromkeys(m.operation for m in main if m.is_block):
            n = sum(m.copies for m in main if m.operation == operation)
            lines.append(CaptionLine(f"{operation} × {n}" if n > 1 else operation, "block"))
        values = dict.fromkeys(", ".join(self.letters[m.number]) for m in main if self.letters.get(m.number))
        lines += [CaptionLine(clean(text), "letter") for text in values]
        layers = [m for m in main if not m.is_block]
        copies = [m.copies for m in layers]
        if len(layers) == 1 and copies[0] > 1:
            lines.append(CaptionLine(f"× {copies[0]}", "argument"))
        each = [d for d in dict.fromkeys(tuple(self.differences(m)[:arguments]) for m in layers) if d]
        texts = each[0] if len(each) == 1 else tuple(", ".join(texts) for texts in each)
        lines += [CaptionLine(clean(text), "argument") for text in texts]
        letters = " ".join(dict.fromkeys(m.letters for m in maps if m.letters))
        if letters:
            lines.append(CaptionLine(letters, "name"))
        return tuple(lines)


def _vague_labels(maps: Sequence[Map]) -> set[str]:
    """Labels of maps of more than two sizes."""
    sizes: dict[str, set[tuple[int, ...]]] = {}
    for m in maps:
        sizes.setdefault(m.label, set()).add(m.sides)
    return {label for label, each in sizes.items() if len(each) > 2}


def _shared_arguments(group: Sequence[Map]) -> dict[str, str]:
    """Returns the arguments that most maps of an operation share, among those that all of them show."""
    names = [name for name in group[0].arguments if all(name in m.arguments for m in group)]
    common = {name: _most([m.arguments[name] for m in group]) for name in names}
    return {name: value for name, value in common.items() if value is not None}


def _shared_segments(group: Sequence[Map]) -> tuple[str, ...]:
    return _most([m.segments for m in group]) or ()


def _most(values: Sequence[T]) -> T | None:
    """Returns the value that at least three quarters have in common, or None."""
    value, count = Counter(values).most_common(1)[0]
    return value if count >= MOST * len(values) else None


def shape_text(maps: Sequence[Map]) -> str:
    """Formats the shape of maps of one size at the default sizes; ``384, 256 of 13×13`` if channels differ."""
    last = maps[-1]
    shape = compact_shape(last.type.shape) or "1"
    channels = dict.fromkeys(m.channels for m in maps)
    if len(channels) == 1 or last.channel is None or len({m.sides for m in maps}) > 1 or len(channels) > 3:
        return shape
    return f"{', '.join(map(str, channels))} of {'×'.join(map(str, last.sides))}"


def merged_names(maps: Iterable[Map]) -> str:
    """Combines the names of maps: ``conv3–5``, ``inception4a–e``, ``conv4, pool4``."""
    names = list(dict.fromkeys(m.label for m in maps if m.label))
    if len(names) < 2:
        return clean(clip(names[0], MAX_NAME)) if names else ""
    prefix = commonprefix(names)  # noqa: RUF071 - the names are not paths
    ends = [name[len(prefix) :] for name in names]
    if prefix and all(0 < len(end) <= 2 for end in ends):
        while prefix and prefix[-1].isdigit() and all(end.isdigit() for end in ends):
            prefix, ends = prefix[:-1], [prefix[-1] + end for end in ends]
        return clean(clip(f"{prefix}{ends[0]}–{ends[-1]}", MAX_NAME))
    if len(names) == 2:
        return clean(clip(", ".join(names), MAX_NAME))
    return clean(clip(f"{names[0]} to {names[-1]}", MAX_NAME))
