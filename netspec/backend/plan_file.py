"""Reads and writes plans; every problem of a file has its location."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..diagnostics import LocatedError, Sources, SpecError, clip, pack, suggestion
from ..files import FileReadError, os_reason
from ..files.input_files import read_input
from ..ir import Graph
from ..language.reading.records import describe, plain_value
from ..text.writer import one_line
from ..text.yaml_reader import Map, Tree, read
from .plan import Plan
from .plan_check import plan_problems

MAX_BYTES = 1_000_000
"""Maximum size of a plan in bytes."""
MAX_SIZE = 10**9
"""Maximum size of a mesh axis, and of a batch."""
OPTIMIZERS = ("adamw", "adam", "sgd", "momentum", "rmsprop", "adagrad")
TYPES = ("bfloat16", "float16")
AXES = ("pipeline", "data", "sharded", "tensor")


class Key(NamedTuple):
    """A key of a plan: a description of its valid values, and a predicate for them."""

    what: str
    valid: Callable[[Any], bool]
    required: bool = False


def _count(value: Any) -> bool:
    return type(value) is int and 1 <= value <= MAX_SIZE


def _counts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 10_000 and all(map(_count, value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of any type


def _flag(value: Any) -> bool:
    return type(value) is bool


def _name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 300


def _number(value: Any) -> bool:
    return type(value) is int and value >= 0


def _mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _optimizer(value: Any) -> bool:
    return value in OPTIMIZERS


def _type(value: Any) -> bool:
    return value in TYPES


COUNT = "a positive integer"
KEYS: Mapping[str, Key] = {
    "network": Key("a text of at most 300 characters", _name, True),
    "parameters": Key("the number of parameters", _number, True),
    "batch": Key(COUNT, _count, True),
    "mesh": Key("a mapping of axes to their sizes", _mapping, True),
    "micro_batches": Key(COUNT, _count),
    "stages": Key("a list of the number of blocks in each stage", _counts),
    "sequence": Key("true or false", _flag),
    "checkpoint": Key("true or false", _flag),
    "optimizer": Key(f"one of {', '.join(OPTIMIZERS)}", _optimizer),
    "amp": Key(f"one of {', '.join(TYPES)}", _type),
}
AXIS = Key(COUNT, _count)


def read_plan(path: str | os.PathLike[str], graph: Graph) -> Plan:
    """Returns the plan in a YAML file, checked against a network.

    Raises:
        FileReadError: NS706, the file cannot be read.
        SpecError: NS930, it is not a plan; NS931 to NS935, it does not fit the network; with locations.
    """
    try:
        content = read_input(path, MAX_BYTES + 1)
    except OSError as error:
        raise FileReadError(path, os_reason(error)) from None
    except ValueError:
        raise FileReadError(path, "no file has this name") from None
    if len(content) > MAX_BYTES:
        raise FileReadError(path, f"it is larger than {MAX_BYTES // 10**6} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileReadError(path, f"it is not UTF-8: byte 0x{content[error.start]:02X}") from None
    sources = Sources()
    sources.add(os.fspath(path), text)
    problems: list[LocatedError] = []
    plan = None
    try:
        tree = read(text)
        plan = _plan(tree, problems)
        if plan is not None and not problems:
            places = _places(tree)
            for key, problem in plan_problems(graph, plan):
                location = places.get(key, places[""])
                problems.append(LocatedError(problem.code, problem.message, location, help=problem.help))
    except LocatedError as error:
        problems.append(error)
    if plan is None or problems:
        raise SpecError([problem.diagnostic for problem in problems], sources)
    return plan


def _error(message: str, location: int, help_: Any = None) -> LocatedError:
    return LocatedError("NS930", message, location, help=help_)


def _plan(tree: Tree | None, problems: list[LocatedError]) -> Plan | None:
    if type(tree) is not Map:
        actual = f"; found {describe(tree)}" if tree is not None else ""
        problems.append(_error(f"a plan is a mapping{actual}", tree.location if tree is not None else pack(0, 0, 0)))
        return None
    values = _fields("a plan", tree, KEYS, problems)
    missing = [name for name, key in KEYS.items() if key.required and name not in tree.entries]
    if missing:
        problems.append(_error(f"a plan must have {' and '.join(missing)}", tree.location))
    mesh = tree.get("mesh")
    axes = _fields("the mesh", mesh, dict.fromkeys(AXES, AXIS), problems) if type(mesh) is Map else {}
    if problems:
        return None
    values.pop("mesh")
    values["stages"] = tuple(values.get("stages", ()))
    return Plan(**values, **axes)


def _fields(what: str, node: Map, keys: Mapping[str, Key], problems: list[LocatedError]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, (place, value, _) in node.entries.items():
        key = keys.get(name)
        if key is None:
            help_ = suggestion(name, keys, f"keys: {', '.join(keys)}")
            problems.append(_error(f"{what} has no key '{clip(name)}'", place, help_))
            continue
        plain = plain_value(value)
        if not key.valid(plain):
            problems.append(_error(f"'{name}' must be {key.what}; found {describe(value)}", value.location))
        out[name] = plain
    return out


def _places(tree: Tree | None) -> dict[str, int]:
    """Returns the location of each key's value, including those of the mesh; ``""`` is the key of the whole plan."""
    assert type(tree) is Map
    out = {"": tree.location}
    for name, (_, value, _) in tree.entries.items():
        out[name] = value.location
        if type(value) is Map:
            out |= {inner: node.location for inner, (_, node, _) in value.entries.items()}
    return out


def plan_text(plan: Plan, notes: list[str] | None = None) -> str:
    """Returns a plan as YAML, with notes as comments before it."""
    mesh = {name: getattr(plan, name) for name in AXES if getattr(plan, name) > 1}
    axes = ", ".join(f"{name}: {size}" for name, size in mesh.items())
    lines = [f"# {note}" for note in notes or ()]
    lines += [
        one_line("network", plan.network),
        f"parameters: {plan.parameters:_}",
        f"batch: {plan.batch}",
        f"mesh: {{{axes}}}",
        f"micro_batches: {plan.micro_batches}",
    ]
    if plan.stages:
        lines.append(f"stages: [{', '.join(map(str, plan.stages))}]")
    lines += [f"{name}: true" for name in ("sequence", "checkpoint") if getattr(plan, name)]
    lines.append(f"optimizer: {plan.optimizer}")
    if plan.amp is not None:
        lines.append(f"amp: {plan.amp}")
    return "\n".join(lines) + "\n"
