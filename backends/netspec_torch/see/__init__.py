"""Looking at what a network has learned: its filters, what they answer to, and what they look for.

>>> from netspec_torch import see
>>> net = see.network("lenet", weights="trained.safetensors")
>>> prepared = see.preparation(net)
>>> found = see.activations(net, prepared.normal(prepared.pixels("seven.png")))

Needs the extra ``see``: Pillow, matplotlib and Captum. Drawings are made by :mod:`.sheets` and :mod:`.plots`.
"""

# ruff: noqa: E402 - a missing library is said in one line before anything asks for it

from __future__ import annotations

from .faults import require_extra

require_extra()

from .activations import Activation, activations
from .attribution import Attribution, grad_cam, integrated_gradients, occlusion, saliency
from .exemplar import Exemplars, exemplars
from .field import Box, box, influence
from .filters import Filters, filters
from .images import Preparation, preparation
from .network import Network, network
from .top import Hit, Top, top

__all__ = [
    "Activation", "Attribution", "Box", "Exemplars", "Filters", "Hit", "Network", "Preparation", "Top",
    "activations", "box", "exemplars", "filters", "grad_cam", "influence", "integrated_gradients", "network",
    "occlusion", "preparation", "saliency", "top",
]
