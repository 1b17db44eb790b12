"""Formats specs in the style of the zoo, and checks that their networks stay the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ..diagnostics import LocatedError, Sources, SpecError
from ..formatting import REPORT_IT, format_text
from ..ir.same_graph import same_graph
from ..text.yaml_reader import Map, read
from .spec import Spec, SpecResult
from .spec_reader import SpecReader, decode, read_bytes


class FormattedSpec(NamedTuple):
    """The text of a spec, as written and in the style of the zoo."""

    name: str
    before: str
    after: str
    has_mark: bool
    """Whether the file begins with a byte order mark, which formatting removes."""

    @property
    def is_changed(self) -> bool:
        """Whether formatting changes the file."""
        return self.has_mark or self.before != self.after


def format_spec(name: str, content: bytes | None = None, folder: Path | None = None) -> FormattedSpec:
    """Format a spec, or a file of blocks that specs use. The networks of all variants stay the same.

    Args:
        name: the file, or a name for the content.
        content: the bytes of the file; None reads it.
        folder: the folder that files under ``use`` are relative to; by default that of the file.

    Raises:
        SpecError: it cannot be read or formatted (NS112, NS113), or is not valid.
    """
    folder = folder if folder is not None else Path(name).parent
    try:
        content = read_bytes(Path(name)) if content is None else content
        before = decode(content)
    except LocatedError as error:
        raise SpecError([replace(error.diagnostic, file=name)], Sources()) from None
    graphs = _networks(name, before, folder)
    try:
        after = format_text(before)
        if after != before:
            again = _networks(name, after, folder)
            if not all(same_graph(a.require_graph(), b.require_graph()) for a, b in zip(graphs, again, strict=True)):
                raise LocatedError("NS113", "formatting this file would change its network", help=REPORT_IT)
    except LocatedError as error:
        sources = Sources()
        sources.texts[sources.add(name)] = before
        diagnostic = error.diagnostic
        raise SpecError([diagnostic if diagnostic.location else replace(diagnostic, file=name)], sources) from None
    return FormattedSpec(name, before, after, content.startswith(b"\xef\xbb\xbf"))


def _networks(name: str, text: str, folder: Path) -> list[SpecResult]:
    """Returns the network of every variant; none for a file of blocks. Raises SpecError if the text is invalid."""
    if _is_part(text):
        reader = SpecReader(name, text, folder, is_part=True)
        if any(d.severity == "error" for d in reader.diagnostics):
            raise SpecError(reader.diagnostics, reader.sources, reader.hidden)
        return []
    results = list(Spec(name, text, folder=folder).elaborate_variants("all"))
    for result in results:
        result.require_graph()
    return results


def _is_part(text: str) -> bool:
    """Whether a text has blocks or operations, but neither layers nor inputs."""
    try:
        tree = read(text)
    except LocatedError:
        return False  # reported where the spec is read
    if type(tree) is not Map:
        return False
    return any(k in tree.entries for k in ("blocks", "operations")) and not any(
        k in tree.entries for k in ("layers", "input", "inputs")
    )
