"""The published figures of a device: memory, bandwidth, peak rates and links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TYPES = ("float64", "float32", "tf32", "bfloat16", "float16", "float8", "int8")
"""Types that a device has a peak rate for; ``tf32`` is what tensor cores make of ``float32`` where that is allowed."""


@dataclass(frozen=True, slots=True)
class Link:
    """A connection of a device.

    Attributes:
        name: how it is called: ``NVLink 4``, ``PCIe 5.0 x16``.
        bandwidth: bytes per second, both directions together, as datasheets print it.
    """

    name: str
    bandwidth: float

    @property
    def one_way(self) -> float:
        """Bytes per second in one direction."""
        return self.bandwidth / 2


@dataclass(frozen=True)
class Device:
    """A device that networks run on, as its maker describes it.

    Attributes:
        name: how it is named on the command line: ``h100``.
        title: what its maker calls it.
        memory: bytes of its memory, as its maker prints them: GB is 10⁹ bytes.
        bandwidth: bytes per second between the device and its memory.
        rates: peak operations per second by type, of dense matrices; a multiplication and an addition are two.
        link: to other devices of the same machine; None for one that has only the host's.
        host_link: to the host.
        source: where the figures come from.
        backend: the rules of PyTorch that apply: those of ``cuda`` or of ``cpu``.
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
        """What data takes to another device of the machine: its own link, else the host's; None where none is known."""
        return self.link or self.host_link

    def rate(self, dtype: str, *, tf32: bool = False) -> float | None:
        """Peak operations per second with numbers of a type; None where none is published.

        Args:
            dtype: the type, as ``torch`` spells it.
            tf32: whether products of ``float32`` may be rounded to TF32 first, as PyTorch allows it in convolutions.
        """
        if tf32 and dtype == "float32" and "tf32" in self.rates:
            return self.rates["tf32"]
        return self.rates.get(dtype)
