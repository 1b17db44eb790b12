"""Forecasts of the memory of a network, and lower bounds of its time: :func:`memory` and :func:`roofline`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, SupportsIndex

from .api import ParameterValue, as_graph, merge_parameters
from .ir import Graph

if TYPE_CHECKING:
    from .backend import Memory, Roofline
    from .devices import Device

__all__ = ["memory", "roofline"]


def memory(
    spec: Graph | str | os.PathLike[str],
    variant: str | None = None,
    *,
    batch: int = 1,
    optimizer: str | None = "adamw",
    dtype: str | None = None,
    amp: str | None = None,
    device: Literal["cuda", "cpu"] = "cuda",
    attention: Literal["math", "efficient", "flash"] | None = None,
    checkpoint: Sequence[str] = (),
    moments: bool = False,
    params: Mapping[str, ParameterValue] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    **parameters: ParameterValue,
) -> Memory:
    """Forecast the memory of training or inference in PyTorch, in bytes, as ``netspec fit`` does.

    Args:
        spec: a graph, or a spec as accepted by :func:`netspec.load`.
        variant: name of a variant; None for the defaults.
        batch: number of examples.
        optimizer: ``adamw``, ``adam``, ``sgd``, ``momentum`` (SGD with it), ``rmsprop`` or ``adagrad``; None for a
            forward pass under ``torch.no_grad()``.
        dtype: type of weights and inputs: ``float32``, ``bfloat16`` or ``float16``; None for the type in the spec.
        amp: the type that ``torch.autocast`` computes in; None without it.
        device: where the network runs.
        attention: the attention kernel; None for the one that PyTorch chooses by device and type.
        checkpoint: blocks that are recomputed in the backward pass: names of classes of the PyTorch source or of
            modules, or patterns of names.
        moments: whether the result includes memory over time.
        params: values of the spec's parameters, which override those of the variant.
        sizes: numbers for named dimensions of the spec: ``{"n": 4096}``.
        parameters: the same as keywords, for parameters whose names differ from the arguments.

    Raises:
        Error: as :func:`netspec.load`; NS821 to NS826: the memory of a layer is not known, or a setting is invalid.
        BackendError: NS701, operations that the PyTorch backend does not support.
        TypeError: a variant, parameters or sizes for a graph, or a parameter or variant given twice.

    >>> memory("lenet5", batch=2, optimizer=None, device="cpu").weights
    243360
    """
    from .backend import forecast_memory

    graph = as_graph(spec, variant, merge_parameters(params, parameters), sizes)
    settings = {
        "batch": batch,
        "optimizer": optimizer,
        "dtype": dtype,
        "amp": amp,
        "device": device,
        "attention": attention,
        "checkpoint": tuple(checkpoint),
    }
    return forecast_memory(graph, settings, moments=moments)


def roofline(
    spec: Graph | str | os.PathLike[str],
    variant: str | None = None,
    *,
    device: Device | str,
    batch: int = 1,
    optimizer: str | None = "adamw",
    dtype: str | None = None,
    amp: str | None = None,
    attention: Literal["math", "efficient", "flash"] | None = None,
    checkpoint: Sequence[str] = (),
    params: Mapping[str, ParameterValue] | None = None,
    sizes: Mapping[str, SupportsIndex] | None = None,
    **parameters: ParameterValue,
) -> Roofline:
    """Return a lower bound of the time of training or inference on a device, as ``netspec fit --device`` prints it.

    Args:
        spec: a graph, or a spec as accepted by :func:`netspec.load`.
        variant: name of a variant; None for the defaults.
        device: the name of a device (``h100``; ``netspec fit --device help`` lists them), or one that
            ``netspec.devices.read_devices`` read from a file.
        batch: number of examples.
        optimizer: as of :func:`memory`; None for a forward pass under ``torch.no_grad()``.
        dtype: type of weights and inputs: ``float32``, ``bfloat16`` or ``float16``; None for the type in the spec.
        amp: the type that ``torch.autocast`` computes in; None without it.
        attention: the attention kernel; None for the one that PyTorch chooses by device and type.
        checkpoint: blocks that are recomputed in the backward pass, as of :func:`memory`.
        params: values of the spec's parameters, which override those of the variant.
        sizes: numbers for named dimensions of the spec: ``{"n": 4096}``.
        parameters: the same as keywords, for parameters whose names differ from the arguments.

    Raises:
        Error: as :func:`memory`; NS827 and NS829: an unknown device, or one without a rate for a type.
        BackendError: NS701, operations that the PyTorch backend does not support.
        TypeError: a variant, parameters or sizes for a graph, or a parameter or variant given twice.

    >>> roofline("lenet5", device="h100", batch=64).forward.operations
    53207040
    """
    from .backend import bound_time

    graph = as_graph(spec, variant, merge_parameters(params, parameters), sizes)
    settings = {
        "batch": batch,
        "optimizer": optimizer,
        "dtype": dtype,
        "amp": amp,
        "attention": attention,
        "checkpoint": tuple(checkpoint),
    }
    return bound_time(graph, settings, device)
