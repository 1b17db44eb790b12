"""State dicts that lie, that want memory or time, or that would run code: one error each, in bounded memory and time."""

# torch is partly typed:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import contextlib
import io
import os
import random
import struct
import time
import tracemalloc
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from torch import nn

from netspec.files import FileReadError
from netspec.weights.weight_file import open_weights


def archived(pickle: bytes, data: bytes = b"\0" * 16, compression: int = zipfile.ZIP_STORED, **entries: bytes) -> bytes:
    """A file like those of ``torch.save``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in {"data.pkl": pickle, "data/0": data, **entries}.items():
            archive.writestr(f"x/{name}", content)
    return out.getvalue()


def tensor_of(size: bytes = b"K\x04", stride: bytes = b"K\x01", offset: bytes = b"K\x00", key: bytes = b"0") -> bytes:
    """A pickle of one tensor named ``a``; sizes are opcodes."""
    storage = b"(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" + key + b"X\3\0\0\0cpuK\x04tQ"
    call = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + offset + size + b"\x85" + stride + b"\x85\x89N" + b"tR"
    return b"\x80\2}X\1\0\0\0a" + call + b"s."


NOT_WRITTEN = "torch.save did not write it"
HOSTILE: dict[str, tuple[bytes, str]] = {
    "a command": (archived(b"\x80\2cos\nsystem\nX\4\0\0\0echo\x85R."), "it contains more than tensors: reading it would run code ('os.system')"),
    "a command by protocol 4": (archived(b"\x80\4\x8c\2os\x8c\6system\x93\x8c\4echo\x85R."), "it contains more than tensors: reading it would run code ('os.system')"),
    "a command by protocol 0": (archived(b"cos\nsystem\n(S'echo'\ntR."), "it contains more than tensors: reading it would run code ('os.system')"),
    "an instance by protocol 0": (archived(b"(S'echo'\nios\nsystem\n."), NOT_WRITTEN),
    "a command in attributes": (archived(b"\x80\2}cbuiltins\neval\nX\1\0\0\0" b"1\x85Rb."), "it contains more than tensors: reading it would run code ('builtins.eval')"),
    "a function of torch": (archived(b"\x80\2ctorch\nload\nX\1\0\0\0x\x85R."), "it contains more than tensors: reading it would run code ('torch.load')"),
    "a function below torch": (archived(b"\x80\2ctorch.hub\nload\nX\1\0\0\0x\x85R."), "it contains more than tensors: reading it would run code ('torch.hub.load')"),
    "a function by a dotted name": (archived(b"\x80\4\x8c\5torch\x8c\x08hub.load\x93\x8c\1x\x85R."), "it contains more than tensors: reading it would run code ('torch.hub.load')"),
    "an extension": (archived(b"\x80\2\x82\1."), NOT_WRITTEN),
    "an endless length": (archived(b"\x80\4\x8e\xff\xff\xff\xff\xff\0\0\0."), NOT_WRITTEN),
    "an endless text": (archived(b"\x80\4\x8d\xff\xff\xff\xff\xff\xff\xff\x7f."), NOT_WRITTEN),
    "an endless integer": (archived(b"\x80\2\x8b\xff\xff\xff\x7f."), NOT_WRITTEN),
    "an endless memo": (archived(b"\x80\2Nr\xff\xff\xff\xff."), "it contains no named tensors"),
    "an endless byte array": (archived(b"\x80\2}X\1\0\0\0acbuiltins\nbytearray\n\x8a\5\0\0\0\0\1\x85Rs."), "it contains no named tensors"),
    "keys that take for ever": (archived(b"\x80\2}" + b")" + b"2\x86" * 200 + b"Ns."), "it contains no named tensors"),
    "no end": (archived(b"\x80\2}"), NOT_WRITTEN),
    "an empty stack": (archived(b"\x80\2R."), NOT_WRITTEN),
    "a negative size": (archived(tensor_of(size=b"J\xff\xff\xff\xff")), NOT_WRITTEN),
    "a size that is a text": (archived(tensor_of(size=b"U\1x")), NOT_WRITTEN),
    "a huge size": (archived(tensor_of(size=b"\x8a\7\0\0\0\0\0\0\1")), NOT_WRITTEN),
    "a compressed pickle": (archived(tensor_of(), compression=zipfile.ZIP_DEFLATED), "its entry 'x/data.pkl' is compressed"),
    "a bomb": (archived(b"\x80\2" + b"N0" * 2_000_000 + b".", compression=zipfile.ZIP_DEFLATED), "its entry 'x/data.pkl' is compressed"),
    "a large pickle": (archived(b"\x80\2" + b"N0" * 16_000_000 + b"."), NOT_WRITTEN),
    "no pickle": (archived(b"").replace(b"data.pkl", b"data.pkx"), NOT_WRITTEN),
    "half an archive": (archived(tensor_of())[:-30], NOT_WRITTEN),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files(case: str, tmp_path: Path) -> None:
    content, reason = HOSTILE[case]
    (tmp_path / "x.pt").write_bytes(content)
    start = time.process_time()
    with pytest.raises(FileReadError) as caught:  # loads what it needs, which is not to be measured
        open_weights(tmp_path / "x.pt")
    assert caught.value.reason == reason
    assert time.process_time() - start < 20
    tracemalloc.start()
    try:
        with pytest.raises(FileReadError):
            open_weights(tmp_path / "x.pt")
        assert tracemalloc.get_traced_memory()[1] < 100_000 + 4 * len(content)
    finally:
        tracemalloc.stop()


def legacy(items: int, data: bytes) -> bytes:
    """What ``torch.save`` wrote before version 1.6: one storage, which claims that number of elements."""
    head = b"\x80\2\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\2M\xe9\3.\x80\2}."
    return head + tensor_of() + b"\x80\2]X\1\0\0\0000a." + struct.pack("<q", items) + data


def compressed_storage() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x/data.pkl", tensor_of())
        archive.writestr("x/data/0", b"\0" * 16, zipfile.ZIP_DEFLATED)
    return out.getvalue()


LYING: dict[str, tuple[bytes, str]] = {
    "too many elements": (archived(tensor_of(size=b"K\5")), "'a' has 5 elements, of which the file holds only 4"),
    "a size of 3.3 GB": (archived(tensor_of(size=b"J\0\0\0\x31", stride=b"K\0")), "'a' has 822,083,584 elements, of which the file holds only 4"),
    "a wide stride": (archived(tensor_of(stride=b"J\0\0\0\x7f")), "'a' lies outside of its storage"),
    "an offset": (archived(tensor_of(offset=b"K\1")), "'a' lies outside of its storage"),
    "a storage that does not exist": (archived(tensor_of(key=b"1")), "it lacks the elements of 'a'"),
    "a compressed storage": (compressed_storage(), "its entry 'x/data/0' is compressed"),
    "no entry where the directory says": (archived(tensor_of()).replace(b"PK\3\4", b"PK\0\0").replace(b"PK\0\0", b"PK\3\4", 1), "it lacks the elements of 'a'"),
    "too few elements before 1.6": (legacy(3, b"\0" * 12), "'a' has 4 elements, of which the file holds only 3"),
}  # fmt: skip


@pytest.mark.parametrize("case", LYING)
def test_descriptions_that_lie(case: str, tmp_path: Path) -> None:
    content, reason = LYING[case]
    (tmp_path / "x.pt").write_bytes(content)
    file = open_weights(tmp_path / "x.pt")
    tracemalloc.start()
    for read in (lambda: file.read("a"), lambda: list(file.pieces("a"))):
        with pytest.raises(FileReadError) as caught:
            read()
        assert caught.value.reason == reason
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


@pytest.mark.parametrize("items", [5, 1 << 40, -1])
def test_a_storage_before_1_6_that_is_longer_than_the_file(items: int, tmp_path: Path) -> None:
    (tmp_path / "x.pt").write_bytes(legacy(items, b"\0" * 16))
    with pytest.raises(FileReadError, match=NOT_WRITTEN):
        open_weights(tmp_path / "x.pt")
    (tmp_path / "x.pt").write_bytes(legacy(4, b"\0" * 16))
    assert open_weights(tmp_path / "x.pt").read("a").tolist() == [0] * 4
    (tmp_path / "x.pt").write_bytes(legacy(4, b"\0" * 16).replace(b"]X\1\0\0\0000a.", b"]]]ea."))
    with pytest.raises(FileReadError, match=NOT_WRITTEN):
        open_weights(tmp_path / "x.pt")


def test_a_file_that_shrinks_after_it_was_opened(tmp_path: Path) -> None:
    (tmp_path / "x.pt").write_bytes(legacy(4, b"\0" * 16))
    file = open_weights(tmp_path / "x.pt")
    os.truncate(tmp_path / "x.pt", 100)
    with pytest.raises(FileReadError, match="it was truncated after it was opened"):
        file.read("a")


def test_the_byte_order_of_another_machine(tmp_path: Path) -> None:
    numbers = struct.pack(">4f", 1, 2, 3, 4)
    (tmp_path / "x.pt").write_bytes(archived(tensor_of(), numbers, byteorder=b"big"))
    assert open_weights(tmp_path / "x.pt").read("a").tolist() == [1, 2, 3, 4]


def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    (tmp_path / "zero.safetensors").symlink_to("/dev/zero")
    for name in ("pipe.pt", "zero.safetensors"):
        with pytest.raises(FileReadError, match="it is not a regular file"):
            open_weights(tmp_path / name)


def test_a_hundred_thousand_tensors(tmp_path: Path) -> None:
    count = 100_000
    item = tensor_of().removeprefix(b"\x80\2}").removesuffix(b"s.")
    items = b"".join(item.replace(b"X\1\0\0\0a", b"X\6\0\0\0%06d" % i, 1) for i in range(count))
    (tmp_path / "x.pt").write_bytes(archived(b"\x80\2}(" + items + b"u."))
    start = time.process_time()
    file = open_weights(tmp_path / "x.pt")
    for name in file.names:
        file.check(name)
    assert len(file.names) == count
    assert time.process_time() - start < 30


def test_mutated_files_raise_no_other_error(tmp_path: Path) -> None:
    """A thousand of them; whatever is still read, is read without an exception of Python."""
    path = tmp_path / "x.pt"
    tensors = {"a": torch.arange(6.0).reshape(2, 3), "b": nn.Parameter(torch.ones(2)), "c": torch.ones(3).half()}
    originals = list[bytes]()
    for zipped in (True, False):
        torch.save(OrderedDict(tensors), path, _use_new_zipfile_serialization=zipped)
        originals.append(path.read_bytes())
    moments = random.Random(5)
    read = 0
    for _ in range(1000):
        content = bytearray(moments.choice(originals))
        for _ in range(moments.choice((1, 1, 2, 5))):
            at = moments.randrange(len(content))
            content[at : at + moments.choice((0, 1, 1))] = moments.randbytes(moments.choice((0, 1, 1, 1, 4)))
        path.write_bytes(content)
        try:
            file = open_weights(path)
            for name in file.names:
                with contextlib.suppress(FileReadError):
                    file.read(name)
                    read += 1
        except FileReadError:
            pass
    assert read > 500
