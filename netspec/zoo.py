"""The networks that come with netspec: where their specs are, in a checkout and in an installed package."""

from __future__ import annotations

from os.path import isfile
from pathlib import Path


def folder() -> Path:
    """The folder of the specs."""
    here = Path(__file__).resolve().parent
    installed = here / "zoo_specs"
    return installed if installed.is_dir() else here.parent / "specs"


def names() -> list[str]:
    """Names of all networks, sorted."""
    return sorted(p.stem for p in folder().glob("*.yaml"))


def short_name(file: str) -> str:
    """The name of a network for its absolute path; any other path as it is."""
    where = Path(file)
    return where.stem if where.is_absolute() and where.parent == folder() else file


def path(name: str) -> Path | None:
    """The spec of a network, None if there is none of that name."""
    if not name or not name.replace("_", "").isalnum():
        return None
    file = folder() / f"{name}.yaml"
    return file if isfile(file) else None
