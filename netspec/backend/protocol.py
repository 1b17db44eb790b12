"""The interface of a backend, and its optional extensions."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, Unpack, runtime_checkable

from ..ir import Graph, Node
from .options import DrawingOptions

if TYPE_CHECKING:
    import torch
    from torch import nn

    from ..weights.weight_source import WeightSource

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of bytes written and the total."""


class Need(NamedTuple):
    """A library that a backend requires."""

    module: str
    """The name by which it is imported; empty if it is a program."""
    product: str
    """The product name."""
    packages: str
    """The arguments of ``pip install``: names of distributions, separated by spaces."""
    programs: tuple[str, ...] = ()
    """Programs, one of which is required instead of a module: on the PATH, or next to this Python interpreter."""
    use: str = ""
    """The feature that requires it, such as ``netspec.build``, if the rest of the backend works without it."""


class Target(NamedTuple):
    """A kind of file that a backend writes."""

    extension: str
    """The extension with its dot: ``.onnx``."""
    description: str
    """A description for lists, such as "PyTorch source"."""
    weighted: bool = False
    """Whether it holds weights: the backend's ``export`` then gets the options ``source`` and ``progress`` too."""
    needs: tuple[Need, ...] | None = None
    """Libraries required to write it; None means those of the backend."""
    shows_weights: bool = False
    """Whether it can show weights: if a file of weights is given, ``export`` gets ``source`` and ``progress`` too."""


class Backend(Protocol):
    """Interface of every backend. Its module must import its framework only inside :meth:`export` and its callees."""

    @property
    def name(self) -> str:
        """The name given to ``--to``."""
        ...

    @property
    def targets(self) -> tuple[Target, ...]:
        """The kinds of files that it writes."""
        ...

    @property
    def needs(self) -> tuple[Need, ...]:
        """Libraries that it requires; a target may require fewer."""
        ...

    def unsupported(self, graph: Graph) -> list[Node]:
        """Returns the nodes whose operation is not supported; called before anything is written."""
        ...

    def export(self, graph: Graph, path: Path, options: Mapping[str, Any]) -> None:
        """Writes the graph to a file with one of its extensions; the file is replaced atomically.

        ``options`` are the backend's own. For a target that holds weights, or shows those of a given file, they include
        ``source`` (see :mod:`netspec.weights.weight_source`) and ``progress`` (a :data:`Progress`, or None).
        """
        ...


@runtime_checkable
class ModuleBackend(Backend, Protocol):
    """A backend that also builds a network in memory: ``netspec.build`` uses the one named ``torch``."""

    def build(
        self,
        graph: Graph,
        *,
        seed: int = 0,
        device: str | torch.device | None = None,
        weights: str | os.PathLike[str] | None = None,
        rename: Sequence[str] = (),
        in_order: bool = False,
        strict: bool = True,
    ) -> nn.Module:
        """Returns the network as a module; the keywords are those of :func:`netspec.build`."""
        ...


@runtime_checkable
class Drawing(Protocol):
    """A drawing of a network, shown inline in a notebook. Each format is rendered on request.

    Raises (all methods):
        BackendError: NS722, the network is too large for a layout; NS723, no layout engine is installed.
    """

    @property
    def dot(self) -> str:
        """Returns the graph in the DOT language, with names, texts and colours, for further editing."""
        ...

    def svg(self) -> str:
        """Returns the picture as an SVG document, identical for the same network, options and layout engine."""
        ...

    def png(self, scale: float | None = None) -> bytes:
        """Returns the picture as PNG, with ``scale`` pixels per point; by default as given by the option ``dpi``."""
        ...

    def pdf(self) -> bytes:
        """Returns the picture as a PDF document of one page."""
        ...

    def tikz(self) -> str:
        """Returns the picture as a TeX document with a TikZ picture, for further editing."""
        ...

    def page(self) -> str:
        """Returns the network as a self-contained, interactive HTML page."""
        ...

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> None:
        """Writes the drawing to a file as svg, png, pdf, tex, dot, gv or html; by default its extension decides.

        Raises:
            BackendError: NS703, unknown extension; NS721, unknown format.
            FileError: NS705, the file cannot be written.
        """
        ...

    def _repr_svg_(self) -> str: ...


@runtime_checkable
class DrawingBackend(Backend, Protocol):
    """A backend that also draws: ``netspec.draw`` uses the one named ``graphviz``."""

    def draw(self, graph: Graph, **options: Unpack[DrawingOptions]) -> Drawing:
        """Returns a drawing of the network."""
        ...


@runtime_checkable
class PageBackend(DrawingBackend, Protocol):
    """A backend that also writes an interactive page: ``netspec.explore`` uses the one named ``graphviz``."""

    def page(
        self,
        graph: Graph,
        *,
        weights: str | os.PathLike[str] | None = None,
        rename: Sequence[str] = (),
        in_order: bool = False,
        strict: bool = True,
        **options: Unpack[DrawingOptions],
    ) -> str:
        """Returns the page as HTML; the keywords are those of :func:`netspec.explore`."""
        ...


class Verification(Protocol):
    """The comparison of a written file with the network it was made from."""

    @property
    def problems(self) -> Sequence[str]:
        """Outputs that differ by more than rounding; empty if the file is correct."""
        ...

    def lines(self) -> Sequence[str]:
        """The result as lines of text."""
        ...


@runtime_checkable
class VerifyingBackend(Backend, Protocol):
    """A backend that can also run a file that it wrote: ``netspec export --verify``."""

    def verify(self, graph: Graph, path: Path, source: WeightSource) -> Verification:
        """Runs a file with the weights of ``source`` and compares its outputs with the network's."""
        ...
