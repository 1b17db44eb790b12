"""Shows what a network has learned: its filters, what activates them, and which parts of an image affect a score.

>>> import netspec_see
>>> net = netspec_see.network("lenet", weights="trained.safetensors")
>>> prepared = netspec_see.preparation(net)
>>> maps = netspec_see.activations(net, prepared.normalize(prepared.pixels("seven.png")))

Needs PyTorch, Pillow, Matplotlib and Captum. Importing this package loads none of them: public names are loaded on
first access, so that the command line can list its options quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .activation_maps import Activation, activations
    from .attention_rollout import rollout
    from .attribution import Attribution, grad_cam, integrated_gradients, occlusion, saliency
    from .exact_field import Box, box, influence
    from .exemplar import Ascent, Exemplars, exemplars
    from .fourier_ascent import FourierAscent
    from .image_input import Preparation, preparation
    from .kernels import Filters, filters
    from .loaded_network import Network, network
    from .token_grids import GivenGrid
    from .top_images import Hit, Top, top

__all__ = [
    "Activation",
    "Ascent",
    "Attribution",
    "Box",
    "Exemplars",
    "Filters",
    "FourierAscent",
    "GivenGrid",
    "Hit",
    "Network",
    "Preparation",
    "Top",
    "activations",
    "box",
    "exemplars",
    "filters",
    "grad_cam",
    "influence",
    "integrated_gradients",
    "network",
    "occlusion",
    "preparation",
    "rollout",
    "saliency",
    "top",
]

_MODULES = {
    "activation_maps": ("Activation", "activations"),
    "attention_rollout": ("rollout",),
    "attribution": ("Attribution", "grad_cam", "integrated_gradients", "occlusion", "saliency"),
    "exemplar": ("Ascent", "Exemplars", "exemplars"),
    "exact_field": ("Box", "box", "influence"),
    "fourier_ascent": ("FourierAscent",),
    "kernels": ("Filters", "filters"),
    "image_input": ("Preparation", "preparation"),
    "loaded_network": ("Network", "network"),
    "token_grids": ("GivenGrid",),
    "top_images": ("Hit", "Top", "top"),
}


def __getattr__(name: str) -> Any:
    """Loads a public name on first access.

    Raises:
        netspec.Error: NS810, a library of the extra is not installed.
    """
    module = next((module for module, names in _MODULES.items() if name in names), None)
    if module is None:
        raise AttributeError(f"module 'netspec_see' has no attribute '{name}'")
    from importlib import import_module

    from .see_errors import require_libraries

    require_libraries()
    return getattr(import_module(f".{module}", __name__), name)


def __dir__() -> list[str]:
    return __all__
