"""Reading a pickle as data: nothing is imported and no function of the file is called.

The opcodes are interpreted here, for two reasons. A call in the pickle becomes a call of one of the given constructors,
or an error. And memory stays in proportion to the file: the reader of the standard library allocates what a length or
an index in the file claims. Protocols 2 to 5 are read, without sets, classes and out-of-band data.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias, cast

MAX_BYTES: Final = 32_000_000
"""Largest pickle, in bytes: enough for about 200,000 tensors."""

Constructor: TypeAlias = Callable[[list[Any]], object]
"""Returns the result of a call, from its arguments."""


class Global(NamedTuple):
    """A reference to something that Python would import."""

    name: str
    """With its module: ``torch.FloatStorage``."""


class Opaque(NamedTuple):
    """An object whose content is ignored, so that it needs no memory."""

    kind: str


class PickleError(ValueError):
    """The bytes are not a pickle, or one that this module does not read."""


class ForbiddenError(ValueError):
    """The pickle refers to a forbidden name; the text is that name."""


_LARGE: Final = 1 << 32
_MARK: Final = Opaque("mark")


class InertPickle:
    """Interprets one pickle.

    Args:
        data: bytes that contain it.
        start: where it begins.
        constructors: what may be called, by its name.
        is_allowed: whether a global may be referred to without being called.
        load_persistent: returns an object from its persistent identifier.

    Raises:
        PickleError: the pickle is broken, too large, or uses what is not read.
        ForbiddenError: a global that is not allowed.
    """

    def __init__(
        self,
        data: bytes,
        start: int,
        constructors: Mapping[str, Constructor],
        is_allowed: Callable[[str], bool],
        load_persistent: Callable[[Any], object],
    ) -> None:
        self.data = data
        self.end = start
        """The position of the next byte; in the end, where the pickle ends."""
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self._limit = start + MAX_BYTES
        self._constructors = constructors
        self._is_allowed = is_allowed
        self._load_persistent = load_persistent
        try:
            self.value = self._run()
        except (IndexError, KeyError, TypeError, AttributeError, struct.error, UnicodeError, ValueError) as error:
            if isinstance(error, (PickleError, ForbiddenError)):
                raise
            raise PickleError(str(error)) from None

    def _run(self) -> Any:
        data, limit = self.data, self._limit
        while True:
            opcode = data[self.end]
            self.end += 1
            if opcode == 0x2E:  # STOP
                return self.stack.pop()
            if self.end > limit:
                raise PickleError("it is too large")
            _OPCODES[opcode](self)

    def number(self, format: struct.Struct) -> Any:
        """Reads a number at the current position."""
        (value,) = format.unpack_from(self.data, self.end)
        self.end += format.size
        return value

    def take(self, count: int) -> bytes:
        """Reads that many bytes."""
        chunk = self.data[self.end : self.end + count]
        if len(chunk) != count:
            raise PickleError("it is truncated")
        self.end += count
        return chunk

    def line(self) -> str:
        """Reads the text up to the next line feed."""
        stop = self.data.index(b"\n", self.end, self.end + 1000)
        text = self.data[self.end : stop].decode()
        self.end = stop + 1
        return text

    def to_mark(self) -> list[Any]:
        """Removes and returns the items above the last mark."""
        at = len(self.stack) - 1
        while self.stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise PickleError("there is no mark")
        items = self.stack[at + 1 :]
        del self.stack[at:]
        return items

    def tuple_of(self, count: int) -> None:
        """Replaces that many items by a tuple."""
        if len(self.stack) < count:
            raise PickleError("the stack is empty")
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def refer(self, module: str, name: str) -> None:
        """Pushes a reference to a global."""
        full = f"{module}.{name}"
        if full not in self._constructors and not self._is_allowed(full):
            raise ForbiddenError(full)
        self.stack.append(Global(full))

    def call(self) -> None:
        """Replaces a function and its arguments by its result."""
        arguments, function = self.stack.pop(), self.stack.pop()
        self.stack.append(self.construct(function, arguments))

    def construct(self, function: Any, arguments: Any) -> object:
        """Returns the result of a call."""
        if not isinstance(function, Global) or not isinstance(arguments, (tuple, list)):
            raise PickleError("a call of what is not a function")
        constructor = self._constructors.get(function.name)
        if constructor is None:
            raise ForbiddenError(function.name)
        return constructor(list(cast(list[object], arguments)))

    def set_items(self, items: list[Any]) -> None:
        """Adds keys and values to the mapping on top of the stack."""
        target = self.stack[-1]
        if isinstance(target, dict):
            cast(dict[object, object], target).update(mapping(zip(items[::2], items[1::2], strict=True)))

    def append(self, items: list[Any]) -> None:
        """Adds items to the list on top of the stack."""
        target = self.stack[-1]
        if type(target) is list:
            cast(list[object], target).extend(items)

    def load_persistent(self) -> None:
        """Replaces a persistent identifier by its object."""
        self.stack.append(self._load_persistent(self.stack.pop()))


def mapping(pairs: Iterable[tuple[object, object]]) -> dict[object, object]:
    """Returns a mapping with only those keys that are strings or small integers.

    Other keys are not needed, and a file could choose them so that hashing or comparing them takes forever.
    """
    return {key: value for key, value in pairs if type(key) is str or (type(key) is int and abs(key) < _LARGE)}


def _long(size: int, pickle: InertPickle) -> int:
    return int.from_bytes(pickle.take(size), "little", signed=True)


def _push(read: Callable[[InertPickle], object]) -> Callable[[InertPickle], None]:
    return lambda pickle: pickle.stack.append(read(pickle))


def _constant(value: object) -> Callable[[InertPickle], None]:
    return lambda pickle: pickle.stack.append(value)


def _number(format: str) -> Callable[[InertPickle], int]:
    compiled = struct.Struct(format)
    return lambda pickle: cast(int, pickle.number(compiled))


def _memorise(index: Callable[[InertPickle], int]) -> Callable[[InertPickle], None]:
    def put(pickle: InertPickle) -> None:
        at = index(pickle)
        pickle.memo[at] = pickle.stack[-1]

    return put


def _global(pickle: InertPickle) -> None:
    module = pickle.line()
    pickle.refer(module, pickle.line())


def _global_of_stack(pickle: InertPickle) -> None:
    name, module = pickle.stack.pop(), pickle.stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise PickleError("a name is not a text")
    pickle.refer(module, name)


def _set_item(pickle: InertPickle) -> None:
    value, key = pickle.stack.pop(), pickle.stack.pop()
    pickle.set_items([key, value])


_U1, _U2, _I4, _U4, _U8 = (_number(format) for format in ("<B", "<H", "<i", "<I", "<Q"))


def _text(size: Callable[[InertPickle], int]) -> Callable[[InertPickle], None]:
    return _push(lambda pickle: pickle.take(size(pickle)).decode("utf-8", "surrogatepass"))


def _bytes(size: Callable[[InertPickle], int]) -> Callable[[InertPickle], None]:
    return _push(lambda pickle: pickle.take(size(pickle)))


_OPCODES: Final[Mapping[int, Callable[[InertPickle], object]]] = {
    0x80: _U1,  # PROTO
    0x95: _U8,  # FRAME
    ord("("): _constant(_MARK),
    ord("0"): lambda pickle: pickle.stack.pop(),
    ord("1"): InertPickle.to_mark,
    ord("2"): _push(lambda pickle: pickle.stack[-1]),
    ord("N"): _constant(None),
    0x88: _constant(True),
    0x89: _constant(False),
    ord("J"): _push(_I4),
    ord("K"): _push(_U1),
    ord("M"): _push(_U2),
    0x8A: _push(lambda pickle: _long(_U1(pickle), pickle)),
    0x8B: _push(lambda pickle: _long(_U4(pickle), pickle)),
    ord("G"): _push(_number(">d")),
    ord("X"): _text(_U4),
    0x8C: _text(_U1),
    0x8D: _text(_U8),
    ord("T"): _push(lambda pickle: pickle.take(_U4(pickle)).decode("latin-1")),  # texts of Python 2
    ord("U"): _push(lambda pickle: pickle.take(_U1(pickle)).decode("latin-1")),
    ord("B"): _bytes(_U4),
    ord("C"): _bytes(_U1),
    0x8E: _bytes(_U8),
    0x96: _bytes(_U8),
    ord(")"): _constant(()),
    0x85: lambda pickle: pickle.tuple_of(1),
    0x86: lambda pickle: pickle.tuple_of(2),
    0x87: lambda pickle: pickle.tuple_of(3),
    ord("t"): _push(lambda pickle: tuple(pickle.to_mark())),
    ord("]"): _push(lambda _: []),
    ord("a"): lambda pickle: pickle.append([pickle.stack.pop()]),
    ord("e"): lambda pickle: pickle.append(pickle.to_mark()),
    ord("}"): _push(lambda _: {}),
    ord("s"): _set_item,
    ord("u"): lambda pickle: pickle.set_items(pickle.to_mark()),
    ord("q"): _memorise(_U1),
    ord("r"): _memorise(_U4),
    0x94: _memorise(lambda pickle: len(pickle.memo)),
    ord("h"): _push(lambda pickle: pickle.memo[_U1(pickle)]),
    ord("j"): _push(lambda pickle: pickle.memo[_U4(pickle)]),
    ord("c"): _global,
    0x93: _global_of_stack,
    ord("R"): InertPickle.call,
    0x81: InertPickle.call,  # NEWOBJ
    ord("b"): lambda pickle: pickle.stack.pop(),  # BUILD: attributes of the object, such as _metadata
    ord("Q"): InertPickle.load_persistent,
}
"""The action for each opcode."""
