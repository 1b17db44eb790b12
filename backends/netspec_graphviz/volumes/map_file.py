"""Files with feature maps: NumPy archives as written by ``netspec see activations -o FILE.npz``."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Collection
from typing import IO, Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from netspec.backend import BackendError
from netspec.diagnostics import clip

MAX_VALUES: Final = 2**27
"""Maximum number of values of an array."""
MAX_HEADER: Final = 10_000
"""Maximum length of an array's header, in bytes."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, KeyError)
"""Exceptions of :mod:`zipfile` and NumPy for archives that are damaged, encrypted or compressed by another method."""


class MapFile:
    """The arrays of a file; each is read when it is requested.

    Raises:
        BackendError: NS763, the file cannot be read, or is not such an archive.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise self.error("it is not a regular file")
            with zipfile.ZipFile(path) as archive:
                self.names: Collection[str] = {
                    name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")
                }
        except BackendError:
            raise
        except FileNotFoundError:
            raise self.error("there is no such file") from None
        except OSError as error:
            raise self.error((error.strerror or "unknown error").lower()) from None
        except _DAMAGED:
            raise self.error("it is not an archive of NumPy arrays") from None

    def error(self, reason: str) -> BackendError:
        """Returns an NS763 error."""
        return BackendError(
            "NS763",
            f"cannot read maps from '{clip(os.fspath(self.path), 200)}': {reason}",
            "netspec see activations SPEC --image FILE -o maps.npz writes such a file",
        )

    def shape(self, name: str) -> tuple[int, ...]:
        """Returns the shape of an array. Raises BackendError NS763."""
        with self._member(name) as member:
            return self._header(name, member)[0]

    def values(self, name: str) -> NDArray[Any]:
        """Reads a numeric array. Raises BackendError NS763."""
        with self._member(name) as member:
            shape, dtype = self._header(name, member)
        if dtype.kind not in "biuf":
            raise self.error(f"'{clip(name)}' has no numbers")
        if np.prod(shape, dtype=object) > MAX_VALUES:
            raise self.error(f"'{clip(name)}' has more than {MAX_VALUES:,} values")
        with self._member(name) as member:
            try:
                return npy.read_array(member, allow_pickle=False, max_header_size=MAX_HEADER)
            except _DAMAGED:
                raise self.error(f"'{clip(name)}' is damaged") from None

    def _member(self, name: str) -> IO[bytes]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                return archive.open(f"{name}.npy")
        except _DAMAGED:
            raise self.error(f"'{clip(name)}' is damaged") from None

    def _header(self, name: str, member: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Reads the shape and the type of an array."""
        try:
            version = npy.read_magic(member)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = read(member, max_header_size=MAX_HEADER)
        except _DAMAGED:
            raise self.error(f"'{clip(name)}' is damaged") from None
        return shape, dtype
