"""NS8xx: looking at what a network has learned."""

from __future__ import annotations

from .code import Code

CODES: dict[str, Code] = {
    "NS801": Code(
        "no such layer to look at",
        "The layer is named by its full dotted name, as `netspec check` shows it.",
    ),
    "NS802": Code(
        "no such filter",
        "Filters, channels and units are counted from 0 to one below their number.",
    ),
    "NS803": Code(
        "a layer without height and width",
        "Maps and images can be drawn of layers that have both; a vector has bars.",
    ),
    "NS805": Code(
        "a network that takes no image",
        "The network is shown one picture, so it has one input, of channels, height and width.",
    ),
    "NS810": Code(
        "a library that is not installed",
        "Looking at networks needs PyTorch and what draws pictures: the extra 'see' installs them.",
    ),
}
