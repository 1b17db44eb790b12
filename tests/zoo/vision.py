"""torchvision's networks for tests: built without weights, on any device."""

from __future__ import annotations

from functools import cache

import torch

from tests.vision import torchvision

NO_WEIGHTS = {"googlenet": {"init_weights": False}, "inception_v3": {"init_weights": False}}
SEGMENTATION = ("fcn_", "deeplabv3_")


@cache
def on_meta(builder: str, *, auxiliary: bool = False, size: int | None = None) -> torch.nn.Module:
    """A network without storage: names, shapes and types of its tensors."""
    return build(builder, "meta", auxiliary=auxiliary, size=size)


def build(builder: str, device: str = "cpu", *, auxiliary: bool = False, size: int | None = None) -> torch.nn.Module:
    """A network with random weights.

    Args:
        builder: torchvision's name of it.
        device: where its tensors are.
        auxiliary: with GoogLeNet's and Inception's auxiliary classifiers; segmentation always has its own.
        size: height and width of the input where the network's tensors depend on it (ViT).
    """
    options: dict[str, object] = dict(NO_WEIGHTS.get(builder, {}))
    if builder in NO_WEIGHTS:
        options["aux_logits"] = auxiliary
    if builder.startswith(SEGMENTATION):
        options["aux_loss"] = True
    if builder.startswith((*SEGMENTATION, "lraspp_")):
        options["weights_backbone"] = None
    if size is not None:
        options["image_size"] = size
    with torch.device(device):
        made = torchvision().models.get_model(builder, weights=None, **options)
    assert isinstance(made, torch.nn.Module)
    return made.eval()
