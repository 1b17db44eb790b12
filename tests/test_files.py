"""Writing a file in one step."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
from pathlib import Path

import pytest

from netspec.files import (
    FileReadError,
    FileWriteError,
    is_stream,
    open_regular,
    replace_file,
    require_room,
    temporary_folder,
)


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


def test_a_link_to_nothing_is_followed_and_a_loop_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("out.bin")
    with replace_file(tmp_path / "dangling") as file:
        file.write(b"x")
    assert (tmp_path / "out.bin").read_bytes() == b"x"
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    assert refused(loop).message == f"cannot write '{loop}': too many levels of symbolic links"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everything")
def test_what_is_read_only(tmp_path: Path) -> None:
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_bytes(b"old")
    file.chmod(0o444)
    folder.mkdir(mode=0o555)
    assert refused(file).message == f"cannot write '{file}': permission denied"
    assert refused(folder / "new").message == f"cannot write '{folder / 'new'}': permission denied"
    assert file.read_bytes() == b"old"


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    assert refused(tmp_path / "a\0b").reason == "no file can have this name"


@pytest.mark.parametrize("path", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_an_open_descriptor_is_written_where_it_is(path: str, tmp_path: Path) -> None:
    """Not from the start of its file, and without replacing that."""
    with open(tmp_path / "log", "wb") as log:
        log.write(b"before ")
        log.flush()
        name = path.format(log.fileno())
        assert is_stream(name)
        with replace_file(name) as file:
            file.write(b"within ")
        log.write(b"after")
    assert (tmp_path / "log").read_bytes() == b"before within after"
    assert refused(Path(name)).message == f"cannot write '{name}': bad file descriptor"


def test_a_socket_is_written_through_its_descriptor() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with replace_file(f"/dev/fd/{theirs.fileno()}") as file:
            file.write(b"x")
        assert ours.recv(10) == b"x"


def test_hidden_files_of_writers_that_have_ended_are_removed(tmp_path: Path) -> None:
    abandoned = tmp_path / ".0123456789abcdef.netspec"
    abandoned.write_bytes(b"half")
    others = [".0123456789abcdeg.netspec", "x.0123456789abcdef.netspec", ".0123456789abcdef.netspec.yaml"]
    for name in others:
        (tmp_path / name).write_bytes(b"")
    with replace_file(tmp_path / "a") as first, replace_file(tmp_path / "b") as second:
        assert not abandoned.exists()
        first.write(b"1")
        second.write(b"2")
    assert {f.name: f.read_bytes() for f in tmp_path.iterdir()} == {"a": b"1", "b": b"2", **dict.fromkeys(others, b"")}


def test_what_only_has_the_name_of_a_hidden_file_stays(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"old")
    link, pipe, folder = (tmp_path / f".{n:016x}.netspec" for n in range(3))
    link.symlink_to(other)
    os.mkfifo(pipe)
    folder.mkdir()
    with replace_file(tmp_path / "new") as file:
        file.write(b"x")
    assert {f.name for f in tmp_path.iterdir()} == {"new", "other", link.name, pipe.name, folder.name}
    assert other.read_bytes() == b"old"


def test_a_hidden_file_that_is_removed_before_it_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process may take a new file for an abandoned one: its writer begins again."""
    lock, removed = fcntl.flock, list[str]()

    def remove_and_lock(descriptor: int, operation: int) -> None:
        if not removed:
            removed.extend(map(str, tmp_path.iterdir()))
            os.unlink(removed[0])
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", remove_and_lock)
    with replace_file(tmp_path / "out") as file:
        file.write(b"x")
    assert len(removed) == 1
    assert [f.read_bytes() for f in tmp_path.iterdir()] == [b"x"]


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    before = os.listdir("/dev/fd")
    with replace_file(tmp_path / "out"):
        pass
    assert refused(tmp_path / "no" / "out").code == "NS705"
    assert os.listdir("/dev/fd") == before


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    rows = {
        pipe: "it is not a regular file",
        Path("/dev/zero"): "it is not a regular file",
        tmp_path: "it is a folder",
        tmp_path / "none": "there is no such file",
        tmp_path / "a\0b": "no file can have this name",
    }
    for path, reason in rows.items():
        with pytest.raises(FileReadError) as caught, open_regular(path):
            pass
        assert caught.value.reason == reason
    (tmp_path / "file").write_bytes(b"x")
    with open_regular(tmp_path / "file") as file:
        assert file.read() == b"x"


def test_a_temporary_folder_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with temporary_folder() as folder:
        (folder / "file").write_bytes(b"x")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == []

    def cannot_create(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, "mkdir", cannot_create)
    with pytest.raises(FileWriteError, match="no such file or directory"), temporary_folder():
        pass


def test_a_disk_must_have_room_for_the_file(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    require_room(path, 1)
    require_room(os.devnull, 2**60)  # a stream takes any amount
    require_room(tmp_path / "missing" / "out.bin", 2**60)  # opening it says that there is no such folder
    with pytest.raises(
        FileWriteError, match="it would have 1,152,921,504,606,846,976 bytes, and the disk has room for"
    ):
        require_room(path, 2**60, "smaller layers")
    assert list(tmp_path.iterdir()) == []


def test_temporary_folders_of_processes_that_have_ended_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (tmp_path / "other").mkdir()
    abandoned, link = tmp_path / "netspec-0123456789abcdef", tmp_path / "netspec-00000000000000ff"
    abandoned.mkdir()
    (abandoned / "half").write_bytes(b"x")
    link.symlink_to("other")
    with temporary_folder() as first:
        (first / "file").write_bytes(b"x")
        with temporary_folder() as second:
            assert {f.name for f in tmp_path.iterdir()} == {"other", link.name, first.name, second.name}
            assert (first / "file").exists()
    assert {f.name for f in tmp_path.iterdir()} == {"other", link.name}
