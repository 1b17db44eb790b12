"""Pickles modules of generated source: the pickle contains the source, so that it loads without netspec.

The source is executed, with builtins only, in the process that loads the pickle.
"""

from __future__ import annotations

REMAKE = '''\
import linecache
import sys
import types

module = sys.modules.get(name)
if module is None:
    module = types.ModuleType(name)
    module.__file__ = "<" + name + ">"
    linecache.cache[module.__file__] = (len(source), None, source.splitlines(True), module.__file__)
    exec(compile(source, module.__file__, "exec"), module.__dict__)

    def reduce(self, protocol, name=name, source=source, code=code):
        """A call of ``eval`` that creates an empty instance, and its state."""
        given = {"name": name, "source": source, "code": code, "cls": type(self).__qualname__}
        return eval, ("exec(code, globals()) or instance", given), object.__reduce_ex__(self, 2)[2]

    for value in list(vars(module).values()):
        if isinstance(value, type) and value.__module__ == name:
            value.__reduce_ex__ = reduce
    # Registered only now: other threads never see half a module, and nothing is left behind by an interruption.
    module = sys.modules.setdefault(name, module)
kind = getattr(module, cls)
instance = kind.__new__(kind)
'''
