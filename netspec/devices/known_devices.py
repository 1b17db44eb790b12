"""Finds devices by name in netspec's table, or in a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ..diagnostics import Error, LocatedError, Sources, SpecError, clip, did_you_mean
from ..files import FileReadError, os_reason
from ..files.input_files import read_input
from ..text.yaml_reader import read
from .device import Device
from .device_files import devices_of

MAX_BYTES = 1_000_000
"""Maximum size of a file of devices, in bytes."""
TABLE = "devices.yaml"


@cache
def _table() -> Mapping[str, Device]:
    return read_devices(Path(__file__).with_name(TABLE))


def device_names() -> list[str]:
    """Returns the names of the devices in netspec's table."""
    return list(_table())


def find_device(name: str, devices: Mapping[str, Device] | None = None) -> Device:
    """Returns a device by its name, ignoring case, spaces, ``-`` and ``_``.

    Args:
        name: the name.
        devices: the devices to search; by default netspec's table.

    Raises:
        Error: NS827, there is no such device.
    """
    known = _table() if devices is None else devices
    for device in known.values():
        if _plain(device.name) == _plain(name):
            return device
    help_ = did_you_mean(name, known) or f"known devices: {', '.join(known)}"
    if devices is None:
        help_ += f"{'' if help_.endswith('?') else '.'} Describe any other in a file for --device-file."
    raise Error("NS827", f"there is no device '{clip(name)}'", help_)


def _plain(name: str) -> str:
    return name.lower().translate({ord(c): None for c in " -_"})


def read_devices(path: str | os.PathLike[str]) -> Mapping[str, Device]:
    """Returns the devices of a YAML file, by name.

    Raises:
        FileReadError: NS706, the file cannot be read.
        SpecError: NS828, the description of a device is invalid, or the file is not YAML; with locations.
    """
    try:
        content = read_input(path, MAX_BYTES + 1)
    except OSError as error:
        raise FileReadError(path, os_reason(error)) from None
    except ValueError:
        raise FileReadError(path, "no file has this name") from None
    if len(content) > MAX_BYTES:
        raise FileReadError(path, f"it is larger than {MAX_BYTES // 10**6} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileReadError(path, f"it is not UTF-8: byte 0x{content[error.start]:02X}") from None
    sources = Sources()
    sources.add(os.fspath(path), text)
    problems: list[LocatedError] = []
    devices: Mapping[str, Device] = {}
    try:
        devices = devices_of(read(text), problems.append)
    except LocatedError as error:
        problems.append(error)
    if problems:
        raise SpecError([problem.diagnostic for problem in problems], sources)
    return devices
