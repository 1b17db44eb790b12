"""The subcommands about filters: ``filters``, ``activations``, ``top`` and ``exemplar``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from netspec.shapes.types import shape_text
from netspec.weights.numpy_types import Array

from . import result_sheets
from .activation_maps import Activation, activations
from .class_names import class_label
from .exemplar import Ascent, exemplars
from .fourier_ascent import FourierAscent
from .image_arguments import about, given_class_names, prepared_for
from .kernels import filters
from .layer_lookup import find_layer, select_filters
from .loaded_network import Network, Progress
from .method_options import METHOD_OPTIONS
from .see_result import SeeResult
from .stored_maps import stored_maps
from .top_images import Top, top

DEFAULT_FILTERS = 8
"""Number of filters per layer that ``activations`` shows by default."""


def see_filters(net: Network, args: argparse.Namespace, progress: Progress) -> SeeResult:
    """Shows the kernels of a layer."""
    result = filters(net, args.layer, args.filter)
    k = result.kernels
    lines = [
        f"{result.layer}: {len(k)} filter{'s' if len(k) != 1 else ''} of {k.shape[1]} "
        f"channel{'s' if k.shape[1] != 1 else ''}, {k.shape[2]}×{k.shape[3]}; "
        f"weights {k.min():.4g} to {k.max():.4g}"
    ]
    report = {
        **about(net),
        "layer": result.layer,
        "shape": list(k.shape),
        "filters": [
            {
                "filter": n,
                "min": float(w.min()),
                "max": float(w.max()),
                "mean": float(w.mean()),
                "norm": float(np.linalg.norm(w)),
            }
            for n, w in zip(result.numbers, k, strict=True)
        ],
    }
    arrays = {"kernels": k, "filters": np.array(result.numbers)}
    return SeeResult("filters", report, lines, arrays, lambda page: result_sheets.filters_sheet(result, page))


def see_activations(net: Network, args: argparse.Namespace, progress: Progress) -> SeeResult:
    """Shows the activations of layers for an image."""
    prepared = prepared_for(net, args)
    pixels = prepared.pixels(args.image)
    names: list[str] | None = args.layers
    if args.filter is not None:
        for name in names or ():
            select_filters(find_layer(net.graph, name), args.filter)
    result = activations(net, prepared.normalize(pixels), names)
    shown_filters = [_filters_to_show(a, args.filter) for a in result]
    title = f"{net.graph.name}: activations"
    lines = sparsity_table(result)
    report = {
        **about(net),
        "image": args.image,
        "layers": [
            {
                "layer": a.layer,
                "shape": list(a.values.shape),
                "zeros": a.zeros,
                "silent_filters": a.silent,
                "min": float(a.values.min()),
                "max": float(a.values.max()),
                "mean": float(a.values.mean()),
            }
            for a in result
        ],
    }
    arrays = stored_maps(result, args.dtype, args.pixels)
    arrays[next(n for n in ("image", "image_", "image__") if n not in arrays)] = pixels
    return SeeResult(
        "activations",
        report,
        lines,
        arrays,
        lambda page: result_sheets.activations_sheet(title, pixels, result, shown_filters, page, args.size),
        {"plot": lambda page: result_sheets.sparsity_sheet(f"{net.graph.name}: zeros over depth", result, page)},
    )


def _filters_to_show(a: Activation, requested: Sequence[int] | None) -> Sequence[int]:
    """Returns the filters of a layer to show: the requested ones that exist, or the first ones."""
    if not a.spatial:
        return ()
    count = len(a.values)
    return range(min(count, DEFAULT_FILTERS)) if requested is None else [f for f in requested if f < count]


def sparsity_table(result: Sequence[Activation]) -> list[str]:
    """Returns one line per layer: its shape and its sparsity."""
    width = max([len(a.layer) for a in result] + [5])
    shapes = [shape_text(a.values.shape) for a in result]
    wide = max([len(s) for s in shapes] + [5])
    out = [f"{'layer':<{width}}  {'shape':>{wide}}  {'zeros':>6}  filters all zero"]
    for a, shape in zip(result, shapes, strict=True):
        silent = f"{a.silent} of {len(a.values)}" if a.spatial else "-"
        out.append(f"{a.layer:<{width}}  {shape:>{wide}}  {a.zeros:>6.1%}  {silent:>16}")
    return out


def see_top(net: Network, args: argparse.Namespace, progress: Progress) -> SeeResult:
    """Shows the images that activate filters most."""
    prepared = prepared_for(net, args)
    result = top(
        net,
        args.layer,
        args.filter,
        args.images,
        prepared,
        count=args.count,
        batch=args.batch,
        before_activation=args.before_activation,
        progress=progress,
    )
    first = result[0]
    report = {
        **about(net),
        "layer": first.layer,
        "images": first.images,
        "unread": first.unreadable,
        "skipped": [{"path": p, "reason": r} for p, r in first.skipped],
        "filters": [
            {
                "filter": t.filter,
                "hits": [
                    {
                        "path": h.path,
                        "value": h.value,
                        "place": list(h.position),
                        "box": h.box._asdict() if h.box else None,
                    }
                    for h in t.hits
                ],
            }
            for t in result
        ],
    }
    return SeeResult(
        "top",
        report,
        _top_lines(result),
        _top_arrays(result),
        lambda page: result_sheets.top_sheet(
            f"{first.layer}: the strongest of {first.images:,} images", result, prepared, page
        ),
    )


def _top_lines(result: Sequence[Top]) -> list[str]:
    """Returns the images of each filter, and the unreadable ones."""
    lines: list[str] = []
    for each in result:
        lines.append(f"filter {each.filter} of {each.layer}, {each.images:,} images")
        lines += [
            f"  {h.value:>10.4g}  row {h.position[0]}, column {h.position[1]}  {_box_text(h.box)}  {h.path}"
            for h in each.hits
        ]
        if all(h.value == 0 for h in each.hits):
            lines.append("  no image activates it")
    first = result[0]
    if first.unreadable:
        lines.append(f"skipped {first.unreadable:,}:")
        lines += [f"  {reason}" for _, reason in first.skipped]
        if first.unreadable > len(first.skipped):
            lines.append(f"  … and {first.unreadable - len(first.skipped):,} more")
    return lines


def _top_arrays(result: Sequence[Top]) -> dict[str, Array]:
    return {
        "filters": np.array([t.filter for t in result]),
        "values": np.array([[h.value for h in t.hits] for t in result], np.float32),
        "places": np.array([[h.position for h in t.hits] for t in result]),
        "boxes": np.array([[h.box or (-1, -1, -1, -1) for h in t.hits] for t in result]),
        "paths": np.array([[h.path for h in t.hits] for t in result]),
    }


def _box_text(box: tuple[int, int, int, int] | None) -> str:
    if box is None:
        return "sees only padding"
    top_, left, bottom, right = box
    return f"sees rows {top_}-{bottom - 1}, columns {left}-{right - 1}"


def _ascent(args: argparse.Namespace) -> Ascent | FourierAscent:
    """Returns the settings of the method given on the command line."""
    names = (
        "rate",
        "jitter",
        *(name for name, methods in METHOD_OPTIONS["exemplar"].items() if args.method in methods),
    )
    settings = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    if args.method == "fourier":
        return FourierAscent(args.steps, seed=args.seed, **settings)
    is_plain, start = settings.pop("plain", False), settings.pop("start", "decayed")
    bounded = not settings.pop("unbounded", False)
    how = Ascent(args.steps, decayed=start == "decayed", bounded=bounded, seed=args.seed, **settings)
    return how.plain() if is_plain else how


def see_exemplar(net: Network, args: argparse.Namespace, progress: Progress) -> SeeResult:
    """Shows the inputs that maximise filters."""
    prepared = prepared_for(net, args)
    result = exemplars(
        net,
        args.layer,
        args.filter or (),
        prepared,
        _ascent(args),
        neuron=args.objective == "neuron",
        position=args.position,
        directions=args.direction,
        count=args.count,
        diversity=1.0 if args.diversity is None else args.diversity,
        before_activation=args.before_activation,
        progress=progress,
    )
    names = given_class_names(args, net) if args.classes else None
    labels = [_with_class_name(*pair, names) for pair in zip(result.labels, result.filters, strict=True)]
    value, subject = _maximised(args)
    lines = [
        f"{result.layer}, {label}: {value} {first:.4g} -> {last:.4g} in {len(result.objective) - 1} steps"
        for label, first, last in zip(labels, result.objective[0], result.objective[-1], strict=True)
    ]
    if result.silent:
        lines.append(
            f"filters without a gradient: {', '.join(map(str, result.silent))} (zero on noise); "
            "--before-activation or another --seed may help"
        )
    report = {
        **about(net),
        "layer": result.layer,
        "filters": list(result.filters),
        "labels": list(result.labels),
        "silent": list(result.silent),
        "objective": result.objective.T,
    }
    arrays = {"filters": np.array(result.filters), "images": result.images, "objective": result.objective}
    title = f"{result.layer if args.layer is not None else net.graph.name}: inputs that maximise its {subject}"
    return SeeResult(
        "exemplar",
        report,
        lines,
        arrays,
        lambda page: result_sheets.exemplars_sheet(title, result, labels, value, page),
    )


def _with_class_name(label: str, number: int, names: Sequence[str] | None) -> str:
    """Returns the label of a filter or class with the name of that class, if it has one."""
    if names is None or number >= len(names) or not label.startswith(("filter ", "class ")):
        return label
    kind = label.split(" ", 1)[0]
    return label.replace(f"{kind} {number}", f"class {class_label(number, names)}", 1)


def _maximised(args: argparse.Namespace) -> tuple[str, str]:
    """Returns a description of the value of an objective, and of the objectives in the plural."""
    if args.direction:
        return "mean activation", "directions"
    if args.objective == "neuron":
        return "activation", "neurons"
    return ("score", "class scores") if args.layer is None else ("mean activation", "filters")
