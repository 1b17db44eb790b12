"""Handles characters that no font of a picture contains."""

from __future__ import annotations

from collections.abc import Iterable

from netspec.backend import BackendError
from netspec.diagnostics import clean

from .scene import Group, Scene, Shape, Text
from .typefaces import split_by_face, typefaces_in_use

OTHER_FONT = "--font FILE names a font that has it; -o FILE.svg leaves it to the fonts of the reader"
HIDDEN = "\ufffd"
"""Replacement for hidden characters; omitted if the font has no glyph for it."""


def check_characters(scene: Scene, format_: str) -> None:
    """Checks that the fonts have every character of a picture: files of this format have no other fonts.

    Raises:
        BackendError: NS798, they lack one.
    """
    for text in _texts(scene.shapes):
        for part, face in split_by_face(clean(text.text), typefaces_in_use().of(text.bold, text.italic)):
            if face is None and (absent := part.replace(HIDDEN, "")):
                raise missing_character(absent[0], format_)


def replace_missing(text: str, bold: bool = False) -> tuple[str, str]:
    """The text with ``?`` in place of characters that no font has, and these characters."""
    parts = split_by_face(text, typefaces_in_use().of(bold, False))
    absent = "".join(part for part, face in parts if face is None)
    return "".join(part if face is not None else "?" * len(part) for part, face in parts), absent


def missing_character(character: str, format_: str, help_: str = OTHER_FONT) -> BackendError:
    """The error about a character that no font has."""
    return BackendError(
        "NS798",
        f"no font of the drawing has '{character}' (U+{ord(character):04X}), and {format_} needs one",
        help_,
    )


def _texts(shapes: Iterable[Shape]) -> Iterable[Text]:
    for shape in shapes:
        if isinstance(shape, Group):
            yield from _texts(shape.children)
        elif isinstance(shape, Text):
            yield shape
