"""Memory of a step of training with AdamW: what ``netspec fit`` forecasts, what other estimators say, and PyTorch.

``python -m benchmarks.memory_estimators [NAME:BATCH ...]``, with ``pip install torchinfo accelerate deepspeed``.

PyTorch's figure is the peak that MemTracker records of the second step, with the network's source on fake CUDA
tensors, in single precision. The others get the same module: torchinfo's total, Accelerate's ``estimate-memory`` for
float32 (the most of weights, gradients, states and step), and DeepSpeed's estimate of ZeRO-2's model states on one GPU,
which assumes weights in half precision with a copy in single precision.
"""

# The other tools have no types, or are not installed.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import sys
import time
import warnings

import torch

import netspec
from netspec.units import size_text
from netspec_fit import Settings, forecast
from netspec_fit.simulation import Network
from tests.memory.oracle import module_class, peak_bytes
from tests.vision import torchvision

NETWORKS = ("resnet@50:64", "vgg16:32", "densenet:32", "vit:32", "swin:32", "gpt2:8", "bert:8", "unet:4")


def torchinfo_bytes(network: Network, batch: int) -> int:
    """Input, weights and twice all outputs of layers, as torchinfo adds them up."""
    from torchinfo import summary

    with torch.device("meta"):
        model = module_class(network.text)()
        data = [torch.zeros(batch, *shape, dtype=getattr(torch, dtype)) for shape, dtype in network.inputs]
    statistics = summary(model, input_data=data, device="meta", verbose=0)
    return int(statistics.total_input + statistics.total_output_bytes + statistics.total_param_bytes)


def accelerate_bytes(network: Network) -> int:
    """The most of weights, gradients, states and step, as ``accelerate estimate-memory`` prints it for float32."""
    torchvision()  # timm, which the command imports, needs one that suits this PyTorch
    from accelerate.commands.estimate import estimate_training_usage
    from accelerate.utils import calculate_maximum_sizes

    with torch.device("meta"):
        model = module_class(network.text)()
    return max(estimate_training_usage(calculate_maximum_sizes(model)[0], "float32").values())


def deepspeed_bytes(network: Network) -> int:
    """Model states of ZeRO-2 on one GPU without offloading."""
    from deepspeed.runtime.zero.stage_1_and_2 import estimate_zero2_model_states_mem_needs

    with torch.device("meta"):
        model = module_class(network.text)()
    parameters = sum(p.numel() for p in model.parameters())
    return int(estimate_zero2_model_states_mem_needs(parameters, cpu_offload=False)[1])


def main() -> None:
    """Print the table."""
    warnings.filterwarnings("ignore")
    print("| network | batch | PyTorch | `netspec fit` | torchinfo | Accelerate | DeepSpeed | time of `netspec fit` |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for text in sys.argv[1:] or NETWORKS:
        name, _, batch = text.partition(":")
        network, settings = Network(netspec.load(name)), Settings(batch=int(batch or 1))
        start = time.perf_counter()
        total = forecast(network, settings).total
        seconds = time.perf_counter() - start
        peak = peak_bytes(network, settings)
        figures = [
            size_text(peak),
            f"{size_text(total)} ({total / peak - 1:+.1%})",
            *(
                f"{size_text(n)} ({n / peak - 1:+.0%})"
                for n in (torchinfo_bytes(network, settings.batch), accelerate_bytes(network), deepspeed_bytes(network))
            ),
        ]
        print(f"| {name} | {settings.batch} | {' | '.join(figures)} | {seconds:.2f} s |", flush=True)


if __name__ == "__main__":
    main()
