"""Networks in the folders of the zoo, at small sizes: PyTorch's module, its written text, and ONNX agree."""

# torch and onnx are typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
import torch

import netspec_onnx
import netspec_torch
from netspec import zoo
from netspec_onnx.verification.random_inputs import random_inputs
from netspec_onnx.verification.verify import verify
from tests.onnx_backend.support import ActiveWeights
from tests.torch_backend.support import check_facts, check_source, check_training

from .small_networks import SMALL, small_reference
from .support import graph

NAMES = sorted(set(zoo.names()) - set(zoo.names("")))

WITHOUT_GRADIENT = {
    "nbeats": tuple(f"generic.1.{name}" for name in ("theta_b.weight", "backcast_fc.weight", "backcast_fc.bias")),
    "vq_vae": ("quantize.embedding.weight",),
    "wav2vec2": ("wav2vec2.masked_spec_embed",),
}
"""Parameters that are not trained by the loss of the outputs: what the last block leaves of the past, a book behind
`stop_gradient`, one that is not used."""


def test_every_network_has_a_small_size() -> None:
    assert sorted(SMALL) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_values_agree(name: str, tmp_path: Path) -> None:
    net, source, path = graph(small_reference(name)).at_default, ActiveWeights(), tmp_path / "net.onnx"
    netspec_onnx.export(net, path, source=source)
    onnx.checker.check_model(str(path), full_check=True)
    result = verify(net, path, source)
    assert not result.problems
    assert result.against == "PyTorch"
    assert min(result.changes.values()) > 1e-3, "outputs that do not depend on the inputs"
    model, given = netspec_torch.build(net), [torch.from_numpy(x) for x in random_inputs(net, 2).values()]
    check_source(net, model, given, check_facts(net, model, given))
    check_training(net, model, given, WITHOUT_GRADIENT.get(name, ()))
