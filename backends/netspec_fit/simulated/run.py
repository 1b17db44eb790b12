"""What holds while a network runs without values: memory in use, the device, autocast, and where the network is."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal, Protocol, TypeAlias, get_args

from .trace import Kind, Trace
from .work import FunctionCall, Tally, Unit, Work

AttentionKernel: TypeAlias = Literal["cpu", "math", "efficient", "flash"]
"""What computes ``scaled_dot_product_attention``."""
CUDA_GRANULARITY = 512
"""PyTorch's allocator on CUDA rounds the size of each storage up to a multiple of this number of bytes."""


class Meter:
    """Bytes in use, and the most that ever were, with the kinds of storages then and the place in the network."""

    def __init__(self) -> None:
        self.now = 0
        self.peak = 0
        self.kinds: dict[Kind, int] = dict.fromkeys(get_args(Kind), 0)
        self.kinds_at_peak = dict(self.kinds)
        self.phase = "before"
        self.place = ""
        self.peak_phase = ""
        self.peak_place = ""
        self.created = 0
        """Number of storages so far."""
        self.trace: Trace | None = None
        """Memory over time; None where only the peak is wanted."""
        self.peak_by_place: dict[tuple[str, str], int] = {}
        """The most bytes of activations and gradients together, by phase and layer."""

    def add(self, size: int, kind: Kind) -> None:
        """Counts a new storage."""
        self.created += 1
        self.now += size
        self.kinds[kind] += size
        variable = self.kinds["activations"] + self.kinds["gradients"]
        if variable > self.peak_by_place.get((self.phase, self.place), 0):
            self.peak_by_place[self.phase, self.place] = variable
        if self.now > self.peak:
            self.mark_peak()
        if self.trace is not None:
            self.trace.add(self.phase, self.place, {**self.kinds}, self.now)

    def remove(self, size: int, kind: Kind) -> None:
        """Takes off a storage that is freed."""
        self.now -= size
        self.kinds[kind] -= size

    def reclassify(self, size: int, before: Kind, after: Kind) -> None:
        """Counts a storage as another kind."""
        self.kinds[before] -= size
        self.kinds[after] += size

    def restart(self) -> None:
        """Forgets the peak so far."""
        self.peak = 0
        self.mark_peak()

    def mark_peak(self) -> None:
        """Takes what is in use now as the peak."""
        self.peak = self.now
        self.kinds_at_peak = dict(self.kinds)
        self.peak_phase, self.peak_place = self.phase, self.place


class Storage:
    """Memory that one tensor or several views share. It is counted from its creation to its last reference."""

    __slots__ = ("__weakref__", "allocated_bytes", "kind", "meter", "nbytes", "number", "place")

    def __init__(self, nbytes: int) -> None:
        run = current()
        self.nbytes = nbytes
        self.allocated_bytes = -(-nbytes // run.allocation_granularity) * run.allocation_granularity
        """Bytes that the allocator takes for it."""
        self.kind: Kind = run.kind
        self.meter = run.meter
        self.place = run.meter.place
        """The layer that created it."""
        self.meter.add(self.allocated_bytes, self.kind)
        self.number = self.meter.created

    def __del__(self) -> None:
        self.meter.remove(self.allocated_bytes, self.kind)

    def become(self, kind: Kind) -> None:
        """Counts it as another kind from now on."""
        self.meter.reclassify(self.allocated_bytes, self.kind, kind)
        self.kind = kind


class Region(Protocol):
    """A checkpointed block that runs. ``Any`` is for nodes and tensors, which are defined on top of this module."""

    inputs: list[Any]

    def add_node(self, node: Any) -> None:
        """Adds a node of the block, in the order of their creation."""

    def pop_saved(self, position: int) -> list[Any] | None:
        """The tensors that the node at a position keeps, computed again; they are handed out once."""


@dataclass(slots=True)
class Run:
    """One run of a network.

    Attributes:
        device: ``cpu`` or ``cuda``, whose functions keep different things.
        kernel: what computes ``scaled_dot_product_attention`` where shapes and types allow.
        autocast: the type to which autocast casts; None outside of it.
        grad: whether autograd records.
        fused_rms_norm: whether ``F.rms_norm`` is one function on CUDA.
        kind: the kind of the storages that are created.
        meter: measures the memory in use.
        casts: copies of parameters that autocast keeps, by ``id``.
        region: the checkpointed block that runs; None outside of any.
        default_dtype: the type of weights that a layer creates.
        experts: number of experts of the current mixture.
        numbers: the numbers of autograd's nodes, in the order of their creation.
        tally: counts the functions that run; None where only memory is wanted.
    """

    device: Literal["cpu", "cuda"] = "cuda"
    kernel: AttentionKernel = "math"
    autocast: str | None = None
    grad: bool = False
    fused_rms_norm: bool = True
    kind: Kind = "activations"
    meter: Meter = field(default_factory=Meter)
    casts: dict[int, Any] = field(default_factory=dict[int, Any])
    region: Region | None = None
    default_dtype: str = "float32"
    experts: int = 1
    numbers: Iterator[int] = field(default_factory=count)
    tally: Tally | None = None

    @property
    def allocation_granularity(self) -> int:
        """Sizes of storages are rounded up to multiples of this, in bytes."""
        return CUDA_GRANULARITY if self.device == "cuda" else 1

    def count_function(self, name: str, dtype: str, nbytes: int, operations: int = 0, unit: Unit = "none") -> None:
        """Counts a function that runs now, if functions are counted."""
        if self.tally is not None:
            work = Work(unit, operations, nbytes)
            self.tally.add(FunctionCall(self.meter.phase, self.meter.place, name, dtype, work))

    @contextmanager
    def creating(self, kind: Kind) -> Generator[None]:
        """Storages created here are of that kind."""
        before, self.kind = self.kind, kind
        try:
            yield
        finally:
            self.kind = before

    @contextmanager
    def recording(self, grad: bool) -> Generator[None]:
        """Autograd records, or not."""
        before, self.grad = self.grad, grad
        try:
            yield
        finally:
            self.grad = before

    @contextmanager
    def casting(self, dtype: str | None) -> Generator[None]:
        """Within autocast to a type. Its copies of parameters go at the end."""
        before, self.autocast = self.autocast, dtype
        try:
            yield
        finally:
            self.autocast = before
            if before is None:
                self.casts.clear()


_current: ContextVar[Run] = ContextVar("run")


def current() -> Run:
    """The run that goes on."""
    return _current.get()


@contextmanager
def running(run: Run) -> Generator[Run]:
    """Makes a run the current one."""
    token = _current.set(run)
    try:
        yield run
    finally:
        _current.reset(token)
