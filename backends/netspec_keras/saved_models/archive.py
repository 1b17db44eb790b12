"""The ``.keras`` archive: a ZIP file with the configuration and HDF5 weights."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
import zlib
from typing import IO, Any

from .file_error import NO_MODEL, TOO_LARGE, KerasFileError
from .json_text import CONFIG_BYTES, parse_json

CONFIG, METADATA, WEIGHTS_FILE = "config.json", "metadata.json", "model.weights.h5"
MEMBERS = 10_000
"""Maximum number of files in an archive."""
EXPANSION = 4
"""Maximum ratio of the size of the weights to that of the archive; Keras stores them uncompressed."""
ALWAYS_ALLOWED = 1 << 26
"""Bytes of weights that are always unpacked."""


class Archive:
    """A ``.keras`` file.

    Args:
        file: the open file, at its beginning.
        name: name for messages.

    Raises:
        KerasFileError: NS830, it is not such an archive; NS831, its parts are too large.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.name = name
        self._file = file
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
            raise KerasFileError(NO_MODEL, f"the archive cannot be read: {error}", file=name) from None
        if len(self._zip.filelist) > MEMBERS:
            raise KerasFileError(TOO_LARGE, f"the archive has more than {MEMBERS:,} files", file=name)
        names = {info.filename for info in self._zip.filelist}
        if CONFIG not in names:
            raise KerasFileError(NO_MODEL, f"the archive has no {CONFIG}", file=name)
        self.config: dict[str, Any] = parse_json(self._text(CONFIG), CONFIG, name)
        self.version = ""
        """The version of Keras that wrote it."""
        if METADATA in names:
            self.version = str(parse_json(self._text(METADATA), METADATA, name).get("keras_version", ""))
        self.has_weights = WEIGHTS_FILE in names

    def open_weights(self) -> IO[bytes]:
        """Opens the HDF5 weights: a part of the archive, or a temporary file with the unpacked data."""
        info = self._zip.getinfo(WEIGHTS_FILE)
        with self._reading(WEIGHTS_FILE) as member:
            if info.compress_type == zipfile.ZIP_STORED and (start := _offset(self._file, info)) is not None:
                return io.BufferedReader(_Part(self._file, start, info.file_size))
            most = max(EXPANSION * _size(self._file), ALWAYS_ALLOWED)
            unpacked = tempfile.TemporaryFile()  # noqa: SIM115 - it is read later
            try:
                _copy(member, unpacked, most, self.name)
            except BaseException:
                unpacked.close()
                raise
            unpacked.seek(0)
            return unpacked

    def _text(self, member: str) -> str:
        with self._reading(member) as file:
            content = file.read(CONFIG_BYTES + 1)
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            raise KerasFileError(NO_MODEL, f"{member} is not UTF-8", file=self.name) from None

    def _reading(self, member: str) -> _Reading:
        return _Reading(self._zip, member, self.name)


class _Reading:
    """Reads a member of an archive; errors in its data become a KerasFileError."""

    def __init__(self, archive: zipfile.ZipFile, member: str, name: str) -> None:
        self._archive, self._member, self._name = archive, member, name
        self._file: IO[bytes] | None = None

    def __enter__(self) -> IO[bytes]:
        try:
            self._file = self._archive.open(self._member)
        except _DAMAGED as error:
            raise self._error(error) from None
        return self._file

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._file is not None:
            self._file.close()
        if isinstance(error, _DAMAGED):
            raise self._error(error) from None

    def _error(self, error: BaseException) -> KerasFileError:
        return KerasFileError(NO_MODEL, f"{self._member} cannot be read: {error}", file=self._name)


_DAMAGED = (zipfile.BadZipFile, OSError, zlib.error, EOFError, RuntimeError, ValueError)


class _Part(io.RawIOBase):
    """A part of a file, as a file object."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        """Returns True."""
        return True

    def seekable(self) -> bool:
        """Returns True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Sets the position within the part."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Reads up to the end of the part."""
        count = max(min(len(buffer), self._size - self._at), 0)
        self._file.seek(self._start + self._at)
        content = self._file.read(count)
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def _offset(file: IO[bytes], info: zipfile.ZipInfo) -> int | None:
    """Returns the offset of an uncompressed member's data; None if its header is invalid."""
    file.seek(info.header_offset)
    header = file.read(30)
    if len(header) < 30 or info.flag_bits & 1:
        return None
    start = info.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    return start if start + info.file_size <= _size(file) else None


def _size(file: IO[bytes]) -> int:
    return file.seek(0, os.SEEK_END)


def _copy(source: IO[bytes], target: IO[bytes], most: int, name: str) -> None:
    """Copies at most ``most`` bytes. Raises KerasFileError NS831 if there are more."""
    left = most
    while chunk := source.read(min(1 << 20, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise KerasFileError(TOO_LARGE, f"the weights unpack to more than {most:,} bytes", file=name)
        target.write(chunk)


__all__ = ["Archive"]
