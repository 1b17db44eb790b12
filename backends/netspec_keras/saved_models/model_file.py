"""The file of a model: its configuration, and access to the values of variables."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from typing import IO, Any

from ..tensors import Variable, VariableStore
from .archive import Archive
from .datasets import open_hdf5
from .file_error import WEIGHTS, KerasFileError
from .stores import ArchivePlaces, LayerPlaces, NoStore, Store, VariablePlaces


class ModelFile:
    """The file of a model, which is open as long as this object exists.

    Args:
        name: name for messages.
        config: configuration of the model.
        archive: the archive; None for an HDF5 file.
        file: the open file; None if only the configuration is available.
    """

    def __init__(
        self, name: str, config: Mapping[str, Any], archive: Archive | None = None, file: IO[bytes] | None = None
    ) -> None:
        self.name, self.config = name, config
        self._archive, self._file = archive, file
        if file is not None:
            weakref.finalize(self, file.close)

    @property
    def is_archive(self) -> bool:
        """Whether it is a ``.keras`` archive."""
        return self._archive is not None

    @property
    def version(self) -> str:
        """The version of Keras that wrote it; empty if unknown."""
        return self._archive.version if self._archive is not None else ""

    @property
    def has_weights(self) -> bool:
        """Whether it contains values for the variables."""
        return self._archive.has_weights if self._archive is not None else self._file is not None

    def open_weights(self) -> IO[bytes]:
        """Opens its HDF5 data. Raises KerasFileError NS830, NS831 or NS834."""
        if self._archive is not None and self._archive.has_weights:
            return self._archive.open_weights()
        if self._archive is not None or self._file is None:
            raise KerasFileError(WEIGHTS, "the file has no weights", file=self.name)
        return open(self.name, "rb")

    def places(self, variables: Sequence[Variable]) -> VariablePlaces:
        """Returns the locations of these variables, which are all of the model in the order of its layers."""
        return ArchivePlaces(self.name) if self.is_archive else LayerPlaces(variables, self.name)

    def store(self, variables: Sequence[Variable]) -> VariableStore:
        """Returns the values of variables. Raises KerasFileError NS830, NS831 or NS834."""
        if not self.has_weights:
            return NoStore(self.name)
        file = self.open_weights()
        weakref.finalize(self, file.close)
        hdf5 = open_hdf5(file, self.name)
        weakref.finalize(self, hdf5.close)
        return Store(hdf5, self.places(variables), self.name)
