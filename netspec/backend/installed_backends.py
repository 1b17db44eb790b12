"""The available backends, by name and by file extension.

A backend is an object with the attributes of :class:`~netspec.backend.protocol.Backend`. It is looked up in a
built-in table first, so that a checkout works without being installed, then among the entry points of the group
``netspec.backends``.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import cast

from ..diagnostics import clip, did_you_mean
from ..files import is_stream
from .errors import BackendError
from .protocol import Backend, Need, Target

GROUP = "netspec.backends"
"""The entry-point group in which an installed package registers a backend."""

BUILT_IN = {
    "torch": "netspec_torch:backend",
    "onnx": "netspec_onnx:backend",
    "graphviz": "netspec_graphviz:backend",
    "weights": "netspec.backend.safetensors:backend",
}

_backends: dict[str, Backend] = {}


def names() -> list[str]:
    """Returns the names of all backends, built-in ones first."""
    return [*BUILT_IN, *_further_names()]


def _further_names() -> Iterator[str]:
    """Yields the names of backends that are not built in; entry points are read when the first name is requested."""
    yield from sorted(set(_entry_points()) - set(BUILT_IN))


def find(name: str) -> Backend:
    """Returns the backend with a name.

    Raises:
        BackendError: NS702, there is none.
    """
    if name not in _backends:
        entry = BUILT_IN.get(name) or _entry_points().get(name)
        if entry is None:
            known = names()
            help_ = did_you_mean(name, known) or f"the backends are {', '.join(known)}"
            raise BackendError("NS702", f"there is no backend '{clip(name)}'", help_)
        module, _, attribute = entry.partition(":")
        _backends[name] = cast(Backend, getattr(import_module(module), attribute))
    return _backends[name]


def by_extension(path: Path) -> Backend:
    """Returns the backend that writes files with the extension of a path.

    Raises:
        BackendError: NS703, none does.
    """
    extensions: dict[str, str] = {}
    for name in chain(BUILT_IN, _further_names()):
        backend = find(name)
        for target in backend.targets:
            extensions.setdefault(target.extension, name)
            if path.name.endswith(target.extension):
                return backend
    listed = ", ".join(f"{extension} ({name})" for extension, name in extensions.items())
    name = os.fspath(path) if is_stream(path) else path.name
    help_ = f"extensions: {listed}; for any other name, --to names the backend"
    raise BackendError("NS703", f"no backend writes files like '{clip(name, 200)}'", help_)


def missing_libraries(needs: Sequence[Need]) -> list[Need]:
    """Returns the libraries that are not installed."""
    return [need for need in needs if not _is_installed(need)]


def find_program(name: str) -> str | None:
    """Returns the path of a program, next to this Python interpreter (where pip installs it) or on the PATH."""
    file = name + (".exe" if os.name == "nt" else "")
    for folder in (sysconfig.get_path("scripts"), os.path.dirname(sys.executable)):
        path = os.path.join(folder, file)
        if os.path.isfile(path):
            return path
    return shutil.which(name)


def _is_installed(need: Need) -> bool:
    if need.programs:
        return any(find_program(program) is not None for program in need.programs)
    return find_spec(need.module) is not None


def install_command(needs: Sequence[Need]) -> str:
    """Returns what to install, and how: ``PyTorch, NumPy: pip install torch numpy``.

    The command names the libraries rather than an extra of netspec, so that it works however netspec was installed.
    """
    products = ", ".join(need.product for need in needs)
    packages = dict.fromkeys(package for need in needs for package in need.packages.split())
    return f"{products}: pip install {' '.join(packages)}"


def require(backend: Backend, target: Target | None = None) -> None:
    """Checks that the libraries of a backend are installed, or those for one of its targets.

    Raises:
        BackendError: NS704, one line that says what to install.
    """
    missing = missing_libraries(backend.needs if target is None or target.needs is None else target.needs)
    if missing:
        raise BackendError("NS704", f"backend '{backend.name}' needs {install_command(missing)}")


def _entry_points() -> dict[str, str]:
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=GROUP)}
