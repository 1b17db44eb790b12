"""An imported network: its graph, the text of its spec, its weights, and the proof of equivalence."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from ..analysis.network_figures import analyze
from ..blocks import DifferentError
from ..checking.spec import Spec
from ..diagnostics import SpecError
from ..ir import Graph
from ..language.flatten import flat_spec
from ..shapes.types import shape_text
from ..text.writer import Grouped
from .assemble import assemble
from .block_search import structured_spec
from .draft import ModuleCall
from .equality import differences
from .import_refused import ImportRefused
from .imported_weights import GivenWeights, ImportedWeights
from .passes import simplify
from .problems import OTHER_OUTPUTS, ImportDiagnostic
from .source import Comparison, ImportSource

if TYPE_CHECKING:
    from ..weights.numpy_types import Array

StructureOption: TypeAlias = Literal["blocks", "identical only", "flat"]
"""How blocks were found: freely, only from copies that differ in nothing but numbers, or not at all."""
Stage: TypeAlias = Callable[[str], None]
"""Called with the name of each stage at its beginning."""


class Proof(NamedTuple):
    """Evidence that a spec describes the same network as its source."""

    outputs: Comparison | None
    """The numerical comparison of outputs; None if there was none (``--no-proof``, or an opaque operation)."""
    structure: StructureOption
    """How blocks were found in the structured text, which yields exactly the compared graph; other structures were
    discarded.
    """

    @property
    def largest(self) -> float | None:
        """The largest difference of outputs, relative to the largest number of each; None without a comparison."""
        return self.outputs.largest if self.outputs is not None else None

    @property
    def batch_sizes(self) -> tuple[int, ...]:
        """The compared numbers of examples."""
        return self.outputs.batch_sizes if self.outputs is not None else ()


@dataclass(frozen=True, eq=False, slots=True)
class Import:
    """An imported network."""

    graph: Graph
    """The network; its layers have the names of the flat spec."""
    weights: Mapping[str, Array]
    """Its tensors by name, each read on access."""
    notes: tuple[str, ...]
    """Notes on parts that were imported in a different form, or that the spec lacks."""
    proof: Proof
    structured: str
    """The text with blocks."""

    def text(self, *, flat: bool = False) -> str:
        """Returns the text of the spec, with blocks or flat."""
        return flat_spec(self.graph) if flat else self.structured

    def summary(self) -> str:
        """Returns one line with the size of the network and the extent of the comparison."""
        figures = analyze(self.graph)
        counts = ((len(self.graph.layers), "layer"), (figures.params, "parameter"))
        size = f"{self.graph.name}: " + ", ".join(f"{n:,} {word}{'s' if n != 1 else ''}" for n, word in counts)
        outputs = self.proof.outputs
        if outputs is None:
            return f"{size}; its outputs were not compared with those of the source"
        batches = " and ".join(map(str, outputs.batch_sizes))
        shapes = " and ".join(shape_text(shape) for sizes in outputs.sizes for shape in sizes.values())
        at = f", inputs of {shapes}" if shapes else ""
        agreement = f"differ by at most {outputs.largest:.1e}" if outputs.largest else "are equal"
        return f"{size}; outputs {agreement} in {outputs.dtype} (batches of {batches}{at})"

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Writes the weights to a safetensors file, which is replaced atomically. Raises FileWriteError NS705."""
        from ..weights.safetensors_format import write_safetensors

        write_safetensors(path, self.graph.parameters, GivenWeights(self.weights))


def import_source(
    source: ImportSource,
    *,
    name: str | None = None,
    opaque: bool = False,
    prove: bool = True,
    depth: int | None = None,
    stage: Stage | None = None,
) -> Import:
    """Converts an imported source to a spec, and verifies that both describe the same network.

    Args:
        source: the result of a reader.
        name: name of the network; by default that of the source.
        opaque: whether operations without an equivalent become operations that the spec declares.
        prove: whether to compare outputs.
        depth: levels of modules that may become blocks; by default, all.
        stage: called with the name of each stage at its beginning.

    Raises:
        ImportRefused: with everything that cannot be imported, or because outputs differ.
        BackendError: NS704, a library that runs the networks is not installed.
    """
    tell: Stage = stage if stage is not None else lambda _: None
    network = source.network
    network.name = name if name is not None else network.name
    tell("reading the operations")
    simplify(network)
    graph = assemble(network, source.weight_shapes, opaque=opaque)
    weights = ImportedWeights(graph, source)
    notes = list(network.notes)
    outputs: Comparison | None = None
    if any(draft.opaque for draft in network.drafts):
        notes.append("outputs were not compared: operations that the spec only declares cannot be run")
    elif prove:
        tell("comparing outputs")
        outputs = source.compare(graph, GivenWeights(weights))
        notes += outputs.skipped
        if not outputs.agrees:
            raise ImportRefused([_different(outputs)])
    tell("finding blocks")
    calls = {draft.name: draft.calls[:depth] for draft in network.drafts}
    text, structure = _structured(graph, calls, network.attributes, depth)
    if structure != "blocks" and depth != 0:
        notes.append(_OTHER_STRUCTURE[structure])
    return Import(graph, weights, tuple(notes), Proof(outputs, structure), text)


_STRUCTURES: tuple[StructureOption, ...] = ("blocks", "identical only")
_OTHER_STRUCTURE: Mapping[StructureOption, str] = {
    "identical only": "only copies that differ in numbers alone became blocks: no other structure gave the same graph",
    "flat": "the spec has no blocks: no structure that was found gave the same graph",
}


def _structured(
    graph: Graph,
    calls: Mapping[str, Sequence[ModuleCall]],
    attributes: Mapping[str, Mapping[str, Any]],
    depth: int | None,
) -> tuple[str, StructureOption]:
    """Returns the text with the most blocks that still yields the same graph, and the option that produced it."""
    expect = _expectations(graph)
    for structure in _STRUCTURES if depth != 0 else ():
        try:
            text = structured_spec(graph, calls, attributes, expect=expect, identical=structure != "blocks")
            if not differences(graph, Spec(graph.name, text).elaborate().require_graph()):
                return text, structure
        except (SpecError, DifferentError):  # a guess that failed
            continue
    return flat_spec(graph, expect=expect), "flat"


def _expectations(graph: Graph) -> dict[str, Any]:
    """Returns the expectations of a spec: its figures."""
    figures = analyze(graph)
    return {"params": Grouped(figures.params), "macs": Grouped(figures.macs)}


def _different(outputs: Comparison) -> ImportDiagnostic:
    reason = (
        f"outputs differ by {outputs.largest:.1e} of their largest number in {outputs.dtype}; "
        f"rounding explains {outputs.tolerance:.0e}"
    )
    remedy = "this is a fault of the importer: please report the network. --no-proof skips the comparison"
    return ImportDiagnostic.of(OTHER_OUTPUTS, "", reason, help=remedy)
