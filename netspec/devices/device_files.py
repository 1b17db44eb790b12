"""Reads descriptions of devices from YAML; every problem has its location."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from ..diagnostics import LocatedError, clip, pack, suggestion
from ..language.reading.records import describe
from ..text.yaml_reader import Map, Text, Tree
from ..units import parse_size
from .device import TYPES, Device, Link

MAX_DEVICES = 1000
MAX_PROBLEMS = 20
MAX_TEXT = 300
TEXT = f"a text of at most {MAX_TEXT} visible characters"
MAX_BYTES = 10**18
"""Maximum bytes, and bytes per second, of a device."""
MAX_RATE = 1e9
"""Maximum teraflops of a device."""
RESERVED = ("cpu", "cuda")
"""Words that ``--device`` accepts besides names."""
FORM = (
    "write each device as NAME: {title: TEXT, memory: 24 GB, bandwidth: 1 TB/s, "
    "teraflops: {float32: 40, bfloat16: 160}, source: TEXT}"
)
"""A help text on the format of a file."""
NOT_DEVICES = "a file of devices must be a mapping of names, each with what is known of it"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}\Z")
_RATE = re.compile(r"(.*[^/\s])\s*/\s*s\Z")

Report = Callable[[LocatedError], None]


def devices_of(tree: Tree | None, report: Report) -> Mapping[str, Device]:
    """Returns the devices described by a mapping of names; reports at most :data:`MAX_PROBLEMS` problems (NS828)."""
    if type(tree) is not Map or not tree.entries:
        place = tree.location if tree is not None else pack(0, 0, 0)
        received = f"; found {describe(tree)}" if tree is not None else ""
        report(_error(f"{NOT_DEVICES}{received}", place, FORM))
        return {}
    if not any(type(node) is Map and not KNOWN.isdisjoint(node.entries) for _, node, _ in tree.entries.values()):
        if len(KNOWN.intersection(tree.entries)) > 1:
            report(_error(f"{NOT_DEVICES}; found a device without a name", tree.location, FORM))
        else:
            keys = ", ".join(tree.entries)
            report(_error(f"{NOT_DEVICES}; found the keys {clip(keys)}", tree.location, FORM))
        return {}
    if len(tree.entries) > MAX_DEVICES:
        report(_error(f"a file has at most {MAX_DEVICES:,} devices; found {len(tree.entries):,}", tree.location))
        return {}
    devices: dict[str, Device] = {}
    count = 0

    def count_and_report(error: LocatedError) -> None:
        nonlocal count
        count += 1
        if count <= MAX_PROBLEMS:
            report(error)

    for name, (location, node, _) in tree.entries.items():
        if not _NAME.match(name) or name in RESERVED:
            reserved = ": it stands for no device in particular" if name in RESERVED else ""
            help_ = "a name has at most 40 of a-z, 0-9, '.', '-' and '_', and begins with a letter or digit"
            message = f"'{clip(name)}' cannot be the name of a device{reserved}"
            count_and_report(_error(message, location, None if reserved else help_))
            continue
        device = _device(name, location, node, count_and_report)
        if device is not None:
            devices[name] = device
    return devices


def _error(message: str, location: int, help_: Any = None) -> LocatedError:
    return LocatedError("NS828", message, location, help=help_)


class Key(NamedTuple):
    """A key of a device: a description and a parser of its values (raises ValueError), and whether it is required."""

    what: str
    read: Callable[[Any], Any]
    required: bool = True


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT or not value.isprintable():
        raise ValueError
    return value


def _backend(value: Any) -> str:
    if value not in ("cuda", "cpu"):
        raise ValueError
    return cast(str, value)


def _size(value: Any) -> int:
    size = parse_size(value) if isinstance(value, str) else None
    if not size or size > MAX_BYTES:
        raise ValueError
    return size


def _bandwidth(value: Any) -> float:
    match = _RATE.match(value) if isinstance(value, str) and len(value) < MAX_TEXT else None
    return float(_size(match[1] if match else None))


def _rate(value: Any) -> float:
    if type(value) not in (int, float) or not (math.isfinite(value) and 0 < value <= MAX_RATE):
        raise ValueError
    return float(value) * 1e12


LINK: Mapping[str, Key] = {
    "name": Key(TEXT, _text),
    "bandwidth": Key("bytes per second, such as 900 GB/s", _bandwidth),
}
RATES: Mapping[str, Key] = {name: Key("a positive number of teraflops", _rate, False) for name in TYPES}
KEYS: Mapping[str, Key] = {
    "title": Key(TEXT, _text),
    "memory": Key("a size, such as 24 GB or 24 GiB", _size),
    "bandwidth": Key("bytes per second, such as 3.35 TB/s", _bandwidth),
    "source": Key(f"{TEXT}: where the figures come from", _text),
    "backend": Key("cuda or cpu", _backend, False),
}
TABLES: Mapping[str, tuple[Mapping[str, Key], bool]] = {
    "teraflops": (RATES, True),
    "link": (LINK, False),
    "host_link": (LINK, False),
}
"""Keys that hold a mapping: the keys in it, and whether it is required."""


KNOWN = frozenset({*KEYS, *TABLES})
"""All keys of a device."""


def _device(name: str, location: int, node: Tree, report: Report) -> Device | None:
    """Returns a device; reports problems and returns None if there are any."""
    if type(node) is not Map:
        report(_error(f"{name} must be a mapping; found {describe(node)}", node.location, FORM))
        return None
    required = [*(k for k, key in KEYS.items() if key.required), *(k for k, table in TABLES.items() if table[1])]
    fields = _fields(name, location, node, {**KEYS, **dict.fromkeys(TABLES)}, report, required)
    tables: dict[str, Any] = {}
    for key, (keys, _) in TABLES.items():
        entry = node.entries.get(key)
        if entry is None:
            continue
        inner = _fields(
            f"{key} of {name}", entry[0], entry[1], keys, report, [k for k, v in keys.items() if v.required]
        )
        if inner is not None and not inner:
            report(_error(f"{key} of {name} must have at least one type of {', '.join(keys)}", entry[1].location))
        tables[key] = inner
    if fields is None or not all(tables.values()):
        return None
    links = {key: Link(**tables[key]) for key in ("link", "host_link") if key in tables}
    return Device(
        name=name,
        rates=tables["teraflops"],
        link=links.get("link"),
        host_link=links.get("host_link"),
        **fields,
    )


def _fields(
    what: str, location: int, node: Tree, keys: Mapping[str, Key | None], report: Report, required: list[str]
) -> dict[str, Any] | None:
    """Returns the values of a mapping; reports problems and returns None if there are any.

    Skips keys without a rule.
    """
    if type(node) is not Map:
        help_ = f"keys: {', '.join(keys)}"
        report(_error(f"{what} must be a mapping; found {describe(node)}", node.location, help_))
        return None
    out: dict[str, Any] = {}
    valid = True
    for name, (place, value, _) in node.entries.items():
        if name not in keys:
            report(
                _error(f"{what} has no key '{clip(name)}'", place, suggestion(name, keys, f"keys: {', '.join(keys)}"))
            )
            valid = False
        elif (key := keys[name]) is not None:
            try:
                out[name] = key.read(value.value if type(value) is Text else value)
            except ValueError:
                report(_error(f"{name} of {what} must be {key.what}; found {describe(value)}", value.location))
                valid = False
    missing = [name for name in required if name not in node.entries]
    if missing:
        report(_error(f"{what} lacks {', '.join(missing)}", location))
    return out if valid and not missing else None
