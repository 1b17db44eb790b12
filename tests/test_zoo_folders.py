"""The folders of the zoo: names need no folder, are unique, and specs share the blocks of ``parts``."""

from __future__ import annotations

from pathlib import Path

import pytest

import netspec
from netspec import zoo
from netspec.checking.spec import Spec


def test_names_are_unique() -> None:
    stems = [p.stem for p in zoo.folder().rglob("*.yaml")]
    assert sorted(stems) == sorted([*zoo.names(), *zoo.parts()])
    assert len(set(stems)) == len(stems)


def test_a_name_needs_no_folder() -> None:
    path = zoo.folder() / "language" / "albert.yaml"
    assert zoo.path("albert") == path
    assert zoo.short_name(str(path)) == "albert"
    assert zoo.short_name(str(zoo.folder() / "albert.yaml")) != "albert"
    assert netspec.load("albert@base").name == "albert"
    assert netspec.load("albert_xxlarge").variant == "xxlarge"
    assert "albert" in zoo.names("language")
    assert "albert" not in zoo.names("")
    assert zoo.path("../specs/vgg16") is None


def test_shared_blocks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    blocks = "netspec: 1\nblocks: {%s: {layers: {c: {conv2d: 4, kernel: 1}}}}\n"
    (tmp_path / "parts" / "one.yaml").write_text(blocks % "Unit" + "use: two.yaml\n", encoding="utf-8")
    (tmp_path / "parts" / "two.yaml").write_text(blocks % "Other", encoding="utf-8")
    monkeypatch.setattr(zoo, "folder", lambda: tmp_path)
    text = "netspec: 1\nuse: zoo:%s\ninput: [3, 8, 8]\nlayers: [Unit]\n"
    loaded = Spec("anywhere.yaml", text % "one", folder=Path("/")).elaborate()
    assert loaded.require_graph().values[-1].shape == (4, 8, 8)
    (wrong,) = Spec("anywhere.yaml", text % "oen").elaborate().diagnostics
    assert (wrong.code, wrong.message) == ("NS109", "the zoo has no shared blocks 'oen'")
    assert wrong.help == "did you mean 'one'?"
    assert zoo.names() == []
