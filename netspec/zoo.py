"""The networks that come with netspec: the locations of their specs, in a checkout and in an installed package.

The specs are in one folder and in subfolders by field (``language``, ``vision``, …). Names are unique across folders,
and are used without the folder. ``parts`` has files of blocks that specs share: ``use: zoo:NAME``.
"""

from __future__ import annotations

from os.path import isfile
from pathlib import Path

PARTS = "parts"


def folder() -> Path:
    """Returns the folder of the specs."""
    here = Path(__file__).resolve().parent
    installed = here / "zoo_specs"
    return installed if installed.is_dir() else here.parent / "specs"


def fields() -> list[str]:
    """Returns the subfolders by field, sorted."""
    return sorted(p.name for p in folder().iterdir() if p.is_dir() and p.name != PARTS)


def names(field: str | None = None) -> list[str]:
    """Returns sorted names of networks: all, or those of one folder; ``""`` is the top-level folder."""
    top = folder()
    within = [top / f for f in (("", *fields()) if field is None else (field,))]
    return sorted(p.stem for f in within for p in f.glob("*.yaml"))


def short_name(file: str) -> str:
    """Returns the name of a network for its absolute path; other paths unchanged."""
    where = Path(file)
    return where.stem if where.is_absolute() and path(where.stem) == where else file


def path(name: str) -> Path | None:
    """Returns the spec of a network; None if the zoo has no network of that name."""
    if not _is_name(name):
        return None
    top = folder()
    file = top / f"{name}.yaml"
    if isfile(file):
        return file
    return next((p for field in fields() if isfile(p := top / field / f"{name}.yaml")), None)


def part(name: str) -> Path | None:
    """Returns the file of shared blocks with a name; None if there is none."""
    file = folder() / PARTS / f"{name}.yaml"
    return file if _is_name(name) and isfile(file) else None


def parts() -> list[str]:
    """Returns the names of the files of shared blocks, sorted."""
    return sorted(p.stem for p in (folder() / PARTS).glob("*.yaml"))


def _is_name(name: str) -> bool:
    return name.replace("_", "").isalnum()
