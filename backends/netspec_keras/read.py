"""Imports a Keras model: its file, its structure, and the drafts of its layers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any

from netspec.diagnostics import clip
from netspec.importing import CannotImportError, DraftNetwork, ImportRefused
from netspec.importing.source import Comparison
from netspec.ir import Graph

from .call_order import all_layers
from .model_config import Model, read_model
from .saved_models.archive import Archive
from .saved_models.datasets import open_hdf5, read_text
from .saved_models.file_error import NO_MODEL, KerasFileError
from .saved_models.json_text import parse_json
from .saved_models.model_file import ModelFile
from .tensors import Tensors, Variable
from .walk import Walk

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class KerasSource:
    """A Keras model as drafts, with its weights under the spec's names."""

    network: DraftNetwork
    walk: Walk
    saved: ModelFile

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """The variables of the model, in the order of its layers."""
        return tuple(sorted(self.walk.variables, key=self.walk.variables.__getitem__))

    @cached_property
    def tensors(self) -> Tensors:
        """The tensors of the spec by name. Raises KerasFileError NS830, NS831 or NS834."""
        return Tensors(self.walk.tensors, self.saved.store(self.variables), self.saved.name)

    @property
    def weight_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes of its tensors by name."""
        return {name: tensor.shape for name, tensor in self.walk.tensors.items()}

    def tensor(self, name: str) -> Any:
        """Returns a tensor's values. Raises KerasFileError NS830, NS831 or NS834."""
        return self.tensors[name]

    def compare(self, graph: Graph, weights: object) -> Comparison:
        """Runs the spec in PyTorch and the model in Keras, both with random instead of the given weights.

        Raises:
            BackendError: NS704, Keras or PyTorch is not installed; NS834, Keras cannot run the model.
        """
        from .proof.compare import compare  # which loads Keras

        return compare(self.saved, self.network, self.walk.tensors, self.variables, graph)


def read_file(path: str | os.PathLike[str]) -> KerasSource:
    """Imports a ``.keras`` archive, or an HDF5 file of Keras 2 or 3. Nothing in it is executed.

    The file stays open as long as weights may be read.

    Raises:
        KerasFileError: NS830 to NS834, it is not a model, is damaged, or is too large.
        ImportRefused: layers cannot be imported, so that outputs are unknown.
        OSError: it cannot be opened.
    """
    name = os.fspath(path)
    file = open(path, "rb")  # noqa: SIM115 - its weights are read later
    try:
        if not file.seekable():
            raise KerasFileError(NO_MODEL, "a Keras model cannot be read from a pipe", file=name)
        start = file.read(len(HDF5_SIGNATURE))
        file.seek(0)
        if start == HDF5_SIGNATURE:
            return _source(ModelFile(name, _hdf5_config(file, name), None, file))
        archive = Archive(file, name)
        return _source(ModelFile(name, archive.config, archive, file))
    except BaseException:
        file.close()
        raise


def read_config(config: Mapping[str, Any], name: str = "the model") -> KerasSource:
    """Imports a model from its configuration alone, as returned by ``keras.saving.serialize_keras_object``.

    Raises:
        KerasFileError: NS830, NS832 or NS833, as :func:`read_file`.
        ImportRefused: as :func:`read_file`.
    """
    return _source(ModelFile(name, config))


def _hdf5_config(file: IO[bytes], name: str) -> Mapping[str, Any]:
    """Returns the configuration of a model in an HDF5 file."""
    with open_hdf5(file, name) as hdf5:
        text = read_text(hdf5, "model_config")
    if text is None:
        raise KerasFileError(
            NO_MODEL,
            "the HDF5 file contains weights without a model",
            help="save both with `model.save('model.keras')`",
            file=name,
        )
    return parse_json(text, "the model's configuration", name)


def _source(saved: ModelFile) -> KerasSource:
    model = read_model(saved.config, saved.name)
    walk = Walk(model, _layout(model))
    try:
        network = walk.run()
    except CannotImportError as error:  # about an input of the model
        raise KerasFileError(error.code, error.message, error.help, file=saved.name) from None
    network.notes += precision_notes(model)
    if walk.stops and not network.problems:
        raise KerasFileError(NO_MODEL, "an output depends on an input that is not declared as one", file=saved.name)
    if walk.stops:
        raise ImportRefused(network.problems, saved.name)
    return KerasSource(network, walk, saved)


def precision_notes(model: Model) -> list[str]:
    """Returns notes on the layers' computation and storage types, unless these are single precision."""
    policies = sorted({name for layer in all_layers(model) if (name := layer.policy) not in ("", "float32")})
    if not policies:
        return []
    return [f"layers with the policy {', '.join(map(clip, policies))} are float32 in the spec"]


def _layout(model: Model) -> str:
    """Returns the layout of the layers: channels last, unless all layers that specify one have channels first."""
    layouts = [layer.settings.values.get("data_format") for layer in all_layers(model)]
    return "channels_first" if "channels_first" in layouts and "channels_last" not in layouts else "channels_last"
