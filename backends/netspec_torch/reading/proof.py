"""Compares numerically that the spec, built with the source's weights, computes the same as the source."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

from netspec.diagnostics import Error
from netspec.importing import ImportDiagnostic, ImportRefused
from netspec.importing.assemble import weight_names
from netspec.importing.comparing import relative_difference
from netspec.importing.imported_weights import GivenWeights
from netspec.importing.problems import OTHER_OUTPUTS
from netspec.importing.read_back import read_back
from netspec.importing.source import Comparison
from netspec.ir import Graph
from netspec.shapes.sizes import at_default, is_named

from ..module import build_module
from .dependence import inputs_without_effect, listed, weights_without_effect
from .exported_program import first_line, quiet
from .frequencies import unrounded
from .perturbation import perturb
from .precision import double_precision, widened
from .read import ReadModule
from .state import SourceState

TOLERANCES = {torch.float64: 1e-9, torch.float32: 1e-4}
"""Maximum difference of outputs, relative to the largest value, that is attributed to rounding."""
BATCHES = (2, 1)
"""Numbers of examples in the compared batches."""


def compare(
    module: nn.Module, graph: Graph, read: ReadModule, example: Any, batches: Sequence[int] = BATCHES
) -> Comparison:
    """Runs a module and the spec that was imported from it on the same inputs and weights.

    Both run in double precision, with perturbed weights (see :func:`~.perturbation.perturb`), with two batch sizes and,
    if both support it, another input size. The module itself is not modified.

    Args:
        module: the source.
        graph: the result of :func:`netspec.importing.assemble`.
        read: the imported source.
        example: example inputs, with the batch as their first axis: positional ones, then others by name.
        batches: the numbers of examples.

    Raises:
        ImportRefused: NS849, outputs differ in shape, or do not depend on the inputs.
    """
    with quiet():
        return _Comparison(module, graph, read, example, batches).result()


class _Comparison:
    def __init__(self, module: nn.Module, graph: Graph, read: ReadModule, example: Any, batches: Sequence[int]) -> None:
        self.graph, self.read = graph, read
        self.example, self.batches = example, tuple(batches)
        self.skipped: list[str] = []
        self.dtype = torch.float64
        self.copy = copy.deepcopy(module).eval()
        widen(self.copy)
        try:
            self._perturb()
        except Exception as error:
            self.skipped.append(f"outputs were compared in float32: in float64 the source fails, {first_line(error)}")
            self.dtype = torch.float32
            self.copy = copy.deepcopy(module).eval()
            self._perturb()
        self.state = SourceState.of_module(self.copy).tensors

    def _perturb(self) -> None:
        args, kwargs = random_inputs(self.example, self.batches[0], self.dtype, seed=1)
        with self._precision():
            perturb(self.copy, lambda: self.copy(*args, **kwargs))

    def _precision(self) -> Any:
        return double_precision() if self.dtype is torch.float64 else nullcontext()

    def result(self) -> Comparison:
        """Returns the result of the comparison. Raises ImportRefused."""
        built = self._built(None)
        largest = 0.0
        for seed, batch in enumerate(self.batches):
            inputs = random_inputs(self.example, batch, self.dtype, seed)
            expected, actual = self._source(inputs), self._spec(built, inputs)
            largest = max(largest, self._difference(expected, actual))
            if batch > 1:
                self._check_examples(expected)
        self._check_weights(built)
        self._check_inputs()
        sizes = [
            {name: tuple(map(at_default, draft_input.shape)) for name, draft_input in self.read.network.inputs.items()}
        ]
        if largest <= TOLERANCES[self.dtype]:
            sizes += [{name: shape} for name, shape in self._other_sizes(built).items()]
        name = str(self.dtype).removeprefix("torch.")
        tolerance = TOLERANCES[self.dtype]
        return Comparison(largest, tolerance, name, self.batches, tuple(sizes), tuple(self.skipped))

    # -- both sides --------------------------------------------------------------------------------------------------
    def _built(self, shapes: Mapping[str, tuple[int, ...]] | None) -> nn.Module:
        graph = read_back(self.graph, double=self.dtype is torch.float64, shapes=shapes)
        return build_module(graph, GivenWeights(_numbers(graph, self.read, self.state)), torch.device("cpu")).eval()

    def _source(self, inputs: Any) -> list[torch.Tensor]:
        with torch.no_grad(), self._precision():
            returned = self.copy(*inputs[0], **inputs[1])
        leaves = pytree.tree_leaves(returned)
        tensors = [leaves[number] for number in self.read.outputs]
        axes = self.read.network.batch_axes
        return [tensor.movedim(axis, 0) for tensor, axis in zip(tensors, axes, strict=True)]

    def _spec(self, built: nn.Module, inputs: Any) -> list[torch.Tensor]:
        with torch.no_grad():
            returned = built(*_tensors(inputs))
        return [leaf for leaf in pytree.tree_leaves(returned) if isinstance(leaf, torch.Tensor)]

    # -- what is compared --------------------------------------------------------------------------------------------
    def _difference(self, expected: list[torch.Tensor], actual: list[torch.Tensor]) -> float:
        largest = 0.0
        for name, a, b in zip(self.read.network.outputs, expected, actual, strict=True):
            if a.shape != b.shape:
                reason = f"output '{name}' has the shape {list(b.shape)}; in the source it has {list(a.shape)}"
                raise _refused(reason, name)
            if a.is_floating_point() and bool(a.isnan().any()):
                raise _shows_nothing(f"output '{name}' is NaN for some of the inputs", name)
            largest = max(largest, relative_difference(a.numpy(), b.numpy()))
        return largest

    def _check_examples(self, expected: list[torch.Tensor]) -> None:
        """Rejects outputs that are equal for all examples, because comparing them proves nothing."""
        floating = [
            (name, a) for name, a in zip(self.read.network.outputs, expected, strict=True) if a.is_floating_point()
        ]
        same = [name for name, a in floating if torch.equal(a[0], a[1])]
        if floating and len(same) == len(floating):
            raise _shows_nothing(f"output '{same[0]}' is the same for all inputs", same[0])
        self.skipped += [f"output '{name}' is the same for all inputs that were compared" for name in same]

    def _check_weights(self, built: nn.Module) -> None:
        """Notes weights on which no output depends; the comparison proves nothing about them."""
        inputs = random_inputs(self.example, self.batches[0], self.dtype, seed=0)
        without, count = weights_without_effect(built, _tensors(inputs))
        if without and len(without) == count:
            raise _shows_nothing("no output depends on the weights of the network", without[0])
        if without:
            text = "a weight has" if len(without) == 1 else f"{len(without)} weights have"
            self.skipped.append(f"{text} no effect on the outputs that were compared: {listed(without)}")

    def _check_inputs(self) -> None:
        """Rejects one of several inputs on which no output depends."""
        names = list(self.read.network.inputs)
        if len(names) > 1:
            first, second = (random_inputs(self.example, self.batches[0], self.dtype, seed) for seed in (0, 3))
            without = inputs_without_effect(names, first, second, self._source)
            self.skipped += [f"input '{name}' has no effect on the outputs that were compared" for name in without]

    def _other_sizes(self, built: nn.Module) -> dict[str, tuple[int, ...]]:
        """Returns other input shapes at which both agree; empty if one of them does not support any."""
        inputs = self.read.network.inputs
        shapes = self._open_shapes() if self.read.network.dims else self._image_shape()
        if not shapes:
            return {}
        others = iter([shapes[name] for name in inputs])

        def resized(leaf: Any) -> Any:
            return leaf.new_zeros(1, *next(others)) if isinstance(leaf, torch.Tensor) and leaf.dim() else leaf

        resized_example = pytree.tree_map(resized, self.example)
        example = random_inputs(resized_example, 1, self.dtype, seed=2, integers=self.example)
        try:
            expected = self._source(example)
            if not self.read.network.dims:
                built = self._built(shapes)
            difference = self._difference(expected, self._spec(built, example))
        except (Error, RuntimeError, ValueError, AssertionError, IndexError, TypeError):
            return {}
        if not difference <= TOLERANCES[self.dtype]:
            text = " and ".join(map(str, map(list, shapes.values())))
            self.skipped.append(f"sizes are those of the example: at {text} the source computes something else")
            return {}
        return shapes

    def _image_shape(self) -> dict[str, tuple[int, ...]]:
        """Returns another height and width for the only input, if that is an image."""
        inputs = self.read.network.inputs
        name, draft_input = next(iter(inputs.items()))
        if len(inputs) != 1 or len(draft_input.shape) != 3 or draft_input.dtype != "float32":
            return {}
        channels, height, width = draft_input.shape
        return {name: (channels, _other(height, 32), _other(width, 64))}

    def _open_shapes(self) -> dict[str, tuple[int, ...]]:
        """Returns the shapes of all inputs with other sizes of the named dimensions."""
        values = {
            name: dim["default"] + 32 * number * dim.get("multiple_of", 1)
            for number, (name, dim) in enumerate(self.read.network.dims.items(), 1)
        }
        return {
            name: tuple(n.at(values) if is_named(n) else n for n in draft_input.shape)
            for name, draft_input in self.read.network.inputs.items()
        }


def _refused(reason: str, place: str) -> ImportRefused:
    remedy = "--no-proof (in Python: prove=False) imports without the comparison"
    return ImportRefused([ImportDiagnostic.of(OTHER_OUTPUTS, "", reason, place, remedy)])


def _shows_nothing(reason: str, place: str) -> ImportRefused:
    return _refused(f"{reason}, so the comparison proves nothing", place)


def _tensors(inputs: Any) -> list[torch.Tensor]:
    """The tensors among inputs."""
    return [leaf for leaf in pytree.tree_leaves(inputs) if isinstance(leaf, torch.Tensor) and leaf.dim()]


def _numbers(graph: Graph, read: ReadModule, state: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """Returns the source's values for the tensors of a spec, by their names in the spec."""
    names = weight_names(read.network)
    numbers: dict[str, Any] = {}
    for parameter in graph.parameters:
        source = names.get(parameter.name, parameter.name)
        tensor = read.exact_tables.get(source, state.get(source))
        if tensor is not None and parameter.persistent:
            numbers[parameter.name] = tensor.detach().reshape(parameter.shape).numpy()
    return numbers


def _other(size: int, by: int) -> int:
    return size - by if size > 3 * by else size + by


def random_inputs(example: Any, batch: int, dtype: torch.dtype, seed: int, integers: Any = None) -> Any:
    """Returns inputs with the example's shapes: normal random numbers, or the example's integers in random order.

    Args:
        example: the example.
        batch: number of examples.
        dtype: floating-point type.
        seed: seed of the random numbers.
        integers: an example whose integers are used instead.
    """
    generator = torch.Generator().manual_seed(seed)

    def random(leaf: Any, example: Any) -> Any:
        if not isinstance(leaf, torch.Tensor) or not leaf.dim():
            return leaf
        shape = (batch, *leaf.shape[1:])
        if leaf.is_floating_point():
            return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)
        flat = example.reshape(-1)
        if leaf.dtype is torch.bool or bool((flat == flat[0]).all()):
            return flat[0].expand(shape).contiguous()
        count = torch.Size(shape).numel()
        return flat[torch.randint(0, flat.numel(), (count,), generator=generator)].reshape(shape)

    return pytree.tree_map(random, example, example if integers is None else integers)


def widen(module: nn.Module) -> None:
    """Converts all float32 parameters and buffers of a module to float64, even if its own ``double`` does not."""
    for parameter in module.parameters():
        parameter.data = widened(parameter.data)
    stored = set(module.state_dict(keep_vars=True))
    for path, part in module.named_modules():
        for name, buffer in part.named_buffers(recurse=False):
            is_stored = (f"{path}.{name}" if path else name) in stored
            setattr(part, name, widened(buffer) if is_stored else unrounded(buffer))
        if isinstance(part, nn.RNNBase):
            part.flatten_parameters()
