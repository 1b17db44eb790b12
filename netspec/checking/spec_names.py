"""Resolves names of specs: a file or a network of the zoo, each with or without ``@variant``."""

from __future__ import annotations

import os
from pathlib import Path

from .. import zoo
from ..diagnostics import Error, clip


def find_spec(name: str | os.PathLike[str]) -> tuple[str, str | None]:
    """Returns the file and variant for ``FILE``, ``FILE@variant``, or a network or unique variant of the zoo.

    Raises:
        Error: NS109, neither a file nor a network of the zoo.
    """
    text = os.fspath(name)
    file, variant = text, None
    if not os.path.exists(text) and "@" in text:
        file, _, after = text.rpartition("@")
        variant = after or None
    if not os.path.exists(file):
        known = zoo.path(file)
        if known is not None:
            return str(known), variant
        if not file.endswith((".yaml", ".yml")):
            from .zoo_variants import find_variant, similar_network  # they read all specs of the zoo

            match = find_variant(file) if variant is None else None
            if match is not None:
                return str(match[0]), match[1]
            help_ = similar_network(file) or "`netspec zoo` lists the networks that come with netspec"
            raise Error("NS109", f"'{clip(file)}' is neither a file nor a network of the zoo", help_)
    return file, variant


def find_network(name: str) -> Path:
    """Returns the file of a network of the zoo, by its name or that of a variant. Raises Error NS109 if unknown."""
    path = zoo.path(name)
    if path is None:
        from .zoo_variants import find_variant, similar_network

        match = find_variant(name)
        if match is not None:
            return match[0]
        help_ = similar_network(name) or "`netspec zoo` lists them"
        raise Error("NS109", f"there is no network '{clip(name)}' in the zoo", help_)
    return path
