"""Checks every drawing of the zoo by its geometry: ``python -m tests.figures --style volumes [NETWORK …]``.

With ``--width page,column,slide`` it draws the figures of these widths. Prints size, smallest text, processor time, what
a figure leaves out, and the faults of each drawing; at the end how many fit and have none. Exits with 1 if there are
faults.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import netspec
from netspec.backend import BackendError
from netspec_graphviz import draw
from netspec_picture.scene import smallest_text

from .geometry import Fault, faults

SPECS = Path(__file__).parents[2] / "specs"


@dataclass(frozen=True)
class Checked:
    """A drawing with its faults."""

    spec: str
    size: str
    text: float
    seconds: float
    left_out: tuple[str, ...]
    faults: Sequence[Fault]

    def __str__(self) -> str:
        out = f"{self.spec}: {self.size}, smallest text {self.text:.1f} pt, {self.seconds:.1f} s"
        out += f", {len(self.faults)} faults" + "".join(f"\n  to fit: {text}" for text in self.left_out)
        return out + "".join(f"\n  {fault}" for fault in self.faults)


def check(spec: str, options: Mapping[str, Any]) -> Checked | None:
    """A drawing of a network; None if it cannot be drawn, which is printed."""
    graph = netspec.load(spec)
    start = time.process_time()
    drawing = draw(graph, **options)
    try:
        scene = drawing.scene
    except BackendError as error:
        print(f"{Path(spec).stem}: {error.code}: {error.message}; {error.help}", flush=True)
        return None
    seconds = time.process_time() - start
    summary = drawing.summary
    left_out = () if summary is None else summary.left_out
    size = f"{scene.width / 72:.2f} × {scene.height / 72:.2f} in"
    out = Checked(Path(spec).stem, size, smallest_text(scene), seconds, left_out, faults(scene))
    print(out, flush=True)
    return out


def summary_line(width: str | None, results: Sequence[Checked], count: int) -> str:
    """How many drawings there are, with how small a text, and how long the slowest took."""
    sizes = ", ".join(f"{sum(r.text >= size for r in results)} with {size:g} pt or more" for size in (6, 6.6, 10))
    slowest = max(results, key=lambda r: r.seconds)
    clean = sum(not r.faults for r in results)
    return (
        f"{width or 'drawings'}: {len(results)} of {count} drawn, {clean} without a fault, {sizes}; "
        f"slowest: {slowest.spec}, {slowest.seconds:.1f} s"
    )


def main() -> int:
    """Check the drawings; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures", description=__doc__)
    parser.add_argument("specs", nargs="*", metavar="NETWORK", help="networks or files; by default the whole zoo")
    parser.add_argument("--style", default="graph")
    parser.add_argument("--width", metavar="A,B,…", help="widths of figures: page, column, slide, 4in")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the drawing")
    args = parser.parse_args()
    options: dict[str, Any] = dict(option.split("=", 1) for option in args.option)
    specs = args.specs or [str(path) for path in sorted(SPECS.rglob("*.yaml")) if path.parent.name != "parts"]
    lines: list[str] = []
    faulty = 0
    for width in args.width.split(",") if args.width else (None,):
        chosen = options if width is None else options | {"width": width}
        results = [r for spec in specs if (r := check(spec, chosen | {"style": args.style})) is not None]
        faulty += sum(bool(r.faults) for r in results)
        if results:
            lines.append(summary_line(width, results, len(specs)))
    print("\n".join(lines))
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
