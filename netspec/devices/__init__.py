"""Devices that networks run on: published memory, peak rates and bandwidths, or those of a file.

>>> find_device("H100").title
'NVIDIA H100 SXM5 80GB'
"""

from .device import TYPES, Device, Link
from .known_devices import device_names, find_device, read_devices

__all__ = ["TYPES", "Device", "Link", "device_names", "find_device", "read_devices"]
