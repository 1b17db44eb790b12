"""The subcommands of ``netspec see``: arguments to results, results to files and text."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import numpy as np

from netspec.backend import find as find_backend
from netspec.backend.export import check_supported
from netspec.checking.load import Loaded
from netspec.diagnostics import clean
from netspec.shapes.types import shown
from netspec.weights.numpy_types import Array

from . import drawings
from .attribution import Attribution, grad_cam, integrated_gradients, occlusion, saliency
from .exemplar import Ascent, Exemplars, exemplars
from .images import Pixels, Preparation, preparation
from .kernels import filters
from .layers import chosen, find
from .maps import Activation, activations
from .names import class_names, class_number, titled
from .probe import Network, network
from .ranking import Top, top
from .results import Result, ending, save, save_image
from .scores import classes, score_layer
from .sheets import Drawn, stacked

Progress = Callable[[int, int], None]
"""Told how much is done, and how much there is."""
Tell = Callable[[str], None]
FIRST = 8
"""Filters of a layer that are shown where none are chosen."""


def run(args: argparse.Namespace, loaded: Loaded, progress: Progress, tell: Tell, warn: Tell) -> int:
    """Look, and write what was seen; 0 when all of it is there.

    Args:
        args: of the subcommand; see :mod:`netspec_see.cli`.
        loaded: the spec.
        progress: is told how far it is.
        tell: takes lines for standard output.
        warn: takes lines for standard error.

    Raises:
        Error: NS701, NS704 to NS708 and NS8xx.
    """
    for path in [*args.output, *([args.plot] if getattr(args, "plot", None) else [])]:
        ending(path)
    assert loaded.graph is not None
    check_supported(find_backend("torch"), loaded.graph, loaded.sources)
    net = network(loaded.graph, weights=args.weights, seed=args.seed, rename=args.rename, in_order=args.in_order)
    result = COMMANDS[args.see](net, args, progress)
    files: list[str] = list(args.output)
    if not files and args.format == "text":
        files = [default_name(net, args)]
    for path in files:
        save(result, path)
    if getattr(args, "plot", None):
        save_image(result.plots["plot"](), args.plot)
        files.append(args.plot)
    if args.format == "json":
        tell(result.json())
        return 0
    if not args.quiet:
        for line in result.lines:
            tell(clean(line))
        for path in files:
            tell(f"wrote {clean(path)}")
    if args.weights is None and net.graph.parameters:
        warn(f"no --weights: these are drawn from seed {args.seed}, and nothing has been learned yet")
    return 0


def default_name(net: Network, args: argparse.Namespace) -> str:
    """The file that a drawing is written to where no other is named."""
    layer = args.layer if args.see in ("filters", "top", "exemplar") else None
    text = "-".join(part for part in (net.graph.name, layer, args.see) if part)
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in text) + ".png"


def see_filters(net: Network, args: argparse.Namespace, progress: Progress) -> Result:
    """The kernels of a layer."""
    found = filters(net, args.layer, args.filter)
    k = found.kernels
    lines = [f"{found.layer}: {len(k)} filter{'s' if len(k) != 1 else ''} of {k.shape[1]} "
             f"channel{'s' if k.shape[1] != 1 else ''}, {k.shape[2]}×{k.shape[3]}; "
             f"weights {k.min():.4g} to {k.max():.4g}"]
    report = {
        **_about(net), "layer": found.layer, "shape": list(k.shape),
        "filters": [{"filter": n, "min": float(w.min()), "max": float(w.max()), "mean": float(w.mean()),
                     "norm": float(np.linalg.norm(w))} for n, w in zip(found.numbers, k, strict=True)],
    }
    arrays = {"kernels": k, "filters": np.array(found.numbers)}
    return Result("filters", report, lines, arrays, lambda: drawings.filters_sheet(found).drawn())


def see_activations(net: Network, args: argparse.Namespace, progress: Progress) -> Result:
    """What layers answer to an image."""
    prepared = prepared_for(net, args)
    pixels = prepared.pixels(args.image)
    names: list[str] | None = args.layers
    if args.filter is not None:
        for name in names or ():
            chosen(find(net.graph, name), args.filter)
    found = activations(net, prepared.normal(pixels), names)
    picked = [_picked(a, args.filter) for a in found]
    title = f"{net.graph.name}: what its layers answer"
    lines = sparsity_table(found)
    report = {
        **_about(net), "image": args.image,
        "layers": [{"layer": a.layer, "shape": list(a.values.shape), "zeros": a.zeros, "silent_filters": a.silent,
                    "min": float(a.values.min()), "max": float(a.values.max()), "mean": float(a.values.mean())}
                   for a in found],
    }
    arrays = {a.layer: a.values for a in found}
    arrays[next(n for n in ("image", "image_", "image__") if n not in arrays)] = pixels
    return Result(
        "activations", report, lines, arrays,
        lambda: drawings.activations_sheet(title, pixels, found, picked).drawn(),
        {"plot": lambda: drawings.sparsity_sheet(f"{net.graph.name}: zeros over depth", found).drawn()})


def _picked(a: Activation, wanted: Sequence[int] | None) -> Sequence[int]:
    """The filters of a layer to show: those asked for that it has, or the first."""
    if not a.spatial:
        return ()
    n = len(a.values)
    return range(min(n, FIRST)) if wanted is None else [f for f in wanted if f < n]


def sparsity_table(found: Sequence[Activation]) -> list[str]:
    """A line for each layer: how much of its answer is zero."""
    width = max([len(a.layer) for a in found] + [5])
    shapes = [shown(a.values.shape) for a in found]
    wide = max([len(s) for s in shapes] + [5])
    out = [f"{'layer':<{width}}  {'shape':>{wide}}  {'zeros':>6}  filters all zero"]
    for a, shape in zip(found, shapes, strict=True):
        silent = f"{a.silent} of {len(a.values)}" if a.spatial else "-"
        out.append(f"{a.layer:<{width}}  {shape:>{wide}}  {a.zeros:>6.1%}  {silent:>16}")
    return out


def see_top(net: Network, args: argparse.Namespace, progress: Progress) -> Result:
    """The images that excite a filter most."""
    prepared = prepared_for(net, args)
    every = top(net, args.layer, args.filter, args.images, prepared, most=args.count, batch=args.batch,
                before_activation=args.before_activation, progress=progress)
    lines: list[str] = []
    for found in every:
        lines.append(f"filter {found.filter} of {found.layer}, {found.images:,} images")
        lines += [f"  {h.value:>10.4g}  row {h.place[0]}, column {h.place[1]}  {_box(h.box)}  {h.path}"
                  for h in found.hits]
        if all(h.value == 0 for h in found.hits):
            lines.append("  it answers to none of them")
    first = every[0]
    if first.unread:
        lines.append(f"skipped {first.unread:,}:")
        lines += [f"  {reason}" for _, reason in first.skipped]
        if first.unread > len(first.skipped):
            lines.append(f"  … and {first.unread - len(first.skipped):,} more")
    report = {
        **_about(net), "layer": first.layer, "images": first.images, "unread": first.unread,
        "skipped": [{"path": p, "reason": r} for p, r in first.skipped],
        "filters": [{"filter": t.filter, "hits": [
            {"path": h.path, "value": h.value, "place": list(h.place), "box": h.box._asdict() if h.box else None}
            for h in t.hits]} for t in every],
    }
    return Result("top", report, lines, _top_arrays(every), lambda: stacked([
        drawings.top_sheet(f"{t.layer}, filter {t.filter}: the strongest of {t.images:,} images", t, prepared)
        for t in every]))


def _top_arrays(every: Sequence[Top]) -> dict[str, Array]:
    return {
        "filters": np.array([t.filter for t in every]),
        "values": np.array([[h.value for h in t.hits] for t in every], np.float32),
        "places": np.array([[h.place for h in t.hits] for t in every]),
        "boxes": np.array([[h.box or (-1, -1, -1, -1) for h in t.hits] for t in every]),
        "paths": np.array([[h.path for h in t.hits] for t in every]),
    }


def _box(box: tuple[int, int, int, int] | None) -> str:
    if box is None:
        return "sees padding alone"
    top_, left, bottom, right = box
    return f"sees rows {top_}-{bottom - 1}, columns {left}-{right - 1}"


def see_exemplar(net: Network, args: argparse.Namespace, progress: Progress) -> Result:
    """The inputs that maximise filters."""
    prepared = prepared_for(net, args)
    how = Ascent(args.steps, args.rate, args.jitter, args.blur, args.variation, args.start == "decayed",
                 not args.unbounded, args.seed)
    found = exemplars(net, args.layer, args.filter, prepared, how.plain() if args.plain else how,
                      before_activation=args.before_activation, progress=progress)
    names = _names(args, net) if args.classes else None
    labels = [f"filter {f}" if names is None or f >= len(names) else titled(f, names) for f in found.filters]
    lines = [f"{found.layer}, {label}: mean answer {first:.4g} -> {last:.4g} in {len(found.objective) - 1} steps"
             for label, first, last in zip(labels, found.objective[0], found.objective[-1], strict=True)]
    if found.silent:
        lines.append(f"no gradient to follow for {', '.join(map(str, found.silent))}: they do not answer to noise; "
                     "--before-activation or another --seed may help")
    report = {
        **_about(net), "layer": found.layer, "filters": list(found.filters), "silent": list(found.silent),
        "objective": found.objective.T,
    }
    arrays = {"filters": np.array(found.filters), "images": found.images, "objective": found.objective}
    return Result("exemplar", report, lines, arrays, lambda: _exemplar_sheet(found, labels))


def _exemplar_sheet(found: Exemplars, labels: Sequence[str]) -> Drawn:
    return drawings.exemplars_sheet(f"{found.layer}: what its filters look for", found, labels).drawn()


def see_occlusion(net: Network, args: argparse.Namespace, progress: Progress) -> Result:
    """How the score falls where the image is hidden."""
    prepared = prepared_for(net, args)
    pixels = prepared.pixels(args.image)
    names, target = _target(net, args)
    found = occlusion(net, prepared.normal(pixels), prepared, target, size=args.size, stride=args.stride,
                      progress=progress)
    return _attributed("occlusion", net, args, pixels, [found], names)


def see_gradients(net: Network, args: argparse.Namespace, progress: Progress) -> Result:
    """What a class score depends on, by gradients."""
    prepared = prepared_for(net, args)
    pixels = prepared.pixels(args.image)
    names, target = _target(net, args)
    x = prepared.normal(pixels)
    by_name: dict[str, Callable[[], Attribution]] = {
        "saliency": lambda: saliency(net, x, target),
        "integrated": lambda: integrated_gradients(net, x, prepared, target, steps=args.steps),
        "grad-cam": lambda: grad_cam(net, x, target, args.layer),
    }
    methods: list[str] = args.method or list(by_name)
    found: list[Attribution] = []
    for i, method in enumerate(methods):
        progress(i, len(methods))
        found.append(by_name[method]())
    return _attributed("gradients", net, args, pixels, found, names)


def _attributed(
    what: str, net: Network, args: argparse.Namespace, pixels: Pixels, found: Sequence[Attribution],
    names: Sequence[str] | None,
) -> Result:
    a = found[0]
    label = titled(a.target, names)
    lines = [f"class {label}, score {a.score:.4g} ({score_layer(net).name})"]
    for one in found:
        extra = f", layer {one.layer}" if one.layer else ""
        extra += f", adds up to within {abs(one.error):.2g}" if one.error is not None else ""
        lines.append(f"  {one.method}: {one.values.min():.4g} to {one.values.max():.4g}{extra}")
    report = {
        **_about(net), "image": args.image, "target": a.target, "class": names[a.target] if names else None,
        "score": a.score,
        "methods": [{"method": one.method, "layer": one.layer, "min": float(one.values.min()),
                     "max": float(one.values.max()), "sum": float(one.values.sum()), "error": one.error}
                    for one in found],
    }
    arrays = {"image": pixels, **{one.method: one.values for one in found}}
    title = f"{net.graph.name}: class {label}, score {a.score:.3g}"
    return Result(what, report, lines, arrays, lambda: drawings.attributions_sheet(title, pixels, found).drawn())


def prepared_for(net: Network, args: argparse.Namespace) -> Preparation:
    """How images become inputs, as the command line says."""
    return preparation(net, args.mean, args.std, args.fit)


def _names(args: argparse.Namespace, net: Network) -> list[str] | None:
    return class_names(args.classes, classes(net)) if args.classes else None


def _target(net: Network, args: argparse.Namespace) -> tuple[list[str] | None, int | None]:
    names = _names(args, net)
    return names, None if args.target is None else class_number(args.target, names, classes(net))


def _about(net: Network) -> dict[str, str | None]:
    return {"name": net.graph.name, "variant": net.graph.variant}


COMMANDS: dict[str, Callable[[Network, argparse.Namespace, Progress], Result]] = {
    "filters": see_filters, "activations": see_activations, "top": see_top, "exemplar": see_exemplar,
    "occlusion": see_occlusion, "gradients": see_gradients,
}
"""The subcommands."""
