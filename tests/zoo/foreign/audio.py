"""Models of sound in Hugging Face transformers."""

# transformers has types that pyright does not resolve where it is not installed:
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from ...vision import torchvision
from .cases import Case
from .language_models import SINGLE, transformer
from .paper_modules import Parts


def whisper(width: int, heads: int, depth: int, **more: Any) -> nn.Module:
    """Encoder and decoder of the same size."""
    sizes = {
        f"{part}_{name}": n
        for part in ("encoder", "decoder")
        for name, n in (("layers", depth), ("attention_heads", heads), ("ffn_dim", 4 * width))
    }
    return transformer("WhisperForConditionalGeneration", "WhisperConfig", d_model=width, **sizes, **more)


def scores(module: nn.Module, inputs: Mapping[str, Tensor]) -> Tensor:
    """Those of the next word at every position."""
    outputs: Any = module(input_features=inputs["mel"], decoder_input_ids=inputs["tokens"], use_cache=False)
    actual: Tensor = outputs.logits
    return actual


def wav2vec2(**sizes: int) -> nn.Module:
    """A recogniser of characters; without sizes, the base model."""
    return transformer("Wav2Vec2ForCTC", "Wav2Vec2Config", **sizes)


def characters(module: nn.Module, inputs: Mapping[str, Tensor]) -> Tensor:
    """Their scores at every position."""
    outputs: Any = module(inputs["input"][:, 0])
    actual: Tensor = outputs.logits
    return actual


def deepspeech2(bins: int, width: int, depth: int, classes: int) -> nn.Module:
    """Amodei et al. 2015, Section 3, with PyTorch's recurrent layers."""

    def swapped(norm: nn.Module, x: Tensor) -> Tensor:
        y: Tensor = norm(x.transpose(1, 2)).transpose(1, 2)
        return y

    def run(net: Any, x: Tensor) -> Tensor:
        x = net.conv(x).flatten(1, 2).transpose(1, 2)
        for layer in net.rnns:
            x = swapped(layer.batch_norm, x) if hasattr(layer, "batch_norm") else x
            x = layer.rnn(x)[0].unflatten(-1, (2, -1)).sum(-2)
        scores: Tensor = net.fc(swapped(net.fc_norm, x))
        return scores

    first = nn.Conv2d(1, 32, (41, 11), (2, 2), (20, 5), bias=False)
    second = nn.Conv2d(32, 32, (21, 11), (2, 1), (10, 5), bias=False)
    features = 32 * (((bins + 1) // 2 + 1) // 2)
    rnns = (
        Parts(
            None,
            **({"batch_norm": nn.BatchNorm1d(width)} if i else {}),
            rnn=nn.GRU(width if i else features, width, bidirectional=True, batch_first=True),
        )
        for i in range(depth)
    )
    return Parts(
        run,
        conv=nn.Sequential(
            first, nn.BatchNorm2d(32), nn.Hardtanh(0, 20), second, nn.BatchNorm2d(32), nn.Hardtanh(0, 20)
        ),
        rnns=nn.ModuleList(rnns),
        fc_norm=nn.BatchNorm1d(width),
        fc=nn.Linear(width, classes, bias=False),
    )


def hifigan(**sizes: Any) -> nn.Module:
    """The vocoder of SpeechT5, its weights as they are for inference."""
    module: Any = transformer("SpeechT5HifiGan", "SpeechT5HifiGanConfig", **sizes)
    draw = torch.Generator().manual_seed(2)
    module.mean.normal_(generator=draw)
    module.scale.uniform_(0.5, 1.5, generator=draw)
    vocoder: nn.Module = module
    return vocoder


def fast_conformer(vocabulary: int, **sizes: int) -> nn.Module:
    """The Fast Conformer of Parakeet; ``sizes`` are those of its encoder."""
    torchvision()
    encoder: Any = import_module("transformers").ParakeetEncoderConfig(attn_implementation="eager", **sizes)
    return transformer("ParakeetForCTC", "ParakeetCTCConfig", vocab_size=vocabulary, encoder_config=encoder)


def parts_of_words(module: nn.Module, inputs: Mapping[str, Tensor]) -> Tensor:
    """Their scores in every eighth frame."""
    outputs: Any = module(inputs["input"])
    actual: Tensor = outputs.logits
    return actual


CONFORMER_SMALL = {
    "hidden_size": 32,
    "intermediate_size": 128,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "conv_kernel_size": 5,
    "subsampling_conv_channels": 8,
    "num_mel_bins": 16,
}


def cases() -> list[Case]:
    """All of them."""
    small = "vocabulary=99 mels=8 frames=10 positions=20 n=11 width=32 heads=4 depth=2"
    created = partial(
        whisper, 32, 4, 2, vocab_size=99, num_mel_bins=8, max_source_positions=10, max_target_positions=20,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    sizes: dict[str, tuple[int, int, int, dict[str, int]]] = {
        "tiny": (384, 6, 4, {"vocab_size": 51865}),
        "base": (512, 8, 6, {"vocab_size": 51865}),
        "large_v3": (1280, 20, 32, {"vocab_size": 51866, "num_mel_bins": 128}),
    }
    return [
        Case(
            f"whisper@{variant} {small}",
            created,
            scores,
            unused=("proj_out.weight",),
            published=partial(whisper, width, heads, depth, **more),
        )
        for variant, (width, heads, depth, more) in sizes.items()
    ] + [
        Case(
            "wav2vec2 width=32 heads=4 depth=2 samples=2000",
            partial(wav2vec2, hidden_size=32, intermediate_size=128, num_attention_heads=4, num_hidden_layers=2),
            characters,
            published=wav2vec2,
        ),
        Case(
            "deepspeech2 bins=41 width=16 depth=3 classes=7 frames=30",
            partial(deepspeech2, 41, 16, 3, 7),
            published=partial(deepspeech2, 161, 800, 5, 29),
            counts_macs=False,  # recurrent layers are not in PyTorch's table
        ),
        *(
            Case(
                f"conformer@{v} vocabulary=11 mels=16 channels=8 width=32 heads=4 depth=2 kernel=5 frames=75",
                partial(fast_conformer, 11, **CONFORMER_SMALL),
                parts_of_words,
                published=partial(fast_conformer, 1025, num_hidden_layers=depth),
                limit=SINGLE,
            )
            for v, depth in (("ctc_0_6b", 24), ("ctc_1_1b", 42))
        ),
        Case(
            "hifigan mels=8 width=32 rates=[4,2] kernels=[8,4] frames=9",
            partial(
                hifigan,
                model_in_dim=8,
                upsample_initial_channel=32,
                upsample_rates=[4, 2],
                upsample_kernel_sizes=[8, 4],
            ),
            published=hifigan,
        ),
    ]
