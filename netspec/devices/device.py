"""The published figures of a device: memory, bandwidth, peak rates and links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TYPES = ("float64", "float32", "tf32", "bfloat16", "float16", "float8", "int8")
"""Types for which a device has a peak rate; ``tf32`` is the precision of tensor cores for ``float32`` where allowed."""


@dataclass(frozen=True, slots=True)
class Link:
    """A connection of a device.

    Attributes:
        name: name such as ``NVLink 4`` or ``PCIe 5.0 x16``.
        bandwidth: bytes per second in both directions together, as in datasheets.
    """

    name: str
    bandwidth: float

    @property
    def one_way(self) -> float:
        """Bytes per second in one direction."""
        return self.bandwidth / 2


@dataclass(frozen=True)
class Device:
    """A device that runs networks, with the figures of its manufacturer.

    Attributes:
        name: name on the command line: ``h100``.
        title: product name.
        memory: bytes of memory as published: GB is 10⁹ bytes.
        bandwidth: bytes per second between the device and its memory.
        rates: peak operations per second by type, for dense matrices; a multiply-add counts as two.
        link: the link to other devices of the same machine; None if it has only a link to the host.
        host_link: the link to the host.
        source: the source of the figures.
        backend: the applicable rules of PyTorch: ``cuda`` or ``cpu``.
    """

    name: str
    title: str
    memory: int
    bandwidth: float
    rates: Mapping[str, float]
    link: Link | None
    host_link: Link | None
    source: str
    backend: Literal["cuda", "cpu"] = "cuda"

    @property
    def peer_link(self) -> Link | None:
        """The link to other devices of the machine: its own link, else the host's; None if none is known."""
        return self.link or self.host_link

    def rate(self, dtype: str, *, tf32: bool = False) -> float | None:
        """Returns the peak operations per second for a type; None if none is published.

        Args:
            dtype: the type, as spelled by ``torch``.
            tf32: whether products of ``float32`` may be rounded to TF32 first, as PyTorch allows in convolutions.
        """
        if tf32 and dtype == "float32" and "tf32" in self.rates:
            return self.rates["tf32"]
        return self.rates.get(dtype)
