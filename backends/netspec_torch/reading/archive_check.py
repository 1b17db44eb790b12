"""Checks a ``.pt2`` archive before ``torch.export.load`` reads it, because loading can run code from the file.

``torch.export.load`` falls back to unsafe unpickling, evaluates sizes as Python, loads compiled libraries, and looks up
operations by any name. Archives with such contents are rejected; ``torch.export.save`` does not write them for modules
of PyTorch's own operations.
"""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch.export.pt2_archive._package import PT2ArchiveWriter  # pyright: ignore[reportPrivateImportUsage]  # as torch.export.save

from netspec.diagnostics import Error, clip
from netspec.ops.argument import as_list, as_mapping

RECORD = re.compile(
    r"models/model\.json|data/sample_inputs/model\.pt|archive_format|archive_version|byteorder|\.data/\w+|\.\w+|extra/.*"
    r"|data/(?:weights/(?:weight_\d+|model_weights_config\.json)|constants/(?:tensor_\d+|model_constants_config\.json))",
    re.DOTALL,
)
"""Names of the files that ``torch.export.save`` writes."""
IGNORED = re.compile(r"archive_format|archive_version|byteorder|\.data/\w+|\.\w+|extra/.*", re.DOTALL)
"""Names of files that are not needed, or are written with every archive."""
MEMBERS = 100_000
"""Maximum number of files in an archive."""
JSON_BYTES = 1 << 28
"""Maximum size of a program, in bytes."""
OPERATION = re.compile(
    r"torch\.ops\.(aten|prims|torchvision)\.\w+\.[A-Za-z]\w*|torch\.ops\.higher_order\.wrap_with_\w+"
    r"|_operator\.(abs|add|and_|eq|floordiv|ge|getitem|gt|le|lt|mod|mul|ne|neg|not_|or_|pos|pow|sub|truediv)"
    r"|math\.(ceil|floor|sqrt|trunc)|torch\.(_sym_sqrt|sym_(float|int|ite|max|min|not|sqrt|sum))"
)
"""Operations permitted in programs, which map tensors to tensors. Others may be arbitrary Python functions."""
SIZE = re.compile(
    r"(?:'?[suz][a-z]{0,3}\d{1,9}\b'?|(?:positive|nonnegative|integer|real)=(?:True|False)|[A-Z][A-Za-z]+"
    r"|\d{1,19}\b|\*\*\s*\d\b|[-+*/(),<>=!&|~%\s](?!\*))*"
)
"""Permitted formulas of sizes: no attributes, no strings, and no powers, which could take very long."""


def checked_archive(path: Path) -> io.BytesIO:
    """Returns a copy of an archive with only the checked records, which is safe to load.

    PyTorch's and Python's readers may disagree about the records of a maliciously crafted file, so the result is a new
    archive of exactly the bytes that were checked.

    Raises:
        Error: NS878, loading the file could run code from it, or it is not an archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            records = _records(path, archive)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError) as error:
        raise _refused(path, f"{type(error).__name__}: {clip(str(error))}") from None
    checked = io.BytesIO()
    with PT2ArchiveWriter(checked) as writer:
        for name, content in records.items():
            writer.write_bytes(name, content)
    checked.seek(0)
    return checked


def _records(path: Path, archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Returns the checked contents of the records, by name within the archive's folder."""
    if len(archive.filelist) > MEMBERS:
        raise _refused(path, f"it has more than {MEMBERS:,} files")
    folder = archive.filelist[0].filename.partition("/")[0] if archive.filelist else ""
    records: dict[str, bytes] = {}
    for info in archive.filelist:
        outer, _, name = info.filename.partition("/")
        if outer != folder or not RECORD.fullmatch(name):
            raise _refused(path, f"'{clip(info.filename)}' is not a file that torch.export.save writes")
        if name in records:
            raise _refused(path, f"it has two files named '{clip(info.filename)}'")
        if info.compress_type != zipfile.ZIP_STORED:
            raise _refused(path, f"'{clip(info.filename)}' is compressed, unlike what torch.export.save writes")
        records[name] = b"" if IGNORED.fullmatch(name) else archive.read(info)
        _check_record(path, name, records[name])
    return {name: content for name, content in records.items() if not IGNORED.fullmatch(name)}


def _check_record(path: Path, name: str, content: bytes) -> None:
    if name.endswith(".json"):
        if len(content) > JSON_BYTES:
            raise _refused(path, f"'{clip(name)}' is larger than {JSON_BYTES >> 20} MB")
        for key, value in _entries(json.loads(content)):
            _check_entry(path, key, value)
    elif name.endswith(".pt"):
        try:
            torch.load(io.BytesIO(content), map_location="meta", weights_only=True)
        except Exception:
            raise _refused(path, f"'{clip(name)}' contains pickled objects, which are not loaded") from None


def _check_entry(path: Path, key: str, value: object) -> None:
    """Checks one entry of a JSON file."""
    if key == "use_pickle" and value is not False:
        raise _refused(path, "a tensor is pickled, and is not loaded")
    if not isinstance(value, str):
        return
    if key == "path_name" and not value.startswith(("weight_", "tensor_")):
        raise _refused(path, f"the constant '{clip(value)}' is a pickled object, which is not loaded")
    if key in ("target", "as_operator") and not OPERATION.fullmatch(value):
        raise _refused(path, f"'{clip(value)}' is not an operation of PyTorch that may occur in a program")
    if key == "expr_str" and (len(value) > 10_000 or not SIZE.fullmatch(value)):
        raise _refused(path, f"the size '{clip(value)}' is not a formula of sizes")


def _entries(value: Any) -> Iterator[tuple[str, object]]:
    """Yields all entries of mappings within a value."""
    for key, item in (as_mapping(value) or {}).items():
        yield key, item
        yield from _entries(item)
    for item in as_list(value) if isinstance(value, list) else ():
        yield from _entries(item)


def _refused(path: Path, reason: str) -> Error:
    help = "write it with torch.export.save(program, path), or import the module itself: package.module:callable"
    return Error("NS878", f"the archive cannot be read: {reason}", help, file=str(path))
