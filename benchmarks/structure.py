"""Blocks found in flat networks, compared with those of the zoo: ``python -m benchmarks.structure NAMES…``.

Every network (all of the zoo without names) is written flat, read again, and its blocks are found. A row says whether
the structured spec gives the same graph, how many lines it has beside the zoo's without its variants (goal: 1.0 in the
median, 1.3 for 90%), and the seconds. ``--calls`` gives the names of the zoo's blocks, as modules would give those of
their classes; ``--show`` prints the specs; ``--growth`` measures chains of up to 10,000 layers instead.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import netspec
from netspec import zoo
from netspec.importing.block_search import structured_spec
from netspec.importing.draft import ModuleCall
from netspec.importing.equality import differences
from netspec.ir import Graph
from netspec.language.flatten import flat_spec


class Row(NamedTuple):
    """What was measured for one network."""

    name: str
    outcome: str
    nodes: int
    lines: int
    zoo_lines: int
    seconds: float
    text: str


def module_calls(graph: Graph) -> dict[str, tuple[ModuleCall, ...]]:
    """The scopes of every layer as the calls of modules."""
    out: dict[str, tuple[ModuleCall, ...]] = {}
    for node in graph.nodes:
        calls: list[ModuleCall] = []
        scope = node.scope
        while scope.parent is not None:
            calls.append(ModuleCall(scope.name, scope.name, scope.block or "Sequential"))
            scope = scope.parent
        out[node.name] = tuple(reversed(calls))
    return out


def lines_of(text: str) -> int:
    """Lines of a spec without its variants, remarks, expectations and empty lines."""
    count, skipped = 0, False
    for line in text.splitlines():
        if line and not line[0].isspace():
            skipped = line.startswith(("variants:", "doc:", "cite:", "expect:"))
        count += bool(line.strip()) and not skipped
    return count


def lines_with_used(path: Path) -> int:
    """Lines of a spec of the zoo with those of the blocks that it uses from other files."""
    text = path.read_text()
    used = re.search(r"^use: (.*)", text, re.MULTILINE)
    names = [name.strip(" []") for name in used[1].split(",")] if used else []
    files = [zoo.part(name[4:]) if name.startswith("zoo:") else path.parent / name for name in names]
    blocks = [re.search(r"^blocks:\n((?: .*\n|\n)*)", file.read_text(), re.MULTILINE) for file in files if file]
    return lines_of(text) + sum(lines_of(match[1]) for match in blocks if match)


def measured(path: Path, variant: str | None, calls: bool) -> Row:
    """The row of one network."""
    name = f"{path}@{variant}" if variant else str(path)
    graph = netspec.load(name)
    if "drop_path" in graph.arguments:  # which no network has that is read for inference
        graph = netspec.load(name, params={"drop_path": 0.0})
    graph = graph.at_default
    flat = netspec.loads(flat_spec(graph))
    start = time.perf_counter()
    text = ""
    try:
        text = structured_spec(flat, module_calls(graph) if calls else None)
        seconds = time.perf_counter() - start
        differing = differences(flat, netspec.loads(text))
        outcome = f"differs: {differing[0]}" if differing else "equal"
    except Exception as error:
        seconds = time.perf_counter() - start
        outcome = f"{type(error).__name__}: {first_line(str(error))}"
        if not isinstance(error, netspec.SpecError):
            traceback.print_exc()
    return Row(path.stem, outcome, len(flat.nodes), lines_of(text), lines_with_used(path), seconds, text)


def first_line(text: str) -> str:
    """The first line of a text, shortened."""
    return text.partition("\n")[0][:150]


def specs(names: list[str]) -> Iterator[tuple[Path, str | None]]:
    """The files of the zoo, or those that are named."""
    folder = zoo.folder()
    if names:
        for name in names:
            stem, _, variant = name.partition("@")
            yield next(folder.rglob(f"{stem}.yaml")), variant or None
        return
    for path in sorted(folder.rglob("*.yaml")):
        yield path, None


def growth() -> None:
    """Print seconds for residual blocks in a chain, and for a chain of convolutions of several widths."""
    block = (
        "blocks:\n  U:\n    layers:\n      conv: {conv2d: 8, kernel: 1}\n      relu: relu\n      add: {add: input}\n"
    )
    for count in (1250, 2500, 5000, 10_000):
        texts = {
            "blocks": f"{block}layers:\n  stage: {{U, repeat: {count // 3}}}\n",
            "written out": "layers:\n" + "".join(f"  c{n}: {{conv2d: {8 + n % 7}, kernel: 1}}\n" for n in range(count)),
        }
        for name, text in texts.items():
            flat = netspec.loads(flat_spec(netspec.loads(f"netspec: 1\ninput: [8, 4, 4]\n{text}")))
            start = time.perf_counter()
            structured_spec(flat)
            print(f"{name:12} {len(flat.nodes):6} nodes {time.perf_counter() - start:6.2f} s", flush=True)


def main() -> None:
    """Print a table of rows and figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--calls", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--growth", action="store_true")
    args = parser.parse_args()
    if args.growth:
        growth()
        return
    rows: list[Row] = []
    for path, variant in specs(args.names):
        try:
            row = measured(path, variant, args.calls)
        except netspec.SpecError as error:
            print(f"{path.stem:24} no flat spec: {str(error).splitlines()[0][:100]}", flush=True)
            continue
        rows.append(row)
        ratio = row.lines / row.zoo_lines
        figures = f"{row.nodes:6} {row.lines:5} {row.zoo_lines:5} {ratio:5.2f} {row.seconds:6.2f}"
        print(f"{row.name:24} {figures} {row.outcome}", flush=True)
        if args.show:
            print(row.text)
    if len(rows) > 1:
        ratios = sorted(row.lines / row.zoo_lines for row in rows if row.outcome == "equal")
        print(
            f"{len(ratios)} of {len(rows)} equal; lines {statistics.median(ratios):.2f} in the median, "
            f"{ratios[int(0.9 * (len(ratios) - 1))]:.2f} for 90%"
        )


if __name__ == "__main__":
    main()
