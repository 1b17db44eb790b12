"""Networks of the zoo with named dimensions, and legal sizes to run them at."""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

import netspec_torch
from netspec import zoo
from netspec.checking.spec import Spec
from netspec.ir import Graph
from netspec.language.elaboration import input_shape
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.sizes import Size, is_named
from netspec.shapes.types import input_type
from tests.onnx_backend.support import ActiveWeights

from .support import outputs, random_inputs

NAMES = {"height": "H", "width": "W", "depth": "T", "sequence": "n"}
"""Names of dimensions, by what their axes mean."""
MASKS = {"mask": "n"}
"""Names of the axes of inputs whose axes mean something else than their number suggests."""


class Named(NamedTuple):
    """A spec with a name for every axis of its inputs but the channels."""

    spec: Spec
    variant: str | None
    settings: Mapping[str, Any]
    shapes: Mapping[str, tuple[Size, ...]]
    """The shapes of the inputs."""
    graph: Graph

    def at(self, sizes: Mapping[str, int]) -> Graph:
        """The network with numbers for the names."""
        if self.spec.document is not None and self.spec.document.dims:
            fixed = self.spec.elaborate(self.variant, self.settings, sizes=sizes).graph
            assert fixed is not None
            return fixed
        shapes = {name: tuple(n.at(sizes) if is_named(n) else n for n in shape) for name, shape in self.shapes.items()}
        graph = self.spec.elaborate(self.variant, self.settings, shapes=shapes).graph
        assert graph is not None
        return graph


def named(name: str, variant: str | None = None, **settings: Any) -> Named:
    """A network of the zoo with its named dimensions, or with a name for every axis of its inputs but the channels."""
    spec = Spec(str(zoo.path(name)))
    document = spec.document
    assert document is not None
    variant = variant or next(iter(spec.variants), None)
    if document.dims:
        written = spec.elaborate(variant, settings).graph
        assert written is not None
        inputs = {key: written.values[value].shape for key, value in written.inputs.items()}
        return Named(spec, variant, settings, inputs, written)
    dims: dict[str, NamedDim] = {}
    given: dict[str, tuple[Size | str, ...]] = {}
    for form in document.inputs:
        shape = input_shape(form, {**spec.params(variant), **settings})
        kind = input_type(shape, form.dtype or "float32", document.layout == "channels_last")
        names = [
            n if a == kind.channel or n == 1 else MASKS.get(form.name) or NAMES.get(kind.axes[a], "n")
            for a, n in enumerate(shape)
        ]
        dims.update(
            {str(n): NamedDim(str(n), size) for n, size in zip(names, shape, strict=True) if isinstance(n, str)}
        )
        given[form.name] = tuple(names)
    sizes = NamedSizes(dims.values(), fix=True)
    shapes = {key: tuple(sizes.size(n) if isinstance(n, str) else n for n in shape) for key, shape in given.items()}
    graph = spec.elaborate(variant, settings, shapes=shapes, named=sizes).graph
    assert graph is not None
    return Named(spec, variant, settings, shapes, graph)


def legal(graph: Graph, sizes: Mapping[str, int]) -> bool:
    """Whether sizes fulfil all conditions of a network, and all promises."""
    promised = all(dim.allows(sizes[dim.name]) for dim in graph.dims.values())
    return promised and all(c.holds(c.difference.at(sizes)) for c in graph.conditions)


def sample(graph: Graph, count: int, most: int | None = None, seed: int = 1) -> list[dict[str, int]]:
    """Random legal sizes, each different, that do not exceed ``most``."""
    rng = random.Random(seed)
    result: list[dict[str, int]] = []
    for _ in range(4000):
        sizes = {
            dim.name: rng.choice([dim.default, rng.randint(1, most or 2 * dim.default), rng.randint(1, dim.default)])
            for dim in graph.dims.values()
        }
        sizes = {name: min(n, most or n) for name, n in sizes.items()}
        if sizes not in result and legal(graph, sizes):
            result.append(sizes)
        if len(result) == count:
            break
    return result


def check_sizes(network: Named, model: nn.Module, points: list[dict[str, int]]) -> None:
    """A module has, at all sizes, the outputs of the module built for them, bit for bit, with the same weights."""
    assert points
    for sizes in points:
        fixed = network.at(sizes)
        other = built_with(fixed, model.state_dict())
        given = [x if x.is_floating_point() else x % 2 for x in random_inputs(fixed)]  # BERT has two segments
        with torch.no_grad():
            actual, expected = outputs(model(*given), network.graph), outputs(other(*given), fixed)
        for key, tensor in expected.items():
            torch.testing.assert_close(actual[key], tensor, rtol=0, atol=0, msg=f"{key} at {sizes}")
            check_varies(tensor, given)


def built_with(graph: Graph, state: Mapping[str, Tensor]) -> nn.Module:
    """A network with the weights of another one. Tables that the other computes at run time are its own."""
    missing = {p.name for p in graph.parameters} - state.keys()
    assert not any(p.trainable for p in graph.parameters if p.name in missing)
    large = not missing and sum(p.elements for p in graph.parameters) > 100_000
    model = netspec_torch.build(graph, device="meta" if large else None, weights=ActiveWeights()).eval()
    model.load_state_dict(state, strict=False, assign=large)
    return model


def check_varies(tensor: Tensor, given: list[Tensor]) -> None:
    """The outputs of two examples differ: the network looks at its input."""
    if tensor.is_floating_point() and any(not torch.equal(x[0], x[1]) for x in given):
        assert tensor.isfinite().all()
        assert not torch.equal(tensor[0], tensor[1])
