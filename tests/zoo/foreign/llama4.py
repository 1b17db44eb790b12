"""Llama 4 of transformers, which is not a requirement of the tests."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import Tensor

from .cases import Case
from .language_models import OURS, SINGLE, SMALL, Released, logits, transformer

CHUNK = 5
"""Positions after which queries without positions grow, here: fewer than the 12 that are compared."""


class ReleasedLlama4(Released):
    """Llama 4 with a tensor for each layer of each expert."""

    family = "Llama4"

    def __init__(self, **arguments: Any) -> None:
        super(Released, self).__init__()
        self.model = transformer("Llama4ForCausalLM", "Llama4TextConfig", **arguments)

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]  # fewer overloads than nn.Module's
        """Transformers joins those of all experts, with inputs before outputs."""
        state: dict[str, Tensor] = {}
        for name, tensor in self.model.state_dict().items():
            head, _, last = name.rpartition(".")
            if not head.endswith("experts"):
                state[name] = tensor
                continue
            for e, own in enumerate(tensor.transpose(1, 2)):
                if last == "down_proj":
                    state[f"{head}.{e}.down_proj.weight"] = own
                else:
                    gate, up = own.chunk(2)
                    state[f"{head}.{e}.gate_proj.weight"], state[f"{head}.{e}.up_proj.weight"] = gate, up
        return state


def small(experts: int, every: int, norm: bool, rope: dict[str, Any]) -> ReleasedLlama4:
    """Five layers, of which the fourth has no positions."""
    sizes = {**SMALL, "num_hidden_layers": 5, "intermediate_size_mlp": 40, "head_dim": 8, "floor_scale": CHUNK}
    choices = {"num_local_experts": experts, "interleave_moe_layer_step": every, "use_qk_norm": norm}
    return ReleasedLlama4(**sizes, **choices, rope_parameters={"rope_theta": 500_000.0, **rope})


def cases() -> list[Case]:
    """Both models."""
    slowed: dict[str, Any] = {"rope_type": "llama3", "factor": 16.0, "low_freq_factor": 1.0, "high_freq_factor": 1.0}
    slowed["original_max_position_embeddings"] = 8192
    ours = f"{OURS} plain=40 head=8 chunk={CHUNK}".replace("depth=2", "depth=5")
    maverick = {"num_local_experts": 128, "interleave_moe_layer_step": 2}
    full = partial(transformer, "Llama4ForCausalLM", "Llama4TextConfig")
    scaled, plain = partial(small, 6, 1, True, slowed), partial(small, 6, 2, False, {"rope_type": "default"})
    # transformers computes all experts: their multiply-accumulates are not compared
    return [
        Case(f"llama4@scout {ours} experts=6", scaled, logits, limit=SINGLE, published=full, counts_macs=False),
        Case(
            f"llama4@maverick {ours} experts=6",
            plain,
            logits,
            limit=SINGLE,
            published=partial(full, **maverick),
            counts_macs=False,
        ),
    ]
