"""The cost of a network at several sizes of its named dimensions: a line for each, as text, Markdown or CSV."""

from __future__ import annotations

import csv as writer
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..diagnostics import clean, clip, paint
from ..output.characters import UNICODE, CharacterSet, display_width
from ..shapes.types import compact_shape
from .check_result import CheckResult
from .number_format import memory_size, short_number
from .table_columns import spreadsheet_cell

GAP = "  "


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    cells: tuple[str, ...]
    short: tuple[str, ...] = ()
    """Shorter cells for narrow terminals, if any."""
    is_number: bool = True

    def width(self, short: bool) -> int:
        return max(map(display_width, (self.title, *self.texts(short))))

    def texts(self, short: bool) -> tuple[str, ...]:
        return self.short if short and self.short else self.cells


def render(
    results: Sequence[CheckResult], *, width: int = 80, colour: bool = False, characters: CharacterSet = UNICODE
) -> str:
    """Returns the table for a terminal, below the name of the network, followed by the size-independent figures.

    Args:
        results: the network at each size.
        width: characters per line; numbers are shortened to three digits if they do not fit.
        colour: whether to use terminal colours.
        characters: the characters that the output can show.
    """
    columns = _columns(results)
    short = sum(c.width(False) for c in columns) + len(GAP) * (len(columns) - 1) > width
    widths = [c.width(short) for c in columns]
    rows = zip(*(c.texts(short) for c in columns), strict=True)
    rule = paint(characters.fit("─") * min(width, sum(widths) + len(GAP) * (len(widths) - 1)), "dim", colour)
    out = [paint(characters.fit(clean(_name(results))), "bold", colour), ""]
    out += [paint(_line([c.title for c in columns], columns, widths), "bold", colour), rule]
    for result, row in zip(results, rows, strict=True):
        text = characters.fit(_line(row, columns, widths))
        out.append(text if result.selection is not None else paint(text, "red", colour))
    return "\n".join([*out, rule, *map(characters.fit, _notes(results))]) + "\n"


def markdown(results: Sequence[CheckResult]) -> list[str]:
    """Returns the lines of the table in Markdown, followed by the size-independent figures."""
    columns = _columns(results)
    rows = [[c.title for c in columns], ["---:" if c.is_number else "---" for c in columns]]
    rows += map(list, zip(*(c.cells for c in columns), strict=True))
    return [*(f"| {' | '.join(row)} |" for row in rows), "", *_notes(results)]


def csv(groups: Iterable[Sequence[CheckResult]]) -> str:
    """Returns a heading and a line for each spec and size; numbers without separators, empty if invalid."""
    out = io.StringIO()
    lines = writer.writer(out, lineterminator="\n")
    figures = ("params", "macs", "flops", "activations", "activation_bytes")
    for i, results in enumerate(groups):
        if not i:
            lines.writerow(map(spreadsheet_cell, ["spec", "variant", *map(_title, results[0].sizes), "ok", *figures]))
        for result in results:
            values = [getattr(result.selection.totals, name) for name in figures] if result.selection else [""] * 5
            ok = "true" if result.ok else "false"
            lines.writerow(
                map(spreadsheet_cell, [result.spec, result.variant or "", *result.sizes.values(), ok, *values])
            )
    return out.getvalue()


def texts_by_size(
    results: Sequence[CheckResult], texts: Callable[[CheckResult], Iterable[str]]
) -> Iterator[tuple[str, str]]:
    """Yields each distinct text about the results, after a line with its sizes unless it applies to all of them."""
    sizes_of: dict[str, list[str]] = {}
    for result in results:
        for text in texts(result):
            sizes_of.setdefault(text, []).append(", ".join(f"{_title(name)} = {n}" for name, n in result.sizes.items()))
    for text, sizes in sizes_of.items():
        yield "" if len(sizes) == len(results) else f"at {'; '.join(sizes)}:\n", text


def _columns(results: Sequence[CheckResult]) -> list[_Column]:
    """Returns columns of the sizes, the figures that depend on them, and the validity of the network."""
    columns = [_Column(_title(name), tuple(f"{r.sizes[name]:,}" for r in results)) for name in results[0].sizes]
    outputs = [_output(r) for r in results]
    if len({text for text in outputs if text}) > 1:
        columns.append(_Column("output", tuple(outputs), is_number=False))
    totals = [None if r.selection is None else r.selection.totals for r in results]
    if len({t.params for t in totals if t is not None}) > 1:
        columns.append(_counts("params", [None if t is None else t.params for t in totals]))
    codes = [next((d.code for d in r.diagnostics if d.severity == "error"), "") for r in results]
    columns.append(_counts("MACs", [None if t is None else t.macs for t in totals], codes))
    columns.append(_counts("FLOPs", [None if t is None else t.flops for t in totals]))
    columns.append(_counts("activations", [None if t is None else t.activations for t in totals]))
    columns.append(_Column("memory", tuple("" if t is None else memory_size(t.activation_bytes) for t in totals)))
    return columns


def _title(name: str) -> str:
    """Returns the title of a column of sizes; names from the command line may contain any characters."""
    return clip(name)


def _counts(title: str, counts: Sequence[int | None], otherwise: Sequence[str] = ()) -> _Column:
    """Returns a column of counts; ``otherwise`` has the texts for missing ones, empty by default."""
    missing = otherwise or [""] * len(counts)
    full = tuple(m if n is None else f"{n:,}" for n, m in zip(counts, missing, strict=True))
    return _Column(
        title, full, tuple(m if n is None else short_number(n) for n, m in zip(counts, missing, strict=True))
    )


def _output(result: CheckResult) -> str:
    """Returns the shape of the first output; empty for an invalid network."""
    selection = result.selection
    if selection is None:
        return ""
    types = selection.analysis.graph.output_types
    return compact_shape(selection.shape(next(iter(types.values())).shape))


def _name(results: Sequence[CheckResult]) -> str:
    valid = next((r for r in results if r.selection is not None), results[0])
    return valid.name + (f"@{valid.variant}" if valid.variant else "")


def _notes(results: Sequence[CheckResult]) -> list[str]:
    """Returns the size-independent figures, and explanations of the columns."""
    selections = [r.selection for r in results if r.selection is not None]
    notes: list[str] = []
    counts = {s.totals.params for s in selections}
    if len(counts) == 1:
        size = memory_size(selections[0].analysis.weight_bytes)
        notes.append(f"{counts.pop():,} parameters ({size}) at every size.")
    if selections:
        batch = selections[0].batch
        examples = f"{batch:,} examples" if batch is not None and batch > 1 else "one example"
        notes.append(f"Memory is that of the outputs of all layers, for {examples}.")
        rest = {**selections[0].analysis.graph.at_default.sizes}
        others = ", ".join(f"{name} = {n:,}" for name, n in rest.items() if name not in results[0].sizes)
        if others:
            notes.append(f"The other dimensions have their defaults: {others}.")
    return notes


def _line(cells: Sequence[str], columns: Sequence[_Column], widths: Sequence[int]) -> str:
    parts: list[str] = []
    for text, column, width in zip(cells, columns, widths, strict=True):
        space = " " * (width - display_width(text))
        parts.append(space + text if column.is_number else text + space)
    return GAP.join(parts).rstrip()
