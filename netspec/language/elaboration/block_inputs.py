"""Inputs of blocks, by position or by name; the last one may accept any number of tensors."""

from __future__ import annotations

from functools import partial

from ...diagnostics import LocatedError, clip, suggestion
from ..reading.layers import Layer
from ..reading.references import STAR, References
from .names import Entry, Several


def stems(names: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the names of inputs without the star of the last one."""
    return tuple([name.removesuffix(STAR) for name in names])


def inputs_by_name(
    names: tuple[str, ...], entries: list[Entry], what: str, location: int, layer: Layer | None = None
) -> dict[str, Entry]:
    """The inputs of a block (``what``; in place: ``layer``) by name. Raises LocatedError NS305: another number."""
    starred = bool(names) and names[-1].endswith(STAR)
    fixed = names[:-1] if starred else names
    if len(entries) < len(fixed) or (len(entries) > len(fixed) and not starred):
        expected = f"{len(fixed)} input{'s' if len(fixed) != 1 else ''}"
        listed = f" ({', '.join(names)})" if names else ""
        help = "'from' names them" if len(entries) < len(fixed) else None
        inner = layer.inner.items[0].source if layer and layer.inner and layer.inner.items else None
        if layer and inner and not layer.source:
            source = ", ".join(clip(reference.text) for reference in inner.names)
            source = f"[{source}]" if inner.listed else source
            help = f"the block itself names its input: write {{layers: […], from: {source}}}"
        message = f"{what} takes {expected}{' or more' if starred else ''}{listed}; found {len(entries)}"
        raise LocatedError("NS305", message, location, help=help)
    inputs = dict(zip(fixed, entries, strict=False))
    if starred:
        stem = names[-1].removesuffix(STAR)
        inputs[stem] = Several(stem, {str(i): entry for i, entry in enumerate(entries[len(fixed) :])})
    return inputs


def only_input(inputs: dict[str, Entry]) -> Entry | None:
    """Returns the only input of a scope, which is the default input of its first layer; None if there are several."""
    first = next(iter(inputs.values())) if len(inputs) == 1 else None
    return None if isinstance(first, Several) else first


def in_order(
    names: tuple[str, ...],
    source: References,
    named_entries: list[tuple[str, list[Entry]]],
    previous: Entry | None,
    what: str,
) -> list[Entry]:
    """Returns inputs given by name in the order in which the block (``what``) declares them.

    Args:
        names: the names of its inputs.
        source: the references as written.
        named_entries: for each reference, the name of an input and its entries.
        previous: the previous layer, the default of the first input.

    Raises:
        LocatedError: NS321, there is no such input, one is given several tensors, or one is missing.
    """
    known = stems(names)
    by_name: dict[str, list[Entry]] = {}
    for key, entries in named_entries:
        if key not in known:
            message = f"{what} has no input '{clip(key)}'"
            help = suggestion(key, known, partial(_listing, known))
            raise LocatedError("NS321", message, source.location, help=help)
        by_name.setdefault(key, []).extend(entries)
    ordered: list[Entry] = []
    for name, stem in zip(names, known, strict=True):
        entries = by_name.get(stem, [])
        if name == stem and not entries and previous is not None:
            entries, previous = [previous], None
        if name == stem and len(entries) != 1:
            problem = f"takes one tensor; found {len(entries)}" if entries else "is missing"
            raise LocatedError("NS321", f"the input '{stem}' of {what} {problem}", source.location)
        ordered += entries
    return ordered


def _listing(names: tuple[str, ...]) -> str | None:
    return f"its inputs are {', '.join(names)}" if names else "it has none"
