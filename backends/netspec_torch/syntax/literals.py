"""Names and literals: the only route from a spec into source."""

from __future__ import annotations

import builtins
import keyword
import math
import re
import unicodedata
from collections.abc import Container, Iterable
from itertools import groupby
from typing import Any

from netspec.free_names import free_name

MODULE_ATTRIBUTES = frozenset((
    "T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children", "compile", "cpu",
    "cuda", "double", "dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer", "get_extra_state",
    "get_parameter", "get_submodule", "half", "ipu", "load_state_dict", "modules", "mtia", "named_buffers",
    "named_children", "named_modules", "named_parameters", "parameters", "register_backward_hook",
    "register_buffer", "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook",
    "register_full_backward_pre_hook", "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook",
    "register_module", "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook",
    "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to", "to_empty", "train",
    "training", "type", "xpu", "zero_grad",
))  # fmt: skip
"""Names that ``nn.Module`` uses, apart from those that begin with an underscore."""

CONTAINER_ATTRIBUTES = frozenset((
    "append", "clear", "copy", "extend", "fromkeys", "get", "insert", "items", "keys", "pop", "popitem",
    "setdefault", "update", "values",
))  # fmt: skip
"""Names that its containers use besides."""

GLOBALS = frozenset((
    "torch", "nn", "F", "Tensor", "OrderedDict", "Any", "Self", "Callable", "Iterable", "Mapping", "Sequence",
    "annotations", "partial", "self",
))  # fmt: skip
"""Globals of a written file."""


class Code(str):
    """A trusted PyTorch name that is written verbatim; never text from a spec."""

    __slots__ = ()


def is_module_attribute(name: str) -> bool:
    """Whether every ``nn.Module`` has, or may get, an attribute of that name."""
    return name in MODULE_ATTRIBUTES or name.startswith("_")


def taken_by_module(name: str) -> bool:
    """Whether ``nn.Module`` or one of its containers has, or may get, an attribute of that name."""
    return name in CONTAINER_ATTRIBUTES or is_module_attribute(name)


def is_identifier(name: str) -> bool:
    """Whether a name is a valid identifier, unchanged by NFKC."""
    return name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name


def plain(name: str) -> bool:
    """Whether a submodule can be assigned to ``self.name``."""
    return is_identifier(name) and not taken_by_module(name)


def identifier(text: str, used_names: Container[str] = (), fallback: str = "x") -> str:
    """Converts a text to a variable name that is not a keyword, a builtin or in ``used_names``."""
    text = unicodedata.normalize("NFKC", text)
    name = "".join(c if c == "_" or (c.isascii() and c.isalnum()) else "_" for c in text).strip("_")
    if not name:
        name = fallback
    if name[0].isdigit():
        name = f"{fallback}{name}"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or hasattr(builtins, name) or name in GLOBALS:
        name += "_"
    return unique(name, used_names)


def unique(name: str, used_names: Container[str]) -> str:
    """Returns the name, numbered if it is taken."""
    return free_name(name, used_names, separator="", first=2)


class UniqueIdentifiers:
    """Variable names that are unique among themselves and the given names."""

    def __init__(self, used_names: Iterable[str]) -> None:
        self._used = set(used_names)
        self._next: dict[str, int] = {}
        """For each name, the number at which the search for an unused one starts."""

    def claim(self, text: str) -> str:
        """Returns a new unique name for a text."""
        stem = name = identifier(text)
        number = self._next.get(stem, 2)
        while name in self._used:
            name = f"{stem}{number}"
            number += 1
        self._next[stem] = number
        self._used.add(name)
        return name


def camel(text: str) -> str:
    """Converts ``my_block-2`` to ``MyBlock2``."""
    text = unicodedata.normalize("NFKC", text)
    words = re.split(r"[^0-9A-Za-z]+", text)
    name = "".join(w[:1].upper() + w[1:] for w in words if w)
    return name if name[:1].isalpha() else f"Net{name}"


def class_name(text: str, used_names: Container[str]) -> str:
    """Returns a unique class name for a text."""
    name = camel(text)
    if keyword.iskeyword(name) or hasattr(builtins, name) or name in GLOBALS:
        name += "Net"
    return unique(name, used_names)


def literal(value: Any) -> str:
    """Formats a value as a Python literal: ``repr``, but with double quotes if possible, and ``1e-5`` for 1e-05."""
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return repr(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return f'float("{value}")'
        return re.sub(r"e([+-])0*(\d)", lambda m: "e" + m[1].replace("+", "") + m[2], repr(value))
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, tuple):
        inner = ", ".join(map(literal, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - of any type
        return f"({inner},)" if len(value) == 1 else f"({inner})"  # pyright: ignore[reportUnknownArgumentType] - of any type
    raise TypeError(f"no literal for {type(value).__name__}")


def brief(value: Any) -> str:
    """Formats a value as a Python literal, with long runs in tuples as ``(0,) * 96``."""
    if not isinstance(value, tuple):
        return literal(value)
    items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType] - of any type
    runs = [(k, len(list(g))) for k, g in groupby(items)]
    if len(items) > 8 and len(runs) * 4 < len(items):
        return " + ".join(f"({brief(k)},) * {n}" if n > 1 else f"({brief(k)},)" for k, n in runs)
    return f"({', '.join(map(brief, items))}{',' if len(items) == 1 else ''})"


def quoted(text: str) -> str:
    """A text as a literal on one line; characters that do not print are escaped."""
    plain_repr = repr(text)
    if plain_repr[0] == "'" and '"' not in text:
        inner = plain_repr[1:-1].replace("\\'", "'")
        return f'"{inner}"'
    return plain_repr


def documentation(text: str) -> str:
    """A user's text for a docstring: it cannot end the string, escape characters, or change text direction."""
    printable = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return printable.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
