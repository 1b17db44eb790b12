"""What the subcommands read from the command line: the preparation of images, and classes."""

from __future__ import annotations

import argparse

from .class_names import class_number, read_class_names
from .class_scores import class_count
from .image_input import Preparation, preparation
from .loaded_network import Network


def prepared_for(net: Network, args: argparse.Namespace) -> Preparation:
    """How images become inputs, according to the command line."""
    return preparation(net, args.mean, args.std, args.fit)


def given_class_names(args: argparse.Namespace, net: Network) -> list[str] | None:
    """The names of the classes, if a file is given."""
    return read_class_names(args.classes, class_count(net)) if args.classes else None


def given_target(net: Network, args: argparse.Namespace) -> tuple[list[str] | None, int | None]:
    """The names of the classes, and the class to explain, if they are given."""
    names = given_class_names(args, net)
    return names, None if args.target is None else class_number(args.target, names, class_count(net))


def about(net: Network) -> dict[str, str | None]:
    """The first entries of every report."""
    return {"name": net.graph.name, "variant": net.graph.variant}
