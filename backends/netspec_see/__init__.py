"""What a network has learned: its filters, what they respond to, and which parts of an image decide a score.

>>> import netspec_see
>>> net = netspec_see.network("lenet", weights="trained.safetensors")
>>> prepared = netspec_see.preparation(net)
>>> maps = netspec_see.activations(net, prepared.normal(prepared.pixels("seven.png")))

Requires the extra ``see``: PyTorch, Pillow, matplotlib and Captum. Drawings are made by :mod:`.sheets` and
:mod:`.plots`. The names below are loaded when they are first used, so that the command line can list its options
without PyTorch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .attribution import Attribution, grad_cam, integrated_gradients, occlusion, saliency
    from .exemplar import Exemplars, exemplars
    from .field import Box, box, influence
    from .images import Preparation, preparation
    from .kernels import Filters, filters
    from .maps import Activation, activations
    from .probe import Network, network
    from .ranking import Hit, Top, top

__all__ = [
    "Activation", "Attribution", "Box", "Exemplars", "Filters", "Hit", "Network", "Preparation", "Top",
    "activations", "box", "exemplars", "filters", "grad_cam", "influence", "integrated_gradients", "network",
    "occlusion", "preparation", "saliency", "top",
]

_MODULES = {
    "maps": ("Activation", "activations"),
    "attribution": ("Attribution", "grad_cam", "integrated_gradients", "occlusion", "saliency"),
    "exemplar": ("Exemplars", "exemplars"),
    "field": ("Box", "box", "influence"),
    "kernels": ("Filters", "filters"),
    "images": ("Preparation", "preparation"),
    "probe": ("Network", "network"),
    "ranking": ("Hit", "Top", "top"),
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used.

    Raises:
        netspec.Error: NS810, a library of the extra is not installed.
    """
    module = next((module for module, names in _MODULES.items() if name in names), None)
    if module is None:
        raise AttributeError(f"module 'netspec_see' has no attribute '{name}'")
    from importlib import import_module

    from .faults import require_libraries

    require_libraries()
    return getattr(import_module(f".{module}", __name__), name)


def __dir__() -> list[str]:
    return __all__
