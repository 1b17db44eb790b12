"""Exports a module with ``torch.export``; errors contain torch's reason."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any

import torch
from torch.utils import _pytree as pytree

from netspec.diagnostics import clip
from netspec.importing import ImportDiagnostic, ImportRefused
from netspec.importing.problems import DATA_DEPENDENT, EXPORT_FAILED, INPUTS

DATA = re.compile(
    r"data-dependent|GuardOnDataDependent|Could not guard|unbacked|PendingUnbackedSymbol|could not extract specialized",
    re.IGNORECASE,
)
"""Parts of torch's messages that indicate Python control flow on tensor values."""
REASON = 300
"""Maximum length of torch's reason."""


def export(
    module: torch.nn.Module,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    dynamic_shapes: Any = None,
    source: str | None = None,
) -> torch.export.ExportedProgram:
    """Exports a module in ``eval`` mode.

    Args:
        module: the module; its mode is restored.
        args: example inputs, with the tracked batch.
        kwargs: further inputs by name.
        dynamic_shapes: as for ``torch.export.export``.
        source: where the module comes from, for messages.

    Raises:
        ImportRefused: NS840, with torch's reason; NS845, if Python control flow depends on tensor values.
    """
    with inference(module), quiet(), redirect_stderr(StringIO()):  # torch prints parts of graphs
        try:
            program: Any = torch.export.export(module, args, dict(kwargs), dynamic_shapes=dynamic_shapes, strict=False)
        except Exception as error:
            raise ImportRefused([_problem(error, bool(dynamic_shapes))], source) from error
    assert isinstance(program, torch.export.ExportedProgram)
    return program


def check_inputs(module: torch.nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any], source: str | None) -> None:
    """Runs a module on its example inputs, to distinguish rejected inputs from operations that torch cannot export.

    Raises:
        ImportRefused: NS879, the module fails.
    """
    with inference(module), quiet(), redirect_stderr(StringIO()), torch.no_grad():
        try:
            module(*args, **kwargs)
        except Exception as error:
            shapes = [list(leaf.shape) for leaf in pytree.tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
            inputs = f"an input of shape {shapes[0]}" if len(shapes) == 1 else f"inputs of shapes {shapes}"
            reason = f"the module fails for {inputs}, of which the first axis is the batch: {first_line(error)}"
            raise ImportRefused([ImportDiagnostic.of(INPUTS, "", reason, _place(error))], source) from error


def functionalised(program: torch.export.ExportedProgram, source: str | None = None) -> torch.export.ExportedProgram:
    """Returns an equivalent program without in-place operations.

    It is decomposed further, so it is only used if necessary.

    Raises:
        ImportRefused: NS840, with torch's reason.
    """
    with quiet():
        try:
            result: Any = program.run_decompositions({})
        except Exception as error:
            raise ImportRefused([_problem(error, False)], source) from error
    assert isinstance(result, torch.export.ExportedProgram)
    return result


@contextmanager
def inference(module: torch.nn.Module) -> Generator[None]:
    """Puts the module in ``eval`` mode in the context and restores its mode afterwards."""
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for part, training in modes.items():
            part.training = training


@contextmanager
def quiet() -> Generator[None]:
    """Suppresses torch's warnings about itself, its logging of raised errors, and what a module prints."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _problem(error: Exception, is_dynamic: bool) -> ImportDiagnostic:
    text = f"{type(error).__name__}: {error}"
    place = _place(error)
    if DATA.search(text):
        reason = f"the module uses the values of tensors, of which only the shapes are known: {first_line(error)}"
        remedy = "replace the branch or loop with operations on tensors, or choose arguments that avoid it"
        return ImportDiagnostic.of(DATA_DEPENDENT, "torch.export", reason, place, remedy)
    reason = f"PyTorch cannot export the module: {first_line(error)}"
    remedy = "`torch.export.export(module, inputs, strict=False)` shows the whole message"
    if is_dynamic:
        remedy = "give numbers in place of named sizes, since not all of these may vary; " + remedy
    return ImportDiagnostic.of(EXPORT_FAILED, "torch.export", reason, place, remedy)


def first_line(error: BaseException) -> str:
    """Returns the first non-empty line of an error, with the name of its class."""
    lines = [line.strip() for line in str(error).splitlines()]
    text = next((line for line in lines if line), "")
    name = type(error).__name__
    return clip(f"{name}: {text}" if text else name, REASON)


def _place(error: BaseException) -> str:
    """Returns the file and line of the module's own code in which an error was raised."""
    import traceback
    from pathlib import Path

    torch_folder = str(Path(torch.__file__).parent)
    frames = traceback.extract_tb(error.__traceback__)
    user_frames = [f for f in frames if not f.filename.startswith((torch_folder, str(Path(__file__).parent), "<"))]
    if not user_frames:
        return ""
    frame = user_frames[-1]
    return f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}"


def repeated(inputs: Any, examples: int) -> Any:
    """Repeats the first example of inputs, which gives the tracked batch."""

    def repeat(leaf: Any) -> Any:
        if not isinstance(leaf, torch.Tensor) or not leaf.dim():
            return leaf
        return leaf[:1].expand(examples, *leaf.shape[1:]).contiguous()

    return pytree.tree_map(repeat, inputs)
