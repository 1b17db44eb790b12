"""What a name refers to: an entry, with its outputs, the layers inside it and its weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from ...diagnostics import LocatedError, clip
from ..reading.evaluation import FailedInputError


class UnknownReferenceError(LocatedError):
    """A name refers to nothing. It has no location: the caller knows where the name is written."""


class Inside(Protocol):
    """The layers inside of another."""

    names: dict[str, Entry]
    """Them by name."""

    def find_here(self, parts: list[str]) -> Entry | None:
        """What further names lead to; None if nothing."""
        ...


class Weights(Protocol):
    """The weights of a layer, which names may refer to: ``embed.weight``."""

    def names(self) -> list[str]:
        """Their names within the layer."""
        ...

    def find(self, name: str) -> Entry | None:
        """The weight of that name as a value; None if there is none."""
        ...


class Entry:
    """What the name of a layer refers to: its outputs, the layers inside it, and its weights."""

    __slots__ = (
        "_by_name",
        "failed_outputs",
        "full_name",
        "inner",
        "is_chain",
        "outputs",
        "passes_on",
        "value",
        "weights",
    )

    def __init__(
        self,
        full_name: str,
        value: int | None,
        outputs: tuple[tuple[str, int], ...] = (),
        inner: Inside | None = None,
        *,
        is_chain: bool = False,
        passes_on: bool = True,
    ) -> None:
        self.full_name = full_name
        self.value = value
        """The number of its (first) output value; None if the layer failed."""
        self.outputs = outputs
        """Its output values by name, if there are several."""
        self.inner = inner
        """The scope of the layers inside it."""
        self.is_chain = is_chain
        """Whether those are copies made by ``repeat`` or ``each``."""
        self.passes_on = passes_on
        """Whether the next layer reads it by default."""
        self.weights: Weights | None = None
        """Its weights, if it is an operation that has any."""
        self.failed_outputs = 0
        """How many outputs are missing because of problems that have been reported."""
        self._by_name: dict[str, tuple[str, int]] | None = None

    def of_chain(self, full_name: str, copies: Inside) -> Entry:
        """The entry of the chain whose last copy this is."""
        chain = Entry(full_name, self.value, self.outputs, copies, is_chain=True, passes_on=self.passes_on)
        chain.failed_outputs = self.failed_outputs
        return chain

    def find(self, parts: list[str]) -> Entry | None:
        """The output or layer inside it that further names lead to; outputs take precedence."""
        if not parts:
            return self
        is_copy = self.is_chain and parts[0].isdigit()
        if self.outputs and len(parts) == 1 and not is_copy and (output := self._output(parts[0])) is not None:
            return Entry(f"{self.full_name}.{output[0]}", output[1])
        entry = self.inner.find_here(parts) if self.inner is not None else None
        if entry is None and (self.has_failed or self.failed_outputs):
            return FAILED  # what it would contain is unknown
        if entry is None and self.weights is not None:
            return self.weights.find(".".join(parts))
        return entry

    @property
    def has_failed(self) -> bool:
        """Whether there was a problem with the layer, which has been reported."""
        return self.value is None

    def _output(self, name: str) -> tuple[str, int] | None:
        """Name and value of the first output that has this name or number."""
        if self._by_name is None:
            self._by_name = {}
            for number, output in enumerate(self.outputs):
                self._by_name.setdefault(output[0], output)
                self._by_name.setdefault(str(number), output)
        return self._by_name.get(name)

    def children(self) -> list[Entry]:
        """What ``.*`` stands for: the copies, else the outputs if there are several, else the layers inside."""
        if not self.is_chain and len(self.outputs) + self.failed_outputs > 1:
            outputs = [Entry(f"{self.full_name}.{name}", value) for name, value in self.outputs]
            return outputs + [FAILED] * self.failed_outputs
        return list(self.inner.names.values()) if self.inner is not None else []

    def names(self) -> list[str]:
        """The names that may follow its own."""
        names = [name for name, _ in self.outputs] + (list(self.inner.names) if self.inner is not None else [])
        return names + (self.weights.names() if self.weights is not None else [])


FAILED = Entry("", None)
"""The entry of every layer that failed."""


LEFT_OUT = "is left out by its 'when'"
NO_COPIES = "has no copies"


class StandIn(Entry):
    """The first input of a layer that is omitted, which the name of that layer refers to.

    Args:
        name: the name of the layer.
        input: its first input.
        omission: ``LEFT_OUT`` or ``NO_COPIES``.
    """

    __slots__ = ("name", "omission")

    def __init__(self, name: str, input: Entry, omission: str) -> None:
        super().__init__(input.full_name, input.value)
        self.name = name
        self.omission = omission


class Absent(Entry):
    """A layer that is omitted and that has no input to stand for it: nothing may read it.

    Args:
        name: its name.
        omission: ``LEFT_OUT`` or ``NO_COPIES``.
        reason: why its first input cannot stand for it; None if it is an operation without inputs.
    """

    __slots__ = ("name", "omission", "reason")

    def __init__(self, name: str, omission: str, reason: LocatedError | None = None) -> None:
        super().__init__(name, None, passes_on=reason is not None)
        self.name = name
        self.omission = omission
        self.reason = reason

    @property
    def has_failed(self) -> bool:
        """Always false: that it cannot be read is reported where it is read."""
        return False

    def of_chain(self, full_name: str, copies: Inside) -> Entry:
        """The entry of the chain whose last copy this is."""
        chain = Absent(full_name, self.omission, self.reason)
        chain.passes_on, chain.inner, chain.is_chain = self.passes_on, copies, True
        return chain

    def error(self, location: int | None = None) -> LocatedError:
        """The problem of what reads it."""
        message = f"'{clip(self.name)}' {self.omission}, and "
        if self.reason is None:
            return LocatedError("NS304", f"{message}has no input to stand for it", location)
        message += "no input can stand for it"
        return LocatedError("NS304", f"{message}: {self.reason.message}", location, help=self.reason.find_help)


class Several(Entry):
    """Several tensors under one name, which refers to none of them: ``kids`` of a block, or copies side by side.

    Args:
        name: the name.
        members: what ``name.*`` refers to, with the names that may follow its own.
    """

    __slots__ = ("members",)

    def __init__(self, name: str, members: Mapping[str, Entry], inner: Inside | None = None) -> None:
        super().__init__(name, None, inner=inner)
        self.members = members

    @property
    def has_failed(self) -> bool:
        """Always false: that it is not one tensor is reported where it is read."""
        return False

    def find(self, parts: list[str]) -> Entry | None:
        """One of the tensors, by its name or number, or what is inside."""
        if not parts:
            return self
        numbered = {str(i): member for i, member in enumerate(self.members.values())} | dict(self.members)
        entry = numbered.get(parts[0])
        if entry is not None:
            return entry.find(parts[1:])
        return self.inner.find_here(parts) if self.inner is not None else None

    def children(self) -> list[Entry]:
        """What ``.*`` stands for."""
        return list(self.members.values())

    def names(self) -> list[str]:
        """The names that may follow its own."""
        return list(self.members)

    def error(self, location: int | None = None) -> LocatedError:
        """The problem of what reads it as one tensor."""
        name = clip(self.full_name)
        if not self.members:
            return LocatedError("NS320", f"'{name}' is not a tensor here: '{name}.*' names none", location)
        first = next(iter(self.members))
        message = f"'{name}' is {len(self.members)} tensors, not one"
        return LocatedError("NS320", message, location, help=f"'{name}.{first}' is the first, '{name}.*' all of them")


def tensors(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries, with several under one name one by one."""
    for entry in entries:
        yield from tensors(entry.children()) if isinstance(entry, Several) else (entry,)


def check_present(entries: Iterable[Entry], location: int) -> None:
    """Raises LocatedError if one of the entries is absent (NS304) or stands for several tensors (NS320)."""
    for entry in entries:
        if isinstance(entry, (Absent, Several)):
            raise entry.error(location)


def values_of(entries: list[Entry], location: int) -> tuple[int, ...]:
    """The values of entries.

    Raises:
        LocatedError: NS304, one of them is absent.
        FailedInputError: one of them failed.
    """
    check_present(entries, location)
    values: list[int] = []
    for entry in entries:
        if entry.value is None:
            raise FailedInputError
        values.append(entry.value)
    return tuple(values)
