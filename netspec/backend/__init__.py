"""Backends, which turn a graph into files or modules.

Built-in ones use the same interface as those of other packages.
"""

from .errors import BackendError, UnsupportedError
from .forecasting import bound_time, forecast_memory
from .installed_backends import (
    GROUP,
    by_extension,
    find,
    find_program,
    install_command,
    missing_libraries,
    names,
    require,
)
from .lowering import Lowering
from .memory import BlockMemory, Memory, MemoryPeak, MemorySettings, Phase
from .options import (
    BackendOptions,
    CostColumn,
    Direction,
    DrawingFileOptions,
    DrawingOptions,
    Engine,
    ExportOptions,
    FigureSummary,
    OnnxDtype,
    OnnxOptions,
    Style,
    TorchOptions,
    VolumeForm,
)
from .plan import Plan
from .protocol import (
    Backend,
    Drawing,
    DrawingBackend,
    ModuleBackend,
    Need,
    PageBackend,
    Progress,
    Target,
    Verification,
    VerifyingBackend,
)
from .roofline import LayerTime, Roofline, TimeBound, total_bound

__all__ = [
    "GROUP",
    "Backend",
    "BackendError",
    "BackendOptions",
    "BlockMemory",
    "CostColumn",
    "Direction",
    "Drawing",
    "DrawingBackend",
    "DrawingFileOptions",
    "DrawingOptions",
    "Engine",
    "ExportOptions",
    "FigureSummary",
    "LayerTime",
    "Lowering",
    "Memory",
    "MemoryPeak",
    "MemorySettings",
    "ModuleBackend",
    "Need",
    "OnnxDtype",
    "OnnxOptions",
    "PageBackend",
    "Phase",
    "Plan",
    "Progress",
    "Roofline",
    "Style",
    "Target",
    "TimeBound",
    "TorchOptions",
    "UnsupportedError",
    "Verification",
    "VerifyingBackend",
    "VolumeForm",
    "bound_time",
    "by_extension",
    "find",
    "find_program",
    "forecast_memory",
    "install_command",
    "missing_libraries",
    "names",
    "require",
    "total_bound",
]
