"""Every operation is whole: its class, its page, and a rule in every backend that lowers. Names what is missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from netspec.backend import Lowering
from netspec.ops import TABLE, find
from netspec.ops.base import Op
from netspec.ops.reference import example_of

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLE)
def test_class(name: str) -> None:
    cls = find(name)
    assert cls.__doc__
    assert cls.__doc__ != Op.__doc__
    assert cls.primary is None or cls.primary == "from" or cls.primary in cls.arguments
    least, most = cls.arity
    assert most is None or least <= most
    assert cls.__module__ == f"netspec.ops.{TABLE[name].family}"


@pytest.mark.parametrize("name", TABLE)
def test_is_documented(name: str) -> None:
    assert example_of(name), f"{name} lacks an example in netspec/ops/examples.py"
    assert re.search(rf"^### .*\b{name}\b", PAGE, re.MULTILINE) is not None, f"{name} is not in docs/operations.md"


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("backend", ["torch", "onnx"])
def test_has_a_rule(backend: str, name: str) -> None:
    from netspec_onnx.rules.base import lower as onnx_rules
    from netspec_torch.rules.base import lower as torch_rules

    tables: dict[str, Lowering[Any, Any]] = {"torch": torch_rules, "onnx": onnx_rules}
    rules = tables[backend]
    assert rules.find(find(name)) is not None, f"{name} has no rule in backends/netspec_{backend}"


def test_no_argument_has_the_name_of_an_operation_or_of_a_wiring_key() -> None:
    from netspec.language.reading.records import WIRING

    taken = {*TABLE, *WIRING}
    found = [(name, a) for name in TABLE for a in find(name).arguments if a in taken]
    assert not found


def test_layers_among_arguments_become_flags() -> None:
    """An argument that names a layer is kept as whether it was given."""
    marked = {(n, a) for n in TABLE for a, check in find(n).arguments.items() if check.validator.kind == "layer"}
    assert marked == {
        ("gather", "index"),
        ("attention", "mask"),
        ("dot_product_attention", "mask"),
        ("center_crop", "like"),
        ("upsample", "like"),
        ("max_unpool2d", "like"),
    }
