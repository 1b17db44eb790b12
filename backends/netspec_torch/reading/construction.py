"""Creates a module from a source that names a callable: ``torchvision.models:resnet50``."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import nn

from netspec.diagnostics import Error, clip, did_you_mean

from .archive_check import checked_archive
from .exported_program import first_line, quiet


def make_module(source: str, arguments: Mapping[str, Any] | None = None, *, weights: bool = True) -> nn.Module:
    """Calls a callable, which is the user's own code, and returns the module.

    Args:
        source: ``package.module:callable``; the current folder is searched first.
        arguments: keyword arguments.
        weights: whether parameters need values; otherwise their memory is never written, but buffers are.

    Raises:
        Error: NS875, there is no such module or callable, or it fails; NS876, the result is not a module.
    """
    function = _callable(source)
    try:
        with nullcontext() if weights else parameters_on_meta(), redirect_stdout(sys.stderr):
            module = function(**(arguments or {}))
        if not weights and isinstance(module, nn.Module):
            allocate(module)
    except Exception as error:
        if not weights:
            return make_module(source, arguments)
        help = f"change its arguments, which --args gave: {', '.join(sorted(arguments))}" if arguments else _ARGUMENTS
        raise Error("NS875", f"'{clip(source)}' fails: {first_line(error)}", help) from error
    if not isinstance(module, nn.Module):
        message = f"'{clip(source)}' must return a torch.nn.Module; found {type(module).__name__}"
        raise Error("NS876", message, "name a subclass of torch.nn.Module, or a function that returns a module")
    return module


_ARGUMENTS = "pass arguments as JSON: --args '{\"num_classes\": 10}'"


def _callable(source: str) -> Any:
    package, _, name = source.partition(":")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        with redirect_stdout(sys.stderr):  # the spec may be written to the standard output
            named: Any = import_module(package)
    except Exception as error:
        message = f"the Python module '{clip(package)}' cannot be imported: {first_line(error)}"
        raise Error("NS875", message, "install it, or start netspec in its folder") from error
    for part in name.split("."):
        if not hasattr(named, part):
            message = f"'{clip(package)}' has no '{clip(name)}'"
            raise Error("NS875", message, did_you_mean(part, [n for n in vars(named) if not n.startswith("_")]))
        named = getattr(named, part)
    if not callable(named) or isinstance(named, nn.Module):
        if isinstance(named, nn.Module):
            module = named
            return lambda: module
        message = f"'{clip(source)}' must be callable; found {type(named).__name__}"
        raise Error("NS876", message, "name a subclass of torch.nn.Module, or a function that returns a module")
    return named


@contextmanager
def parameters_on_meta() -> Generator[None]:
    """Creates modules in the context with parameters on ``meta``, where initialisation takes no time."""
    register = nn.Module.register_parameter

    def without_numbers(self: nn.Module, name: str, param: nn.Parameter | None) -> None:
        if param is not None and not param.is_meta:
            param = nn.Parameter(param.data.to("meta"), requires_grad=param.requires_grad)
        register(self, name, param)

    nn.Module.register_parameter = without_numbers  # type: ignore[method-assign] # temporarily
    try:
        yield
    finally:
        nn.Module.register_parameter = register  # type: ignore[method-assign] # restored


def allocate(module: nn.Module) -> None:
    """Moves parameters from ``meta`` to uninitialised memory, which the system does not reserve until it is written."""
    moved: dict[int, nn.Parameter] = {}
    for part in module.modules():
        for name, parameter in part.named_parameters(recurse=False):
            if parameter.is_meta:
                empty = torch.empty(parameter.shape, dtype=parameter.dtype)
                new = moved.setdefault(id(parameter), nn.Parameter(empty, requires_grad=parameter.requires_grad))
                setattr(part, name, new)


def example_input(shape: Sequence[int | str], dtype: str = "float32", *, seed: int = 0) -> torch.Tensor:
    """Returns an example input with two examples: normal random numbers, or small integers.

    Args:
        shape: without the batch; a name is a dynamic size.
        dtype: element type, under the spec's name.
        seed: seed of the random numbers.
    """
    sizes = [2, *(OPEN if isinstance(size, str) else size for size in shape)]
    generator = torch.Generator().manual_seed(seed)
    kind: torch.dtype = getattr(torch, dtype)
    if kind.is_floating_point:
        return torch.randn(sizes, generator=generator).to(kind)
    if kind is torch.bool:
        return torch.ones(sizes, dtype=kind)
    return torch.randint(0, 8, sizes, generator=generator, dtype=kind)


OPEN = 64
"""The default of a dynamic size."""


def usual_input(module: nn.Module, source: str) -> torch.Tensor:
    """Returns an image for a module that declares its input size, as those of timm do.

    Raises Error NS877 for others.
    """
    config: Any = getattr(module, "pretrained_cfg", None)
    size = config.get("input_size") if isinstance(config, Mapping) else None
    if size is None:
        message = f"'{clip(source)}' does not say what inputs it takes"
        raise Error("NS877", message, "give their shapes without the batch: --input 3,224,224 or --input ids=128:int64")
    return example_input(tuple(size))


def load_archive(path: Path) -> torch.export.ExportedProgram:
    """Loads a program of ``torch.export.save``, without running code from the archive: see :mod:`.archive_check`.

    Raises:
        Error: NS878, the file is not such an archive, or of another version of PyTorch.
    """
    archive = checked_archive(path)
    try:
        with quiet():
            program: Any = torch.export.load(archive)
    except Exception as error:
        message = f"the archive cannot be read: {first_line(error)}"
        raise Error("NS878", message, "write it with torch.export.save(program, path)", file=str(path)) from error
    assert isinstance(program, torch.export.ExportedProgram)
    return program
