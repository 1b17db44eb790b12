"""The example of an operation of another package, as if it were installed: mutants use it, too."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

from netspec.ops import add
from netspec.ops.plugins import GROUP, load

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "examples" / "plugin"


def add_example_plugin() -> None:
    """Add the operation to those of this process."""
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
        add("chebyshev", load("chebyshev", [EntryPoint("chebyshev", "netspec_chebyshev:Chebyshev", GROUP)]))
