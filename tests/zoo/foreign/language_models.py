"""Models of Hugging Face transformers, at small sizes or as released."""

# transformers has types that pyright does not resolve where it is not installed:
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from torch import Tensor, nn

from ...vision import torchvision
from .cases import Case


def transformer(model: str, config: str, **arguments: Any) -> nn.Module:
    """An untrained model by the names of its class and of its configuration's class."""
    torchvision()
    import transformers  # type: ignore[import-not-found, unused-ignore] # no requirement of the tests

    given = getattr(transformers, config)(attn_implementation="eager", experts_implementation="eager", **arguments)
    module: nn.Module = getattr(transformers, model)(given)
    return module


def albert() -> nn.Module:
    """One layer's weights, used three times."""
    return transformer(
        "AlbertModel",
        "AlbertConfig",
        vocab_size=99,
        embedding_size=16,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=20,
        hidden_act="gelu_new",
    )


def run_albert(module: nn.Module, inputs: Mapping[str, Tensor]) -> list[Tensor]:
    """All positions, and the first one after the pooler."""
    outputs: Any = module(inputs["tokens"], token_type_ids=inputs["segments"])
    return [outputs.last_hidden_state, outputs.pooler_output]


SINGLE = 1e-5
"""Transformers works out angles, and some of its softmaxes, in single precision."""
SMALL: dict[str, Any] = {
    "vocab_size": 99,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
OURS = "precision=float32 vocabulary=99 width=32 depth=2 heads=4 kv_heads=2 hidden=48 n=12"
GEMMA3_1B = {"vocab_size": 262144, "hidden_size": 1152, "intermediate_size": 6912, "num_hidden_layers": 26} | {
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
}
GEMMA3_4B = {"hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34} | {
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
}
PHI_14B = {"hidden_size": 5120, "intermediate_size": 17920, "num_hidden_layers": 40} | {
    "num_attention_heads": 40,
    "num_key_value_heads": 10,
}
MODERNBERT_LARGE = {"hidden_size": 1024, "intermediate_size": 2624, "num_hidden_layers": 28, "num_attention_heads": 16}
LLAMA3 = {"vocab_size": 128256, "intermediate_size": 14336, "num_key_value_heads": 8}


def logits(module: nn.Module, inputs: Mapping[str, Tensor]) -> Tensor:
    """The scores of the next token at every position."""
    outputs: Any = module(inputs["tokens"], use_cache=False)
    scores: Tensor = outputs.logits
    return scores


def predicted(module: nn.Module, inputs: Mapping[str, Tensor]) -> Tensor:
    """The scores of every token."""
    outputs: Any = module(inputs["tokens"])
    scores: Tensor = outputs.logits
    return scores


def causal(
    reference: str,
    family: str,
    published: dict[str, Any] | None,
    settings: str = "",
    /,
    tied: bool = False,
    config: str | None = None,
    **more: Any,
) -> Case:
    """A model for the next token: small, and at its published size for the number of parameters."""
    model, config = f"{family}ForCausalLM", config or f"{family}Config"
    return Case(
        f"{reference} {OURS} {settings}".strip(),
        partial(transformer, model, config, **{**SMALL, **more}),
        logits,
        published=None if published is None else partial(transformer, model, config, **published),
        unused=("lm_head.weight",) if tied else (),
        limit=SINGLE,
    )


class Released(nn.Module):
    """Mixtral with the names of the released weights; transformers joins those of all experts."""

    family = "Mixtral"
    block = "block_sparse_moe"
    layers = ("w1", "w3", "w2")

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.model = transformer(f"{self.family}ForCausalLM", f"{self.family}Config", **arguments)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.model(*args, **kwargs)

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]  # fewer overloads than nn.Module's
        """One tensor for each of three layers of each expert."""
        state: dict[str, Tensor] = {}
        for name, tensor in self.model.state_dict().items():
            name = name.replace(".mlp.", f".{self.block}.")
            head, _, last = name.rpartition(".")
            if not head.endswith("experts"):
                state[name] = tensor
                continue
            gate, up, down = self.layers
            for e, own in enumerate(tensor):
                if last == "down_proj":
                    state[f"{head}.{e}.{down}.weight"] = own
                else:
                    state[f"{head}.{e}.{gate}.weight"], state[f"{head}.{e}.{up}.weight"] = own.chunk(2)
        return state


class ReleasedDeepSeek(Released):
    """DeepSeek-V3 with the names of the released weights."""

    family = "DeepseekV3"
    block = "mlp"
    layers = ("gate_proj", "up_proj", "down_proj")


class TransposedActor(nn.Module):
    """The decision transformer of transformers, whose layers of GPT-2 have transposed weights; ours are dense layers."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self.model = transformer("DecisionTransformerModel", "DecisionTransformerConfig", **arguments)
        encoder: Any = self.model.get_submodule("encoder")
        del encoder.wte  # which nothing reads

    def forward(self, returns: Tensor, states: Tensor, actions: Tensor, timesteps: Tensor) -> list[Tensor]:
        """Actions, states and returns."""
        given = {"states": states, "actions": actions, "rewards": returns, "returns_to_go": returns}
        outputs: Any = self.model(**given, timesteps=timesteps)
        return [outputs.action_preds, outputs.state_preds, outputs.return_preds]

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]  # fewer overloads than nn.Module's
        """With the weights of dense layers."""
        given = self.model.state_dict()
        return {n: t.T if ".c_" in n and n.endswith("weight") else t for n, t in given.items()}


def forecaster(channels: int, length: int, patch: int, ahead: int, **sizes: int) -> nn.Module:
    """PatchTST for the values that follow."""
    chosen: dict[str, Any] = {"positional_encoding_type": "random", "pooling_type": None, "scaling": "std"}
    lengths = {"context_length": length, "patch_length": patch, "patch_stride": patch // 2, "prediction_length": ahead}
    chosen |= {"do_mask_input": False, "num_targets": 1, "loss": "mse", "head_dropout": 0.0, **lengths, **sizes}
    return transformer("PatchTSTForPrediction", "PatchTSTConfig", num_input_channels=channels, **chosen)


def forecast(module: nn.Module, inputs: Mapping[str, Tensor]) -> Tensor:
    """The values that follow."""
    outputs: Any = module(past_values=inputs["input"])
    values: Tensor = outputs.prediction_outputs
    return values


class ReleasedQwen(Released):
    """Qwen3 with experts and the names of the released weights."""

    family = "Qwen3Moe"
    block = "mlp"
    layers = ("gate_proj", "up_proj", "down_proj")


def without_weight(name: str) -> str:
    """The name of a blend in transformers: it is a tensor of the layer itself."""
    head, _, last = name.rpartition(".")
    return head if last == "weight" and "time_mix" in head else name


def rwkv() -> nn.Module:
    """Two layers; transformers would halve the weights of later ones."""
    sizes = {"hidden_size": 32, "attention_hidden_size": 32, "intermediate_size": 128}
    return transformer("RwkvForCausalLM", "RwkvConfig", vocab_size=99, num_hidden_layers=2, rescale_every=0, **sizes)


def mamba2(**sizes: int) -> nn.Module:
    """With one group of heads, as released."""
    return transformer("Mamba2ForCausalLM", "Mamba2Config", n_groups=1, chunk_size=8, tie_word_embeddings=True, **sizes)


def neox_name(name: str) -> str:
    """The released weights, and ours, have ``embed_out``."""
    return name.replace("embed_out", "lm_head")
