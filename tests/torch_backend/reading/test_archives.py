"""Archives of ``torch.export.save`` that could run code when they are loaded: refused, and nothing is run."""

# Parts of torch have no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from netspec.diagnostics import Error
from netspec.importing import import_source
from netspec.importing.readers import Request, reader_for
from netspec_torch.reading.construction import load_archive
from netspec_torch.reading.exported_program import quiet


class Trap:
    """An object that makes a folder when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("trapped",)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a size that is left open."""
    path = tmp_path_factory.mktemp("archives") / "net.pt2"
    with quiet():
        length = torch.export.Dim("L", min=2, max=64)
        module = nn.Sequential(nn.Linear(3, 4), nn.Flatten(0, 1)).eval()
        program: Any = torch.export.export(module, (torch.randn(23, 5, 3),), dynamic_shapes=({1: length},))
        torch.export.save(program, path)
    return path


def replaced(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    """A change of the program."""
    return lambda name, content: content.replace(old, new, 1) if name.endswith(".json") else content


def pickled(name: str, content: bytes) -> bytes:
    """A trap in place of the example inputs."""
    return pickle.dumps(Trap()) if name.endswith("model.pt") else content


CHANGES: dict[str, tuple[Callable[[str, bytes], bytes], str]] = {
    "pickled inputs": (
        pickled, "'data/sample_inputs/model.pt' contains pickled objects, which are not loaded"),
    "a pickled tensor": (
        replaced(b'"use_pickle": false', b'"use_pickle": true'), "a tensor is pickled, and is not loaded"),
    "an object": (
        replaced(b'"path_name": "weight_0"', b'"path_name": "opaque_obj_0"'),
        "the constant 'opaque_obj_0' is a pickled object, which is not loaded"),
    "a function": (
        replaced(b'"torch.ops.aten.linear.default"', b'"torch.os.mkdir"'),
        "'torch.os.mkdir' is not an operation of PyTorch that may occur in a program"),
    "a library": (
        replaced(b'"torch.ops.aten.linear.default"', b'"torch.ops.load_library"'),
        "'torch.ops.load_library' is not an operation of PyTorch that may occur in a program"),
    "a size": (
        lambda name, content: content.replace(b'"expr_str": "', b'"expr_str": "__import__(1).mkdir+'),
        "the size '__import__(1).mkdir+"),
    "no JSON": (replaced(b"{", b"["), "JSONDecodeError: "),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_refused(case: str, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    change, expected = CHANGES[case]
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile("changed.pt2", "w") as after:
        for name in before.namelist():
            after.writestr(name, change(name, before.read(name)))
    with pytest.raises(Error) as error:
        load_archive(Path("changed.pt2"))
    first, place, *_ = str(error.value).splitlines()
    assert first.startswith(f"error[NS878]: the archive cannot be read: {expected}")
    assert place == " --> changed.pt2"
    assert not Path("trapped").exists()


UNKNOWN = "'{}' is not a file that torch.export.save writes"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("net/models/model.evil", UNKNOWN),
        ("net/models/other.json", UNKNOWN),
        ("net/models/MODEL.JSON", UNKNOWN),
        ("net/data/aotinductor/net/a.so", UNKNOWN),
        ("net/data/constants/custom_obj_0", UNKNOWN),
        ("other/models/model.json", UNKNOWN),
        ("serialized_constants.pt", UNKNOWN),
        ("version", UNKNOWN),
        ("net/models/model.json", "it has two files named '{}'"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_other_members(name: str, expected: str, archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "changed.pt2"
    path.write_bytes(archive.read_bytes())
    with zipfile.ZipFile(path, "a") as changed:
        changed.writestr(name, b"{}")
    with pytest.raises(Error) as error:
        load_archive(path)
    assert str(error.value).splitlines()[0].endswith(": " + expected.format(name))


def test_compressed_members(archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "changed.pt2"
    with zipfile.ZipFile(archive) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, before.read(name))
    with pytest.raises(Error, match=r"'net/data/weights/weight_0' is compressed, unlike what torch.export.save writes"):
        load_archive(path)


def test_extra_files_are_not_read(archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "extra.pt2"
    path.write_bytes(archive.read_bytes())
    with zipfile.ZipFile(path, "a") as changed:
        changed.writestr("net/extra/notes.so", b"\xff")
    assert load_archive(path).graph_signature.user_inputs == ("input",)


@pytest.mark.parametrize("length", [0, 100, 3000])
def test_truncated(length: int, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "t.pt2").write_bytes(archive.read_bytes()[:length])
    with pytest.raises(Error, match=r"NS878.*File is not a zip file"):
        load_archive(tmp_path / "t.pt2")


def test_an_archive_with_an_open_size(archive: Path) -> None:
    assert load_archive(archive).graph_signature.user_inputs == ("input",)


def test_an_open_batch_is_that_of_the_example(tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    with quiet():
        shapes = ({0: torch.export.Dim("batch")},)
        program = torch.export.export(nn.Linear(3, 4).eval(), (torch.randn(23, 3),), dynamic_shapes=shapes)
        torch.export.save(program, path)
    graph = import_source(reader_for(str(path)).read(str(path), Request())).graph
    assert [t.shape for t in (*graph.input_types.values(), *graph.output_types.values())] == [(3,), (4,)]
