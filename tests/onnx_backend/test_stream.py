"""Files written in pieces: their numbers, memory, data files, and interrupted writes."""

# onnx is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import netspec_onnx
from netspec.files import FileWriteError
from netspec.ir import Graph
from netspec.weights.weight_source import SeedSource
from tests.drafts import Draft

from .support import SEED, assert_inferred, run
from .writing_process import dense

ROOT = Path(__file__).resolve().parents[2]


def export_in_process(path: Path, units: int, mode: str, stop: float | str) -> subprocess.CompletedProcess[str]:
    """Exports in a separate process, which is killed after that share of the bytes (0: never)."""
    return subprocess.run(
        [sys.executable, "-m", "tests.onnx_backend.writing_process", str(path), str(units), mode, str(stop)],
        cwd=ROOT,
        text=True,
        check=False,
        capture_output=True,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'backends'}", "PATH": ""},
    )


def assert_holds(path: Path, graph: Graph, seed: int) -> None:
    """The file's weights equal those of the seed, bit for bit."""
    model = onnx.load(path)
    onnx.checker.check_model(str(path), full_check=True)
    tensors = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    assert tensors.keys() == {p.name for p in graph.parameters}
    for p in graph.parameters:
        np.testing.assert_array_equal(tensors[p.name], SeedSource(seed).values(p))


@pytest.mark.parametrize("external", [False, True])
def test_weights_equal_those_of_the_seed(external: bool, tmp_path: Path) -> None:
    graph, path = dense(1100), tmp_path / "net.onnx"  # weights of more than one piece
    progress: list[tuple[int, int]] = []
    netspec_onnx.export(
        graph,
        path,
        source=SeedSource(SEED),
        external_data=external,
        progress=lambda n, total_bytes: progress.append((n, total_bytes)),
    )
    assert_holds(path, graph, SEED)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["net.onnx", "net.onnx.data"][: 1 + external]
    total = sum(4 * p.elements for p in graph.parameters)
    assert progress[-1] == (total, total)
    assert [n for n, _ in progress] == sorted(n for n, _ in progress)


def test_onnx_would_write_the_same_file(tmp_path: Path) -> None:
    graph, path = dense(64), tmp_path / "net.onnx"
    netspec_onnx.export(graph, path)
    model = onnx.load(path)
    assert_inferred(model)
    again = tmp_path / "again.onnx"
    onnx.save(model, again)
    assert onnx.load(again) == model
    assert abs(path.stat().st_size - again.stat().st_size) < 16


def test_external_data_is_aligned(tmp_path: Path) -> None:
    graph, path = dense(1100), tmp_path / "net.onnx"
    netspec_onnx.export(graph, path, external_data=True)
    model = onnx.load(path, load_external_data=False)
    external_data = {t.name: {e.key: e.value for e in t.external_data} for t in model.graph.initializer}
    assert [p.get("location") for p in external_data.values()] == ["net.onnx.data"] * 4
    offsets = [int(p["offset"]) for p in external_data.values()]
    assert [o % 4096 for o in offsets] == [0] * 4
    assert [int(external_data[f"fc{i}.weight"]["offset"]) % 65536 for i in (0, 1)] == [0, 0]
    last = external_data["fc1.bias"]
    assert int(last["offset"]) + int(last["length"]) == (tmp_path / "net.onnx.data").stat().st_size


def test_small_tensors_stay_in_the_file(tmp_path: Path) -> None:
    netspec_onnx.export(dense(64), tmp_path / "net.onnx", external_data=True)
    model = onnx.load(tmp_path / "net.onnx", load_external_data=False)
    assert [bool(t.external_data) for t in model.graph.initializer] == [True, False, True, False]


def test_no_data_file_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    for units, external, files in (
        (64, True, ["net.onnx", "net.onnx.data"]),
        (96, True, ["net.onnx", "net.onnx.1.data"]),
        (128, True, ["net.onnx", "net.onnx.data"]),
        (64, False, ["net.onnx"]),
    ):
        netspec_onnx.export(dense(units), path, source=SeedSource(units), external_data=external)
        assert sorted(f.name for f in tmp_path.iterdir()) == sorted(files)
        assert_holds(path, dense(units), units)


@pytest.mark.parametrize("mode", ["single", "external"])
def test_memory_is_small_for_half_a_gigabyte_of_weights(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    process = export_in_process(path, 8192, mode, 0)
    assert process.returncode == 0, process.stderr
    assert sum(f.stat().st_size for f in tmp_path.iterdir()) > 512 << 20
    assert int(process.stdout.split()[0]) < 150
    for file in tmp_path.iterdir():
        file.unlink()


@pytest.mark.parametrize("mode", ["single", "external"])
@pytest.mark.parametrize("stop", [0.01, 0.5, 1.0])
def test_killed_while_writing_the_old_file_stays_intact(mode: str, stop: float, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    old = dense(1030)
    netspec_onnx.export(old, path, source=SeedSource(5), external_data=mode == "external")
    process = export_in_process(path, 1100, mode, stop)
    assert process.returncode == -signal.SIGKILL
    assert_holds(path, old, 5)
    results = [f.name for f in tmp_path.iterdir() if f.suffix == ".onnx"]
    assert results == ["net.onnx"]
    netspec_onnx.export(dense(64), path, source=SeedSource(7), external_data=mode == "external")
    assert_holds(path, dense(64), 7)


@pytest.mark.parametrize("mode", ["single", "external"])
def test_killed_before_each_change_of_a_file(mode: str, tmp_path: Path) -> None:
    """The old or the new file is there, intact, whatever the process was about to do."""
    path = tmp_path / "net.onnx"
    external = mode == "external"
    process = export_in_process(path, 1040, mode, "before0")
    assert process.returncode == 0, process.stderr
    assert 1 < int(process.stdout.split()[1]) < 20
    status, number, observed = -signal.SIGKILL, 0, set[int]()
    while status == -signal.SIGKILL:
        number += 1
        for file in tmp_path.iterdir():
            file.unlink()
        netspec_onnx.export(dense(1030), path, source=SeedSource(5), external_data=external)
        status = export_in_process(path, 1040, mode, f"before{number}").returncode
        rows = onnx.load(path, load_external_data=False).graph.initializer[0].dims[0]
        observed.add(rows)
        assert_holds(path, dense(rows), 5 if rows == 1030 else 1)
        assert [f.name for f in tmp_path.iterdir() if f.suffix == ".onnx"] == ["net.onnx"]
    assert status == 0
    assert observed == {1030, 1040}


def test_killed_before_both_files_are_complete_neither_gets_its_name(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    old = dense(1023)
    netspec_onnx.export(old, path, source=SeedSource(5), external_data=True)
    process = export_in_process(path, 1022, "external", 0.9995)
    assert process.returncode == -signal.SIGKILL
    assert [f.name for f in tmp_path.iterdir() if f.suffix == ".data"] == ["net.onnx.data"]
    assert_holds(path, old, 5)


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(FileWriteError, match="its folder does not exist"):
        netspec_onnx.export(dense(4), tmp_path / "no" / "net.onnx")


@pytest.mark.slow
def test_more_than_two_gigabytes_become_external_data(tmp_path: Path) -> None:
    draft = Draft()
    draft.add("fc", "dense", draft.input(23_500, name="x"), units=23_500, bias=False, init={"constant": 0.5})
    graph, path = draft.graph(), tmp_path / "net.onnx"
    netspec_onnx.export(graph, path)
    try:
        assert path.stat().st_size < 4096
        assert (tmp_path / "net.onnx.data").stat().st_size == 4 * 23_500**2 > 2**31
        onnx.checker.check_model(str(path), full_check=True)
        (y,) = run(path, {"x": np.ones((1, 23_500), np.float32)})
        np.testing.assert_array_equal(y, np.full((1, 23_500), 11_750, np.float32))
    finally:
        (tmp_path / "net.onnx.data").unlink()
