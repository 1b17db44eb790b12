"""``netspec check``: checks specs and reports parameters, cost and shapes."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from ..diagnostics import Error, clip, did_you_mean, paint, render, with_warnings_as_errors
from ..output.terminal import character_set, terminal_width, use_colour, use_escapes
from . import spec_arguments

if TYPE_CHECKING:
    from ..checking.spec import SpecResult
    from ..report import CheckResult

FORMATS = ("table", "json", "csv", "markdown", "github")
WIDE = 72
"""Minimum number of columns at which a list of several specs shows all digits of its numbers."""
PAUSE = 0.3
"""Seconds between checks of the files with ``--watch``."""


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument(
        "specs",
        nargs="+",
        metavar="SPEC",
        help="a file, FILE@variant, FILE@all, a pattern, a network of the zoo, or - for standard input",
    )
    spec_arguments.add_set_option(parser)
    spec_arguments.add_at_option(parser, lists=True)
    spec_arguments.add_strict_option(parser)
    parser.add_argument(
        "--batch", type=batch_size, metavar="N", help="batch size: affects shapes, MACs and activations"
    )
    parser.add_argument(
        "--depth", type=level_count, metavar="N", help="levels of blocks to show; deeper ones are summed"
    )
    parser.add_argument(
        "--unfold", action="store_true", help="show every one of equal copies of a block, not only the first"
    )
    parser.add_argument(
        "--formulas", action="store_true", help="show MACs and activations as formulas of named dimensions, too"
    )
    parser.add_argument(
        "--columns",
        action=ColumnsAction,
        metavar="A,B,…",
        help="columns of the table, by name or heading; --columns help lists them",
    )
    parser.add_argument("--sort", metavar="COLUMN", help="sort the rows by a column")
    parser.add_argument("--format", choices=FORMATS, default="table", help="how to print the report (default: table)")
    parser.add_argument("--full", action="store_true", help="print the table of each spec even if there are several")
    parser.add_argument("--watch", action="store_true", help="check again whenever a file changes")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colour the output")


class ColumnsAction(argparse.Action):
    """Stores the value of ``--columns``; ``help`` lists the columns and exits, like ``--help``."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Store, or print."""
        if values == "help":
            from ..report.table_columns import columns_text
            from .output_files import print_text

            print_text(columns_text(terminal_width(sys.stdout)))
            parser.exit()
        setattr(namespace, self.dest, values)


def _column(text: str) -> str:
    """Parses the name of a column."""
    from ..report import find_column

    name = find_column(text)
    assert name is not None
    return name


def batch_size(text: str) -> int:
    """Parses a number of examples: an integer from 1 to below 2^40."""
    if not text.isdigit() or not 0 < int(text) < 2**40:
        raise argparse.ArgumentTypeError(f"'{text}' is not a positive integer")
    return int(text)


def level_count(text: str) -> int:
    """Parses a number of levels: an integer from 0 to 1000."""
    if not text.isdigit() or int(text) > 1000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of levels")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Check every spec. Exit status: 0 if all are valid, 1 if one is invalid, 2 for wrong usage."""
    from ..report import COLUMNS, find_column

    names: list[str] = [*(args.columns.split(",") if args.columns else ()), *((args.sort,) if args.sort else ())]
    for name in names:
        if find_column(name) is None:
            help_ = did_you_mean(name, COLUMNS)
            print(
                f"netspec check: there is no column '{clip(name)}'; {help_ or 'the columns are'} "
                f"{'' if help_ else ', '.join(COLUMNS)}".rstrip(),
                file=sys.stderr,
            )
            return 2
    if args.watch:
        return _watch(args)
    return Check(args).run()


class Check:
    """One run over all specs."""

    def __init__(self, args: argparse.Namespace, out: TextIO | None = None) -> None:
        self.args = args
        self.out = out or sys.stdout
        self.colour = use_colour(self.out, args.color)
        self.characters = character_set(self.out)
        self.width = terminal_width(self.out)
        self.columns: list[str] | None = [_column(name) for name in args.columns.split(",")] if args.columns else None
        self.sort: str | None = _column(args.sort) if args.sort else None
        self.points: list[dict[str, int]] = [{}]
        """The sizes of named dimensions at which to check every spec."""
        if args.at:
            from .size_arguments import size_points

            self.points = size_points(args.at)
        self.files: set[str] = set()
        """Files that were read, for ``--watch``."""
        self.failed = 0
        self.count = 0
        self.warnings = 0

    def run(self) -> int:
        """Check and print; returns the exit status."""
        if len(self.points) > 1 and self.args.format in ("table", "markdown", "csv"):
            self._sizes(self.results())
        elif self.args.format == "table":
            self._tables(results[0] for results in self.results())
        else:
            self.out.write(self._rendered([result for results in self.results() for result in results]))
        return 1 if self.failed else 0

    def results(self) -> Iterator[list[CheckResult]]:
        """Yields the results at all sizes for one spec and variant after the other."""
        settings = dict(self.args.set)
        for word in self.args.specs:
            try:
                names = spec_arguments.parse_specs(word)
            except Error as error:
                yield [self._unreadable(word, error)]
                continue
            for name in names:
                if name.file != "-":
                    self.files.add(name.file)
                spec = spec_arguments.read_spec(name)
                elaborated = [
                    spec_arguments.elaborate_spec(spec, name.variant, settings, sizes) for sizes in self.points
                ]
                for loaded in zip(*elaborated, strict=False):  # the budget for all variants may end sooner for some
                    self.files.update(n for n in spec.sources.names if os.path.exists(n))
                    yield [self._result(x, sizes) for x, sizes in zip(loaded, self.points, strict=True)]

    def _result(self, loaded: SpecResult, sizes: Mapping[str, int]) -> CheckResult:
        from ..report import CheckResult, select_rows

        diagnostics, hidden = list(loaded.diagnostics), loaded.hidden
        selection = None
        if loaded.graph is not None:
            from ..analysis.network_figures import analyze

            analysis = analyze(loaded.graph)
            if loaded.expect:
                from ..checking.expectations import failed_expectations

                failed, further = failed_expectations(loaded, analysis)
                diagnostics += failed
                hidden += further
            selection = select_rows(
                analysis, depth=self.args.depth, sort=self.sort, batch=self.args.batch, unfold=self.args.unfold
            )
        if self.args.strict:
            diagnostics = list(with_warnings_as_errors(diagnostics))
        result = CheckResult(loaded.spec, loaded.variant, selection, tuple(diagnostics), loaded.sources, hidden, sizes)
        self.count += 1
        self.warnings += result.count("warning")
        self.failed += not result.ok
        return result

    def _unreadable(self, word: str, error: Error) -> CheckResult:
        from ..report import CheckResult

        self.count += 1
        self.failed += 1
        return CheckResult(word, None, None, error.diagnostics, error.sources, error.hidden)

    def _rendered(self, results: list[CheckResult]) -> str:
        from ..report import DEFAULT_COLUMNS

        kind = self.args.format
        if kind == "json":
            from ..report.json import render as as_json

            return self.characters.fit_json(as_json(results))
        if kind == "csv":
            from ..report.csv import ALL
            from ..report.csv import render as as_csv

            return as_csv(results, self.columns or ALL)
        if kind == "markdown":
            from ..report.markdown import render as as_markdown

            return as_markdown(results, self.columns or DEFAULT_COLUMNS, formulas=self.args.formulas)
        from ..report.github import render as as_annotations

        return as_annotations(results)

    def _tables(self, results: Iterator[CheckResult]) -> None:
        """Prints a table for one spec or a line for each of several, and all diagnostics."""
        first: CheckResult | None = next(results, None)
        if first is None:
            return
        second = next(results, None)
        several = second is not None
        wide = not several or self.args.full or self.columns is not None or self.args.depth is not None
        if self.args.sort or self.args.unfold or self.args.formulas:
            wide = True
        for result in (r for group in ([first], [second] if second is not None else [], results) for r in group):
            for text in self._diagnostics(result):
                self.out.write(text + "\n\n")
            if result.selection is not None and wide:
                self._table(result)
            if several:
                self._line(result)
            self.out.flush()
        counts: list[str] = []
        if several:
            valid = self.count - self.failed
            counts.append(f"{valid} of {self.count} valid" if self.failed else f"{self.count} specs, all valid")
        elif self.failed:
            counts.append(counted(first.count("error"), "error"))
        if self.warnings:
            counts.append(counted(self.warnings, "warning"))
        if counts:
            style = "red" if self.failed else "yellow" if self.warnings else "green"
            self.out.write(paint(", ".join(counts), style, self.colour) + "\n")

    def _sizes(self, groups: Iterator[list[CheckResult]]) -> None:
        """Prints the costs of each network at several sizes of its named dimensions; for CSV in one table."""
        from ..report import sizes_table  # loaded only for several sizes

        if self.args.format == "csv":
            self.out.write(sizes_table.csv(groups))
        elif self.args.format == "markdown":
            from ..report.markdown import render_sizes

            self.out.write(render_sizes(groups))
        else:
            for group in groups:
                for at, text in sizes_table.texts_by_size(group, lambda r: self._diagnostics(r, notes=False)):
                    self.out.write(f"{at}{text}\n\n")
                if any(result.selection is not None for result in group):
                    table = sizes_table.render(group, width=self.width, colour=self.colour, characters=self.characters)
                    self.out.write(f"{table}\n")
                self.out.flush()

    def _diagnostics(self, result: CheckResult, *, notes: bool = True) -> Iterator[str]:
        """Yields the diagnostics of a result as text, with or without notes."""
        for d in result.diagnostics:
            if notes or d.severity != "note":
                yield render(d, result.sources, self.colour, self.characters)

    def _table(self, result: CheckResult) -> None:
        from ..report.terminal_table import render as as_table

        assert result.selection is not None
        table = as_table(
            result.selection,
            columns=self.columns,
            width=self.width,
            colour=self.colour,
            characters=self.characters,
            hint="--unfold shows them all.",
            formulas=self.args.formulas,
        )
        self.out.write(table)

    def _line(self, result: CheckResult) -> None:
        from .. import zoo
        from ..report.number_format import short_number

        word, style = ("ok  ", "green") if result.ok else ("FAIL", "red")
        if result.ok and result.count("warning"):
            word, style = "warn", "yellow"
        mark = paint(word, style, self.colour)
        name = zoo.short_name(result.spec) + (f"@{result.variant}" if result.variant else "")
        figures = ""
        if result.selection is not None:
            params = result.selection.analysis.params
            wide = f"{params:>15,}" if self.width >= WIDE else f"{short_number(params):>8}"
            figures = f"{wide} params  {short_number(result.selection.totals.macs):>8} MACs"
        room = max(self.width - 43, 20)
        self.out.write(self.characters.fit(f"{mark} {name:<{room}} {figures}".rstrip()) + "\n")


def counted(n: int, noun: str) -> str:
    """Returns ``1 error``, ``2 errors``."""
    return f"{n} {noun}{'s' if n != 1 else ''}"


def _watch(args: argparse.Namespace) -> NoReturn:
    """Check, wait until a file changes, and check again, until interrupted."""
    while True:
        if use_escapes(sys.stdout):
            sys.stdout.write("\x1b[2J\x1b[H")
        check = Check(args)
        check.run()
        gc.collect()  # the entry point turned it off, for short-lived processes
        files = sorted(check.files)
        print(f"watching {len(files)} file{'s' if len(files) != 1 else ''}; Ctrl-C stops", flush=True)
        before = _times(files)
        while _times(files) == before:
            time.sleep(PAUSE)


def _times(files: list[str]) -> list[float]:
    """Returns the modification time of each file; 0 for one that does not exist."""
    return [_time(f) for f in files]


def _time(file: str) -> float:
    try:
        return os.stat(file).st_mtime
    except (OSError, ValueError):
        return 0.0
