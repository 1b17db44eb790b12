"""Draws the figures of docs/gallery.md, and lists their sizes: ``python docs/make_gallery.py`` (``--check``: compare).

The times are of this machine; ``--check`` does not compare them.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import NamedTuple

import netspec
from netspec_graphviz import draw

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "gallery.md"
IMAGES = DOCS / "images" / "figures"
MARKS = "<!-- figures: python docs/make_gallery.py -->\n", "<!-- end of figures -->\n"
NETWORKS = {
    "resnet@50": "ResNet-50",
    "googlenet": "GoogLeNet",
    "mobilenet_v3": "MobileNetV3, large",
    "densenet": "DenseNet-121",
    "efficientnet": "EfficientNet-B0",
    "vgg16": "VGG-16",
    "unet": "U-Net",
    "yolov3": "YOLOv3",
    "vit": "ViT-B/16",
    "swin": "Swin-T",
    "gpt2": "GPT-2",
    "llama": "Llama 2 7B",
}
WIDTHS = ("page", "column")
PIXELS_PER_INCH = 96


class Figure(NamedTuple):
    """A figure with what the table says of it."""

    title: str
    command: str
    image: str
    svg: str
    row: str
    width: float


def draw_figure(spec: str, width: str) -> Figure:
    """Draws a figure."""
    graph = netspec.load(spec)
    start = time.process_time()
    drawing = draw(graph, width=width)
    svg = drawing.svg()
    seconds = time.process_time() - start
    summary = drawing.summary
    assert summary is not None
    name = f"{spec.partition('@')[0]}_{width}"
    size = f"{summary.width:.2f} × {summary.height:.2f}"
    left_out = "; ".join(summary.left_out) or "nothing"
    row = f"| {NETWORKS[spec]}, {width} | {size} | {summary.smallest_text:.1f} | {len(svg.encode()) / 1000:.0f} | "
    row += f"{seconds:.1f} | {left_out} |"
    command = f"netspec draw {spec} -o {name}.svg --width {width}"
    return Figure(NETWORKS[spec], command, f"{name}.svg", svg, row, summary.width)


def section(figures: list[Figure]) -> str:
    """The text between the marks."""
    lines = ["| figure | in | smallest text, pt | kB | s | left out to fit |", "|---|---|--:|--:|--:|---|"]
    lines += [figure.row for figure in figures]
    for figure in figures:
        pixels = round(figure.width * PIXELS_PER_INCH)
        image = f'<img src="images/figures/{figure.image}" alt="{figure.title}" width="{pixels}">'
        lines += ["", "```sh", figure.command, "```", "", image]
    return "\n".join(lines) + "\n\n"


def without_times(text: str) -> str:
    """A table without its column of times."""
    return re.sub(r"\| [\d.]+ (\| [^|\n]+ \|)$", r"\1", text, flags=re.MULTILINE)


def main() -> int:
    """Writes the page and its images, or with ``--check`` lists outdated ones; returns the exit status."""
    figures = [draw_figure(spec, width) for spec in NETWORKS for width in WIDTHS]
    before, first, rest = PAGE.read_text("utf-8").partition(MARKS[0])
    old, second, after = rest.partition(MARKS[1])
    new = section(figures)
    if "--check" in sys.argv:
        outdated = [f.image for f in figures if not _is_current(IMAGES / f.image, f.svg)]
        outdated += [PAGE.name] if without_times(old) != without_times(new) else []
        for name in outdated:
            print(f"{name} is outdated: python docs/make_gallery.py")
        return 1 if outdated else 0
    IMAGES.mkdir(parents=True, exist_ok=True)
    for figure in figures:
        (IMAGES / figure.image).write_text(figure.svg, encoding="utf-8")
    PAGE.write_text(before + first + new + second + after, encoding="utf-8")
    return 0


def _is_current(path: Path, svg: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == svg


if __name__ == "__main__":
    sys.exit(main())
