"""What the core imports, and what it keeps from: frameworks, and whatever costs time."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = {
    "torch", "onnx", "onnxruntime", "graphviz", "numpy", "torchvision", "keras", "matplotlib", "PIL", "rich",
}  # fmt: skip
OURS = {
    "netspec",
    "netspec.analysis",
    "netspec.analysis.cost",
    "netspec.analysis.figures",
    "netspec.analysis.network_figures",
    "netspec.analysis.parameter_counts",
    "netspec.output",
    "netspec.output.characters",
    "netspec.checking",
    "netspec.checking.expectations",
    "netspec.checking.spec",
    "netspec.checking.spec_names",
    "netspec.checking.spec_reader",
    "netspec.checking.verified_suggestions",
    "netspec.cli",
    "netspec.cli.check",
    "netspec.cli.main",
    "netspec.cli.spec_arguments",
    "netspec.cli.standard_streams",
    "netspec.diagnostics",
    "netspec.diagnostics.errors",
    "netspec.diagnostics.location",
    "netspec.diagnostics.diagnostic",
    "netspec.diagnostics.render",
    "netspec.diagnostics.sanitize",
    "netspec.diagnostics.suggest",
    "netspec.files",
    "netspec.files.input_files",
    "netspec.ir",
    "netspec.ir.graph",
    "netspec.ir.node",
    "netspec.ir.scope",
    "netspec.language",
    "netspec.language.elaboration",
    "netspec.language.elaboration.bindings",
    "netspec.language.elaboration.block_inputs",
    "netspec.language.elaboration.block_scopes",
    "netspec.language.elaboration.budget",
    "netspec.language.elaboration.chains",
    "netspec.language.elaboration.copies",
    "netspec.language.elaboration.draft_graph",
    "netspec.language.elaboration.entries",
    "netspec.language.elaboration.environment",
    "netspec.language.elaboration.inference",
    "netspec.language.elaboration.names",
    "netspec.language.elaboration.node_arguments",
    "netspec.language.elaboration.nodes",
    "netspec.language.elaboration.elaboration_problems",
    "netspec.language.elaboration.resolver",
    "netspec.language.elaboration.scopes",
    "netspec.language.elaboration.sharing",
    "netspec.language.elaboration.top_level",
    "netspec.language.elaboration.unused_layers",
    "netspec.language.elaboration.wiring",
    "netspec.language.reading",
    "netspec.language.reading.activations",
    "netspec.language.reading.argument_checks",
    "netspec.language.reading.document",
    "netspec.language.reading.evaluation",
    "netspec.language.reading.expressions",
    "netspec.language.reading.formula_steps",
    "netspec.language.reading.expression_functions",
    "netspec.language.reading.layers",
    "netspec.language.reading.lexer",
    "netspec.language.reading.parameters",
    "netspec.language.reading.records",
    "netspec.language.reading.references",
    "netspec.language.reading.each_rows",
    "netspec.language.reading.written_values",
    "netspec.limits",
    "netspec.ops",
    "netspec.ops.activation",
    "netspec.ops.argument",
    "netspec.ops.axis",
    "netspec.ops.base",
    "netspec.ops.common",
    "netspec.ops.common.shared_arguments",
    "netspec.ops.common.axes",
    "netspec.ops.common.channels",
    "netspec.ops.common.filters",
    "netspec.ops.common.init_argument",
    "netspec.ops.common.slice_ends",
    "netspec.ops.common.regroup",
    "netspec.ops.common.size_lists",
    "netspec.ops.common.validators",
    "netspec.ops.common.sliding_windows",
    "netspec.ops.conv",
    "netspec.ops.dense",
    "netspec.ops.layer_keys",
    "netspec.ops.pool",
    "netspec.ops.shape",
    "netspec.ops.traits",
    "netspec.ops.weight",
    "netspec.report",
    "netspec.report.check_result",
    "netspec.report.number_format",
    "netspec.report.row_selection",
    "netspec.report.select_rows",
    "netspec.report.terminal_table",
    "netspec.report.table_columns",
    "netspec.report.table_layout",
    "netspec.report.table_lines",
    "netspec.report.total_lines",
    "netspec.shapes",
    "netspec.shapes.reads",
    "netspec.shapes.shape_error",
    "netspec.shapes.sizes",
    "netspec.shapes.types",
    "netspec.shapes.window",
    "netspec.output.terminal",
    "netspec.text",
    "netspec.text.yaml_reader",
    "netspec.zoo",
}
"""What ``netspec check specs/vgg16.yaml`` loads of ours. A module that is added here is paid for by every check."""
LINES = 16_750
"""A budget for those modules together."""


def loaded(code: str) -> set[str]:
    """Modules that are loaded when a piece of Python has run."""
    script = (
        f"import sys, io\nout, sys.stdout = sys.stdout, io.StringIO()\n{code}\nprint('\\n'.join(sys.modules), file=out)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


CHECK = "from netspec.cli.main import main; main(['check', 'specs/vgg16.yaml'])"


def test_check_loads_no_framework() -> None:
    assert not FRAMEWORKS & loaded(CHECK)


def test_check_uses_pydantic_without_its_models() -> None:
    assert {m for m in loaded(CHECK) if m.startswith("pydantic") and "." not in m} == {"pydantic_core"}


def test_that_the_test_can_fail() -> None:
    assert FRAMEWORKS & loaded("import numpy") == {"numpy"}


def test_modules_of_check() -> None:
    ours = {m for m in loaded(CHECK) if m.split(".")[0] == "netspec"}
    assert ours == OURS
    lines = 0
    for module in ours:
        path = ROOT / Path(*module.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        lines += len(file.read_text(encoding="utf-8").splitlines())
    assert lines <= LINES


def test_import_netspec_is_next_to_nothing() -> None:
    assert {m for m in loaded("import netspec") if m.startswith(("netspec", "pydantic", "yaml"))} == {"netspec"}


def test_no_file_is_too_long() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {n}"
        for folder in ("netspec", "backends", "tests", "benchmarks", "docs")
        for path in (ROOT / folder).rglob("*.py")
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    ]
    assert not long, "split by idea: " + ", ".join(long)


def test_no_function_is_too_long() -> None:
    """The statements of a function, without its signature and docstring."""
    long: list[str] = []
    for folder in ("netspec", "backends"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    continue
                statements = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
                lines = (node.end_lineno or 0) - statements[0].lineno + 1 if statements else 0
                if lines > 60:
                    long.append(f"{path.relative_to(ROOT)}: {node.name}: {lines}")
    assert not long, "split by idea: " + ", ".join(long)


@pytest.mark.parametrize("word", ["NotImplementedError", "TODO", "FIXME", "XXX"])
def test_nothing_is_unfinished(word: str) -> None:
    actual = [
        str(path.relative_to(ROOT))
        for folder in ("netspec", "backends")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(rf"\b{word}\b", path.read_text(encoding="utf-8"))
    ]
    assert not actual
