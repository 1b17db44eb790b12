"""Checks every drawing of the zoo by its geometry: ``python -m tests.figures --style volumes [NETWORK …]``.

Prints the faults of each drawing, and the number of drawings without any. Exits with 1 if there are faults.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import netspec
from netspec.backend import BackendError
from netspec_graphviz import draw

from .geometry import faults, smallest_text

SPECS = Path(__file__).parents[2] / "specs"


def main() -> int:
    """Check the drawings; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures", description=__doc__)
    parser.add_argument("specs", nargs="*", metavar="NETWORK", help="networks or files; by default the whole zoo")
    parser.add_argument("--style", default="graph")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the drawing")
    args = parser.parse_args()
    options = dict(option.split("=", 1) for option in args.option)
    specs = args.specs or [str(path) for path in sorted(SPECS.rglob("*.yaml"))]
    drawn = faulty = 0
    for spec in specs:
        try:
            scene = draw(netspec.load(spec), style=args.style, **options).scene
        except BackendError as error:
            print(f"{spec}: {error.code}: {error.message}")
            continue
        drawn += 1
        result = faults(scene)
        faulty += bool(result)
        size = f"{scene.width:.0f} × {scene.height:.0f} pt, smallest text {smallest_text(scene):.1f} pt"
        print(f"{Path(spec).stem}: {size}, {len(result)} faults")
        for fault in result:
            print(f"  {fault}")
    print(f"{drawn - faulty} of {drawn} drawings have no fault")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
