"""Ultralytics' models against their imports: ``python -m tests.importing.configs.ultralytics_values``.

It needs ultralytics. The parameters of every scale of each file are counted, and the outputs of the first scale are
compared by value, with the weights of Ultralytics under the names of the spec.
"""

# ultralytics has types that pyright does not resolve where it is not installed:
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import netspec
from netspec.importing.configs import import_config

from ...vision import torchvision

FILES = (
    *("v3/yolov3", "v3/yolov3-spp", "v3/yolov3-tiny", "v5/yolov5", "v5/yolov5-p6", "v8/yolov8", "v8/yolov8-cls"),
    *("v8/yolov8-p2", "v8/yolov8-p6", "11/yolo11", "11/yolo11-cls"),
)


def model_of(file: Path, scale: str | None) -> nn.Module:
    """The model of a file at a scale."""
    torchvision()
    from ultralytics.nn import tasks  # type: ignore[import-not-found, unused-ignore] # no requirement of the tests
    from ultralytics.utils import YAML  # type: ignore[import-not-found, unused-ignore]  # as above

    config: dict[str, Any] = YAML.load(file)
    config |= {"scale": scale} if scale else {}
    kind = tasks.ClassificationModel if "cls" in file.stem else tasks.DetectionModel
    module: nn.Module = kind(config, verbose=False)
    return module


def trained(module: nn.Module) -> int:
    """The parameters, without the fixed weights of the last step from shares to distances."""
    return sum(p.numel() for name, p in module.named_parameters() if ".dfl." not in name)


def renamed(state: Mapping[str, Tensor], layers: list[str]) -> dict[str, Tensor]:
    """The weights of Ultralytics under the names of the spec, whose layers for each row are given."""
    renamed: dict[str, Tensor] = {}
    for name, tensor in state.items():
        _, row, rest = name.split(".", 2)
        if rest.startswith("dfl."):
            continue
        rest = re.sub(r"^(cv[23])\.(\d+)\.", r"\2.\1.", rest) if layers[int(row)] == "detect" else rest
        renamed[f"{layers[int(row)]}.{rest}"] = tensor
    return renamed


def row_names(module: Any, names: list[str]) -> list[str]:
    """The layer of the spec for each row: those of one module in order, whose stems are the module's names."""
    stems = {"Upsample": "up", "MaxPool2d": "pool", "ZeroPad2d": "pad"}
    rows: list[str] = []
    counts: dict[str, int] = {}
    for part in module.model:
        stem = str(part.type).rpartition(".")[2]
        stem = stems.get(stem, stem.lower())
        counts[stem] = counts.get(stem, 0) + 1
        gap = "_" if stem[-1].isdigit() else ""
        rows.append(stem if stem in names else f"{stem}{gap}{counts[stem]}")
    return rows


def difference(module: Any, spec: Path) -> float:
    """The largest difference of the outputs, relative to their largest number."""
    graph = netspec.load(str(spec))
    ours = netspec.build(str(spec)).eval()
    names = [name.partition(".")[0] for name in (node.name for node in graph.nodes)]
    for name, buffer in module.named_buffers():
        if "running" in name:
            buffer.uniform_(0.5, 1.5)
    state = renamed(module.state_dict(), row_names(module, names))
    ours.load_state_dict(state, strict=True)
    module.eval().double()
    ours.double()
    x = torch.rand(2, 3, 128, 192, dtype=torch.float64)
    with torch.no_grad():
        if "classify" in names:
            expected = module.model[:-1](x)
            head = module.model[-1]
            expected = head.linear(head.pool(head.conv(expected)).flatten(1))
            actual = ours(x)
        else:
            module.model[-1].training = True
            raw = module(x)
            expected = torch.cat([raw["boxes"], raw["scores"]], 1)
            outputs: Any = ours(x)
            maps = outputs.values() if isinstance(outputs, dict) else outputs
            actual = torch.cat([y.flatten(2) for y in maps], -1)
    return float((actual - expected).abs().max() / expected.abs().max())


def main() -> int:
    """Compare all; returns the exit status."""
    torchvision()
    import tempfile

    import ultralytics  # type: ignore[import-not-found, unused-ignore]  # as above

    folder = Path(str(ultralytics.__file__)).parent / "cfg" / "models"
    failed = 0
    for word in sys.argv[1:] or FILES:
        file = folder / f"{word}.yaml"
        imported = import_config(str(file))
        counts = dict(
            re.findall(r"^  (\w+): \{depth.*?expect: \{params: ([\d_]+)", imported.text, re.MULTILINE | re.DOTALL)
        )
        counts = counts or {"": re.findall(r"^expect: \{params: ([\d_]+)", imported.text, re.MULTILINE)[0]}
        for scale, text in counts.items():
            expected = trained(model_of(file, scale or None))
            failed += expected != int(text)
            print(f"{'ok  ' if expected == int(text) else 'FAIL'} {word} {scale} {expected:,} {text}")
        with tempfile.TemporaryDirectory() as temporary:
            spec = Path(temporary) / "spec.yaml"
            spec.write_text(imported.text, encoding="utf-8")
            largest = difference(model_of(file, next(iter(counts)) or None), spec)
        failed += not largest < 1e-9
        print(f"{'ok  ' if largest < 1e-9 else 'FAIL'} {word} outputs differ by {largest:.1e}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
