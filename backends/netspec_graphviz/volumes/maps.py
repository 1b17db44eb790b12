"""A feature map of a figure with its description."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from netspec.ir.at_sizes import type_at_default
from netspec.shapes.types import SEQUENCE, TensorType

from ..read_roles import ReadRole

if TYPE_CHECKING:
    from .face_pictures import Photo, Values


@dataclass(eq=False, slots=True)
class Map:
    """A feature map: the output of a layer or of a closed block, or an input."""

    number: int
    """Its index in the figure."""
    name: str
    """Full dotted name."""
    label: str
    """The name in captions; empty if it is not informative, such as the number of a copy."""
    named_type: TensorType
    """Its type, with the names of dimensions."""
    kind: str | None
    """Kind of the layer; None for an input, ``block`` for a closed block."""
    operation: str
    """The operation, or the class of a closed block."""
    sources: tuple[int, ...]
    """Numbers of its source maps, the latest first; it is placed after the first of these."""
    roles: tuple[ReadRole, ...]
    """The role in which it reads each of them."""
    arguments: dict[str, str] = field(default_factory=dict[str, str])
    """The arguments of the operation as text, by name, without the number of filters or units."""
    segments: tuple[str, ...] = ()
    """The normalisations and activations that follow, by short names."""
    window: tuple[int, ...] = ()
    """The window of a convolution or pooling, one size per axis."""
    parts: tuple[tuple[int, int], ...] = ()
    """For a concatenation of channels: the number of channels and the source of each input."""
    joint: str = ""
    """For a sum or product of maps: the sign that is drawn instead of a volume."""
    copies: int = 1
    """Number of identical consecutive maps that it represents."""
    letters: str = ""
    """The letters of its weights if they are shared."""
    values: tuple[int, ...] = ()
    """The numbers of the values that it represents: the last one, which others read, then those before a normalisation,
    activation or dropout.
    """
    picture: Values | Photo | None = None
    """The picture on its face."""

    @property
    def type(self) -> TensorType:
        """Its type, with the defaults of named dimensions."""
        return type_at_default(self.named_type)

    @property
    def is_block(self) -> bool:
        """Whether it is the output of a closed block."""
        return self.kind == "block"

    @property
    def channel(self) -> int | None:
        """The index of its channel axis: the last one if none is marked; None for a sequence."""
        t = self.named_type
        if t.axes == (SEQUENCE,):
            return None
        return t.channel if t.channel is not None else t.rank - 1

    @property
    def channels(self) -> int:
        """Its number of channels."""
        shape = self.type.shape
        return 1 if self.channel is None or not shape else shape[self.channel]

    @property
    def sides(self) -> tuple[int, ...]:
        """The sizes of its other axes: empty for a vector; otherwise the length, or (frames,) height and width."""
        return tuple(n for axis, n in enumerate(self.type.shape) if axis != self.channel)

    @property
    def height(self) -> int:
        """The size that determines its drawn height."""
        *_, high = self.sides[-2:][:1] or (1,)
        return high

    @property
    def role_of(self) -> dict[int, ReadRole]:
        """The role in which it reads each source, by map number."""
        return dict(zip(self.sources, self.roles, strict=True))
