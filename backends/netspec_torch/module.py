"""From text to a module: executed, made on ``meta``, and filled once."""

from __future__ import annotations

import hashlib
import linecache
import os
import sys
import types
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from torch import nn

from netspec.ir.graph import Graph, Parameter
from netspec.weights.draw import fill

from .writer import Source, write

_REMAKE = """\
(lambda sys, types, linecache: (lambda m: (
    sys.modules.__setitem__(name, m),
    linecache.cache.__setitem__(m.__file__, (len(source), None, source.splitlines(True), m.__file__)),
    exec(compile(source, m.__file__, "exec"), m.__dict__),
) and m if m is not sys.modules.get(name) else m)(
    sys.modules.get(name) or (lambda m: (setattr(m, "__file__", "<" + name + ">"), setattr(m, "__source__", source))
    and m)(types.ModuleType(name))
))(__import__("sys"), __import__("types"), __import__("linecache"))"""
"""An expression that gives the module of a source, executing it if it is not there: with builtins alone, so that what
was pickled is loaded where netspec is not installed."""

_INSTANCE = (
    f"(lambda m: (lambda c: c.__new__(c))((setattr(getattr(m, cls), '__reduce_ex__', reduce), getattr(m, cls))[1]))"
    f"({_REMAKE})"
)


def loaded(source: Source) -> type[nn.Module]:
    """The class of a source. The same text is executed once."""
    name = f"netspec_{hashlib.sha256(source.text.encode()).hexdigest()[:16]}"
    module = sys.modules.get(name)
    if module is None:
        module = types.ModuleType(name)
        module.__file__ = f"<{name}>"
        linecache.cache[module.__file__] = (len(source.text), None, source.text.splitlines(True), module.__file__)
        sys.modules[name] = module
        exec(compile(source.text + _PICKLING, module.__file__, "exec"), module.__dict__)
        module.__dict__["__source__"] = source.text + _PICKLING
        for cls in vars(module).values():
            if isinstance(cls, type) and issubclass(cls, nn.Module) and cls.__module__ == name:
                cls.__reduce_ex__ = module.__dict__["_reduce"]  # type: ignore[method-assign]
    cls = getattr(module, source.cls)
    assert isinstance(cls, type)
    assert issubclass(cls, nn.Module)
    return cls
