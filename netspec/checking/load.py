"""From a file (or text) to graphs: reading, used files, variants, and parameters set from outside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .. import limits
from ..diagnostics import Diagnostic, LocatedError, Sources, SpecError, clip, did_you_mean
from ..ir import Graph
from ..language.elaboration import elaborate
from ..language.reading.document import Block, Document, read_document, read_library
from ..language.reading.parameters import bind_document
from ..text.reader import Map, Text, Tree, parse_scalar, read


@dataclass(frozen=True, slots=True)
class Loaded:
    """A spec with one choice of its parameters: its graph, or what is wrong with it."""

    spec: str
    """The file as it was named."""
    variant: str | None
    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Sources
    expect: tuple[Tree, ...] = ()
    """Expectations that hold for this choice, as they are written."""
    hidden: int = 0
    """Diagnostics beyond the limit."""
    changed: tuple[str, ...] = ()
    """Parameters that were set from outside."""
    name: str = ""
    document: Document | None = None


@dataclass(slots=True)
class _Reading:
    """Files read for one spec."""

    sources: Sources = field(default_factory=Sources)
    diagnostics: list[Diagnostic] = field(default_factory=list[Diagnostic])
    hidden: int = 0
    open: list[str] = field(default_factory=list[str])
    used: int = 0

    def report(self, error: LocatedError) -> None:
        """Record a problem, in the spec itself if it has no location."""
        problem = error.diagnostic
        if problem.location is None:
            problem = replace(problem, file=self.sources.names[0])
        if len(self.diagnostics) < limits.DIAGNOSTICS:
            self.diagnostics.append(problem)
        else:
            self.hidden += 1


class Spec:
    """A spec file that has been read: its document, and the graphs of its variants."""

    def __init__(self, name: str, text: str | bytes | None = None, *, folder: Path | None = None) -> None:
        """Read the spec in the file ``name``, or in ``text`` under that name.

        Nothing is raised for what is wrong with the spec: see ``diagnostics``.
        """
        self.name = name
        self._reading = _Reading()
        self._folder = folder if folder is not None else Path(name).parent
        self.document = self._document(name, text)

    @property
    def sources(self) -> Sources:
        """The files that locations refer to."""
        return self._reading.sources

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the text itself."""
        return tuple(self._reading.diagnostics)

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the variants."""
        return tuple(self.document.variants) if self.document else ()

    def graphs(self, variant: str | None = None, settings: Mapping[str, Any] | None = None) -> Iterator[Loaded]:
        """The spec with a variant's parameters (``all``: one after the other) and ``settings`` over them."""
        if variant == "all" and self.document is not None and self.document.variants:
            for name in self.document.variants:
                yield self.graph(name, settings)
        else:
            yield self.graph(None if variant == "all" else variant, settings)

    def graph(self, variant: str | None = None, settings: Mapping[str, Any] | None = None,
              shapes: Mapping[str, tuple[int, ...]] | None = None) -> Loaded:
        """The spec with one choice of parameters.

        Args:
            variant: name of a variant, None for the defaults.
            settings: values of parameters, over those of the variant; a text is read as YAML reads one.
            shapes: shapes of inputs, instead of the spec's.
        """
        doc = self.document
        settings = settings or {}
        stem = doc.name if doc else Path(self.name).stem
        if doc is None:
            return self._failed(variant, stem)
        diagnostics = list(self._reading.diagnostics)
        try:
            trees, expect = self._settings(doc, variant, settings)
            params = bind_document(doc.params, trees)
        except LocatedError as error:
            return self._failed(variant, stem, [*diagnostics, replace(error.diagnostic, file=self.name)])
        result = elaborate(doc, params, variant=variant, files=tuple(self.sources.names), shapes=shapes)
        diagnostics += result.diagnostics
        return Loaded(self.name, variant, result.graph if not diagnostics else None, tuple(diagnostics), self.sources,
                      tuple(expect), self._reading.hidden + result.hidden, tuple(settings), stem, doc)

    def params(self, variant: str | None = None, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Values of the spec's parameters. Raises LocatedError."""
        assert self.document is not None
        return bind_document(self.document.params, self._settings(self.document, variant, settings or {})[0])

    def _settings(
        self, doc: Document, variant: str | None, settings: Mapping[str, Any]
    ) -> tuple[dict[str, Tree], list[Tree]]:
        """What a variant and the outside set, and the expectations that hold then. Raises LocatedError."""
        trees: dict[str, Tree] = {}
        expect: list[Tree] = []
        if variant is not None:
            chosen = doc.variants.get(variant)
            if chosen is None:
                known = doc.variants
                help_ = did_you_mean(variant, known) or (f"there are {', '.join(known)}" if known else "it has none")
                raise LocatedError("NS224", f"'{clip(doc.name)}' has no variant '{clip(variant)}'", None, help=help_)
            trees |= {k: tree for k, (_, tree) in chosen.settings.items()}
            if chosen.expect is not None:
                expect.append(chosen.expect)
        if doc.expect is not None and not trees:
            expect.append(doc.expect)
        names = [p.name for p in doc.params]
        for name, value in settings.items():
            if name not in names:
                help_ = did_you_mean(name, names) or (f"there are {', '.join(names)}" if names else "it has none")
                raise LocatedError("NS218", f"there is no parameter '{clip(name)}'", None, help=help_)
            trees[name] = self._setting(name, value)
        return trees, expect

    def _failed(self, variant: str | None, stem: str, diagnostics: list[Diagnostic] | None = None) -> Loaded:
        all_ = tuple(diagnostics if diagnostics is not None else self._reading.diagnostics)
        return Loaded(self.name, variant, None, all_, self.sources, hidden=self._reading.hidden, name=stem)

    def _setting(self, name: str, value: Any) -> Tree:
        """A value set from outside, as a tree; its location is in a text of its own."""
        text = value if isinstance(value, str) else _yaml(value)
        file = self.sources.add(f"--set {name}", text)
        tree = read(text, file)
        return tree if tree is not None else Text(parse_scalar(text), 0, True, text)

    # -- files -----------------------------------------------------------------------------------------------------
    def _document(self, name: str, text: str | bytes | None) -> Document | None:
        reading = self._reading
        file = reading.sources.add(name)
        try:
            content = decoded(file_bytes(Path(name)) if text is None else text)
            reading.sources.texts[file] = content
            if len(content) > limits.FILE_BYTES:
                raise LocatedError("NS901", f"the file is larger than {limits.FILE_BYTES // 10**6} MB", None)
            tree = read(content, file)
        except LocatedError as error:
            reading.report(error)
            return None
        real = os.path.realpath(name)
        reading.open.append(real)
        try:
            _check_requires(tree)
            blocks = self._used(tree, self._folder, Path(os.path.realpath(self._folder)))
        except LocatedError as error:
            reading.report(error)
            return None
        finally:
            reading.open.pop()
        return read_document(tree, Path(name).stem, reading.report, blocks)

    def _used(self, tree: Tree | None, folder: Path, root: Path) -> dict[str, Block]:
        """The blocks of the files under ``use``. Raises LocatedError NS226, one of them requires another version."""
        node = tree.get("use") if type(tree) is Map else None
        found: dict[str, Block] = {}
        items = node.items if node is not None and not isinstance(node, (Text, Map)) else [node]
        for item in items:
            if type(item) is not Text or type(item.value) is not str:
                continue  # what is wrong with it is said where the document is read
            try:
                other = self._use(item, folder, root)
            except LocatedError as error:
                if error.code == "NS226":  # nothing else can be said of a spec for another version
                    raise
                self._reading.report(error)
                continue
            if other is not None:
                found |= {k: b for k, b in other.blocks.items() if k not in found}
        return found

    def _use(self, item: Text, folder: Path, root: Path) -> Document | None:
        reading = self._reading
        path = folder / str(item.value)
        real = os.path.realpath(path)
        if Path(item.value).is_absolute() or os.path.commonpath([root, real]) != str(root):
            message = f"'use' names files in the spec's folder or below; found {clip(item.value)}"
            raise LocatedError("NS218", message, item.location)
        if real in reading.open:
            raise LocatedError("NS312", f"files use each other in a circle: {clip(item.value)}", item.location)
        reading.used += 1
        if reading.used > limits.USED_FILES:
            raise LocatedError("NS916", f"more than {limits.USED_FILES} files are used", item.location)
        file = reading.sources.add(os.path.join(os.path.dirname(self.name), str(item.value)))
        try:
            content = decoded(file_bytes(path))
        except LocatedError as error:
            raise LocatedError(
                error.code, f"{clip(item.value)}: {error.message}", item.location, help=error.help
            ) from None
        reading.sources.texts[file] = content
        try:
            tree = read(content, file)
        except LocatedError as error:
            reading.report(error)
            return None
        _check_requires(tree)
        reading.open.append(real)
        blocks = self._used(tree, path.parent, root)
        reading.open.pop()
        return read_library(tree, path.stem, reading.report, blocks)


def _check_requires(tree: Tree | None) -> None:
    """Raises LocatedError NS226 for a document that requires another version of netspec."""
    if type(tree) is Map and tree.get("requires") is not None:
        from ..language.reading.requires import check_requires

        check_requires(tree)


def decoded(content: str | bytes) -> str:
    """The text of a file. Raises LocatedError NS102 for what is not UTF-8."""
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LocatedError("NS102", f"the file is not UTF-8: byte 0x{content[error.start]:02X} on line {line}", None,
                    help="save it as UTF-8") from None


def file_bytes(path: Path) -> bytes:
    """The content of a file, no more of it than the limit. Raises LocatedError."""
    try:
        with path.open("rb") as f:
            content = f.read(limits.FILE_BYTES + 1)
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else (error.strerror or "").lower()
        raise LocatedError("NS109", f"the file cannot be read: {reason}", None) from None
    if len(content) > limits.FILE_BYTES:
        raise LocatedError("NS901", f"the file is larger than {limits.FILE_BYTES // 10**6} MB", None)
    return content


def _yaml(value: Any) -> str:
    """A plain value as flow YAML."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_yaml(v) for v in value) + "]"  # pyright: ignore[reportUnknownVariableType]
    return str(value)


def graph_of(loaded: Loaded) -> Graph:
    """The graph of a spec. Raises SpecError where something is wrong with it."""
    if loaded.graph is None:
        raise SpecError(loaded.diagnostics, loaded.sources, loaded.hidden)
    return loaded.graph
