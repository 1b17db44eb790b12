"""Parts of the JSON Schema: the values of a key, and expressions wherever they are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ..ops.argument import Validator

Schema: TypeAlias = dict[str, Any]

PART = "[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
NAME = rf"^{PART}(?:\.{PART})*$"
IDENTIFIER = "^[A-Za-z_][A-Za-z0-9_]*$"
EXPRESSION: Schema = {"type": "string", "pattern": r"\$"}
LONG_NUMBER = r"^[-+]?[0-9]+(?:_[0-9]+)+(?:\.[0-9]+)?$"
"""A number with ``_`` in it, which the YAML of editors reads as text."""


def argument_value(validator: Validator[Any], window_rank: int) -> Schema:
    """Returns the schema of an argument: the values that its validator accepts, and expressions at every position."""
    if validator.kind == "layer":
        return reference("named")
    value = opened(dict(validator.schema))
    if (
        window_rank
        and accepts(validator, [1] * window_rank, window_rank)
        and not accepts(validator, [1] * (window_rank + 1), window_rank)
    ):  # per axis
        value["then"] = {**value["then"], "minItems": window_rank, "maxItems": window_rank}
    return by_type({"null": {}}, value) if accepts(validator, None, window_rank or 2) else value


def accepts(validator: Validator[Any], value: Any, window_rank: int) -> bool:
    """Whether a validator accepts a value."""
    try:
        validator.parse(value, window_rank)
    except (TypeError, ValueError):
        return False
    return True


def opened(value: Schema) -> Schema:
    """Returns the schema with expressions allowed at every place of a value."""
    if "anyOf" in value:
        return either(value["anyOf"])
    types: str | list[str] = value.get("type", [])
    if types == "array":
        return otherwise({**value, "items": opened(value["items"])} if "items" in value else value)
    if "additionalProperties" in value:
        return otherwise({**value, "additionalProperties": opened(value["additionalProperties"])})
    if types in ("integer", "number"):
        return {**value, "type": [types, "string"], "pattern": rf"^\$|{LONG_NUMBER}"}
    if isinstance(types, list) and "string" in types:
        return value
    return otherwise(value)


def otherwise(value: Schema) -> Schema:
    """Returns a schema that accepts an expression, or the values of another schema."""
    return {"if": EXPRESSION, "else": value}


def either(members: list[Schema]) -> Schema:
    """Returns a choice of schemas by the type of the value, so that each error gets one message."""
    arrays = [m for m in members if m.get("type") == "array"]
    others = [m for m in members if m.get("type") not in ("array", "null")]
    words = [w for m in others for w in m.get("enum", ())]
    numbers = [m for m in others if "enum" not in m]
    rest = opened(numbers[0]) if numbers else {"enum": words}
    if any("const" in m for m in numbers):  # sizes, and -1
        rest = {**rest, "minimum": -1}
    cases: dict[str, Schema] = {"null": {}} if len(arrays) + len(others) < len(members) else {}
    if arrays:
        cases["array"], *nested = [{k: v for k, v in opened(a)["else"].items() if k != "type"} for a in arrays]
        for lists in nested:  # a pair, and a list of pairs
            cases["array"] = {"if": {"contains": {"type": "array"}}, "then": lists, "else": cases["array"]}
    if words and numbers:
        cases["string"] = {"if": {"pattern": rf"^\$|{LONG_NUMBER}"}, "else": {"enum": words}}
    return by_type(cases, rest)


def by_type(cases: Mapping[str, Schema], rest: Schema | None = None) -> Schema:
    """Returns a schema for each type of value; without ``rest`` no other type is valid."""
    cases_ = chain([({"type": t}, case) for t, case in cases.items()], rest if rest is not None else {})
    return cases_ if rest is not None else {"type": list(cases), **cases_}


def chain(cases: list[tuple[Schema, Schema]], rest: Schema) -> Schema:
    """Returns ``if`` … ``then`` … ``else if`` … ``else`` rest."""
    for condition, then in reversed(cases):
        rest = {"if": condition, "then": then, **({"else": rest} if rest else {})}
    return rest


def has_key(pattern: str) -> Schema:
    """Returns a schema that requires a key matching the pattern."""
    return {"not": {"propertyNames": {"not": {"pattern": pattern}}}}


def reference(name: str) -> Schema:
    """Returns a reference to a definition."""
    return {"$ref": f"#/definitions/{name}"}


def described(name: str, description: str) -> Schema:
    """Returns a reference to a definition, with a separate description."""
    return {"description": description, "allOf": [reference(name)]}
