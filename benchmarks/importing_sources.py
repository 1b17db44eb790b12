"""Networks of torchvision, timm and transformers by name: words for many of them, and modules with example inputs."""

# timm, torchvision and transformers have no types, or few.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingImports=false, reportUnknownLambdaType=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

SIZES = {"inception_v3": 299, "ssd300_vgg16": 300}
WITHOUT_AUXILIARY: dict[str, Any] = {"aux_logits": False, "init_weights": False}
REDUCED = 96
"""Height and width of images for networks that are compared by value, if they take such images."""


class Example(NamedTuple):
    """A module with its example inputs."""

    module: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def expanded(sources: Sequence[str]) -> list[str]:
    """The sources, with files and words for many of them resolved."""
    resolved: list[str] = []
    for source in sources:
        package, _, name = source.partition(":")
        if source.startswith("@"):
            resolved += Path(source[1:]).read_text().split()
        elif package.startswith("torchvision") and name == "all":
            resolved += [f"{package}:{each}" for each in torchvision_names(package)]
        elif package == "timm" and name in ("all", "files", "two"):
            resolved += [f"timm:{each}" for each in timm_names(name)]
        elif (package, name) == ("transformers", "all"):
            from .transformers_configurations import FAMILIES

            resolved += [f"transformers:{each}" for each in FAMILIES]
        else:
            resolved.append(source)
    return list(dict.fromkeys(resolved))


def torchvision_names(package: str) -> list[str]:
    """The classifiers of torchvision, or, of ``torchvision/video``, those of that module."""
    from tests.vision import torchvision

    models = torchvision().models
    _, _, kind = package.partition("/")
    return list(models.list_models(module=getattr(models, kind) if kind else models))


def timm_names(which: str) -> list[str]:
    """All models of timm, the first two of each module file, or of each file the one with the fewest parameters."""
    import timm

    if which == "all":
        return list(timm.list_models())
    if which == "two":
        return [name for file in timm.list_modules() for name in timm.list_models(module=file)[:2]]
    smallest = (_smallest(timm.list_models(module=file)[:6]) for file in timm.list_modules())
    return [name for name in smallest if name is not None]


def _smallest(names: Sequence[str]) -> str | None:
    import timm
    import torch

    counts: list[tuple[int, str]] = []
    for name in names:
        try:
            with torch.device("meta"):
                counts.append((sum(p.numel() for p in timm.create_model(name).parameters()), name))
        except (RuntimeError, NotImplementedError, ValueError):
            continue
    return min(counts, default=(0, None))[1]


def make(source: str, *, reduced: bool) -> Example:
    """A module with two examples.

    Args:
        source: ``package:name``.
        reduced: whether images may be smaller than the network's own, so that it runs faster.
    """
    package, _, name = source.partition(":")
    if package == "transformers":
        from .transformers_configurations import make as make_transformer

        return Example(*make_transformer(name))
    if package == "timm":
        return _timm(name, reduced=reduced)
    return _torchvision(package, name, reduced=reduced)


def _timm(name: str, *, reduced: bool) -> Example:
    import timm

    config: Any = timm.get_pretrained_cfg(name)
    channels, *size = config.input_size if config is not None else (3, 224, 224)
    return _first_that_runs(lambda **options: timm.create_model(name, **options), channels, size, reduced=reduced)


def _torchvision(package: str, name: str, *, reduced: bool) -> Example:
    from tests.vision import torchvision

    models = torchvision().models
    _, _, kind = package.partition("/")
    if kind == "video":
        size = [16, 224, 224] if name.startswith(("swin", "mvit", "s3d")) else [16, 112, 112]
        return _first_that_runs(lambda **options: models.get_model(name, **options), 3, size, reduced=reduced)
    more: dict[str, Any] = {"weights": None, "weights_backbone": None} if kind else {}
    more |= WITHOUT_AUXILIARY if name in ("googlenet", "inception_v3") else {}
    size = [SIZES.get(name, 224)] * 2

    def create(**options: Any) -> Any:
        module: Any = models.get_model(name, **more, **options)
        return module.backbone if kind == "detection" else module

    return _first_that_runs(create, 3, size, reduced=reduced)


def _first_that_runs(create: Callable[..., Any], channels: int, size: Sequence[int], *, reduced: bool) -> Example:
    """A module with an image of the first size that it takes: smaller ones first, if they may be."""
    import torch

    attempts: list[tuple[list[int], dict[str, Any]]] = [([*size], {})]
    if reduced and min(size[-2:]) > REDUCED:
        small = [*size[:-2], REDUCED, REDUCED]
        attempts = [(small, {}), (small, {"img_size": tuple(small)}), (small, {"image_size": REDUCED}), *attempts]
    for sizes, options in attempts:
        try:
            module = create(**options).eval()
            example = torch.randn(2, channels, *sizes)
            if reduced:
                with torch.no_grad():
                    module(example)
        except Exception:
            if sizes == [*size]:
                raise
            continue
        return Example(module, (example,), {})
    raise AssertionError("the last attempt returns or raises")
