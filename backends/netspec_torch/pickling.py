"""Modules of generated text in a pickle: the text travels with them, so that they load where netspec is not.

This code is executed with builtins alone in the process that loads, as text; here it is a module only to be checked.
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
        """A call of ``eval`` that makes an empty instance, and its state."""
        given = {"name": name, "source": source, "code": code, "cls": type(self).__qualname__}
        return eval, ("exec(code, globals()) or made", given), object.__reduce_ex__(self, 2)[2]

    for found in list(vars(module).values()):
        if isinstance(found, type) and found.__module__ == name:
            found.__reduce_ex__ = reduce
    # Registered only now: other threads never see half a module, and nothing is left behind by an interruption.
    module = sys.modules.setdefault(name, module)
made = getattr(module, cls)
made = made.__new__(made)
'''
