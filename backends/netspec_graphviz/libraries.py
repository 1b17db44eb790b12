"""Libraries that some formats need, beyond those of the core."""

from __future__ import annotations

from typing import Final

from netspec.backend import BackendError, Need, install_command, missing_libraries

PNG: Final = (Need("resvg_py", "resvg", "resvg-py", use="every .png"),)
PDF: Final = (Need("fpdf", "fpdf2", "fpdf2", use="every .pdf"),)
NUMPY: Final = (Need("numpy", "NumPy", "numpy", use="--weights of a page"),)
PICTURES: Final = (
    Need("numpy", "NumPy", "numpy", use="--image and --maps of volumes"),
    Need("PIL", "Pillow", "pillow", use="--image and --maps of volumes"),
)
FONTS: Final = (Need("fontTools", "fontTools", "fonttools", use="--font"),)


def require_libraries(needs: tuple[Need, ...]) -> None:
    """Checks that libraries are installed.

    Raises:
        BackendError: NS704, with the command that installs the missing ones.
    """
    missing = missing_libraries(needs)
    if missing:
        raise BackendError("NS704", f"backend 'graphviz' needs {install_command(missing)}")
