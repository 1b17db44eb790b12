"""Models of transformers from a text to another."""

# transformers has types that pyright does not resolve where it is not installed:
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from .cases import Case
from .language_models import SINGLE, transformer


def t5(feed: str, *, tied: bool) -> nn.Module:
    """A small T5, in which both stacks and all layers have tables that other layers share."""
    module: Any = transformer(
        "T5ForConditionalGeneration",
        "T5Config",
        vocab_size=99,
        d_model=64,
        d_kv=64,
        d_ff=48,
        num_layers=2,
        num_heads=2,
        feed_forward_proj=feed,
        tie_word_embeddings=tied,
    )
    if not tied:  # made from a configuration, the head is tied in any case
        module.lm_head.weight = nn.Parameter(module.lm_head.weight.detach().clone())
    created: nn.Module = module
    return created


def run_t5(module: nn.Module, inputs: Mapping[str, Tensor]) -> Any:
    """Logits of the decoder's tokens."""
    outputs: Any = module(input_ids=inputs["tokens"], decoder_input_ids=inputs["decoder_tokens"], use_cache=False)
    return outputs.logits


def t5_name(name: str) -> str:
    """Theirs are tables of the first layers."""
    for stack in ("encoder", "decoder"):
        table = f"{stack}.bias.relative_attention_bias.weight"
        if name == table:
            return f"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    return name.replace("decoder.embedded.", "shared.")


def bart(width: int, heads: int, depth: int, **more: Any) -> nn.Module:
    """Encoder and decoder of the same size."""
    sizes = {
        f"{part}_{name}": n
        for part in ("encoder", "decoder")
        for name, n in (("layers", depth), ("attention_heads", heads), ("ffn_dim", 4 * width))
    }
    module = transformer("BartForConditionalGeneration", "BartConfig", d_model=width, **sizes, **more)
    if more:
        module.get_buffer("final_logits_bias").normal_(generator=torch.Generator().manual_seed(2))
    return module


def cases() -> list[Case]:
    """All of them."""
    small = "vocabulary=99 width=64 heads=2 depth=2 hidden=48 n=150 m=37"
    unused = ("embed_tokens", "lm_head")
    return [
        *(
            Case(
                f"bart@{variant} vocabulary=99 positions=20 width=32 heads=4 depth=2 n=11 m=9",
                partial(bart, 32, 4, 2, vocab_size=99, max_position_embeddings=20),
                run_t5,
                unused=("embed_tokens", "lm_head"),
                published=partial(bart, *sizes),
            )
            for variant, sizes in (("base", (768, 12, 6)), ("large", (1024, 16, 12)))
        ),
        Case(f"t5@small {small}", partial(t5, "relu", tied=True), run_t5, t5_name, unused, limit=SINGLE),
        Case(f"t5@v1_1_base {small}", partial(t5, "gated-gelu", tied=False), run_t5, t5_name, unused[:1], limit=SINGLE),
    ]
