"""torchvision's networks for tests: built without weights, on any device."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import torch

from tests.vision import torchvision

NO_WEIGHTS = {"googlenet": {"init_weights": False}, "inception_v3": {"init_weights": False}}
FAMILIES = (
    "alexnet", "convnext_tiny", "deeplabv3_mobilenet_v3_large", "deeplabv3_resnet50", "densenet121",
    "efficientnet_b0", "efficientnet_v2_s", "fcn_resnet50", "googlenet", "inception_v3",
    "lraspp_mobilenet_v3_large", "maxvit_t", "mnasnet0_5", "mobilenet_v2", "mobilenet_v3_small", "mvit_v1_b",
    "mvit_v2_s", "r2plus1d_18", "r3d_18", "mc3_18", "regnet_y_400mf", "resnet18", "resnext50_32x4d", "s3d",
    "shufflenet_v2_x0_5", "squeezenet1_1", "swin3d_t", "swin_t", "swin_v2_t", "vgg11_bn", "vit_b_32",
)  # fmt: skip
"""A small network of each family."""
SEGMENTATION = ("fcn_", "deeplabv3_")


@cache
def on_meta(builder: str, *, auxiliary: bool = False, size: int | None = None) -> torch.nn.Module:
    """A network without storage: names, shapes and types of its tensors."""
    return build(builder, "meta", auxiliary=auxiliary, size=size)


@contextmanager
def _regnet_counts_on_cpu(models: Any) -> Generator[None]:
    """RegNet works its widths out with tensors, which have no numbers on the meta device."""
    params = models.regnet.BlockParams
    worked_out = params.from_init_params

    def on_cpu(*args: Any, **kwargs: Any) -> Any:
        with torch.device("cpu"):
            return worked_out(*args, **kwargs)

    with patch.object(params, "from_init_params", on_cpu):
        yield


@contextmanager
def _size_of_clips(models: Any, size: int | None) -> Generator[None]:
    """MViT for another height and width than 224."""
    mvit = models.video.mvit
    built = mvit._mvit

    def other_size(**kwargs: Any) -> Any:
        return built(**{**kwargs, "spatial_size": (size, size)})

    if size is None:
        yield
        return
    with patch.object(mvit, "_mvit", other_size):
        yield


def build(builder: str, device: str = "cpu", *, auxiliary: bool = False, size: int | None = None) -> torch.nn.Module:
    """A network with random weights.

    Args:
        builder: torchvision's name of it.
        device: where its tensors are.
        auxiliary: with GoogLeNet's and Inception's auxiliary classifiers; segmentation always has its own.
        size: height and width of the input where the network's tensors depend on it (ViT, MViT).
    """
    options: dict[str, object] = dict(NO_WEIGHTS.get(builder, {}))
    if builder in NO_WEIGHTS:
        options["aux_logits"] = auxiliary
    if builder.startswith(SEGMENTATION):
        options["aux_loss"] = True
    if builder.startswith((*SEGMENTATION, "lraspp_")):
        options["weights_backbone"] = None
    if size is not None and builder.startswith("vit_"):
        options["image_size"] = size
    models = torchvision().models
    with _regnet_counts_on_cpu(models), _size_of_clips(models, size), torch.device(device):
        created = models.get_model(builder, weights=None, **options)
    assert isinstance(created, torch.nn.Module)
    return created.eval()
