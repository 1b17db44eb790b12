"""The readers of networks from outside, by what they read.

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
"""What stands for ``package.module:callable`` among the sources of a reader."""
BUILT_IN = {
    "onnx": "netspec_onnx:reader",
    "torch": "netspec_torch:reader",
    "keras": "netspec_keras:reader",
}


class GivenInput(NamedTuple):
    """An example input as the command line gives it: ``3,224,224`` or ``tokens=128:int64``."""

    shape: tuple[int | str, ...]
    """Without the batch; a name is a dimension that is known only at run time."""
    dtype: str | None = None
    """None for the type that the reader takes by default."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user says about a source."""

    inputs: Mapping[str, GivenInput] = field(default_factory=dict[str, GivenInput])
    """Example inputs, in order; an input without a name has its number."""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Arguments of a callable."""
    name: str | None = None


class ExampleInputs(NamedTuple):
    """Inputs with which a model is run while it is read, each with a batch axis."""

    args: Sequence[Any]
    kwargs: Mapping[str, Any] | None = None
    """Further inputs by name."""
    dynamic_shapes: Any = None
    """Sizes that are left open, as ``torch.export.export`` takes them."""


class SourceReader(Protocol):
    """Reads sources of some kinds. Its module imports its framework only inside :meth:`read`."""

    @property
    def sources(self) -> tuple[str, ...]:
        """How the sources that it reads end (``.onnx``), or :data:`CALLABLE`."""
        ...

    @property
    def needs(self) -> tuple[Need, ...]:
        """Libraries that it requires."""
        ...

    def read(self, source: str, request: Request) -> ImportSource:
        """Read a file, or what a callable returns.

        Raises:
            ImportRefused: it is not a network, or there are problems that stop the reader at once.
            FileReadError: NS706, the file cannot be read.
        """
        ...

    def read_model(self, model: Any, example: ExampleInputs | None = None, *, name: str | None = None) -> ImportSource:
        """Read a model that is in memory, an object of the framework; raises as :meth:`read`.

        Args:
            model: the object.
            example: inputs with which it can be run; None for a framework whose models know their inputs.
            name: of the network; by default that of the model.

        Raises:
            TypeError: the model is not one of this framework, or it needs ``example``, or has no use for it.
        """
        ...


def find_reader(name: str) -> SourceReader:
    """The reader of that name, whose libraries are installed.

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
    """The reader of a file by its name, or of ``package.module:callable``.

    Raises:
        Error: NS850, nothing reads such a source.
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
    """The readers by name: built-in ones first."""
    from importlib.metadata import entry_points

    installed = {point.name: point.value for point in entry_points(group=GROUP)}
    return BUILT_IN | {name: value for name, value in sorted(installed.items()) if name not in BUILT_IN}
