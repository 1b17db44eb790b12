"""The layers of a Darknet network during import, with the shape of each as Darknet computes it."""

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
    """The layers of the sections converted so far.

    Args:
        sections: the sections of the file, the first of which describes the input.
    """

    def __init__(self, sections: Sequence[Section]) -> None:
        self.sections = sections
        self.layers = LayerList()
        self.problems: list[ImportDiagnostic] = []
        self.notes: list[str] = []
        self.values: list[int] = []
        """For each section after the first, the number of the item with its output."""
        self.shapes: dict[int, Shape] = {INPUT: _input_shape(sections[0])}
        self.varied: set[str] = set()
        """The parameters of the block ``Conv``, beyond its filters, kernel and stride, that some layers set."""
        self._activations: Counter[str] = Counter(
            s.options.get("activation", "logistic") for s in sections if s.integer("batch_normalize", 0)
        )

    @property
    def current(self) -> int:
        """The item that is the input of the next section."""
        return self.values[-1] if self.values else INPUT

    @property
    def shape(self) -> Shape:
        """The input shape of the next section."""
        return self.shapes[self.current]

    def add(
        self, stem: str, body: Mapping[str, Any], shape: Shape | None = None, inputs: Sequence[int] = (), **more: Any
    ) -> int:
        """Appends a layer with that shape, by default that of its input; returns its number."""
        number = self.layers.add(stem, body, inputs or [self.current], **more)
        self.shapes[number] = shape if shape is not None else self.shapes[(inputs or [self.current])[0]]
        return number

    def add_problem(self, section: Section, what: str, reason: str) -> None:
        """Records that a section, or an option of it, has no equivalent."""
        self.problems.append(ImportDiagnostic.of("NS892", what, reason, section.place))

    def image_shape(self, section: Section) -> tuple[int, int, int]:
        """Returns channels, height and width of a section's input."""
        if len(self.shape) != 3:
            self.add_problem(section, f"[{section.kind}]", "it reads a vector, not an image")
            return 1, 1, 1
        c, h, w = self.shape
        return c, h, w

    def activation(self, section: Section, default: str) -> str:
        """Returns the activation of a section under netspec's name."""
        word = section.options.get("activation", default)
        activation = ACTIVATIONS.get(word)
        if activation is None:
            self.add_problem(section, f"'activation={clip(word)}'", "netspec has no equivalent activation")
        return activation or "identity"

    def item_at(self, section: Section, index: int) -> int:
        """Returns the item for an index in ``from`` or ``layers``: relative if negative, else absolute."""
        number = index if index >= 0 else len(self.values) + index
        if not 0 <= number < len(self.values):
            self.add_problem(section, f"[{section.kind}]", f"there is no layer {index} before it")
            return self.current
        return self.values[number]

    @property
    def usual_activation(self) -> str:
        """Returns the most frequent activation of convolutions with batch normalisation."""
        known = Counter({a: n for a, n in self._activations.items() if a in ACTIVATIONS})
        return ACTIVATIONS[known.most_common(1)[0][0]] if known else "identity"


def _input_shape(net: Section) -> Shape:
    """Returns the input shape: an image, or a vector if the section contains no image size."""
    c, h, w = net.integer("channels", 0), net.integer("height", 0), net.integer("width", 0)
    return (c, h, w) if c > 0 and h > 0 and w > 0 else (max(net.integer("inputs", h * w * c), 1),)
