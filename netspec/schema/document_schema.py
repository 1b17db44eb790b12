"""The keys of a document, and definitions shared by several of them."""

from __future__ import annotations

from ..checking.expectations import MEMORY_KEYS, TOTALS
from ..language.reading.declared_operations import OperationRecord
from ..language.reading.dimensions import BATCH
from ..language.reading.parameters import RESERVED
from ..language.reading.records import DimensionRecord, Header, InputRecord
from ..ops import TABLE
from ..shapes.types import DTYPES, FLOATS
from .value_schema import EXPRESSION, IDENTIFIER, NAME, PART, Schema, by_type, chain, described, opened, reference

DOCS = {key: declared.doc for key, declared in Header.arguments.items()}
"""Descriptions of the keys of a document."""
SPECIFIER = r"^\s*(~=|==|!=|<=|>=|<|>)\s*[0-9]+(\.[0-9]+)*\s*(,\s*(~=|==|!=|<=|>=|<|>)\s*[0-9]+(\.[0-9]+)*\s*)*$"
"""A version specifier."""


def properties() -> Schema:
    """Returns the keys of a document."""
    text = {"type": ["string", "number", "boolean"]}
    return {
        "netspec": {"const": 1, "description": DOCS["netspec"]},
        "requires": {
            "type": "string",
            "pattern": SPECIFIER,
            "description": DOCS["requires"],
        },
        "name": {**text, "description": DOCS["name"]},
        "doc": {**text, "description": DOCS["doc"]},
        "cite": {**text, "description": DOCS["cite"]},
        "params": reference("params"),
        "variants": _variants(text),
        "dims": {
            "description": DOCS["dims"],
            "type": "object",
            "propertyNames": {"pattern": IDENTIFIER, "not": {"enum": [BATCH, *sorted(RESERVED)]}},
            "additionalProperties": reference("a_dimension"),
        },
        "input": described("an_input", DOCS["input"]),
        "inputs": {
            "description": DOCS["inputs"],
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"pattern": f"^{PART}$"},
            "additionalProperties": reference("an_input"),
        },
        "layout": {"enum": ["channels_first", "channels_last"], "description": DOCS["layout"]},
        "use": {
            "description": DOCS["use"],
            "type": ["string", "array"],
            "items": {"type": "string"},
            "minItems": 1,
            "uniqueItems": True,
        },
        "dtype": {"description": DOCS["dtype"], **opened({"enum": list(FLOATS)})},
        "defaults": {
            "description": DOCS["defaults"],
            "type": "object",
            "additionalProperties": False,
            "properties": {op: reference(f"defaults_{op}") for op in TABLE},
        },
        "blocks": _blocks(text),
        "operations": {
            "description": DOCS["operations"],
            "type": "object",
            "propertyNames": {"pattern": "^[a-z][A-Za-z0-9_]*$"},
            "additionalProperties": _declared(text),
        },
        "layers": reference("layers"),
        "output": reference("outputs"),
        "outputs": reference("outputs"),
        "expect": reference("expect"),
    }


def _variants(text: Schema) -> Schema:
    return {
        "description": DOCS["variants"],
        "type": "object",
        "propertyNames": {"pattern": NAME, "not": {"const": "all"}},
        "additionalProperties": {
            "type": "object",
            "properties": {"expect": reference("expect"), "doc": text},
        },
    }


def _blocks(text: Schema) -> Schema:
    return {
        "description": DOCS["blocks"],
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$"},
        "additionalProperties": {
            "type": "object",
            "required": ["layers"],
            "additionalProperties": False,
            "properties": {
                "doc": text,
                "params": reference("params"),
                "inputs": reference("names"),
                "layers": reference("layers"),
                "output": reference("outputs"),
                "outputs": reference("outputs"),
            },
            "not": {"required": ["output", "outputs"]},
        },
    }


def _declared(text: Schema) -> Schema:
    """Returns the schema of an operation declared by a spec."""
    output: Schema = by_type(
        {
            "object": {
                "required": ["shape"],
                "additionalProperties": False,
                "properties": {
                    "shape": reference("shape"),
                    "dtype": {"enum": list(DTYPES)},
                    "axes": InputRecord.arguments["axes"].validator.schema,
                },
            }
        },
        reference("shape"),
    )
    weight: Schema = by_type(
        {
            "object": {
                "required": ["shape"],
                "additionalProperties": False,
                "properties": {"shape": reference("shape"), "init": {}},
            }
        },
        reference("shape"),
    )
    forms: dict[str, Schema] = {
        "doc": text,
        "inputs": reference("names"),
        "params": reference("params"),
        "output": output,
        "outputs": {"type": "object", "minProperties": 1, "additionalProperties": output},
        "weights": {"type": "object", "additionalProperties": weight},
        "macs": opened({"type": "number", "minimum": 0}),
    }
    docs = {key: declared.doc for key, declared in OperationRecord.arguments.items()}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {key: {"description": docs[key], **form} for key, form in forms.items()},
        "oneOf": [{"required": ["output"]}, {"required": ["outputs"]}],
    }


def shared() -> dict[str, Schema]:
    """Returns the definitions shared by several parts of a document."""
    text: Schema = {"type": ["string", "number", "boolean"]}
    size = opened({"type": "integer", "minimum": 1})
    return {
        **_inputs(text, size),
        **_references({"type": ["string", "integer", "number"]}),
        "params": _parameters(text),
        "expect": _expectations(),
    }


def _inputs(text: Schema, size: Schema) -> dict[str, Schema]:
    """Returns the definitions of inputs, named dimensions and shapes."""
    named_size: Schema = {**size, "pattern": f"{size['pattern']}|{IDENTIFIER}"}
    forms = {key: {"description": declared.doc} for key, declared in InputRecord.arguments.items()}
    return {
        "an_input": by_type(
            {
                "object": {
                    "required": ["shape"],
                    "additionalProperties": False,
                    "properties": {
                        "shape": {**forms["shape"], **reference("shape")},
                        "dtype": {**forms["dtype"], "enum": list(DTYPES)},
                        "axes": {**forms["axes"], **InputRecord.arguments["axes"].validator.schema},
                        "doc": {**forms["doc"], **text},
                    },
                },
            },
            reference("shape"),
        ),
        "a_dimension": by_type(
            {
                "object": {
                    "required": ["default"],
                    "additionalProperties": False,
                    "properties": {
                        key: {"description": declared.doc, **(text if key == "doc" else size)}
                        for key, declared in DimensionRecord.arguments.items()
                    },
                },
            },
            size,
        ),
        "shape": by_type({"string": EXPRESSION}, {"type": "array", "items": named_size, "minItems": 1}),
    }


def _references(name: Schema) -> dict[str, Schema]:
    """Returns the definitions of names of layers, one or several, with their conditions."""
    return {
        "name": name,
        "names": {
            "type": "array",
            "items": {"type": "string", "pattern": rf"^{PART}(?:\.\*)?$"},
            "uniqueItems": True,
        },
        "named": by_type(
            {
                "object": {
                    "required": ["from"],
                    "additionalProperties": False,
                    "properties": {"from": reference("name"), "when": opened({"type": "boolean"})},
                },
                "boolean": {"const": False},
            },
            name,
        ),
        "references": by_type({"array": {"items": reference("named"), "minItems": 1}}, reference("named")),
        "sources": by_type(
            {
                "object": chain(
                    [({"required": ["from"]}, reference("named"))],
                    {"minProperties": 1, "additionalProperties": reference("references")},
                )
            },
            reference("references"),
        ),
        "outputs": {
            "description": DOCS["outputs"],
            **by_type(
                {
                    "object": {
                        "propertyNames": {"pattern": NAME},
                        "additionalProperties": reference("named"),
                    },
                },
                reference("references"),
            ),
        },
    }


def _parameters(text: Schema) -> Schema:
    return {
        "description": DOCS["params"],
        "type": "object",
        "propertyNames": {
            "pattern": IDENTIFIER,
            "not": {"enum": sorted(RESERVED)},
        },
        "additionalProperties": by_type(
            {
                "object": {
                    "additionalProperties": False,
                    "properties": {
                        "type": {"enum": ["int", "float", "bool", "str", "list"]},
                        "default": {},
                        "choices": {"type": "array", "minItems": 1},
                        "min": {"type": "number"},
                        "max": {"type": "number"},
                        "doc": text,
                    },
                }
            },
            {},
        ),
    }


def _expectations() -> Schema:
    fact = {"type": ["integer", "string"]}
    return {
        "description": DOCS["expect"],
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **dict.fromkeys(TOTALS, fact),
            **{key: {"type": ["integer", "string", "object"]} for key in MEMORY_KEYS},
            "receptive_field": {"type": ["integer", "string", "array", "object"]},
            "output": {"type": ["array", "object", "string"]},
            "shapes": {"type": "object", "additionalProperties": {"type": ["array", "string"]}},
        },
    }
