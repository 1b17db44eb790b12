"""Reads untrusted HDF5 files: follows no external links, and limits the size of tensors."""

from __future__ import annotations

# h5py has no types:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
from collections.abc import Sequence
from typing import IO, Any

from .file_error import NO_MODEL, TOO_LARGE, WEIGHTS, KerasFileError

EXPANSION = 16
"""Maximum ratio of a tensor's size to its part of the file; weights are hardly compressible."""
ALWAYS_ALLOWED = 1 << 26
"""Size of a tensor, in bytes, up to which it is always read."""
TEXT_BYTES = 1 << 25
"""Maximum length of a text attribute, such as a model's configuration."""


def open_hdf5(file: IO[bytes], name: str) -> Any:
    """Opens an HDF5 file for reading.

    Args:
        file: the open file.
        name: name for messages.

    Raises:
        KerasFileError: NS830, it is not an HDF5 file, or h5py is not installed.
    """
    try:
        import h5py  # type: ignore[import-untyped, unused-ignore] # it has no types
    except ImportError:
        raise KerasFileError(
            "NS704", "reading the weights of a Keras model requires h5py", help="`pip install h5py`", file=name
        ) from None
    try:
        return h5py.File(file, "r")
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise KerasFileError(NO_MODEL, f"the HDF5 data cannot be read: {_reason(error)}", file=name) from None


def find_group(group: Any, path: str, name: str) -> Any | None:
    """Returns the group under a path within another one, or None.

    Raises:
        KerasFileError: NS834, the path contains a link or something that is not a group.
    """
    for part in filter(None, path.split("/")):
        member = _member(group, part, name)
        if member is None:
            return None
        if not hasattr(member, "keys"):
            raise KerasFileError(WEIGHTS, f"'{path}' in the HDF5 data is not a group", file=name)
        group = member
    return group


def find_dataset(group: Any, path: str, name: str) -> Any | None:
    """Returns the dataset under a path, or None.

    Raises:
        KerasFileError: NS834, it is a link, is in another file, or is not a dataset.
    """
    folder, _, last = path.rpartition("/")
    parent = find_group(group, folder, name)
    member = None if parent is None else _member(parent, last, name)
    if member is None:
        return None
    if hasattr(member, "keys") or not hasattr(member, "shape"):
        raise KerasFileError(WEIGHTS, f"'{path}' in the HDF5 data is not a tensor", file=name)
    if member.external or member.is_virtual:
        raise KerasFileError(WEIGHTS, f"'{path}' in the HDF5 data refers to another file", file=name)
    return member


def read_dataset(dataset: Any, shape: Sequence[int], what: str, name: str) -> Any:
    """Returns the numbers of a dataset as a NumPy array of floating-point numbers or integers.

    Raises:
        KerasFileError: NS834, its shape is different, it contains no numbers, or its data is damaged; NS831, it is much
            larger than its part of the file.
    """
    import numpy as np

    if tuple(dataset.shape) != tuple(shape):
        message = f"{what} has the shape {tuple(dataset.shape)} in the file, in the model {tuple(shape)}"
        raise KerasFileError(WEIGHTS, message, file=name)
    try:
        size = dataset.size * dataset.dtype.itemsize
        stored = min(dataset.id.get_storage_size(), dataset.file.id.get_filesize())
        if size > max(EXPANSION * stored, ALWAYS_ALLOWED):
            raise KerasFileError(TOO_LARGE, f"{what} unpacks from {stored:,} to {size:,} bytes", file=name)
        kind = dataset.dtype.kind
        if kind == "V" and dataset.dtype.itemsize == 2 and _text(dataset.attrs.get("dtype")) == "bfloat16":
            bits = np.asarray(dataset[()]).view(np.uint16).astype(np.uint32) << 16
            return bits.view(np.float32).reshape(shape)
        if kind not in "fiub":
            raise KerasFileError(WEIGHTS, f"{what} does not contain numbers", file=name)
        return np.asarray(dataset[()])
    except (OSError, ValueError, RuntimeError, KeyError, MemoryError) as error:
        raise KerasFileError(WEIGHTS, f"{what} cannot be read: {_reason(error)}", file=name) from None


def read_text(group: Any, attribute: str) -> str | None:
    """Returns a text attribute of limited length; None if it is missing or something else."""
    try:
        if attribute not in group.attrs:
            return None
        return _text(group.attrs[attribute])
    except (OSError, ValueError, RuntimeError, KeyError):
        return None


def read_texts(group: Any, attribute: str) -> list[str] | None:
    """Returns an attribute that is a list of texts; Keras splits long ones into ``NAME0``, ``NAME1``, …."""
    try:
        if attribute in group.attrs:
            parts = [group.attrs[attribute]]
        else:
            parts = []
            while f"{attribute}{len(parts)}" in group.attrs:
                parts.append(group.attrs[f"{attribute}{len(parts)}"])
            if not parts:
                return None
        texts = [_text(value) for part in parts for value in list(part)]
    except (OSError, ValueError, RuntimeError, KeyError, TypeError):
        return None
    return [text for text in texts if text is not None]


def _member(group: Any, part: str, name: str) -> Any | None:
    """Returns a member of a group, or None. Raises KerasFileError for an external link."""
    try:
        if part not in group:
            return None
        link = group.get(part, getclass=True, getlink=True)
        if link.__name__ != "HardLink":
            raise KerasFileError(WEIGHTS, f"'{part}' in the HDF5 data is a link", file=name)
        return group[part]
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise KerasFileError(
            WEIGHTS, f"'{part}' in the HDF5 data cannot be read: {_reason(error)}", file=name
        ) from None


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return str(value) if isinstance(value, str) and len(value) <= TEXT_BYTES else None


def _reason(error: BaseException) -> str:
    """Returns the first line of an error."""
    return str(error).partition("\n")[0][:200] or type(error).__name__
