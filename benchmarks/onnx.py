"""``netspec export`` to ONNX compared with ``torch.onnx.export``, as whole processes: ``python benchmarks/onnx.py``.

Goals: a tenth of the time and of the peak memory, VGG-16 below 150 MiB; ``--no-weights`` within 20% of ``check`` plus
the import of onnx; linear growth.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path[0:1] = []  # this file shares its name with a package
sys.path.append(str(Path(__file__).resolve().parent))

from growth import blocks, chain  # noqa: E402 - as above
from harness import netspec, python, side_by_side, table  # noqa: E402 - as above

PEER = """
import warnings; warnings.simplefilter("ignore")
import torch
library = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    library.define(f"{{name}}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
from torchvision import models
model = models.{name}().eval()
torch.onnx.export(model, (torch.rand(2, 3, 224, 224),), {path!r}, dynamo=True, verbose=False,
                  dynamic_shapes=({{0: torch.export.Dim("N")}},), external_data=False)
"""
CHECKED = "from netspec.cli.main import run\nimport onnx\nrun()"


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, spec in (("vgg16", "vgg@16"), ("resnet50", "resnet@50")):
            ours, theirs = (str(Path(folder) / f"{who}.onnx") for who in ("ours", "theirs"))
            commands = {
                f"{name}: netspec export": netspec("export", spec, "-o", ours),
                f"{name}: torch.onnx.export": python(PEER.format(name=name, path=theirs)),
            }
            print(table(side_by_side(commands, args.runs), f"{name}: torch.onnx.export"), end="\n\n", flush=True)
        bare = {
            "vgg16: check, and import onnx": [sys.executable, "-c", CHECKED, "check", "specs/vgg16.yaml"],
            "vgg16: export --no-weights": netspec(
                "export", "specs/vgg16.yaml", "-o", f"{folder}/bare.onnx", "--no-weights"
            ),
        }
        print(table(side_by_side(bare, 3 * args.runs), "vgg16: check, and import onnx"), end="\n\n", flush=True)
        for label, make in (("written out", chain), ("repeated blocks", blocks)):
            commands = {}
            for n in (1_000, 10_000):
                path = Path(folder) / f"{make.__name__}{n}.yaml"
                path.write_text(make(n), encoding="utf-8")
                commands[f"{n:,} layers, {label}"] = netspec(
                    "export", str(path), "-o", f"{folder}/growth.onnx", "--no-weights"
                )
            print(table(side_by_side(commands, args.runs), f"1,000 layers, {label}"), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
