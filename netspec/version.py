"""The version of netspec, used by the program and its distributions."""

__version__ = "0.2.0"
