"""Imports configurations of other programs without any framework.

Supported are ``config.json`` of Hugging Face's transformers, Ultralytics' YAML files, and Darknet's ``.cfg``. The
result is a spec with named layers, in the style of the zoo.
"""

from __future__ import annotations

from .import_config import SOURCES, import_config
from .imported_config import ImportedConfig

__all__ = ["SOURCES", "ImportedConfig", "import_config"]
