"""Writing a file in one step."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from netspec.files import FileWriteError, replace_file


def test_the_new_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    path.write_bytes(b"old")
    with replace_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
        assert all(p == path or p.name.startswith(".") for p in tmp_path.iterdir())
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt], ids=lambda e: e.__name__)
@pytest.mark.parametrize("before", [b"old", None])
def test_nothing_is_left_when_the_block_fails(tmp_path: Path, error: type[BaseException], before: bytes | None) -> None:
    path = tmp_path / "out.bin"
    if before is not None:
        path.write_bytes(before)

    def write() -> None:
        with replace_file(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises(error):
        write()
    assert [p.read_bytes() for p in tmp_path.iterdir()] == ([] if before is None else [before])


def test_permissions_stay_and_a_new_file_has_the_usual_ones(tmp_path: Path) -> None:
    path, new, usual = tmp_path / "out.bin", tmp_path / "new.bin", tmp_path / "usual.bin"
    path.write_bytes(b"")
    path.chmod(0o640)
    usual.write_bytes(b"")
    for each in (path, new):
        with replace_file(each) as file:
            file.write(b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.bin"
    link.symlink_to("real/out.bin")
    with replace_file(link) as file:
        file.write(b"x")
    assert link.is_symlink()
    assert (tmp_path / "real" / "out.bin").read_bytes() == b"x"


def test_a_pipe_is_written_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with replace_file(pipe) as file:
            file.write(b"x")
        assert os.read(reader, 10) == b"x"
    finally:
        os.close(reader)
    assert list(tmp_path.iterdir()) == [pipe]


def refused(path: Path) -> FileWriteError:
    def write() -> None:
        with replace_file(path) as file:
            file.write(b"x" * 100_000)

    with pytest.raises(FileWriteError) as caught:
        write()
    return caught.value


def test_what_cannot_be_written(tmp_path: Path) -> None:
    folder = refused(tmp_path)
    assert folder.message == f"cannot write '{tmp_path}': it is a folder"
    assert folder.code == "NS705"
    nowhere = tmp_path / "no" / "out.bin"
    assert refused(nowhere).message == f"cannot write '{nowhere}': its folder does not exist"
    (tmp_path / "file").write_bytes(b"")
    below = tmp_path / "file" / "out.bin"
    assert refused(below).message == f"cannot write '{below}': not a directory"
    long = tmp_path / ("x" * 300)
    assert refused(long).message == f"cannot write '{long}': file name too long"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_a_full_disk() -> None:
    assert refused(Path("/dev/full")).message == "cannot write '/dev/full': no space left on device"


def test_an_error_of_another_file_stays_what_it_is(tmp_path: Path) -> None:
    def write() -> None:
        with replace_file(tmp_path / "out.bin"), open(tmp_path / "other"):
            pass

    with pytest.raises(FileNotFoundError):
        write()
    assert list(tmp_path.iterdir()) == []
