"""Problems of ``netspec see``, reported as diagnostics NS8xx."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netspec.backend import Need, install_command, missing_libraries
from netspec.diagnostics import Error, clip, did_you_mean

MAX_LISTED = 12
"""Names in a list; further ones are counted."""


def join_names(names: Iterable[object]) -> str:
    """Names separated by commas, the first ones of many: ``a, b, c and 9 more``."""
    clipped = [clip(n) for n in names]
    text = ", ".join(clipped[:MAX_LISTED])
    return text if len(clipped) <= MAX_LISTED else f"{text} and {len(clipped) - MAX_LISTED} more"


def suggest_or_list(word: str, known: Sequence[str], what: str) -> str:
    """Help for an unknown name: the most similar known one, or a list of all."""
    return did_you_mean(word, known) or f"{what}: {join_names(known)}"


NEEDS = (
    Need("PIL", "Pillow", "pillow"),
    Need("matplotlib", "Matplotlib", "matplotlib"),
    Need("captum", "Captum", "captum"),
)
"""Libraries besides those of the PyTorch backend."""


def require_libraries(needs: Sequence[Need] = NEEDS) -> None:
    """Checks that libraries are installed. Raises Error NS810, which says what to install."""
    missing = missing_libraries(needs)
    if missing:
        raise Error("NS810", f"netspec see needs {install_command(missing)}")
