"""Configurations of transformers: the zoo's spec with their sizes. The counts are those of transformers' models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netspec.formatting import format_text
from netspec.importing.configs import ImportedConfig, import_config
from netspec.importing.import_refused import ImportRefused
from tests.cli_support import ran

LLAMA3 = {
    "rope_type": "llama3",
    "factor": 32.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
GROUPED = {
    "hidden_size": 48,
    "intermediate_size": 80,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "vocab_size": 101,
}


def imported(folder: Path, **fields: Any) -> ImportedConfig:
    """The import of a configuration with these fields."""
    file = folder / "config.json"
    file.write_text(json.dumps(fields), encoding="utf-8")
    return import_config(str(file))


COUNTS: list[tuple[dict[str, Any], int]] = [
    ({"model_type": "llama", **GROUPED, "head_dim": 10, "tie_word_embeddings": True, "hidden_act": "gelu"}, 62_784),
    ({"model_type": "mistral", **GROUPED, "head_dim": 10, "sliding_window": None}, 67_632),
    ({"model_type": "mixtral", **GROUPED, "num_local_experts": 3, "num_experts_per_tok": 1}, 132_576),
    ({"model_type": "qwen2", **GROUPED, "tie_word_embeddings": True}, 58_416),
    ({"model_type": "qwen3", **GROUPED, "head_dim": 10}, 67_692),
    ({"model_type": "gemma2", **GROUPED, "head_dim": 10, "query_pre_attn_scalar": 12}, 63_072),
    (
        {
            "model_type": "gpt_neox",
            "hidden_size": 48,
            "intermediate_size": 100,
            "num_hidden_layers": 2,
            "num_attention_heads": 3,
        },
        4_880_264,
    ),
    ({"model_type": "bloom", "hidden_size": 48, "n_layer": 3, "n_head": 6, "vocab_size": 101}, 89_856),
    (
        {
            "model_type": "gpt2",
            "n_embd": 48,
            "n_layer": 3,
            "n_head": 4,
            "n_inner": 100,
            "n_positions": 20,
            "activation_function": "relu",
        },
        2_471_436,
    ),
    (
        {
            "model_type": "bert",
            "hidden_size": 48,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "intermediate_size": 100,
            "type_vocab_size": 3,
            "max_position_embeddings": 20,
        },
        1_526_652,
    ),
    (
        {
            "model_type": "albert",
            "hidden_size": 48,
            "embedding_size": 12,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "intermediate_size": 100,
            "type_vocab_size": 3,
        },
        388_528,
    ),
    (
        {
            "model_type": "t5",
            "d_model": 48,
            "d_kv": 10,
            "num_heads": 3,
            "num_layers": 2,
            "d_ff": 100,
            "feed_forward_proj": "gated-gelu",
        },
        1_635_072,
    ),
    (
        {
            "model_type": "whisper",
            "d_model": 48,
            "encoder_layers": 2,
            "decoder_layers": 3,
            "encoder_attention_heads": 4,
            "decoder_attention_heads": 4,
            "encoder_ffn_dim": 100,
            "decoder_ffn_dim": 100,
            "num_mel_bins": 20,
            "max_source_positions": 50,
            "max_target_positions": 30,
        },
        2_628_308,
    ),
    (
        {
            "model_type": "mamba",
            "hidden_size": 48,
            "num_hidden_layers": 2,
            "state_size": 5,
            "expand": 3,
            "time_step_rank": 7,
            "conv_kernel": 3,
            "vocab_size": 101,
        },
        56_544,
    ),
    (
        {"model_type": "rwkv", "hidden_size": 48, "num_hidden_layers": 3, "vocab_size": 101, "intermediate_size": 100},
        74_832,
    ),
    (
        {
            "model_type": "vit",
            "hidden_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 100,
            "image_size": 64,
            "patch_size": 8,
            "num_labels": 7,
        },
        51_567,
    ),
    ({"model_type": "gpt_oss", **GROUPED, "head_dim": 10, "num_local_experts": 3, "num_experts_per_tok": 2}, 139_527),
]


@pytest.mark.parametrize(("fields", "params"), COUNTS, ids=[str(row[0]["model_type"]) for row in COUNTS])
def test_parameters_are_those_of_transformers(fields: dict[str, Any], params: int, tmp_path: Path) -> None:
    result = imported(tmp_path, **fields)
    assert sum(p.elements for p in result.graph.parameters if not p.buffer) == params
    assert f"expect: {{params: {params:_}}}" in result.text
    assert format_text(result.text) == result.text


def test_a_head_of_its_own(tmp_path: Path) -> None:
    """T5 1.1, whose released weights have 247,577,856 numbers (transformers 5 ties them nevertheless)."""
    fields = {"d_model": 768, "num_heads": 12, "num_layers": 12, "d_ff": 2048, "feed_forward_proj": "gated-gelu"}
    result = imported(tmp_path, model_type="t5", tie_word_embeddings=False, **fields)
    assert "expect: {params: 247_577_856}" in result.text


def test_a_spec_that_a_person_can_read(tmp_path: Path) -> None:
    fields = {**GROUPED, "rope_scaling": LLAMA3, "rope_theta": 500000.0, "rms_norm_eps": 1e-6, "torch_dtype": "float16"}
    result = imported(tmp_path, model_type="llama", architectures=["LlamaForCausalLM"], head_dim=10, **fields)
    assert result.notes == ()
    assert result.text.startswith(
        "# LlamaForCausalLM of a configuration of Hugging Face transformers, after the zoo's llama\n"
        "netspec: 1\nname: llama\n"
    )
    assert (
        "params:\n  vocabulary: 101\n  precision: float16\n  width: 48\n  depth: 3\n  heads: 6\n  kv_heads: 2\n"
        "  hidden: 80\n  head: 10\n  theta: 500000\n  factor: 32\n  tied: false\n"
    ) in result.text
    assert "defaults: {dense: {bias: false}, rms_norm: {eps: 1e-6}}\n" in result.text


def test_what_is_not_followed_is_said(tmp_path: Path) -> None:
    result = imported(
        tmp_path,
        model_type="llama",
        architectures=["LlamaForSequenceClassification"],
        rope_scaling={"type": "yarn", "factor": 4.0},
        quantization_config={"bits": 4},
        torch_dtype="float8",
        new_field=3,
        **GROUPED,
    )
    assert result.notes == (
        "'rope_type: yarn' is not followed: parameters and shapes are the same, outputs are not",
        "'float8' is not a supported type of weights: they are float32",
        "the configuration is of LlamaForSequenceClassification; the spec is LlamaForCausalLM, whose head may differ",
        "'quantization_config' is ignored: the weights are those before quantisation",
        "fields that are not known, and were left out: new_field",
    )


def test_all_problems_are_listed(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as caught:
        imported(tmp_path, model_type="llama", hidden_size="x", attention_bias=True, num_hidden_layers=True)
    file = tmp_path / "config.json"
    assert str(caught.value) == (
        f"error[NS893]: 'hidden_size': must be a number, not x\n --> {file}\n\n"
        f"error[NS893]: 'num_hidden_layers': must be a number, not True\n --> {file}\n\n"
        f"error[NS892]: 'attention_bias': the zoo's 'llama' has no form for the value True\n --> {file}\n"
        "  = help: a spec by hand can begin with `netspec zoo show llama`"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", "error[NS890]: no configuration can be read: it is not an object of JSON"),
        ("{", "error[NS890]: no configuration can be read: it is not JSON: "),
        ("[" * 1_000_000, "error[NS890]: no configuration can be read: it is nested deeper than 30 levels"),
        (" " * 2_000_001, "error[NS890]: no configuration can be read: it is larger than 2 MB"),
        ('{"a": NaN}', "error[NS890]: no configuration can be read: it is not JSON: NaN is not a JSON number"),
        (
            '{"a": ' + "1" * 5000 + "}",
            "error[NS890]: no configuration can be read: it is not JSON: a number of 5000 digits",
        ),
        ("{}", "error[NS891]: the configuration has no 'model_type'"),
        ('{"model_type": "llamma"}', "error[NS891]: the model type 'llamma' is not known"),
        ('{"model_type": ["llama"]}', "error[NS891]: the configuration has no 'model_type'"),
        (
            '{"model_type": "llama", "num_hidden_layers": 1000000000}',
            "error[NS894]: its network is not valid: elaborating",
        ),
        ('{"model_type": "llama", "num_attention_heads": 0}', "error[NS894]: its network is not valid: "),
        (
            '{"model_type": "bert", "hidden_act": "quick_gelu"}',
            "error[NS892]: 'hidden_act': the zoo's 'bert' has no form",
        ),
        ('{"model_type": "gpt2", "n_embd": -768}', "error[NS894]: its network is not valid: "),
        ('{"model_type": "t5", "rope_scaling": 1, "d_kv": {}}', "error[NS893]: 'd_kv': must be a number"),
    ],
)
def test_bad_configurations(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(content, encoding="utf-8")
    said = ran("import", str(file))
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(message)


def test_command(tmp_path: Path) -> None:
    file, out = tmp_path / "config.json", tmp_path / "small.yaml"
    file.write_text(json.dumps({"model_type": "gpt2", "n_layer": 2}), encoding="utf-8")
    said = ran("import", str(file), "-o", str(out), "--name", "small")
    assert said.status == 0
    assert "53.6 M parameters" in said.out
    assert "note: weights of transformers' Conv1D are the transpose of these\n" in said.out
    assert "\nname: small\n" in out.read_text(encoding="utf-8")
    assert ran("check", str(out)).status == 0
    said = ran("import", str(file), "--weights-out", "w.safetensors")
    assert said.err.startswith("error[NS895]: --weights-out means nothing for a configuration\n")
    assert ran("import", str(tmp_path / "none.json")).err.startswith(
        "error[NS890]: no configuration can be read: it cannot be read: no such file or directory\n"
    )
