"""Every operation is complete. One message names every missing part: for which operation, in which file, which step.

The steps are those of ``docs/adding-an-operator.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from netspec.backend import Lowering
from netspec.ops import TABLE, Op, find
from netspec.ops.reference import FAMILIES
from netspec.ops.traits import Traits
from netspec.schema import rendered

ROOT = Path(__file__).resolve().parent.parent
GUIDE = "docs/adding-an-operator.md"
STORED = {"parameter", "buffer", "weight_norm", "spectral_norm"}
"""Operations without an input, or on weights: the tables of cases, which give inputs, cannot have them."""


class Missing(NamedTuple):
    """A part of an operation that is missing."""

    operation: str
    part: str
    file: str
    step: int

    def __str__(self) -> str:
        return f"{self.operation}: {self.part}, in {self.file} (step {self.step})"


def missing_parts(name: str) -> Iterator[Missing]:
    """Everything that an operation lacks."""
    try:
        cls = find(name)
    except (ImportError, AttributeError, AssertionError):
        yield Missing(name, f"the class {TABLE[name].cls}", f"netspec/ops/{TABLE[name].family}.py", 1)
        return
    yield from _class_parts(name, cls)
    for backend, rules in _rules().items():
        if rules.find(cls) is None:
            file = f"backends/netspec_{backend}/rules/{TABLE[name].family}.py"
            yield Missing(name, f"a rule for {cls.__name__}", file, 3 if backend == "torch" else 4)
    for part, file, names, step in _test_tables():
        if name not in names:
            yield Missing(name, part, file, step)
    if cls.takes_weights and name not in _with_computed_weights():
        yield Missing(name, "a row with computed weights", "tests/torch_backend/test_given_weights.py", 5)
    for argument, declared in cls.arguments.items():
        if declared.validator.kind != "layer" and not {argument, f"{name}.{argument}"} & set(_random_values()):
            yield Missing(name, f"random values of '{argument}'", "tests/random_networks/random_arguments.py", 7)
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    if re.search(rf"^### .*\b{name}\b", page, re.MULTILINE) is None:
        yield Missing(name, "its section", "docs/operations.md", 9)
    if f'"op_{name}"' not in (ROOT / "docs" / "netspec.schema.json").read_text(encoding="utf-8"):
        yield Missing(name, "its definition", "docs/netspec.schema.json", 9)


def _class_parts(name: str, cls: type[Op]) -> Iterator[Missing]:
    file = f"netspec/ops/{TABLE[name].family}.py"
    names = [other for other, entry in TABLE.items() if entry.cls == TABLE[name].cls]
    if cls.__module__ != f"netspec.ops.{TABLE[name].family}":
        yield Missing(name, f"the class {cls.__name__}, which is in {cls.__module__}", file, 1)
    if TABLE[name].family not in FAMILIES:
        yield Missing(name, f"a title of the family {TABLE[name].family!r}", "netspec/ops/reference.py", 2)
    if not cls.__doc__ or cls.__doc__ in {base.__doc__ for base in cls.__mro__[1:]}:
        yield Missing(name, "a docstring", file, 1)
    if cls.primary not in (None, "from", *cls.arguments):
        yield Missing(name, f"the argument {cls.primary!r}, which `primary` names", file, 1)
    if len(names) > 1 and len(cls.examples) != len(names):
        yield Missing(name, f"an example for each of {', '.join(names)}", file, 1)
    if any(argument != "axis" for argument in cls.arguments) and cls.examples is Op.examples:
        yield Missing(name, "an example with its arguments", file, 1)
    if cls.weights is not Op.weights and cls.weights_rule is None and cls.arity != (0, 0):
        yield Missing(name, "`weights_rule`", file, 1)
    if cls.macs is not Op.macs and (cls.macs_rule is None or cls.macs_expression is Op.macs_expression):
        yield Missing(name, "`macs_rule` and `macs_expression`", file, 1)
    for attribute in _undeclared_attributes(cls):
        yield Missing(name, f"the trait {attribute!r} in `Traits`, or its declaration in the class", file, 1)
    for argument, declared in cls.arguments.items():
        if not declared.doc:
            yield Missing(name, f"documentation of '{argument}'", file, 1)


def _undeclared_attributes(cls: type[Op]) -> Iterator[str]:
    """Class attributes that are neither traits nor declared by a class: misspelt traits."""
    declared = {attribute for base in cls.__mro__ for attribute in vars(base).get("__annotations__", {})}
    for base in cls.__mro__[: cls.__mro__.index(Op)]:
        for attribute, value in vars(base).items():
            is_method = callable(value) or isinstance(value, (property, classmethod, staticmethod))
            if not attribute.startswith("_") and not is_method and attribute not in declared:
                yield attribute


def _rules() -> dict[str, Lowering[Any, Any]]:
    from netspec_onnx.rules.rule_table import lower as onnx_rules
    from netspec_torch.rules.lowered import lower as torch_rules

    return {"torch": torch_rules, "onnx": onnx_rules}


def _random_values() -> Mapping[str, Any]:
    from .random_networks.random_arguments import SAMPLERS

    return SAMPLERS


def _with_computed_weights() -> set[str]:
    from .torch_backend.test_given_weights import operations_with_rows

    return operations_with_rows()


def _test_tables() -> Iterator[tuple[str, str, set[str], int]]:
    """Tables of the tests: the part of an operation that they hold, their file, the operations, the step."""
    from .onnx_backend.cases import CASES as VALUES
    from .shapes.test_sizes import CASES as SIZES

    yield "a row of values", "tests/onnx_backend/cases.py or more_cases.py", {c.op for c in VALUES} | STORED, 5
    yield "a row of sizes", "tests/shapes/test_sizes.py", set(SIZES), 6


def test_every_operation_is_complete() -> None:
    missing = [part for name in TABLE for part in missing_parts(name)]
    assert not missing, f"{len(missing)} missing, see {GUIDE}:\n" + "\n".join(map(str, missing))


def test_the_guide_has_every_trait() -> None:
    table = (ROOT / GUIDE).read_text(encoding="utf-8").partition("| trait | if |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^   \| `(\w+)", table, re.MULTILINE)) == set(vars(Traits)["__annotations__"])


def test_traits_that_are_misspelt_are_missing_parts() -> None:
    class Wrong(Op):
        """A class with a trait that does not exist."""

        elementwise = True
        elementwize = True

    assert [*_undeclared_attributes(Wrong)] == ["elementwize"]


def test_the_reference_and_the_schema_are_complete() -> None:
    assert rendered() == (ROOT / "docs" / "netspec.schema.json").read_text(encoding="utf-8"), "step 9"


def test_every_missing_part_is_named_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    _random_values()  # loaded with the table as it is
    monkeypatch.setitem(TABLE, "relu7", TABLE["relu"]._replace(cls="Relu7"))
    monkeypatch.setitem(TABLE, "cube", TABLE["square"])
    with pytest.raises(AssertionError) as caught:
        test_every_operation_is_complete()
    lines = [line.strip() for line in str(caught.value).splitlines()]
    assert lines[0].startswith("7 missing, see docs/adding-an-operator.md:")
    assert lines[1] == "square: an example for each of square, cube, in netspec/ops/elementwise.py (step 1)"
    assert lines[2] == "relu7: the class Relu7, in netspec/ops/activation.py (step 1)"
    assert [line.rpartition(", in ")[0] for line in lines[3:8]] == [
        "cube: an example for each of square, cube",
        "cube: a row of values",
        "cube: a row of sizes",
        "cube: its section",
        "cube: its definition",
    ]


def test_no_argument_has_the_name_of_an_operation_or_of_a_wiring_key() -> None:
    from netspec.ops.layer_keys import LAYER_KEYS

    reserved = {*TABLE, *LAYER_KEYS} - {"dtype"}  # of a buffer it is the same, and may be any type
    assert not [(name, a) for name in TABLE for a in find(name).arguments if a in reserved]


def test_layers_among_arguments_become_flags() -> None:
    """An argument that names a layer is kept as whether it was given."""
    marked = {(n, a) for n in TABLE for a, declared in find(n).arguments.items() if declared.validator.kind == "layer"}
    assert marked == {
        ("gather", "index"),
        ("take_along", "index"),
        ("scatter_add", "index"),
        ("attention", "mask"),
        ("dot_product_attention", "mask"),
        ("dot_product_attention", "sinks"),
        ("rotary", "angles"),
        ("center_crop", "like"),
        ("upsample", "like"),
        ("max_unpool2d", "like"),
    }
