"""The subcommands about a class score: ``occlusion`` and ``gradients``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from . import result_sheets
from .attribution import Attribution, grad_cam, integrated_gradients, occlusion, saliency
from .class_names import class_label
from .class_scores import score_layer
from .given_arguments import about, given_target, prepared_for
from .image_input import Pixels
from .loaded_network import Network, Progress
from .see_result import SeeResult


def see_occlusion(net: Network, args: argparse.Namespace, progress: Progress) -> SeeResult:
    """How much the score drops where the image is hidden."""
    prepared = prepared_for(net, args)
    pixels = prepared.pixels(args.image)
    names, target = given_target(net, args)
    result = occlusion(
        net, prepared.normalize(pixels), prepared, target, size=args.size, stride=args.stride, progress=progress
    )
    return _attribution_result("occlusion", net, args, pixels, [result], names)


def see_gradients(net: Network, args: argparse.Namespace, progress: Progress) -> SeeResult:
    """Which pixels a class score depends on, by gradients."""
    prepared = prepared_for(net, args)
    pixels = prepared.pixels(args.image)
    names, target = given_target(net, args)
    x = prepared.normalize(pixels)
    by_name: dict[str, Callable[[], Attribution]] = {
        "saliency": lambda: saliency(net, x, target),
        "integrated": lambda: integrated_gradients(net, x, prepared, target, steps=args.steps),
        "grad-cam": lambda: grad_cam(net, x, target, args.layer),
    }
    methods: list[str] = args.method or list(by_name)
    result: list[Attribution] = []
    for i, method in enumerate(methods):
        progress(i, len(methods))
        result.append(by_name[method]())
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
    lines = [f"class {label}, score {a.score:.4g} ({score_layer(net).name})"]
    for each in result:
        extra = f", layer {each.layer}" if each.layer else ""
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
                "min": float(each.values.min()),
                "max": float(each.values.max()),
                "sum": float(each.values.sum()),
                "error": each.error,
            }
            for each in result
        ],
    }
    arrays = {"image": pixels, **{each.method: each.values for each in result}}
    title = f"{net.graph.name}: class {label}, score {a.score:.3g}"
    return SeeResult(
        subcommand, report, lines, arrays, lambda: result_sheets.attributions_sheet(title, pixels, result).render()
    )
