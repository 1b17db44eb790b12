"""Reads a spec and the files that it uses into a document."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from .. import limits
from ..diagnostics import Diagnostic, LocatedError, Sources, clip
from ..files.input_files import read_input
from ..language.reading.document import Blocks, Document, read_document, read_library
from ..text.yaml_reader import Map, Text, Tree, ValueCount, read

_NO_NAME = "no file can have this name"
"""The name contains a null character or half of a surrogate pair."""


class SpecReader:
    """Reads one spec: its text, the files under ``use``, and all their problems.

    Args:
        name: the file, or a name for ``text``.
        text: the text of the spec; None reads the file.
        folder: the folder that files under ``use`` are relative to.
        is_part: whether other files use it, so that it may have no layers.
    """

    def __init__(self, name: str, text: str | bytes | None, folder: Path, *, is_part: bool = False) -> None:
        self.name = name
        self._is_part = is_part
        self.sources = Sources()
        self.diagnostics: list[Diagnostic] = []
        self.hidden = 0
        """Number of diagnostics beyond the limit."""
        self._folder = folder
        self._open: list[str] = []
        """Stack of the files being read, each used by the previous one."""
        self._used_files = 0
        self._characters = 0
        """Total length of the texts of all files."""
        self._count = ValueCount()
        try:
            self.document = self._read_spec(text)
        except (MemoryError, RecursionError) as error:
            self.document = None
            self.report(too_large(error))
        """The document; None if it could not be read."""

    def report(self, error: LocatedError) -> None:
        """Record a problem, in the spec itself if it has no location."""
        if len(self.diagnostics) >= limits.DIAGNOSTICS:
            self.hidden += 1
            return
        problem = error.diagnostic
        if problem.location is None:
            problem = replace(problem, file=self.name)
        self.diagnostics.append(problem)

    def _read_spec(self, text: str | bytes | None) -> Document | None:
        file = self.sources.add(self.name)
        try:
            content = decode(_read_spec_file(self.name) if text is None else text)
            self.sources.texts[file] = content
            self._characters = len(content)
            if self._characters > limits.FILE_BYTES:
                raise LocatedError("NS901", f"the file is larger than {limits.FILE_BYTES // 10**6} MB")
            tree = read(content, file, self._count)
        except LocatedError as error:
            self.report(error)
            return None
        self._open.append(os.path.realpath(self.name))
        try:
            _check_requires(tree)
            blocks = self._used_blocks(tree, self._folder, Path(os.path.realpath(self._folder)))
        except LocatedError as error:
            self.report(error)
            return None
        finally:
            self._open.pop()
        read_tree = read_library if self._is_part else read_document
        return read_tree(tree, Path(self.name).stem, self.report, blocks)

    def _used_blocks(self, tree: Tree | None, folder: Path, root: Path) -> Blocks:
        """Returns the blocks of the files under ``use``. Raises LocatedError NS226 if one requires another version."""
        node = tree.get("use") if type(tree) is Map else None
        blocks = Blocks()
        items = node.items if node is not None and not isinstance(node, (Text, Map)) else [node]
        for item in items:
            if type(item) is not Text or type(item.value) is not str:
                continue  # reported where the document is read
            try:
                used = self._read_used(item, folder, root)
            except LocatedError as error:
                if error.code == "NS226":  # no other problem of a spec for another version can be reported
                    raise
                self.report(error)
                used = None
            if used is None:
                blocks.is_complete = False
                continue
            blocks.update({k: b for k, b in used.blocks.items() if k not in blocks})
            blocks.is_complete = blocks.is_complete and used.blocks.is_complete
        return blocks

    def _read_used(self, item: Text, folder: Path, root: Path) -> Document | None:
        """Reads the document of one file under ``use``; None if it is invalid. Raises LocatedError at its name."""
        name = clip(item.value)
        if "\0" in item.value:
            raise LocatedError("NS109", f"{name}: the file cannot be read: {_NO_NAME}", item.location)
        if item.value.startswith("zoo:"):
            path = _zoo_part(item)
            folder = root = path.parent
            where = str(path)
        else:
            path = folder / str(item.value)
            where = os.path.join(os.path.dirname(self.name), str(item.value))
        real = os.path.realpath(path)
        if Path(item.value).is_absolute() or os.path.commonpath([root, real]) != str(root):
            message = f"files under 'use' must be in the spec's folder or below; found {name}"
            raise LocatedError("NS218", message, item.location)
        if real in self._open:
            raise LocatedError("NS312", f"files use each other in a cycle: {name}", item.location)
        self._used_files += 1
        if self._used_files > limits.USED_FILES:
            raise LocatedError("NS916", f"more than {limits.USED_FILES} files are used", item.location)
        file = self.sources.add(where)
        try:
            content = decode(read_bytes(path, regular=True))
        except LocatedError as error:
            raise LocatedError(error.code, f"{name}: {error.message}", item.location, help=error.help) from None
        self._characters += len(content)
        if self._characters > limits.FILE_BYTES:
            message = f"a spec and the files that it uses are larger than {limits.FILE_BYTES // 10**6} MB together"
            raise LocatedError("NS901", message, item.location)
        self.sources.texts[file] = content
        try:
            tree = read(content, file, self._count)
        except LocatedError as error:
            self.report(error)
            return None
        if tree is None:
            raise LocatedError("NS110", f"{name}: the file is empty", item.location)
        _check_requires(tree)
        self._open.append(real)
        blocks = self._used_blocks(tree, path.parent, root)
        self._open.pop()
        return read_library(tree, path.stem, self.report, blocks)


def _zoo_part(item: Text) -> Path:
    """Returns the file for ``zoo:NAME`` under ``use``. Raises LocatedError NS109 for an unknown name."""
    from .. import zoo
    from ..diagnostics import did_you_mean

    name = str(item.value).removeprefix("zoo:")
    path = zoo.part(name)
    if path is None:
        message = f"the zoo has no shared blocks '{clip(name)}'"
        raise LocatedError("NS109", message, item.location, help=did_you_mean(name, zoo.parts()))
    return path


def _check_requires(tree: Tree | None) -> None:
    """Raises LocatedError NS226 for a document that requires another version of netspec."""
    if type(tree) is Map and tree.get("requires") is not None:
        from ..language.reading.requires import check_requires

        check_requires(tree)


def too_large(error: BaseException) -> LocatedError:
    """Returns NS917 for a spec that exceeds the memory or the stack of this machine."""
    message = f"the network is too large for this machine ({type(error).__name__})"
    return LocatedError("NS917", message, help="use smaller sizes, or fewer layers")


def decode(content: str | bytes) -> str:
    """Decodes the text of a file. Raises LocatedError NS102 unless it is UTF-8."""
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"the file is not UTF-8: byte 0x{content[error.start]:02X} on line {line}"
        raise LocatedError("NS102", message, help="save it as UTF-8") from None


def _read_spec_file(name: str) -> bytes:
    """Reads a spec. Raises LocatedError NS109, with a similar network of the zoo as help, or NS901."""
    try:
        return read_bytes(Path(name))
    except LocatedError as error:
        from .zoo_variants import name_in_zoo

        known = name_in_zoo(name) if error.code == "NS109" and not os.path.exists(name) else None
        if known is None:
            raise
        help = f"the zoo has it under the name {known}"
        raise LocatedError(error.code, error.message, help=help) from None


def read_bytes(path: Path, *, regular: bool = False) -> bytes:
    """Reads a file up to the limit; with ``regular``, not from a pipe. Raises LocatedError NS109, NS901."""
    try:
        content = read_input(path, limits.FILE_BYTES + 1, regular=regular)
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else (error.strerror or "").lower()
        raise LocatedError("NS109", f"the file cannot be read: {reason}") from None
    except ValueError:
        raise LocatedError("NS109", f"the file cannot be read: {_NO_NAME}") from None
    if len(content) > limits.FILE_BYTES:
        raise LocatedError("NS901", f"the file is larger than {limits.FILE_BYTES // 10**6} MB")
    return content
