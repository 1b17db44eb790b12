"""The registry of readers, by the sources that they support.

A reader is an object with the attributes of :class:`SourceReader`. It is looked up in a built-in table first, so that a
checkout works without being installed, then among the entry points of the group ``netspec.readers``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import PurePath
from typing import Any, NamedTuple, Protocol

from ..backend import BackendError, Need, install_command, missing_libraries
from ..diagnostics import Error, clip
from ..files.errors import FileReadError
from .source import ImportSource

GROUP = "netspec.readers"
"""The entry-point group under which an installed package offers a reader."""
CALLABLE = ":"
"""Represents ``package.module:callable`` among the sources of a reader."""
BUILT_IN = {
    "onnx": "netspec_onnx:reader",
    "torch": "netspec_torch:reader",
    "keras": "netspec_keras:reader",
}


class GivenInput(NamedTuple):
    """An example input from the command line: ``3,224,224`` or ``tokens=128:int64``."""

    shape: tuple[int | str, ...]
    """Shape without the batch; a name is a dynamic dimension."""
    dtype: str | None = None
    """None for the reader's default."""


@dataclass(frozen=True, slots=True)
class Request:
    """Options for importing a source."""

    inputs: Mapping[str, GivenInput] = field(default_factory=dict[str, GivenInput])
    """Example inputs, in order; an input without a name has its number."""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Arguments of a callable."""
    name: str | None = None


class ExampleInputs(NamedTuple):
    """Example inputs for running a model during import, each with a batch axis."""

    args: Sequence[Any]
    kwargs: Mapping[str, Any] | None = None
    """Further inputs by name."""
    dynamic_shapes: Any = None
    """Dynamic sizes, as for ``torch.export.export``."""


class SourceReader(Protocol):
    """Imports certain kinds of sources. Its module must import its framework only inside :meth:`read`."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Extensions of its sources (``.onnx``), or :data:`CALLABLE`."""
        ...

    @property
    def needs(self) -> tuple[Need, ...]:
        """Libraries that it requires."""
        ...

    def read(self, source: str, request: Request) -> ImportSource:
        """Imports a file, or the result of a callable.

        Raises:
            ImportRefused: it is not a network, or a problem stops the reader immediately.
            FileReadError: NS706, the file cannot be read.
        """
        ...

    def read_model(self, model: Any, example: ExampleInputs | None = None, *, name: str | None = None) -> ImportSource:
        """Imports a model in memory, an object of the framework; raises as :meth:`read`.

        Args:
            model: the object.
            example: example inputs; None for a framework whose models describe their inputs.
            name: name of the network; by default that of the model.

        Raises:
            TypeError: the model is not from this framework, or ``example`` is missing or unsupported.
        """
        ...


def find_reader(name: str) -> SourceReader:
    """Returns the reader of that name; its libraries must be installed.

    Raises:
        Error: NS850, there is none.
        BackendError: NS704, a library that it needs is not installed.
    """
    entry = _entries().get(name)
    if entry is None:
        raise Error("NS850", f"there is no reader '{clip(name)}'", f"available readers: {', '.join(_entries())}")
    reader = _load(entry)
    missing = missing_libraries(reader.needs)
    if missing:
        raise BackendError("NS704", f"reading '{name}' needs {install_command(missing)}")
    return reader


def reader_for(source: str) -> SourceReader:
    """Returns the reader for a file name, or for ``package.module:callable``.

    Raises:
        Error: NS850, no reader supports such a source.
        FileReadError: NS706, the file does not exist.
        BackendError: NS704, a library that its reader needs is not installed.
    """
    known: list[str] = []
    for name, entry in _entries().items():
        try:
            reader = _load(entry)
        except (ImportError, AttributeError):
            continue  # a package that is not installed, or of a version without a reader
        known += [kind for kind in reader.sources if kind != CALLABLE]
        kind = next((kind for kind in reader.sources if _is_of(kind, source)), None)
        if kind is not None:
            if kind != CALLABLE and not os.path.exists(source):  # before libraries, which would not help
                raise FileReadError(source, "there is no such file")
            return find_reader(name)
    help = f"give package.module:callable, or a file that ends in {', '.join(sorted(known))}"
    raise Error("NS850", f"no reader accepts the source '{clip(source, 200)}'", help)


def _load(entry: str) -> SourceReader:
    module, _, attribute = entry.partition(":")
    reader: SourceReader = getattr(import_module(module), attribute)
    return reader


def _is_of(kind: str, source: str) -> bool:
    if kind == CALLABLE:
        module, colon, path = source.partition(":")
        return bool(colon) and all(part.isidentifier() for part in (*module.split("."), *path.split(".")))
    return PurePath(source).name.lower().endswith(kind)


@cache
def _entries() -> dict[str, str]:
    """Returns the readers by name, built-in ones first."""
    from importlib.metadata import entry_points

    installed = {point.name: point.value for point in entry_points(group=GROUP)}
    return BUILT_IN | {name: value for name, value in sorted(installed.items()) if name not in BUILT_IN}
