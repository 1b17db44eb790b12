"""The example of an operation of another package, as if it were installed: mutants use it, too."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

from netspec.ops import TABLE, add
from netspec.ops.plugins import GROUP, load

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "examples" / "plugin"


def add_example_plugin() -> None:
    """Add the operation to those of this process."""
    if "chebyshev" not in TABLE:
        sys.path.append(str(FOLDER))  # a process that is started has that of its parent, and not its operations
        add("chebyshev", load("chebyshev", [EntryPoint("chebyshev", "netspec_chebyshev:Chebyshev", GROUP)]))
