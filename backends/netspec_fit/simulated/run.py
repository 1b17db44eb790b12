"""The state of a run without values: memory in use, device, autocast, and the current location in the network."""

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
"""The implementation of ``scaled_dot_product_attention``."""
CUDA_GRANULARITY = 512
"""Allocation granularity in bytes: PyTorch's CUDA allocator rounds the size of each storage up to a multiple of it."""


class Meter:
    """Counts bytes in use and their peak, with the kinds of storages at the peak and the location in the network."""

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
        """Number of storages created so far."""
        self.trace: Trace | None = None
        """Samples memory over time; None if only the peak is needed."""
        self.peak_by_place: dict[tuple[str, str], int] = {}
        """Peak bytes of activations and gradients together, by phase and layer."""

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
        """Subtracts a freed storage."""
        self.now -= size
        self.kinds[kind] -= size

    def reclassify(self, size: int, before: Kind, after: Kind) -> None:
        """Changes the kind of a storage."""
        self.kinds[before] -= size
        self.kinds[after] += size

    def restart(self) -> None:
        """Resets the peak."""
        self.peak = 0
        self.mark_peak()

    def mark_peak(self) -> None:
        """Makes the current usage the peak."""
        self.peak = self.now
        self.kinds_at_peak = dict(self.kinds)
        self.peak_phase, self.peak_place = self.phase, self.place


class Storage:
    """Memory of a tensor, or of several views, counted from its creation until the last reference is dropped."""

    __slots__ = ("__weakref__", "allocated_bytes", "kind", "meter", "nbytes", "number", "place")

    def __init__(self, nbytes: int) -> None:
        run = current()
        self.nbytes = nbytes
        self.allocated_bytes = -(-nbytes // run.allocation_granularity) * run.allocation_granularity
        """Bytes that the allocator reserves for it."""
        self.kind: Kind = run.kind
        self.meter = run.meter
        self.place = run.meter.place
        """The layer that created it."""
        self.meter.add(self.allocated_bytes, self.kind)
        self.number = self.meter.created

    def __del__(self) -> None:
        self.meter.remove(self.allocated_bytes, self.kind)

    def become(self, kind: Kind) -> None:
        """Changes its kind."""
        self.meter.reclassify(self.allocated_bytes, self.kind, kind)
        self.kind = kind


class CheckpointedRun(Protocol):
    """A checkpointed block that is running.

    Nodes and tensors have type ``Any`` because they are defined in modules that import this one.
    """

    inputs: list[Any]

    def add_node(self, node: Any) -> None:
        """Adds a node of the block, in order of creation."""

    def pop_saved(self, position: int) -> list[Any] | None:
        """Returns the recomputed saved tensors of the node at a position, once."""


@dataclass(slots=True)
class Run:
    """One run of a network.

    Attributes:
        device: ``cpu`` or ``cuda``; functions save different tensors on each.
        kernel: preferred implementation of ``scaled_dot_product_attention``.
        autocast: the type to which autocast casts; None outside of autocast.
        grad: whether autograd records.
        fused_rms_norm: whether ``F.rms_norm`` is a single function on CUDA.
        kind: the kind of new storages.
        meter: measures the memory in use.
        casts: copies of parameters that autocast keeps, by ``id``.
        region: the checkpointed block that is running; None outside of any.
        default_dtype: type of the weights of new layers.
        experts: number of experts of the current mixture.
        numbers: numbers of autograd nodes, in order of creation.
        tally: counts the functions that run; None if only memory is needed.
    """

    device: Literal["cpu", "cuda"] = "cuda"
    kernel: AttentionKernel = "math"
    autocast: str | None = None
    grad: bool = False
    fused_rms_norm: bool = True
    kind: Kind = "activations"
    meter: Meter = field(default_factory=Meter)
    casts: dict[int, Any] = field(default_factory=dict[int, Any])
    region: CheckpointedRun | None = None
    default_dtype: str = "float32"
    experts: int = 1
    numbers: Iterator[int] = field(default_factory=count)
    tally: Tally | None = None

    @property
    def allocation_granularity(self) -> int:
        """The allocation granularity in bytes."""
        return CUDA_GRANULARITY if self.device == "cuda" else 1

    def count_function(self, name: str, dtype: str, nbytes: int, operations: int = 0, unit: Unit = "none") -> None:
        """Counts a function, if functions are counted."""
        if self.tally is not None:
            work = Work(unit, operations, nbytes)
            self.tally.add(FunctionCall(self.meter.phase, self.meter.place, name, dtype, work))

    @contextmanager
    def creating(self, kind: Kind) -> Generator[None]:
        """Sets the kind of storages created in the context."""
        before, self.kind = self.kind, kind
        try:
            yield
        finally:
            self.kind = before

    @contextmanager
    def recording(self, grad: bool) -> Generator[None]:
        """Sets whether autograd records in the context."""
        before, self.grad = self.grad, grad
        try:
            yield
        finally:
            self.grad = before

    @contextmanager
    def casting(self, dtype: str | None) -> Generator[None]:
        """Enables autocast to a type in the context. Cached copies of parameters are freed at the end."""
        before, self.autocast = self.autocast, dtype
        try:
            yield
        finally:
            self.autocast = before
            if before is None:
                self.casts.clear()


_current: ContextVar[Run] = ContextVar("run")


def current() -> Run:
    """Returns the current run."""
    return _current.get()


@contextmanager
def running(run: Run) -> Generator[Run]:
    """Makes a run the current one."""
    token = _current.set(run)
    try:
        yield run
    finally:
        _current.reset(token)
