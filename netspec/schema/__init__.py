"""The JSON Schema of specs, for editors: completes keys and arguments, and finds errors other than in shapes.

Draft 7, which the YAML modes of editors support. Every operation is one ``if: {required: [conv2d]}, then: …`` in a
separate list: only its arguments apply to a layer that names it, and a misplaced key gives one message. Where a value
may be an expression, any text with ``$`` is valid.
"""

from __future__ import annotations

import json

from .document_schema import properties, shared
from .layer_schema import layers
from .value_schema import Schema

__all__ = ["rendered", "schema"]


def schema() -> Schema:
    """Returns the whole schema."""
    definitions = {**layers(), **shared()}
    keys = properties()
    layer_keys = {key: keys[key] for key in ("layers", "blocks")}
    """Layers may use the operations declared by the document, which a schema cannot know."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "netspec",
        "description": "A neural-network architecture, version 1 of the language.",
        "type": "object",
        "required": ["netspec", "layers"],
        "properties": {**keys, **{key: {} for key in layer_keys}},
        "if": {"required": ["operations"]},
        "else": {"properties": layer_keys},
        "additionalProperties": False,
        "oneOf": [{"required": ["input"]}, {"required": ["inputs"]}],
        "definitions": {name: definitions[name] for name in sorted(definitions)},
    }


def rendered() -> str:
    """Returns the schema as the text of a file: one line for each definition."""
    whole = schema()
    definitions = whole.pop("definitions")
    head = json.dumps(whole, indent=1, ensure_ascii=False)[: -len("\n}")]
    lines = (f"  {json.dumps(name)}: {json.dumps(d, ensure_ascii=False)}" for name, d in definitions.items())
    return f'{head},\n "definitions": {{\n' + ",\n".join(lines) + "\n }\n}\n"
