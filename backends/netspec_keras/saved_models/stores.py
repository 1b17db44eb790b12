"""The locations of a model's variables in files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from ..tensors import Variable
from .datasets import find_dataset, find_group, read_dataset, read_texts
from .file_error import WEIGHTS, KerasFileError


class VariablePlaces(Protocol):
    """Locations of variables in an HDF5 file."""

    def path(self, hdf5: Any, variable: Variable) -> str | None:
        """Returns the path of a variable's dataset; None if the file lacks it."""
        ...


class ArchivePlaces:
    """Locations in ``model.weights.h5`` of Keras 3: groups by class and number, with datasets ``vars/0``, ….

    Args:
        name: name of the file in messages.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def path(self, hdf5: Any, variable: Variable) -> str | None:
        """Returns the path of a dataset. Raises KerasFileError NS834."""
        path = f"{variable.store}/vars/{variable.number}"
        older = path.replace("layers/", "_layer_checkpoint_dependencies/")  # Keras 2.13 and later
        return next((p for p in (path, older) if find_dataset(hdf5, p, self._name) is not None), None)


class LayerPlaces:
    """Locations in HDF5 files of whole models: for each layer, a list with the trained variables first.

    Args:
        variables: variables of the model, in the order of its layers.
        name: name of the file in messages.
    """

    def __init__(self, variables: Iterable[Variable], name: str) -> None:
        self._name = name
        self._numbers: dict[Variable, int] = {}
        layers: dict[str, list[Variable]] = {}
        for variable in dict.fromkeys(variables):
            layers.setdefault(variable.top, []).append(variable)
        for owned in layers.values():
            ordered = [v for v in owned if v.trainable] + [v for v in owned if not v.trainable]
            self._numbers |= {variable: number for number, variable in enumerate(ordered)}
        self._names: dict[str, list[str]] = {}

    def number(self, variable: Variable) -> int:
        """Returns the index of a variable within its layer."""
        return self._numbers[variable]

    def path(self, hdf5: Any, variable: Variable) -> str | None:
        """Returns the path of a dataset. Raises KerasFileError NS834."""
        for folder in ("model_weights/", ""):
            group = find_group(hdf5, f"{folder}{variable.top}", self._name)
            if group is not None:
                break
        else:
            return None
        if variable.top not in self._names:
            self._names[variable.top] = read_texts(group, "weight_names") or []
        names, number = self._names[variable.top], self._numbers[variable]
        return f"{folder}{variable.top}/{names[number]}" if number < len(names) else None


class Store:
    """The variables of an HDF5 file.

    Args:
        hdf5: the open file.
        places: the locations of variables.
        name: name of the file in messages.
    """

    def __init__(self, hdf5: Any, places: VariablePlaces, name: str) -> None:
        self._hdf5, self._places, self._name = hdf5, places, name

    def read(self, variable: Variable) -> Any:
        """Returns a variable's values. Raises KerasFileError NS834."""
        path = self._places.path(self._hdf5, variable)
        dataset = None if path is None else find_dataset(self._hdf5, path, self._name)
        if dataset is None:
            raise _missing(variable, self._name)
        return read_dataset(dataset, variable.shape, f"'{variable.name}'", self._name)


class NoStore:
    """A model without weights."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read(self, variable: Variable) -> Any:
        """Raises KerasFileError NS834."""
        raise _missing(variable, self._name)


def _missing(variable: Variable, name: str) -> KerasFileError:
    return KerasFileError(WEIGHTS, f"the file has no weights for '{variable.name}'", file=name)
