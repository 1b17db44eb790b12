"""Imports a configuration according to the name of its file."""

from __future__ import annotations

from pathlib import PurePath

from .config_text import read_json
from .imported_config import ImportedConfig

SOURCES = (".json", ".cfg", ".yaml", ".yml")
"""Extensions of the files that :func:`import_config` supports."""


def import_config(path: str, name: str | None = None) -> ImportedConfig:
    """Returns the spec of a configuration.

    Args:
        path: the file.
        name: name of the network; by default that of the model family, or of the file.

    Raises:
        Error: NS890, the file cannot be read; NS894, its network is not valid.
        ImportRefused: NS891, its kind is unknown; NS892 and NS893, something in it has no equivalent.
    """
    kind = PurePath(path).suffix
    assert kind in SOURCES
    if kind == ".cfg":
        from .darknet import import_darknet

        return import_darknet(path, name)
    if kind in (".yaml", ".yml"):
        from .ultralytics import import_ultralytics

        return import_ultralytics(path, name)
    from .hugging_face import import_hugging_face

    return import_hugging_face(read_json(path), path, name)
