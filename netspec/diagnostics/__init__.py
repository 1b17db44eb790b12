"""Problems in a spec or its environment, and their reports."""

from .diagnostic import Diagnostic, Sources, TraceStep, as_data, with_warnings_as_errors
from .errors import Error, LocatedError, SpecError
from .location import Location, pack, unpack
from .render import paint, render
from .sanitize import clean, clip
from .suggest import FindHelp, did_you_mean, nearest, suggestion

__all__ = [
    "Diagnostic",
    "Error",
    "FindHelp",
    "LocatedError",
    "Location",
    "Sources",
    "SpecError",
    "TraceStep",
    "as_data",
    "clean",
    "clip",
    "did_you_mean",
    "nearest",
    "pack",
    "paint",
    "render",
    "suggestion",
    "unpack",
    "with_warnings_as_errors",
]
