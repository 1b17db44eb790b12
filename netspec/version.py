"""The version of netspec: the one place where it is written down for the program and for its distributions."""

__version__ = "0.2.0"
