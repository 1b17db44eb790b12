"""MACs that ``expect`` states where no other package has the network: PyTorch's own counter, over our export."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import contextmanager

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import netspec_torch

from .support import analysis, graph

SEQ2SEQ = "seq2seq@luong source_words=100 target_words=100"
NETWORKS = [
    "autoencoder", "bert@base", "c3d@sports1m", "dcgan_discriminator", "dcgan_generator", "densenet_cifar@40-12",
    "densenet_cifar@bc-100-12", "edsr@baseline_x3", "espcn@onnx_zoo", "gpt2@small", "mlp_mixer@h_14",
    "gru_attention", "lstm_tagger", "mobilenet_v1@full", "network_in_network@imagenet",
    "segnet@camvid", SEQ2SEQ, "siamese", "srcnn@9-5-5", "tcn@sequential_mnist",
    "textcnn@mr", "unet3d", "unet@padded", "wavenet", "yolov3@416",
]  # fmt: skip
ON_CPU = {"autoencoder", "gru_attention", "lstm_tagger", SEQ2SEQ}
"""Without storage PyTorch takes no permuted images into convolutions, and counts no recurrent layers."""


@contextmanager
def plain() -> Generator[None]:
    """PyTorch's own kernels alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a device that is not here
        with torch.backends.mkldnn.flags(enabled=False):
            yield


@pytest.mark.parametrize("network", NETWORKS)
def test_macs(network: str) -> None:
    compiled = graph(network)
    device = "cpu" if network in ON_CPU else "meta"
    net = netspec_torch.build(compiled, device=device).eval()
    inputs = compiled.at_default.input_types.values()
    # Kernels of oneDNN and of fused attention for CPUs are not in the counter's table.
    with plain(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter, torch.no_grad():
        net(*(torch.zeros(1, *x.shape, dtype=getattr(torch, x.dtype), device=device) for x in inputs))
    assert counter.get_total_flops() == analysis(network).flops
