"""Results of imports as a file: a line for each source, and the table of ``docs/importing.md`` that sums them up.

python -m benchmarks.importing_results              # prints the table
python -m benchmarks.importing_results --failures   # prints what was not imported, with the reason
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median

from netspec.files import replace_file

RESULTS = Path(__file__).parent / "results" / "importing_torch.csv"
SUCCESS = ("proven", "imported")


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one source."""

    source: str
    """``timm:resnet50``."""
    check: str
    """``values``: outputs are compared; ``shapes``: only names, shapes and types are."""
    outcome: str
    """``proven``, ``imported`` (not compared), ``refused``, ``differs``, ``fault``, ``timeout``, or ``not made``: its
    constructor fails."""
    reason: str = ""
    """Of a source that was not imported; with its code."""
    input: str = ""
    """Shape of the first input, without the batch."""
    parameters: str = ""
    difference: str = ""
    """The largest of an output, relative to the output's largest value."""
    names: str = ""
    """``strict`` if the spec has exactly the source's state dict, else how many tensors it adds or leaves out."""
    structure: str = ""
    lines: str = ""
    seconds: str = ""

    @property
    def is_success(self) -> bool:
        """Whether it was imported."""
        return self.outcome in SUCCESS


def read_rows(path: Path = RESULTS) -> dict[tuple[str, str], Row]:
    """The rows of a file by source and check; none if there is no file."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = [Row(**line) for line in csv.DictReader(file)]
    return {(row.source, row.check): row for row in rows}


def write_rows(rows: Mapping[tuple[str, str], Row], path: Path = RESULTS) -> None:
    """Write rows in alphabetic order; the file is replaced atomically."""
    path.parent.mkdir(exist_ok=True)
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Row)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(rows[key]) for key in sorted(rows))
    with replace_file(path) as file:
        file.write(text.getvalue().encode())


GROUPS = (
    ("torchvision, classification", "torchvision:", "values"),
    ("torchvision, segmentation", "torchvision/segmentation:", "values"),
    ("torchvision, video", "torchvision/video:", "values"),
    ("torchvision, backbones of detectors", "torchvision/detection:", "values"),
    ("timm, by value", "timm:", "values"),
    ("timm, names and shapes", "timm:", "shapes"),
    ("transformers, small configurations", "transformers:", "values"),
)
"""Rows of the table: title, beginning of the names of sources, check."""


COLUMNS = ("source", "tried", "imported", "proven", "strict names", "largest difference", "lines, median")


def table(rows: Iterable[Row]) -> str:
    """The results as a table of Markdown."""
    every = list(rows)
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    for title, beginning, check in GROUPS:
        mine = [row for row in every if row.source.startswith(beginning) and row.check == check]
        if mine:
            lines.append(f"| {' | '.join(map(str, [title, len(mine), *_cells(mine)]))} |")
    return "\n".join(lines)


def _cells(rows: Iterable[Row]) -> tuple[object, ...]:
    """How many rows are imported, proven, and have strict names; the largest difference; the median of lines."""
    good = [row for row in rows if row.is_success]
    proven = [row for row in good if row.outcome == "proven"]
    strict = sum(row.names == "strict" for row in good)
    difference = f"{max(float(row.difference) for row in proven):.0e}" if proven else "not compared"
    return len(good), len(proven), strict, difference, f"{median(int(row.lines) for row in good):.0f}"


def failures(rows: Iterable[Row]) -> str:
    """What was not imported, a line each."""
    return "\n".join(f"{row.source} ({row.check}): {row.outcome}, {row.reason}" for row in rows if not row.is_success)


def main() -> None:
    """Print the table, or the failures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--failures", action="store_true")
    given = parser.parse_args()
    rows = read_rows(given.results).values()
    print(failures(rows) if given.failures else table(rows))


if __name__ == "__main__":
    main()
