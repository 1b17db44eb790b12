"""The result of importing from PyTorch: the draft network, its tensors, and the numerical comparison."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from netspec.diagnostics import Error, clip
from netspec.importing import DraftNetwork
from netspec.importing.problems import INPUTS
from netspec.importing.readers import CALLABLE, GivenInput, Request
from netspec.importing.source import Comparison

from .construction import example_input, load_archive, make_module
from .dynamic import dynamic_axes
from .exported_program import quiet
from .proof import BATCHES, compare
from .read import ReadModule, read_module, read_program

if TYPE_CHECKING:
    from netspec.ir import Graph
    from netspec.weights.numpy_types import Array
    from netspec.weights.weight_source import WeightSource


class TorchSource:
    """An imported module.

    Args:
        module: the module.
        read: the draft and its tensors.
        example: example inputs: positional ones, then others by name.
        batches: supported numbers of examples.
    """

    def __init__(self, module: nn.Module, read: ReadModule, example: Any, batches: Sequence[int] = BATCHES) -> None:
        self._module = module
        self._read = read
        self._example = example
        self._batches = batches

    @property
    def network(self) -> DraftNetwork:
        """The imported network."""
        return self._read.network

    @property
    def weight_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes of its tensors by name in the state dict."""
        return self._read.weight_shapes

    def tensor(self, name: str) -> Array:
        """Returns a tensor of the state dict; bfloat16 is converted to float32."""
        tensor = self._read.state.tensors[name].detach().cpu()
        numbers: Array = (tensor.float() if tensor.dtype is torch.bfloat16 else tensor).numpy()
        return numbers

    def compare(self, graph: Graph, weights: WeightSource) -> Comparison:
        """Runs the spec and the module on the same inputs, with perturbed weights; see :mod:`.proof`."""
        return compare(self._module, graph, self._read, self._example, self._batches)


def read_model(
    module: nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    dynamic_shapes: Any = None,
    name: str | None = None,
) -> TorchSource:
    """Imports a module; see :func:`netspec.from_torch`."""
    title = name or type(module).__name__
    read = read_module(module, tuple(args), kwargs, dynamic_shapes=dynamic_shapes, name=title)
    return TorchSource(module, read, (tuple(args), dict(kwargs or {})))


def read_source(source: str, request: Request) -> TorchSource:
    """Imports the result of a callable, or an archive of ``torch.export.save``.

    Raises:
        ImportRefused: it cannot be exported.
        Error: NS875 to NS879, there is no such callable, it does not return a module, or it needs other ``--input``.
    """
    if not source.endswith(".pt2") and CALLABLE in source:
        module = make_module(source, request.arguments)
        title = request.name or source.partition(CALLABLE)[2].rpartition(".")[2]
        args, kwargs, dynamic = _inputs(module, source, request.inputs)
        read = read_module(module, args, kwargs, dynamic_shapes=dynamic, name=title, source=source)
        return TorchSource(module, read, (args, kwargs))
    program = load_archive(Path(source))
    read = read_program(program, name=request.name or Path(source).stem, source=source)
    example: Any = program.example_inputs or ((), {})
    with quiet():
        module = program.module(check_guards=False)  # guards are code in the file
    return TorchSource(module, read, example, (read.examples,))


def _inputs(
    module: nn.Module, source: str, declared_inputs: Mapping[str, GivenInput]
) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
    """Returns the example inputs declared on the command line, and which of their sizes are dynamic."""
    from .construction import usual_input

    if not declared_inputs:
        return (usual_input(module, source),), {}, None
    args: list[torch.Tensor] = []
    kwargs: dict[str, torch.Tensor] = {}
    open_axes: dict[str, dict[int, Any]] = {}
    signature = inspect.signature(module.forward)
    parameters = list(signature.parameters)
    for number, (name, declared) in enumerate(declared_inputs.items()):
        tensor = example_input(declared.shape, declared.dtype or "float32", seed=number)
        if name.isdigit():
            args.append(tensor)
        else:
            kwargs[name] = tensor
        title = parameters[number] if name.isdigit() and number < len(parameters) else name
        open_axes[title] = dynamic_axes(declared.shape)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        takes = ", ".join(parameters) or "no inputs"
        message = f"the inputs do not fit the forward method of '{clip(source)}': {error}"
        raise Error(INPUTS, message, f"it takes {takes}; --input NAME=SHAPE gives one by name") from None
    return tuple(args), kwargs, open_axes if any(open_axes.values()) else None
