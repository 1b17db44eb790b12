"""The subcommands about a class score: ``occlusion`` and ``gradients``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from . import result_sheets
from .attention_rollout import rollout
from .attribution import Attribution, grad_cam, integrated_gradients, occlusion, saliency
from .class_names import class_label
from .class_scores import score_layer
from .colour_bars import number_text
from .image_arguments import about, given_target, prepared_for
from .image_input import Pixels
from .loaded_network import Network, Progress
from .see_result import SeeResult
from .token_grids import GivenGrid

DEFAULT_METHODS = ["saliency", "integrated", "grad-cam"]
"""The methods of ``gradients`` that work for every network; attention rollout must be requested."""


def see_occlusion(net: Network, args: argparse.Namespace, progress: Progress) -> SeeResult:
    """Measures how much the score drops when parts of the image are hidden."""
    prepared = prepared_for(net, args)
    pixels = prepared.pixels(args.image)
    names, target = given_target(net, args)
    result = occlusion(
        net, prepared.normalize(pixels), prepared, target, size=args.size, stride=args.stride, progress=progress
    )
    return _attribution_result("occlusion", net, args, pixels, [result], names)


def see_gradients(net: Network, args: argparse.Namespace, progress: Progress) -> SeeResult:
    """Measures by gradients which pixels affect a class score."""
    prepared = prepared_for(net, args)
    pixels = prepared.pixels(args.image)
    names, target = given_target(net, args)
    x = prepared.normalize(pixels)
    grid = None if args.grid is None else GivenGrid(*args.grid)
    by_name: dict[str, Callable[[], Attribution]] = {
        "saliency": lambda: saliency(net, x, target),
        "integrated": lambda: integrated_gradients(net, x, prepared, target, steps=args.steps or 64, progress=progress),
        "grad-cam": lambda: grad_cam(net, x, target, args.layer, grid),
        "rollout": lambda: rollout(net, x, target, grid),
    }
    methods: list[str] = args.method or DEFAULT_METHODS
    result = [by_name[method]() for method in methods]
    return _attribution_result("gradients", net, args, pixels, result, names)


def _attribution_result(
    subcommand: str,
    net: Network,
    args: argparse.Namespace,
    pixels: Pixels,
    result: Sequence[Attribution],
    names: Sequence[str] | None,
) -> SeeResult:
    a = result[0]
    label = class_label(a.target, names)
    lines = [f"class {label}, score {a.score:.4g} ({score_layer(net.graph).name})"]
    for each in result:
        extra = f", layer {each.layer}" if each.layer else ""
        extra += f", {each.grid[0]}×{each.grid[1]}" if each.grid else ""
        extra += f", sum deviates by {abs(each.error):.2g}" if each.error is not None else ""
        lines.append(f"  {each.method}: {each.values.min():.4g} to {each.values.max():.4g}{extra}")
    report = {
        **about(net),
        "image": args.image,
        "target": a.target,
        "class": names[a.target] if names else None,
        "score": a.score,
        "methods": [
            {
                "method": each.method,
                "layer": each.layer,
                "grid": each.grid,
                "min": float(each.values.min()),
                "max": float(each.values.max()),
                "sum": float(each.values.sum()),
                "error": each.error,
            }
            for each in result
        ],
    }
    arrays = {"image": pixels, **{each.method: each.values for each in result}}
    title = f"{net.graph.name}: class {label}, score {number_text(a.score)}"
    return SeeResult(
        subcommand, report, lines, arrays, lambda page: result_sheets.attributions_sheet(title, pixels, result, page)
    )
