"""Devices that run networks, with memory, peak rates and bandwidths as published or given in a file.

>>> find_device("H100").title
'NVIDIA H100 SXM5 80GB'
"""

from .device import TYPES, Device, Link
from .known_devices import device_names, find_device, read_devices

__all__ = ["TYPES", "Device", "Link", "device_names", "find_device", "read_devices"]
