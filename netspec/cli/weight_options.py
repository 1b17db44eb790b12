"""The options of commands that accept a file of weights."""

from __future__ import annotations

import argparse

from .spec_arguments import add_no_strict_option


def add_weight_options(parser: argparse.ArgumentParser, help: str) -> None:
    """Add the options for a file of weights: ``--weights``, ``--rename``, ``--in-order`` and ``--no-strict``."""
    parser.add_argument("--weights", metavar="FILE", help=help)
    parser.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="map names of that file to those of the network (repeatable)",
    )
    parser.add_argument(
        "--in-order", action="store_true", help="match the remaining tensors by order and shape, if that is unambiguous"
    )
    add_no_strict_option(parser)
