"""A table of the known devices."""

from __future__ import annotations

from netspec.devices import TYPES, Device, device_names, find_device
from netspec.units import size_text


def device_lines() -> list[str]:
    """Returns one line per device: memory, bandwidth, links, and teraflops by type."""
    devices = [find_device(name) for name in device_names()]
    types = [name for name in TYPES if any(name in device.rates for device in devices)]
    name_width = max(len(device.name) for device in devices)
    head = f"{'device':{name_width}}  {'memory':>7}  {'bandwidth':>9}  {'link':>10}"
    lines = [f"{head}  {'teraflops: ' + types[0]:>18}  {'  '.join(f'{name:>8}' for name in types[1:])}"]
    lines += [_line(device, types, name_width) for device in devices]
    return [
        *lines,
        "",
        "Rates are those of dense matrices, links both directions together. --device-file reads others.",
    ]


def _line(device: Device, types: list[str], width: int) -> str:
    link = f"{device.link.bandwidth / 1e9:,.0f} GB/s" if device.link is not None else ""
    rates = [f"{device.rates[name] / 1e12:,.1f}" if name in device.rates else "" for name in types]
    first = f"{device.name:{width}}  {size_text(device.memory):>7}  {size_text(device.bandwidth):>7}/s  {link:>10}"
    return f"{first}  {rates[0]:>18}  {'  '.join(f'{rate:>8}' for rate in rates[1:])}".rstrip()
