"""Problems have the location they are about, and none if there is none."""

from __future__ import annotations

from pathlib import Path

from netspec.checking.spec import Spec
from netspec.diagnostics import Diagnostic, Location

SPEC = "netspec: 1\n{}input: [3]\nlayers: [relu]\n"


def problem(spec: Spec, **settings: str) -> Diagnostic:
    (diagnostic,) = spec.elaborate(None, settings).diagnostics
    return diagnostic


def test_an_empty_file_has_no_location(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("", encoding="utf-8")
    empty = problem(Spec(str(path)))
    assert (empty.code, empty.location, empty.file) == ("NS110", None, str(path))


def test_an_empty_file_of_blocks_is_reported_where_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "blocks.yaml").write_text("", encoding="utf-8")
    path = tmp_path / "net.yaml"
    path.write_text(SPEC.format("use: blocks.yaml\n"), encoding="utf-8")
    empty = problem(Spec(str(path)))
    assert (empty.code, empty.location) == ("NS110", Location(0, 2, 6))
    assert empty.message == "blocks.yaml: the file is empty"


def test_an_unknown_variant_has_no_location() -> None:
    spec = Spec("net.yaml", SPEC.format(""))
    (unknown,) = spec.elaborate("large").diagnostics
    assert (unknown.code, unknown.location, unknown.file) == ("NS224", None, "net.yaml")
    assert unknown.help == "the spec has no variants"


def test_a_setting_is_reported_in_its_own_text() -> None:
    spec = Spec("net.yaml", SPEC.format("params: {n: {type: int}}\n"))
    for text in ("", "many"):
        invalid = problem(spec, n=text)
        assert (invalid.code, spec.sources.names[invalid.location.file]) == ("NS219", "--set n")  # type: ignore[union-attr]  # pyright: ignore  # known to have a location
