"""Entries, to which names refer: a layer with its outputs, inner layers and weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from ...diagnostics import LocatedError, clip
from ..reading.evaluation import FailedInputError


class UnknownReferenceError(LocatedError):
    """A name refers to nothing. The error has no location, because only the caller knows where the name is written."""


class Inside(Protocol):
    """The layers inside of another layer."""

    names: dict[str, Entry]
    """The layers by name."""

    def find_here(self, parts: list[str]) -> Entry | None:
        """Returns the entry to which further name parts lead, or None."""
        ...


class Weights(Protocol):
    """The weights of a layer, which can be referred to by name: ``embed.weight``."""

    def names(self) -> list[str]:
        """Returns their names within the layer."""
        ...

    def find(self, name: str) -> Entry | None:
        """Returns the weight of that name as a value, or None."""
        ...


class Entry:
    """The entry of a layer: its outputs, its inner layers, and its weights."""

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
        """Whether the inner layers are copies created by ``repeat`` or ``each``."""
        self.passes_on = passes_on
        """Whether it is the default input of the next layer."""
        self.weights: Weights | None = None
        """Its weights, if it is an operation that has any."""
        self.failed_outputs = 0
        """Number of outputs that are missing due to reported problems."""
        self._by_name: dict[str, tuple[str, int]] | None = None

    def of_chain(self, full_name: str, copies: Inside) -> Entry:
        """Returns the entry of the chain of which this is the last copy."""
        chain = Entry(full_name, self.value, self.outputs, copies, is_chain=True, passes_on=self.passes_on)
        chain.failed_outputs = self.failed_outputs
        return chain

    def find(self, parts: list[str]) -> Entry | None:
        """Returns the output or inner layer to which further name parts lead; outputs take precedence."""
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
        """Whether the layer has a problem, which has been reported."""
        return self.value is None

    def _output(self, name: str) -> tuple[str, int] | None:
        """Returns name and value of the first output with this name or number."""
        if self._by_name is None:
            self._by_name = {}
            for number, output in enumerate(self.outputs):
                self._by_name.setdefault(output[0], output)
                self._by_name.setdefault(str(number), output)
        return self._by_name.get(name)

    def children(self) -> list[Entry]:
        """Expands ``.*``: the copies, else the outputs if there are several, else the inner layers."""
        if not self.is_chain and len(self.outputs) + self.failed_outputs > 1:
            outputs = [Entry(f"{self.full_name}.{name}", value) for name, value in self.outputs]
            return outputs + [FAILED] * self.failed_outputs
        return list(self.inner.names.values()) if self.inner is not None else []

    def names(self) -> list[str]:
        """Returns the names that may follow its own."""
        names = [name for name, _ in self.outputs] + (list(self.inner.names) if self.inner is not None else [])
        return names + (self.weights.names() if self.weights is not None else [])


FAILED = Entry("", None)
"""The entry of all failed layers."""


LEFT_OUT = "is left out by its 'when'"
NO_COPIES = "has no copies"


class StandIn(Entry):
    """Replaces an omitted layer by its first input.

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
    """An omitted layer without an input to replace it; it must not be read.

    Args:
        name: its name.
        omission: ``LEFT_OUT`` or ``NO_COPIES``.
        reason: why its first input cannot replace it; None if it is an operation without inputs.
    """

    __slots__ = ("name", "omission", "reason")

    def __init__(self, name: str, omission: str, reason: LocatedError | None = None) -> None:
        super().__init__(name, None, passes_on=reason is not None)
        self.name = name
        self.omission = omission
        self.reason = reason

    @property
    def has_failed(self) -> bool:
        """Always false, because the problem is reported where the layer is read."""
        return False

    def of_chain(self, full_name: str, copies: Inside) -> Entry:
        """The entry of the chain whose last copy this is."""
        chain = Absent(full_name, self.omission, self.reason)
        chain.passes_on, chain.inner, chain.is_chain = self.passes_on, copies, True
        return chain

    def error(self, location: int | None = None) -> LocatedError:
        """Returns the error for reading it."""
        message = f"'{clip(self.name)}' {self.omission}, and "
        if self.reason is None:
            return LocatedError("NS304", f"{message}has no input to stand for it", location)
        message += "no input can stand for it"
        return LocatedError("NS304", f"{message}: {self.reason.message}", location, help=self.reason.find_help)


class Several(Entry):
    """Several tensors under one name, which does not refer to any single one: a variadic input, or parallel copies.

    Args:
        name: the name.
        members: the tensors to which ``name.*`` refers, by the names that may follow its own.
    """

    __slots__ = ("members",)

    def __init__(self, name: str, members: Mapping[str, Entry], inner: Inside | None = None) -> None:
        super().__init__(name, None, inner=inner)
        self.members = members

    @property
    def has_failed(self) -> bool:
        """Always false, because the problem is reported where it is read as one tensor."""
        return False

    def find(self, parts: list[str]) -> Entry | None:
        """Returns one of the tensors by name or number, or something inside it."""
        if not parts:
            return self
        numbered = {str(i): member for i, member in enumerate(self.members.values())} | dict(self.members)
        entry = numbered.get(parts[0])
        if entry is not None:
            return entry.find(parts[1:])
        return self.inner.find_here(parts) if self.inner is not None else None

    def children(self) -> list[Entry]:
        """Expands ``.*``."""
        return list(self.members.values())

    def names(self) -> list[str]:
        """The names that may follow its own."""
        return list(self.members)

    def error(self, location: int | None = None) -> LocatedError:
        """Returns the error for reading it as one tensor."""
        name = clip(self.full_name)
        if not self.members:
            return LocatedError("NS320", f"'{name}' is not a tensor here: '{name}.*' names none", location)
        first = next(iter(self.members))
        message = f"'{name}' is {len(self.members)} tensors, not one"
        return LocatedError("NS320", message, location, help=f"'{name}.{first}' is the first, '{name}.*' all of them")


def tensors(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yields entries, with several tensors under one name individually."""
    for entry in entries:
        yield from tensors(entry.children()) if isinstance(entry, Several) else (entry,)


def check_present(entries: Iterable[Entry], location: int) -> None:
    """Raises LocatedError if an entry is absent (NS304) or represents several tensors (NS320)."""
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
