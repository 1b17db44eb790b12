"""Devices: the table's figures, and what is wrong with a file of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from netspec.devices import TYPES, Device, device_names, find_device, read_devices
from netspec.diagnostics import Error


@pytest.mark.parametrize("name", device_names())
def test_rows_of_the_table(name: str) -> None:
    device = find_device(name)
    order = [device.rates[t] for t in ("float32", "tf32", "float16", "float8") if t in device.rates]
    assert order == sorted(order)
    assert device.rates.get("bfloat16", device.rates["float16"]) == device.rates["float16"]
    assert set(device.rates) <= set(TYPES)
    assert device.backend == "cuda"
    assert device.host_link is not None
    # a memory is read within 10 to 100 ms, and a byte costs 10 to 500 operations: units are right
    assert 0.01 < device.memory / device.bandwidth < 0.1
    assert 10 < device.rates["float16"] / device.bandwidth < 500
    assert device.link is None or device.link.bandwidth > device.host_link.bandwidth


def test_figures_of_datasheets() -> None:
    """NVIDIA H100 SXM: 1,979 teraflops with sparsity, 3.35 TB/s; NVLink 900 GB/s, 450 in one direction."""
    device = find_device("H100")
    assert device.rate("bfloat16") == pytest.approx(1979e12 / 2, rel=1e-3)
    assert (device.rate("float32"), device.rate("float32", tf32=True)) == (67e12, 494.7e12)
    assert (device.bandwidth, device.memory) == (3.35e12, 80 * 10**9)
    assert device.peer_link is not None
    assert device.peer_link.one_way == 450e9
    assert find_device("t4").rate("bfloat16") is None
    assert find_device("RTX 4090").peer_link == find_device("rtx_4090").host_link


MINE = """\
mine:
  title: My accelerator
  memory: 1.5 GiB
  bandwidth: 100 GB/s
  teraflops: {float32: 2}
  source: measured
"""


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(MINE, encoding="utf-8")
    devices = read_devices(path)
    assert devices == {
        "mine": Device("mine", "My accelerator", 3 * 2**29, 1e11, {"float32": 2e12}, None, None, "measured")
    }
    assert find_device("Mine", devices).peer_link is None
    with pytest.raises(Error) as caught:
        find_device("other", devices)
    assert str(caught.value) == "error[NS827]: there is no device 'other'\n  = help: known devices: mine"


def test_an_unknown_device() -> None:
    with pytest.raises(Error) as caught:
        find_device("h1000")
    assert str(caught.value) == (
        "error[NS827]: there is no device 'h1000'\n  = help: did you mean 'h100'? Describe any other in a file for --device-file."
    )


INVALID = {
    "a list": ("- a\n", """\
error[NS828]: a file of devices must be a mapping of names, each with what is known of it; found [a]
 --> devices.yaml:1:1
  |
1 | - a
  | ^
  = help: write each device as NAME: {title: TEXT, memory: 24 GB, bandwidth: 1 TB/s, teraflops: {float32: 40, bfloat16: 160}, source: TEXT}"""),
    "nothing": ("", """\
error[NS828]: a file of devices must be a mapping of names, each with what is known of it
 --> devices.yaml:1:1
  |
1 |
  | ^
  = help: write each device as NAME: {title: TEXT, memory: 24 GB, bandwidth: 1 TB/s, teraflops: {float32: 40, bfloat16: 160}, source: TEXT}"""),
    "a single device": (dedent(MINE.partition("\n")[2]), """\
error[NS828]: a file of devices must be a mapping of names, each with what is known of it; found a device without a name
 --> devices.yaml:1:1
  |
1 | title: My accelerator
  | ^^^^^
  = help: write each device as NAME: {title: TEXT, memory: 24 GB, bandwidth: 1 TB/s, teraflops: {float32: 40, bfloat16: 160}, source: TEXT}"""),
    "a spec": ("netspec: 1\nnetwork: lenet5\ninputs: {x: (1, 32, 32)}\nlayers:\n- dense: 3\n", """\
error[NS828]: a file of devices must be a mapping of names, each with what is known of it; found the keys netspec, network, inputs, layers
 --> devices.yaml:1:1
  |
1 | netspec: 1
  | ^^^^^^^
  = help: write each device as NAME: {title: TEXT, memory: 24 GB, bandwidth: 1 TB/s, teraflops: {float32: 40, bfloat16: 160}, source: TEXT}"""),
    "names": ("cuda: {}\nÄ: {}\nb: 1\nc: {title: C, link: 3, memory: 1 GB, bandwidth: 1 GB/s, source: x, teraflops: {int8: 1}}\n", """\
error[NS828]: 'cuda' cannot be the name of a device: it stands for no device in particular
 --> devices.yaml:1:1
  |
1 | cuda: {}
  | ^^^^

error[NS828]: 'Ä' cannot be the name of a device
 --> devices.yaml:2:1
  |
2 | Ä: {}
  | ^
  = help: a name has at most 40 of a-z, 0-9, '.', '-' and '_', and begins with a letter or digit

error[NS828]: b must be a mapping; found 1
 --> devices.yaml:3:4
  |
3 | b: 1
  |    ^
  = help: write each device as NAME: {title: TEXT, memory: 24 GB, bandwidth: 1 TB/s, teraflops: {float32: 40, bfloat16: 160}, source: TEXT}

error[NS828]: link of c must be a mapping; found 3
 --> devices.yaml:4:21
  |
4 | c: {title: C, link: 3, memory: 1 GB, bandwidth: 1 GB/s, source: x, teraflops: {int8: 1}}
  |                     ^
  = help: keys: name, bandwidth"""),
    "hidden characters": (MINE.replace("title: My", 'title: "My\\e[31m"  # '), """\
error[NS828]: title of mine must be a text of at most 300 visible characters; found 'My\\x1b[31m'
 --> devices.yaml:2:10
  |
2 |   title: "My\\e[31m"  #  accelerator
  |          ^^^^^^^^^^"""),
    "values": (MINE.replace("memory: 1.5 GiB", "memory: 24").replace("float32: 2", "float32: -1, float: 3"), """\
error[NS828]: memory of mine must be a size, such as 24 GB or 24 GiB; found 24
 --> devices.yaml:3:11
  |
3 |   memory: 24
  |           ^^

error[NS828]: float32 of teraflops of mine must be a positive number of teraflops; found -1
 --> devices.yaml:5:24
  |
5 |   teraflops: {float32: -1, float: 3}
  |                        ^^

error[NS828]: teraflops of mine has no key 'float'
 --> devices.yaml:5:28
  |
5 |   teraflops: {float32: -1, float: 3}
  |                            ^^^^^
  = help: did you mean 'float8'?"""),
    "keys": (MINE.replace("  source: measured\n", "  link: {name: x}\n").replace("100 GB/s", "100 GB"), """\
error[NS828]: bandwidth of mine must be bytes per second, such as 3.35 TB/s; found '100 GB'
 --> devices.yaml:4:14
  |
4 |   bandwidth: 100 GB
  |              ^^^

error[NS828]: mine lacks source
 --> devices.yaml:1:1
  |
1 | mine:
  | ^^^^

error[NS828]: link of mine lacks bandwidth
 --> devices.yaml:6:3
  |
6 |   link: {name: x}
  |   ^^^^"""),
    "no rates": (MINE.replace("{float32: 2}", "{}"), """\
error[NS828]: teraflops of mine must have at least one type of float64, float32, tf32, bfloat16, float16, float8, int8
 --> devices.yaml:5:14
  |
5 |   teraflops: {}
  |              ^"""),
}  # fmt: skip


@pytest.mark.parametrize("name", INVALID)
def test_what_is_wrong_with_a_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text, expected = INVALID[name]
    Path("devices.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Error) as caught:
        read_devices("devices.yaml")
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("name", "reason"), [("none.yaml", "no such file or directory"), ("a\0b", "no file has this name")]
)
def test_a_file_that_cannot_be_read(name: str, reason: str) -> None:
    with pytest.raises(Error, match=reason) as caught:
        read_devices(name)
    assert caught.value.code == "NS706"
