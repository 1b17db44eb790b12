"""Selects the modules to checkpoint by the names that the user gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase

from netspec.diagnostics import Error, clip, did_you_mean

from .interpreted.interpreter import MODULE
from .modules.module_base import Module, Sequential

MAX_LISTED = 8


def checkpointed_modules(modules: Mapping[str, Module], selectors: Collection[str]) -> set[str]:
    """Returns the names of the modules that match some names, patterns or names of classes.

    Raises:
        Error: NS822, a selector matches nothing.
    """
    out: set[str] = set()
    for text in selectors:
        matches = {
            name
            for name, module in modules.items()
            if name and (fnmatchcase(name, text) or _plain(type(module).__name__) == _plain(text))
        }
        if not matches:
            classes = block_classes(modules)
            known = [*classes, *(name for name in modules if name)]
            listed = ", ".join(list(classes)[:MAX_LISTED])
            help_ = did_you_mean(text, known) or (f"its blocks are {clip(listed, 200)}" if classes else None)
            raise Error("NS822", f"the network has no block '{clip(text)}' to checkpoint", help_)
        out |= matches
    return out


def block_classes(modules: Mapping[str, Module]) -> dict[str, list[str]]:
    """Returns the network's own classes that occur more than once, with the names of their modules."""
    out: dict[str, list[str]] = {}
    for name, module in modules.items():
        cls = type(module)
        if name and cls.__module__ == MODULE and "forward" in vars(cls) and not issubclass(cls, Sequential):
            children = module.children()
            if len(children) > 1:
                out.setdefault(cls.__name__, []).append(name)
    return {cls: names for cls, names in out.items() if len(names) > 1}


def _plain(name: str) -> str:
    """Normalises a name, so that ``dense_block`` matches ``DenseBlock``."""
    return name.replace("_", "").replace("-", "").lower()
