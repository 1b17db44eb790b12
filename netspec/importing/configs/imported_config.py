"""The result of importing a configuration: the text of a verified spec, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...analysis.network_figures import analyze
from ...checking.spec import Spec
from ...diagnostics import Error
from ...formatting import format_text
from ...formatting.edits import set_at
from ...formatting.parse import parse
from ...formatting.spec_printer import document_text
from ...ir import Graph
from ...text.writer import Grouped


class ImportedConfig(NamedTuple):
    """The spec of a configuration."""

    text: str
    graph: Graph
    """The network of the spec with default parameters."""
    notes: tuple[str, ...]
    """Parts of the configuration that the spec does not follow."""


def finished(text: str, source: str, notes: Sequence[str], variants: Sequence[str] = ()) -> ImportedConfig:
    """Returns a spec in the style of the zoo, with the expected numbers of parameters.

    Args:
        text: the spec.
        source: the file from which it was created.
        notes: see :class:`ImportedConfig`.
        variants: names of variants whose numbers of parameters are expected, instead of those of the defaults.

    Raises:
        Error: NS894, the network is not valid, because the configuration contains impossible numbers.
    """
    root, _ = parse(text)
    assert root is not None
    spec = Spec("imported.yaml", text)
    graphs: dict[str, Graph] = {}
    for name in variants or [""]:
        result = spec.elaborate(name or None)
        if result.graph is None:
            problem = next(d for d in result.diagnostics if d.severity == "error")
            raise Error("NS894", f"its network is not valid: {problem.message}", notes=problem.notes, file=source)
        graphs[name] = result.graph
    for name, graph in graphs.items():
        expect = {"params": Grouped(analyze(graph).params)}
        set_at(root, ("variants", name, "expect") if name else ("expect",), expect)
    return ImportedConfig(format_text(document_text(root)), next(iter(graphs.values())), tuple(notes))
