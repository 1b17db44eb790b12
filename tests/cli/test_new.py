"""``netspec new``: a spec that checks, and nothing overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netspec import load, loads, zoo
from netspec.cli.new import SCHEMA, starter_spec
from tests.cli_support import ran

LINE = f"# yaml-language-server: $schema={SCHEMA}\n"


def test_starter(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    said = ran("new", str(path))
    assert said == (
        0,
        f"wrote {path}\nwrote {tmp_path / SCHEMA}, which editors complete and check it with\n"
        f"next: netspec check {path}\n",
        "",
    )
    assert path.read_text(encoding="utf-8") == LINE + starter_spec("net")
    assert json.loads((tmp_path / SCHEMA).read_text(encoding="utf-8"))["title"] == "netspec"
    assert ran("check", str(path)).status == 0
    graph = load(path)
    assert graph.name == "net"
    assert [t.shape for t in (graph.values[v] for v in graph.outputs.values())] == [(10,)]


def test_from_the_zoo(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    assert ran("new", str(path), "--from", "lenet5", "--no-schema").status == 0
    known = zoo.path("lenet5")
    assert known is not None
    assert path.read_text(encoding="utf-8") == known.read_text(encoding="utf-8")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.yaml"]


def test_a_schema_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / SCHEMA).write_text("{}", encoding="utf-8")
    said = ran("new", str(tmp_path / "net.yml"))
    assert said.out == f"wrote {tmp_path / 'net.yml'}\nnext: netspec check {tmp_path / 'net.yml'}\n"
    assert (tmp_path / SCHEMA).read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("name", ["a b", "null", "0", "x: y", "é"])
def test_any_name(name: str) -> None:
    assert loads(starter_spec(name)).name == name


@pytest.mark.parametrize(("file", "arguments", "message"), [
    ("there.yaml", (), "error[NS705]: cannot write '{file}': there is a file of that name already\n"
     "  = help: another name, or remove it first\n"),
    ("link.yaml", (), "error[NS705]: cannot write '{file}': there is a file of that name already\n"
     "  = help: another name, or remove it first\n"),
    ("net.txt", (), "error[NS705]: cannot write '{file}': a spec's name ends in .yaml\n"
     "  = help: netspec new {file}.yaml\n"),
    ("no/net.yaml", (), "error[NS705]: cannot write '{file}': its folder does not exist\n"),
    ("net.yaml", ("--from", "vgg61"), "error[NS109]: there is no network 'vgg61' in the zoo\n"
     "  = help: did you mean 'vgg16'?\n"),
])  # fmt: skip
def test_what_is_wrong(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.yaml").write_text("mine", encoding="utf-8")
    Path("link.yaml").symlink_to("nowhere.yaml")
    assert ran("new", file, *arguments) == (1, "", message.format(file=file))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.yaml", "there.yaml"]
    assert Path("there.yaml").read_text(encoding="utf-8") == "mine"
