"""The mappings of a document as records, and their checks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic_core import SchemaValidator, ValidationError, core_schema

from ... import limits
from ...diagnostics import LocatedError, clip
from ...ops.argument import REQUIRED, Declared, Validator, argument
from ...ops.common.validators import GIVEN_NAMES, items, one_of, optional
from ...shapes.types import DTYPES
from ...text.yaml_reader import List, Map, Name, Text, Tree, is_type

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Report = Callable[[LocatedError], None]
"""Records a problem; reading continues."""

GROUP = ("layers", "inline", "inputs", "output", "outputs")
"""Keys of an inline block."""


def plain_value(node: Tree | None) -> Any:
    """Returns the values of a tree, without locations. A type without quotes becomes an unquoted name."""
    if node is None:
        return None
    if type(node) is Text:
        return Name(node.value) if node.plain and is_type(node.raw) else node.value
    if type(node) is List:
        return [plain_value(n) for n in node.items]
    assert type(node) is Map
    return {k: plain_value(n) for k, (_, n, _) in node.entries.items()}


def describe(node: Tree) -> str:
    """Returns a description of a tree for messages."""
    if type(node) is Text:
        if node.value is None:
            return "nothing" if not node.raw else "null"
        return clip(repr(node.value)) if isinstance(node.value, str) else clip(node.raw)
    if type(node) is List and all(type(n) is Text for n in node.items):
        return clip("[" + ", ".join(n.raw for n in node.items[:20] if type(n) is Text) + "]")
    return "a list" if type(node) is List else "a mapping"


def _text(value: Any, window_rank: int) -> str:
    if isinstance(value, (list, dict)) or value is None:
        raise ValueError
    return str(value)


def _version(value: Any, window_rank: int) -> int:
    if type(value) not in (int, float) or value != 1:
        raise ValueError
    return 1


def _paths(value: Any, window_rank: int) -> tuple[str, ...]:
    written = [value] if isinstance(value, str) else value
    paths = tuple(v for v in items(written) if isinstance(v, str))
    if len(paths) != len(written) or len(set(paths)) != len(paths) or not paths:
        raise ValueError
    return paths


def _number(value: Any, window_rank: int) -> float:
    if type(value) not in (int, float):
        raise ValueError
    return float(value) if type(value) is float else value


def _specifier(value: Any, window_rank: int) -> str:
    from .requires import specifier

    if type(value) is not str:
        raise ValueError
    try:
        specifier(value)
    except ValueError:
        raise ValueError from None
    return value


VERSION = Validator("1, the version of the language", {"const": 1}, _version)
REQUIRES = optional(Validator("a version specifier, as '>=0.2' or '>=0.2, <1'", {"type": "string"}, _specifier))
TEXT = optional(Validator("text", {"type": ["string", "number", "boolean"]}, _text))
PATHS = optional(
    Validator("a file, or a list of files", {"type": ["array", "string"], "items": {"type": "string"}}, _paths)
)
LAYOUT = one_of("channels_first", "channels_last")
KIND = optional(one_of("int", "float", "bool", "str", "list"))
BOUND = optional(Validator("a number", {"type": "number"}, _number))
TREE: Validator[Any] = Validator("", {}, lambda value, window_rank: value)
"""A located tree that is kept unchanged, and read elsewhere."""


class Record(Declared):
    """A mapping of a document."""


class Header(Record):
    """The keys of a document."""

    netspec: int = argument(VERSION, "Version of the language.")
    requires: str | None = argument(
        REQUIRES, "Versions of netspec that the spec works with: '>=0.2', or '>=0.2, <1'.", default=None
    )
    name: str | None = argument(TEXT, "Name of the network; the file's stem by default.", default=None)
    doc: str | None = argument(TEXT, "What the network is.", default=None)
    cite: str | None = argument(TEXT, "Where it was published.", default=None)
    params: Any = argument(TREE, "Parameters: a default value, a type (required then), or the long form.", default=None)
    variants: Any = argument(TREE, "Named settings of the parameters.", default=None)
    dims: Any = argument(
        TREE, "Named dimensions of the inputs, known only at run time: a default, or the long form.", default=None
    )
    input: Any = argument(TREE, "Shape of the one input, without the batch axis: [3, 224, 224].", default=None)
    inputs: Any = argument(TREE, "Shapes of the inputs by name, without the batch axis.", default=None)
    layout: str = argument(LAYOUT, "Where shapes have the channel axis.", default="channels_first")
    dtype: Any = argument(
        TREE,
        "Floating-point type of weights, and of inputs without a dtype: float32 (default), float16, bfloat16, float64.",
        default=None,
    )
    use: tuple[str, ...] | None = argument(
        PATHS, "Files whose blocks may be used here, in the spec's folder or below.", default=None
    )
    defaults: Any = argument(TREE, "Arguments of operations in this file's layers that do not give them.", default=None)
    blocks: Any = argument(TREE, "Named pieces of network. A name begins with a capital letter.", default=None)
    operations: Any = argument(
        TREE, "Operations that netspec does not know: inputs, arguments, shapes, weights, counts.", default=None
    )
    layers: Any = argument(TREE, "The network: a mapping from names to layers, or a list of layers.", default=None)
    output: Any = argument(TREE, "The layer whose output is the network's.", default=None)
    outputs: Any = argument(
        TREE, "Outputs: a layer, a list of layers, or a mapping of public names to layers.", default=None
    )
    expect: Any = argument(
        TREE, "Facts that `netspec check` verifies: a number, or a bound such as '<= 5M', '4.09G +- 1%'.", default=None
    )


class Library(Record):
    """The keys of a document that are read if another one uses it; the others are checked with the document."""

    netspec: int = argument(VERSION, "Version of the language.")
    requires: str | None = argument(REQUIRES, "Versions of netspec that read it.", default=None)
    params: Any = argument(TREE, "Parameters that its blocks refer to.", default=None)
    use: tuple[str, ...] | None = argument(PATHS, "Files whose blocks it uses.", default=None)
    defaults: Any = argument(TREE, "Arguments of operations in its layers.", default=None)
    blocks: Any = argument(TREE, "Its blocks.", default=None)
    operations: Any = argument(TREE, "Its operations.", default=None)


class BlockRecord(Record):
    """The keys of a block."""

    doc: str | None = argument(TEXT, "What the block is.", default=None)
    params: Any = argument(TREE, "Its parameters.", default=None)
    inputs: Any = argument(TREE, "Names of its inputs.", default=None)
    layers: Any = argument(TREE, "Its layers.", default=None)
    output: Any = argument(TREE, "The layer whose output is the block's.", default=None)
    outputs: Any = argument(TREE, "Its outputs.", default=None)


class ParamRecord(Record):
    """The long form of a parameter."""

    type: str | None = argument(KIND, "Type of its values.", default=None)
    default: Any = argument(TREE, "Its value if none is given.", default=None)
    choices: Any = argument(TREE, "The values that it may have.", default=None)
    min: float | None = argument(BOUND, "Its least value.", default=None)
    max: float | None = argument(BOUND, "Its greatest value.", default=None)
    doc: str | None = argument(TEXT, "What it means.", default=None)


class DimensionRecord(Record):
    """The long form of a named dimension."""

    default: Any = argument(TREE, "The size with which the network is counted.")
    multiple_of: Any = argument(TREE, "A promise: every size is a multiple of it.", default=None)
    min: Any = argument(TREE, "A promise: the least size.", default=None)
    max: Any = argument(TREE, "A promise: the greatest size.", default=None)
    doc: str | None = argument(TEXT, "What it is.", default=None)


class InputRecord(Record):
    """The long form of an input."""

    shape: Any = argument(TREE, "Its shape, without the batch axis.")
    dtype: str | None = argument(
        optional(one_of(*DTYPES)), "Type of its elements; that of the spec by default.", default=None
    )
    axes: tuple[str | None, ...] | None = argument(GIVEN_NAMES, "Names of its axes.", default=None)
    doc: str | None = argument(TEXT, "What it is.", default=None)


class TableRecord(Record):
    """The value of ``each``."""

    columns: Any = argument(TREE, "Names of the columns.", default=None)
    rows: Any = argument(TREE, "One row for each copy.")


_R = TypeVar("_R", bound=Record)
_validators: dict[str, SchemaValidator] = {}


def _validator(record: type[Record]) -> SchemaValidator:
    """Returns Pydantic's validator of a record.

    It is built by pydantic-core from the declarations: importing Pydantic's models takes as long as checking VGG-16.
    """
    if record.__name__ not in _validators:
        fields = {
            name: core_schema.typed_dict_field(
                core_schema.no_info_plain_validator_function(declared.validator.validate), required=declared.required
            )
            for name, declared in record.arguments.items()
        }
        schema = core_schema.typed_dict_schema(fields, extra_behavior="forbid")
        _validators[record.__name__] = SchemaValidator(schema)
    return _validators[record.__name__]


def read_record(
    record: type[_R], node: Map, what: str, report: Report, *, skip: frozenset[str] = frozenset()
) -> _R | None:
    """The record of a mapping; None if a required key is missing or invalid.

    Args:
        record: the kind of record.
        node: the mapping.
        what: what it is, for messages.
        report: receives every problem, located at the key or value that it is about.
        skip: keys to ignore.

    An invalid key that is not required gets its default.
    """
    fields = record.arguments
    if not fields.keys() >= node.entries.keys() - skip:
        from .unknown_keys import with_known_keys  # loaded only where something is wrong

        node = with_known_keys([*fields, *skip], node, what, report)
    trees = {key: tree for key, (_, tree, _) in node.entries.items() if key not in skip}
    read = {key for key, declared in fields.items() if declared.validator is not TREE}
    data = {key: plain_value(tree) if key in read else tree for key, tree in trees.items()}
    values: dict[str, Any] = {name: declared.default for name, declared in fields.items()}
    try:
        values |= _validator(record).validate_python(data)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        for problem in problems:
            report(_located(problem, record, node, what))
        wrong = {problem["loc"][0] for problem in problems}
        values |= {key: fields[key].validator.validate(value) for key, value in data.items() if key not in wrong}
    return None if any(value is REQUIRED for value in values.values()) else record.of(values)


def _located(problem: ErrorDetails, record: type[Record], node: Map, what: str) -> LocatedError:
    """Converts a problem found by Pydantic to a located error."""
    key = str(problem["loc"][0])
    if problem["type"] == "missing":
        return LocatedError("NS202", f"{what} needs the key '{key}'", node.location)
    tree = node.entries[key][1]
    expected = problem.get("ctx", {}).get("error")
    help = partial(_value_help, key, tree)
    return LocatedError("NS203", f"{key} must be {expected}; found {describe(tree)}", tree.location, help=help)


def _value_help(key: str, tree: Tree) -> str | None:
    from ...words import help_texts  # loaded only where something is wrong

    return help_texts.value_help(key, None, plain_value(tree), ())


def read_doc(node: Tree) -> str:
    """Returns the text of a ``doc``. Raises LocatedError NS203 if it is not a text."""
    if type(node) is Text and node.value is not None:
        return node.raw
    raise LocatedError("NS203", f"doc must be text; found {describe(node)}", node.location)


def require_mapping(node: Tree, what: str) -> Map:
    """Returns the node if it is a mapping (``what`` describes it). Raises LocatedError NS203 otherwise."""
    if type(node) is not Map:
        from .unknown_keys import not_a_mapping  # loaded only where something is wrong

        raise not_a_mapping(node, what, describe(node))
    return node


def check_name(text: str, location: int, what: str) -> str:
    """Returns the text if it is a dotted name (``what`` describes its object). Raises LocatedError otherwise."""
    if len(text) > limits.NAME:
        raise LocatedError("NS906", f"{what} is longer than {limits.NAME} characters: {clip(text)}", location)
    if not all(map(is_name, text.split("."))):
        raise LocatedError(
            "NS204", f"{what} is letters, digits, '_' and, inside, '-' or '.'; found '{clip(text)}'", location
        )
    return text


def is_name(text: str) -> bool:
    """Whether a text is a name without dots: letters, digits, ``_`` and, inside, ``-``."""
    inner = text.replace("_", "a").replace("-", "a")
    return bool(text) and inner.isascii() and inner.isalnum() and text[0] != "-" and text[-1] != "-"
