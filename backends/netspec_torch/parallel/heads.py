"""Turns numbers of heads into attributes of a class, so that ``parallelize`` can divide them."""

from __future__ import annotations

from dataclasses import replace

from netspec.blocks import Tree, replace_trees, walk

from ..python.file import WrittenClass
from ..python.substitution import SELF
from ..syntax.expression_trees import Attribute, Call, Expression, Keyword, Literal, Name, binary, call
from ..syntax.literals import unique
from ..syntax.statements import Assign, Evaluate, Function, Parameter

HEADS = {
    "attend": (3,),
    "attend_in_groups": (3, 4),
    "attend_in_window": (3, 4),
    "attend_capped": (3, 4),
    "rotary": (1,),
}
"""Argument positions of numbers of heads in functions of the library."""
NAMES = ("heads", "kv_heads")


def with_head_attributes(cls: WrittenClass) -> tuple[WrittenClass, list[str]]:
    """Returns a class whose ``forward`` reads numbers of heads from attributes, and the names of these attributes."""
    names: dict[int, str] = {}
    attributes: dict[str, None] = {}
    used_names = {tree.name for method in cls.methods for tree in walk(method) if isinstance(tree, Attribute)}
    for method in cls.methods:
        for tree in walk(method):
            if isinstance(tree, Call) and isinstance(tree.function, Name) and tree.function.id in HEADS:
                for place, title in zip(HEADS[tree.function.id], NAMES, strict=False):
                    match tree.arguments[place]:
                        case Literal(int() as count) if count not in names:
                            names[count] = unique(title, used_names)
                            used_names.add(names[count])
                        case Attribute(owner, name) if owner == SELF:
                            attributes[name] = None
                        case _:
                            pass
    if not names:
        return cls, list(attributes)

    def change(tree: Tree) -> Tree | None:
        if not isinstance(tree, Call) or not isinstance(tree.function, Name) or tree.function.id not in HEADS:
            return None
        arguments = list(replace_trees(tree.arguments, change))
        for place in HEADS[tree.function.id]:
            count = arguments[place]
            if isinstance(count, Literal) and count.value in names:
                arguments[place] = Attribute(SELF, names[count.value])
        return Call(tree.function, tuple(arguments), tree.one_per_line)

    methods = [replace_trees(m, change) if m.name == "forward" else m for m in cls.methods]
    if methods[0].name != "__init__":
        start = Evaluate(call("super().__init__"))
        methods.insert(0, Function("__init__", (Parameter("self"),), Name("None"), (start,)))
    init = methods[0]
    assignments = tuple(Assign((_attribute(name),), Literal(count)) for count, name in names.items())
    methods[0] = replace(init, body=(*init.body[:1], *assignments, *init.body[1:]))
    return replace(cls, methods=tuple(methods)), [*names.values(), *attributes]


def without_in_place(cls: WrittenClass) -> WrittenClass:
    """Removes in-place operations: outputs of divided layers are split into views, which autograd protects."""

    def change(tree: Tree) -> Tree | None:
        if isinstance(tree, Call):
            arguments = [a for a in tree.arguments if not (isinstance(a, Keyword) and a.name == "inplace")]
            if len(arguments) < len(tree.arguments):
                return Call(
                    replace_trees(tree.function, change), replace_trees(tuple(arguments), change), tree.one_per_line
                )
        if isinstance(tree, Assign) and tree.operator in ("+", "*", "-") and isinstance(tree.targets[0], Name):
            value = binary(tree.targets[0], tree.operator, tree.value)
            return Assign(tree.targets, replace_trees(value, change), comment=tree.comment)
        return None

    return replace(cls, methods=tuple(replace_trees(method, change) for method in cls.methods))


def _attribute(name: str) -> Expression:
    return Attribute(SELF, name)
