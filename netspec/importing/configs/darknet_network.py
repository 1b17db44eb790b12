"""The layers of a Darknet network as they are read, with the shape of each as Darknet works it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ...diagnostics import clip
from ..problems import ImportDiagnostic
from .darknet_file import Section
from .layer_list import INPUT, LayerList

Shape = tuple[int, ...]

ACTIVATIONS = {
    "linear": "identity",
    "leaky": "leaky_relu",
    "logistic": "sigmoid",
    "swish": "silu",
    **{name: name for name in ("relu", "relu6", "mish", "tanh", "elu", "selu", "gelu")},
}


class Network:
    """The layers that the sections of one file have become so far.

    Args:
        sections: of the file, the first of which describes the input.
    """

    def __init__(self, sections: Sequence[Section]) -> None:
        self.sections = sections
        self.layers = LayerList()
        self.problems: list[ImportDiagnostic] = []
        self.notes: list[str] = []
        self.values: list[int] = []
        """For each section after the first: the number of the item that gives its output."""
        self.shapes: dict[int, Shape] = {INPUT: _input_shape(sections[0])}
        self.varied: set[str] = set()
        """The parameters of the block ``Conv``, beyond its filters, kernel and stride, that some layers set."""
        self._activations: Counter[str] = Counter(
            s.options.get("activation", "logistic") for s in sections if s.integer("batch_normalize", 0)
        )

    @property
    def current(self) -> int:
        """The item that the next section reads."""
        return self.values[-1] if self.values else INPUT

    @property
    def shape(self) -> Shape:
        """The shape of what the next section reads."""
        return self.shapes[self.current]

    def add(
        self, stem: str, body: Mapping[str, Any], shape: Shape | None = None, inputs: Sequence[int] = (), **more: Any
    ) -> int:
        """Append a layer of that shape, by default the shape of what it reads; returns its number."""
        number = self.layers.add(stem, body, inputs or [self.current], **more)
        self.shapes[number] = shape if shape is not None else self.shapes[(inputs or [self.current])[0]]
        return number

    def add_problem(self, section: Section, what: str, reason: str) -> None:
        """Record that a section, or an option of it, has no equivalent."""
        self.problems.append(ImportDiagnostic.of("NS892", what, reason, section.place))

    def image_shape(self, section: Section) -> tuple[int, int, int]:
        """Channels, height and width of what a section reads."""
        if len(self.shape) != 3:
            self.add_problem(section, f"[{section.kind}]", "it reads a vector, not an image")
            return 1, 1, 1
        c, h, w = self.shape
        return c, h, w

    def activation(self, section: Section, default: str) -> str:
        """The activation of a section by netspec's name."""
        word = section.options.get("activation", default)
        activation = ACTIVATIONS.get(word)
        if activation is None:
            self.add_problem(section, f"'activation={clip(word)}'", "netspec has no equivalent activation")
        return activation or "identity"

    def item_at(self, section: Section, index: int) -> int:
        """The item of an index as ``from`` and ``layers`` give it: negative from here, else from the start."""
        number = index if index >= 0 else len(self.values) + index
        if not 0 <= number < len(self.values):
            self.add_problem(section, f"[{section.kind}]", f"there is no layer {index} before it")
            return self.current
        return self.values[number]

    @property
    def usual_activation(self) -> str:
        """The activation of most convolutions with a batch normalisation."""
        known = Counter({a: n for a, n in self._activations.items() if a in ACTIVATIONS})
        return ACTIVATIONS[known.most_common(1)[0][0]] if known else "identity"


def _input_shape(net: Section) -> Shape:
    """The shape of the input: an image, or a vector if the section gives no sizes of one."""
    c, h, w = net.integer("channels", 0), net.integer("height", 0), net.integer("width", 0)
    return (c, h, w) if c > 0 and h > 0 and w > 0 else (max(net.integer("inputs", h * w * c), 1),)
