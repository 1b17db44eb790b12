"""The usual figures of a language model: parameters by part, bytes of weights, cache, operations per token.

A network counts as a language model if it has causal attention along one named dimension, its context.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..ir import Graph, Node
from ..ops.dense import Dense, Embedding
from ..ops.merge import Add
from ..shapes.types import ITEM_BYTES
from .network_figures import Analysis, analyze

Part: TypeAlias = Literal["embedding", "attention", "MLP", "experts", "head", "other"]
PARTS: tuple[Part, ...] = ("embedding", "attention", "MLP", "experts", "head", "other")
CONTEXTS = (1_024, 8_192, 32_768, 131_072)
"""Context lengths for which figures are given, if the network accepts them."""
BITS: Mapping[str, int] = {"bf16": 16, "fp8": 8, "int4": 4}
"""Types in which weights are stored, without the scales of quantised ones."""


@dataclass(frozen=True, slots=True)
class ContextFigures:
    """Figures at one context length.

    Attributes:
        context: number of tokens.
        cache_bytes: bytes of the keys and values of all tokens, in the type of the network.
        prefill_flops: average operations per token if all are computed at once: 2 for each MAC, without the
            scores that causal attention excludes.
        decode_flops: operations for the last token if the keys and values of the others are cached.
    """

    context: int
    cache_bytes: int
    prefill_flops: int
    decode_flops: int


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Figures of a language model.

    Attributes:
        params: all parameters; a head that shares the embedding's table is counted there.
        without_embedding: all parameters except the tables of embeddings.
        active_params: parameters that one token uses: only the chosen experts.
        active_without_embedding: active parameters except the tables of embeddings.
        token_cache_elements: elements of keys and values that each token adds to the cache.
        token_cache_bytes: their bytes in the type of the network.
        latent_cache_elements: the elements from which keys and values can be recomputed, if a projection computes
            them from fewer, as in multi-head latent attention (DeepSeek-V2, 2024); otherwise the same.
        latent_cache_bytes: their bytes.
        weight_bytes: bytes of all parameters by type.
        part_params: parameters by part.
        part_macs: MACs per token by part, at the first context length.
        contexts: figures by context length.
    """

    params: int
    without_embedding: int
    active_params: int
    active_without_embedding: int
    token_cache_elements: int
    token_cache_bytes: int
    latent_cache_elements: int
    latent_cache_bytes: int
    weight_bytes: Mapping[str, int]
    part_params: Mapping[Part, int]
    part_macs: Mapping[Part, int]
    contexts: Sequence[ContextFigures]


def language_model(graph: Graph, contexts: Iterable[int] = CONTEXTS) -> LanguageModel | None:
    """Returns the figures of a language model; None if the network is not one.

    Args:
        graph: the network, whose context is a named dimension.
        contexts: context lengths; those that the network does not accept are left out.
    """
    if len(graph.dims) != 1:
        return None
    (dim,) = graph.dims.values()
    smallest = graph.at({dim.name: max(dim.min, 1)})
    whole = analyze(smallest)
    if whole.cache is None:
        return None
    parts = _parts(smallest)
    params, macs = dict.fromkeys(PARTS, 0), dict.fromkeys(PARTS, 0)
    for row in whole.layers:
        params[parts.get(row.name, "other")] += row.params
        macs[parts.get(row.name, "other")] += row.macs_needed
    latent, latent_bytes = _latent_cache(smallest)
    tables = params["embedding"]
    return LanguageModel(
        params=whole.params,
        without_embedding=whole.params - tables,
        active_params=whole.active_params,
        active_without_embedding=whole.active_params - tables,
        token_cache_elements=whole.cache.token_elements,
        token_cache_bytes=whole.cache.token_bytes,
        latent_cache_elements=min(latent, whole.cache.token_elements),
        latent_cache_bytes=min(latent_bytes, whole.cache.token_bytes),
        weight_bytes={name: -(-whole.params * bits // 8) for name, bits in BITS.items()},
        part_params=params,
        part_macs=macs,
        contexts=[_at_context(graph, dim.name, n) for n in contexts if dim.allows(n) and dim.allows(n - 1)],
    )


def _at_context(graph: Graph, name: str, tokens: int) -> ContextFigures:
    here, before = (_figures(graph, name, n) for n in (tokens, tokens - 1))
    assert here.cache is not None
    decode = 2 * (here.macs_needed - before.macs_needed)
    return ContextFigures(tokens, here.cache.bytes, 2 * here.macs_needed // tokens, decode)


def _figures(graph: Graph, name: str, size: int) -> Analysis:
    return analyze(graph.at({name: size}))


def _parts(graph: Graph) -> dict[str, Part]:
    """Returns the part of each layer, by the name of the layer."""
    parts: dict[str, Part] = {node.name: node.op.language_part for node in graph.nodes}
    for node in graph.nodes:
        if node.op.language_part != "attention":
            continue
        for before in _upstream(graph, node, node.inputs):
            if isinstance(before.op, Dense) or before.weights:
                parts[before.name] = "attention"
        after = _first_dense_after(graph, node)
        if after is not None:
            parts[after.name] = "attention"
    for value in graph.outputs.values():
        producer = graph.producer(value)
        while producer is not None and not isinstance(producer.op, (Dense, Add)) and len(producer.inputs) == 1:
            producer = graph.producer(producer.inputs[0])
        if producer is not None and isinstance(producer.op, Dense):
            parts[producer.name] = "head"
    return parts


def _upstream(graph: Graph, node: Node, values: Iterable[int]) -> list[Node]:
    """Returns the layers that compute an attention's inputs, back to sums, embeddings and inputs."""
    nodes: dict[str, Node] = {}
    todo = list(values)
    while todo:
        before = graph.producer(todo.pop())
        if before is None or before.name in nodes or isinstance(before.op, (Add, Embedding)):
            continue
        nodes[before.name] = before
        todo += before.inputs
    return list(nodes.values())


def _first_dense_after(graph: Graph, node: Node) -> Node | None:
    """Returns the output projection of an attention, if it is a separate layer."""
    for _ in range(4):
        readers = graph.readers(node.values[0])
        if not readers or isinstance(readers[0].op, Add):
            return None
        node = readers[0]
        if isinstance(node.op, Dense):
            return node
    return None


def _latent_cache(graph: Graph) -> tuple[int, int]:
    """Returns elements and bytes per token of the smallest input of the keys and values, after the first projection."""
    elements = size = 0
    for node in graph.nodes:
        inputs = graph.inputs_of(node)
        cached = node.op.cached(inputs)
        if cached is None:
            continue
        each = int(cached[0])
        if not node.weights:  # its projections are separate layers
            above = _upstream(graph, node, node.inputs[1:3])
            dense = [n for n in above if isinstance(n.op, Dense)]
            first = [n for n in dense if not any(isinstance(b.op, Dense) for b in _upstream(graph, n, n.inputs))]
            widths = sum(int(n.outputs[0].shape[-1]) for n in first)
            if first and len(first) < len(dense):
                each = min(each, widths)
        elements += each
        size += each * ITEM_BYTES[inputs[0].dtype]
    return elements, size
