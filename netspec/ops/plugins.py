"""Operations of other packages: entry points of the group ``netspec.operations``, loaded when a spec names one."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from threading import Thread
from typing import TypeVar

from ..diagnostics import Error, clip
from . import OTHER, TABLE, add, family_of
from .base import Op
from .layer_keys import LAYER_KEYS

T = TypeVar("T")

GROUP = "netspec.operations"
"""The entry-point group: the name of an operation, and the address of its class."""
SECONDS = 60.0
"""The time that importing a package may take."""


class PluginError(Error):
    """An operation of another package that cannot be used (NS230)."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__("NS230", message, help)


def offered() -> dict[str, list[EntryPoint]]:
    """The operations that installed packages offer, by name. Nothing is imported."""
    return _offered(tuple((folder, _changed(folder)) for folder in sys.path))


@lru_cache(maxsize=1)
def _offered(folders: tuple[tuple[str, int], ...]) -> dict[str, list[EntryPoint]]:
    """The same, looked up once as long as the folders of packages do not change: a spec may have many wrong names."""
    points: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        if point not in points.setdefault(point.name, []):
            points[point.name].append(point)
    return points


def _changed(folder: str) -> int:
    """When a folder changed last, in nanoseconds; 0 if it cannot be read."""
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0


def is_offered(name: str) -> bool:
    """Whether a package offers an operation of that name, which netspec lacks."""
    return name not in TABLE and name in offered()


def exists(name: str) -> bool:
    """Whether there is an operation of that name; one of another package is loaded. Raises PluginError."""
    if name in TABLE:
        return True
    points = offered().get(name)
    if points is None:
        return False
    add(name, load(name, points))
    return True


def load_all() -> list[PluginError]:
    """Loads the operations of all packages; returns what is wrong with some."""
    problems: list[PluginError] = []
    for name, points in offered().items():
        try:
            if name not in TABLE:
                add(name, load(name, points))
            elif family_of(name) != OTHER:
                raise PluginError(
                    f"{_packages(points)} offers the operation '{clip(name)}', which netspec has",
                    "an operation of a package has a name of its own; netspec's is used",
                )
        except PluginError as error:
            problems.append(error)
    return problems


def load(name: str, points: list[EntryPoint]) -> type[Op]:
    """The class of an operation that packages offer. Raises PluginError."""
    subject = f"the operation '{clip(name)}' of {_packages(points)}"
    if len(points) > 1:
        raise PluginError(f"several packages offer the operation '{clip(name)}': {_packages(points)}")
    if not (name.isascii() and name.isidentifier() and name[0].islower()):
        raise PluginError(f"{subject} must have a name of letters, digits and '_' that begins with a small letter")
    try:
        cls = within(SECONDS, points[0].load)
    except TimeoutError:
        message = f"{subject} cannot be loaded: importing '{points[0].value}' takes longer than {SECONDS:g} s"
        raise PluginError(message) from None
    except BaseException as error:  # whatever the code of a package raises, SystemExit too
        if isinstance(error, KeyboardInterrupt):
            raise
        message = f"{subject} cannot be loaded: {described(error)}"
        raise PluginError(message, f"`python -c 'import {points[0].module}'` shows where") from error
    problem = class_problem(cls)
    if problem is not None:
        raise PluginError(f"{subject} {problem}")
    assert isinstance(cls, type)
    return cls


def class_problem(cls: object) -> str | None:
    """What is wrong with the class of an operation; None if nothing is."""
    if not (isinstance(cls, type) and issubclass(cls, Op)):
        return f"must be a class derived from netspec.ops.Op; found {clip(repr(cls))}"  # pyright: ignore[reportUnknownArgumentType] - anything
    used_names = [name for name in cls.arguments if name in LAYER_KEYS or name in TABLE]
    if used_names:
        what = "a key of layers" if used_names[0] in LAYER_KEYS else "an operation"
        return f"has an argument with the name of {what}: '{used_names[0]}'"
    if cls.primary not in (None, "from", *cls.arguments):
        return f"has no argument '{clip(str(cls.primary))}', which 'primary' names"
    return None


def described(error: BaseException) -> str:
    """An exception in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}{f': {clip(text, 200)}' if text else ''}"


def within(seconds: float, function: Callable[[], T]) -> T:
    """The result of a function. Raises TimeoutError if it takes longer, and leaves it running then."""
    results: list[T] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(function())
        except BaseException as error:  # is raised below
            errors.append(error)

    thread = Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError
    if errors:
        raise errors[0]
    return results[0]


def _packages(points: list[EntryPoint]) -> str:
    """Where operations come from: ``the package 'mamba-ops'``."""
    names = sorted({point.dist.name if point.dist is not None else point.module for point in points})
    return f"the package{'s' if len(names) > 1 else ''} {', '.join(repr(clip(name)) for name in names)}"
