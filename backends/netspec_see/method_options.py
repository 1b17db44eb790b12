"""Options of ``netspec see`` that belong to some methods of a subcommand."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Final

from netspec.diagnostics import Error

METHOD_OPTIONS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "exemplar": {
        "blur": ("pixels",),
        "variation": ("pixels",),
        "start": ("pixels",),
        "unbounded": ("pixels",),
        "plain": ("pixels",),
        "rotation": ("fourier",),
        "scaling": ("fourier",),
    },
    "gradients": {
        "layer": ("grad-cam",),
        "grid": ("grad-cam", "rollout"),
        "steps": ("integrated",),
        "target": ("saliency", "integrated", "grad-cam"),
    },
}
"""For each subcommand its options that not every method has, with the methods that have them.

The default of such an option is None, so that it is known whether it was given.
"""
DISABLED_BY_PLAIN: Final = ("jitter", "blur", "variation", "start", "unbounded")
"""Options of ``exemplar`` that ``--plain`` leaves without effect."""
WITHOUT_TRANSFORMATIONS: Final = "--jitter 0 --rotation 0 --scaling 0 disables the transformations"


def check_method_options(args: argparse.Namespace) -> None:
    """Checks that a method in use has each option that is given. Raises Error NS712."""
    used = [args.method] if isinstance(args.method, str) else args.method
    for name, methods in METHOD_OPTIONS[args.see].items():
        if getattr(args, name) is None or used is None or any(method in methods for method in used):
            continue
        *others, last = methods
        having = f"{', '.join(others)} or {last}" if others else last
        help_ = f"drop --{name}, or use --method {methods[-1]}"
        if name == "plain":
            help_ = WITHOUT_TRANSFORMATIONS
        raise Error("NS712", f"--{name} is an option of --method {having}", help_)
    for name in DISABLED_BY_PLAIN if getattr(args, "plain", None) else ():
        if getattr(args, name) is not None:
            raise Error("NS712", f"--plain disables what --{name} describes", f"drop --plain or --{name}")
