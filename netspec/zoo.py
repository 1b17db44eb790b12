"""The networks that come with netspec: where their specs are, in a checkout and in an installed package.

The specs are in one folder and in folders of it by field (``language``, ``vision``, …). A name is unique among all of
them, so it needs no folder. ``parts`` has files of blocks that specs share: ``use: zoo:NAME``.
"""

from __future__ import annotations

from os.path import isfile
from pathlib import Path

PARTS = "parts"


def folder() -> Path:
    """The folder of the specs."""
    here = Path(__file__).resolve().parent
    installed = here / "zoo_specs"
    return installed if installed.is_dir() else here.parent / "specs"


def fields() -> list[str]:
    """The folders by field, sorted."""
    return sorted(p.name for p in folder().iterdir() if p.is_dir() and p.name != PARTS)


def names(field: str | None = None) -> list[str]:
    """Names of networks, sorted: all, or those of one folder; ``""`` is the one around the others."""
    top = folder()
    within = [top / f for f in (("", *fields()) if field is None else (field,))]
    return sorted(p.stem for f in within for p in f.glob("*.yaml"))


def short_name(file: str) -> str:
    """The name of a network for its absolute path; any other path as it is."""
    where = Path(file)
    return where.stem if where.is_absolute() and path(where.stem) == where else file


def path(name: str) -> Path | None:
    """The spec of a network; None if the zoo has no network of that name."""
    if not _is_name(name):
        return None
    top = folder()
    file = top / f"{name}.yaml"
    if isfile(file):
        return file
    return next((p for field in fields() if isfile(p := top / field / f"{name}.yaml")), None)


def part(name: str) -> Path | None:
    """The file of shared blocks of that name, None if there is none."""
    file = folder() / PARTS / f"{name}.yaml"
    return file if _is_name(name) and isfile(file) else None


def parts() -> list[str]:
    """Names of the files of shared blocks, sorted."""
    return sorted(p.stem for p in (folder() / PARTS).glob("*.yaml"))


def _is_name(name: str) -> bool:
    return name.replace("_", "").isalnum()
