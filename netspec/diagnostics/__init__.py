"""Problems in a spec or around it, and how they are reported."""

from .errors import SpecError
from .location import Location
from .model import Diagnostic, Fault, Sources, Step, as_data
from .render import paint, render
from .sanitize import clean, clip
from .suggest import did_you_mean, nearest

__all__ = [
    "Diagnostic", "Fault", "Location", "Sources", "SpecError", "Step", "as_data", "clean", "clip", "did_you_mean",
    "nearest", "paint", "render",
]
