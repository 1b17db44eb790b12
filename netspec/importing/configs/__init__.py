"""Importers that need no framework: configurations from which other programs make networks.

``config.json`` of Hugging Face's transformers, the YAML files of Ultralytics, and Darknet's ``.cfg``. The result is the
text of a spec with its layers named, in the style of the zoo.
"""

from __future__ import annotations

from .import_config import SOURCES, import_config
from .imported_config import ImportedConfig

__all__ = ["SOURCES", "ImportedConfig", "import_config"]
