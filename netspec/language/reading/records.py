"""The parts of a document that are records, as Pydantic models, and the one way in which they are checked.

A field with a :class:`~netspec.ops.base.Check` gets the plain value; any other gets the located tree as it is.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, SkipValidation, ValidationError

from ... import limits
from ...diagnostics import LocatedError, clip, did_you_mean
from ...ops.base import Check
from ...ops.common.arguments import items, one_of, optional
from ...text.reader import List, Map, Text, Tree

Report = Callable[[LocatedError], None]
"""Takes a fault that does not stop the reading."""


def plain(node: Tree | None) -> Any:
    """A tree as plain values, without locations."""
    if node is None:
        return None
    if type(node) is Text:
        return node.value
    if type(node) is List:
        return [plain(n) for n in node.items]
    assert type(node) is Map
    return {k: plain(n) for k, (_, n, _) in node.entries.items()}


def found(node: Tree) -> str:
    """What stands there, for a message."""
    if type(node) is Text:
        if node.value is None:
            return "nothing" if not node.raw else "null"
        return clip(repr(node.value)) if isinstance(node.value, str) else clip(node.raw)
    if type(node) is List and all(type(n) is Text for n in node.items):
        return clip("[" + ", ".join(n.raw for n in node.items[:20] if type(n) is Text) + "]")
    return "a list" if type(node) is List else "a mapping"


def _text(value: Any, rank: int) -> str:
    if isinstance(value, (list, dict)) or value is None:
        raise ValueError
    return str(value)


def _version(value: Any, rank: int) -> int:
    if type(value) is not int or value != 1:
        raise ValueError
    return 1


def _names(value: Any, rank: int) -> tuple[str, ...]:
    out = tuple(v for v in items(value) if isinstance(v, str))
    if len(out) != len(value) or len(set(out)) != len(out) or not out:
        raise ValueError
    return out


def _paths(value: Any, rank: int) -> tuple[str, ...]:
    return _names([value] if isinstance(value, str) else value, rank)


def _specifier(value: Any, rank: int) -> str:
    from .requires import specifier

    if type(value) is not str:
        raise ValueError
    try:
        specifier(value)
    except ValueError:
        raise ValueError from None
    return value


Version = Annotated[int, Check("1, the version of the language", {"const": 1}, _version)]
Requires = Annotated[
    str | None,
    optional(Check("a version specifier, as '>=0.2' or '>=0.2, <1'", {"type": "string"}, _specifier)),
]
Words = Annotated[str | None, optional(Check("text", {"type": ["string", "number", "boolean"]}, _text))]
Names = Annotated[
    tuple[str, ...] | None,
    optional(Check("a list of names, each once", {"type": "array", "items": {"type": "string"}}, _names)),
]
Paths = Annotated[
    tuple[str, ...] | None,
    optional(Check("a file, or a list of files", {"type": ["array", "string"], "items": {"type": "string"}}, _paths)),
]
Layout = Annotated[str, one_of("channels_first", "channels_last")]
Kind = Annotated[str | None, optional(one_of("int", "float", "bool", "str", "list"))]
Bound = Annotated[float | None, optional(Check("a number", {"type": "number"}, lambda v, rank: _number(v)))]
Raw: TypeAlias = Annotated[Any, SkipValidation]


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError
    return float(value) if type(value) is float else value


class Record(BaseModel):
    """A record of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=True)


class Header(Record):
    """The keys of a document."""

    netspec: Version
    requires: Requires = None
    name: Words = None
    doc: Words = None
    cite: Words = None
    params: Raw = None
    variants: Raw = None
    input: Raw = None
    inputs: Raw = None
    layout: Layout = "channels_first"
    use: Paths = None
    defaults: Raw = None
    blocks: Raw = None
    layers: Raw = None
    output: Raw = None
    outputs: Raw = None
    expect: Raw = None


class Library(Record):
    """The keys of a document that matter where another uses it (the others are checked when it is checked itself)."""

    netspec: Version
    requires: Requires = None
    params: Raw = None
    use: Paths = None
    defaults: Raw = None
    blocks: Raw = None


class BlockRecord(Record):
    """The keys of a block."""

    doc: Words = None
    params: Raw = None
    inputs: Names = None
    layers: Raw = None
    output: Raw = None
    outputs: Raw = None


class ParamRecord(Record):
    """The long form of a parameter."""

    type: Kind = None
    default: Raw = None
    choices: Raw = None
    min: Bound = None
    max: Bound = None
    doc: Words = None


class InputRecord(Record):
    """The long form of an input."""

    shape: Raw
    dtype: Annotated[
        str, one_of("float32", "float16", "bfloat16", "float64", "int64", "int32", "bool")
    ] = "float32"
    doc: Words = None


class TableRecord(Record):
    """The value of ``each``."""

    columns: Raw = None
    rows: Raw


class OutputRecord(Record):
    """The long form of an output: ``from``, and ``when`` it is one."""

    source: Raw
    when: Raw = None


_R = TypeVar("_R", bound=Record)


def validated(
    model: type[_R], node: Map, what: str, report: Report, *, rename: Mapping[str, str] | None = None,
    known: Iterable[str] = (), skip: frozenset[str] = frozenset(),
) -> _R | None:
    """The record of a mapping; None where a key that it must have is missing or wrong.

    Every fault is reported at the key or value it is about; keys that are wrong and may be left out are left out.
    ``rename`` maps keys to fields, ``skip`` names keys that are not looked at.
    """
    fields = model.model_fields
    rename = rename or {}
    data: dict[str, Any] = {}
    locations: dict[str, Tree] = {}
    names = {rename_to: key for key, rename_to in rename.items()}
    for key, (location, value, _) in node.entries.items():
        if key in skip:
            continue
        field = rename.get(key, key)
        if field not in fields or (field in names and field == key):
            keys = [names.get(f, f) for f in fields] + list(known)
            report(LocatedError("NS201", f"{what} has no key '{clip(key)}'", location,
                         help=did_you_mean(key, keys) or f"its keys are {', '.join(keys)}"))
            continue
        locations[field] = value
        checked = any(isinstance(m, Check) for m in fields[field].metadata)
        data[field] = plain(value) if checked else value
    for _ in range(2):  # once more without what may be left out
        try:
            return model.model_validate(data)
        except ValidationError as error:
            wrong = error.errors(include_url=False)
            for e in wrong:
                field = str(e["loc"][0])
                if e["type"] != "missing":
                    report(LocatedError("NS203", f"{names.get(field, field)} must be {e.get('ctx', {}).get('error')}; "
                                 f"found {found(locations[field])}", locations[field].location))
                    data.pop(field)
                elif field not in locations:
                    report(LocatedError("NS202", f"{what} needs the key '{names.get(field, field)}'", node.location))
            if any(e["type"] == "missing" for e in wrong):
                break
    return None


def mapping(node: Tree, what: str) -> Map:
    """The mapping that must stand there. Raises LocatedError NS203."""
    if type(node) is not Map:
        raise LocatedError("NS203", f"{what} must be a mapping; found {found(node)}", node.location)
    return node


def name_of(text: str, location: int, what: str) -> str:
    """A name that is well formed: letters, digits, ``_`` and, inside, ``-``. Raises LocatedError."""
    if len(text) > limits.NAME:
        raise LocatedError("NS906", f"{what} is longer than {limits.NAME} characters: {clip(text)}", location)
    if not all(map(well_formed, text.split("."))):
        raise LocatedError(
            "NS204", f"{what} is letters, digits, '_' and, inside, '-' or '.'; found '{clip(text)}'", location
        )
    return text


def well_formed(text: str) -> bool:
    """Whether a (part of a) name keeps to the rule."""
    inner = text.replace("_", "a").replace("-", "a")
    return bool(text) and inner.isascii() and inner.isalnum() and text[0] != "-" and text[-1] != "-"
