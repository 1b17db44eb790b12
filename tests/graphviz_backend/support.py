"""Helpers for the tests of drawings: the texts of a scene, and their positions."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest

import netspec
from netspec.ir import Graph
from netspec_picture.scene import Group, Rect, Scene, Shape, Text
from netspec_picture.typefaces import ASCENT, DESCENT


@cache
def network(spec: str) -> Graph:
    """A network of the zoo."""
    return netspec.load(spec)


@dataclass(frozen=True)
class Extent:
    """A text and its extent."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Extent) -> bool:
        """Whether both cover some point, hairlines apart."""
        return (
            self.left < other.right - 0.1
            and other.left < self.right - 0.1
            and self.top < other.bottom - 0.1
            and other.top < self.bottom - 0.1
        )


def walk(shapes: Iterable[Shape]) -> Iterator[Shape]:
    """All shapes, including those in groups."""
    for shape in shapes:
        if isinstance(shape, Group):
            yield from walk(shape.children)
        else:
            yield shape


def extents(shapes: Iterable[Shape]) -> list[Extent]:
    """The extents of all texts, from the capitals to the descenders."""
    return [
        Extent(t.text, t.left, t.y - t.size * ASCENT, t.left + t.width, t.y + t.size * DESCENT)
        for t in walk(shapes)
        if isinstance(t, Text)
    ]


def overlapping(scene: Scene) -> list[tuple[str, str]]:
    """Pairs of texts that overlap."""
    result = sorted(extents(scene.shapes), key=lambda e: e.top)
    out: list[tuple[str, str]] = []
    for i, first in enumerate(result):
        for other in result[i + 1 :]:
            if other.top >= first.bottom:
                break
            if first.overlaps(other):
                out.append((first.text, other.text))
    return out


def cut_off(scene: Scene) -> list[str]:
    """Texts that extend beyond the page, or beyond the layer or input that they belong to."""
    out = [
        e.text
        for e in extents(scene.shapes)
        if e.left < 0 or e.top < 0 or e.right > scene.width or e.bottom > scene.height
    ]
    for group in groups(scene.shapes):
        if group.kind not in ("layer", "closed", "input", "output"):
            continue
        ground = group.children[0]
        if isinstance(ground, Rect):
            left, top, right, bottom = ground.x, ground.y, ground.x + ground.width, ground.y + ground.height
        else:
            points = getattr(ground, "points", ())
            left, right = min(p[0] for p in points), max(p[0] for p in points)
            top, bottom = min(p[1] for p in points), max(p[1] for p in points)
        out += [
            e.text
            for e in extents(group.children)
            if e.left < left or e.right > right or e.top < top or e.bottom > bottom
        ]
    return out


def groups(shapes: Iterable[Shape]) -> Iterator[Group]:
    """All groups."""
    for shape in shapes:
        if isinstance(shape, Group):
            yield shape
            yield from groups(shape.children)


def names(scene: Scene, kind: str) -> list[str]:
    """Names of the groups of a kind, in order."""
    return [g.name for g in groups(scene.shapes) if g.kind == kind]


def texts(scene: Scene) -> list[str]:
    """All texts, in order."""
    return [t.text for t in walk(scene.shapes) if isinstance(t, Text)]


def covered(scene: Scene) -> list[tuple[str, str]]:
    """Texts that extend into the box of another layer, block or input, with its name."""
    out: list[tuple[str, str]] = []
    grounds: list[tuple[Group, Extent]] = []
    for group in groups(scene.shapes):
        if group.kind in ("box", "input", "output"):
            ground = next(s for s in walk(group.children[::-1]) if isinstance(s, Rect))
            where = Extent("", ground.x, ground.y, ground.x + ground.width, ground.y + ground.height)
            grounds.append((group, where))
    for group, where in grounds:
        mine = {id(t) for t in walk(group.children)}
        for text in walk(scene.shapes):
            if isinstance(text, Text) and id(text) not in mine:
                out += [(text.text, group.name) for e in extents([text]) if e.overlaps(where)]
    return out


def poppler(program: str, *words: str) -> str:
    """What a program of Poppler prints."""
    if shutil.which(program) is None:
        pytest.skip("Poppler is not installed (Debian: apt install poppler-utils)")
    return subprocess.run([program, *words], capture_output=True, encoding="utf-8", check=True).stdout
