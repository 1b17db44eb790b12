"""Start-up time: ``netspec check specs/vgg16.yaml`` compared with other commands.

``python benchmarks/check.py [--runs N] [--peers N]`` compares it with

- the floor, which only imports Pydantic and PyYAML (goal: at most 1.5 times its CPU time),
- torchinfo and Keras printing the same summary (goal: 15 times faster, a tenth of the memory).
"""

from __future__ import annotations

import argparse

from harness import netspec, python, side_by_side, table

FLOOR = "from pydantic import BaseModel; import yaml"
VISION = """
import torch
library = torch.library.Library("torchvision", "DEF")
for name in ("nms", "qnms"):
    library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
from torchvision.models import vgg16
"""
TORCHINFO = VISION + "from torchinfo import summary; summary(vgg16(), (1, 3, 224, 224))"
KERAS = """
import os; os.environ["KERAS_BACKEND"] = "torch"
import keras; keras.applications.VGG16(weights=None).summary()
"""


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--peers", type=int, default=3, help="runs compared with torchinfo and Keras; 0 for none")
    args = parser.parse_args()
    check = netspec("check", "specs/vgg16.yaml")
    print(
        table(
            side_by_side({"import pydantic and yaml": python(FLOOR), "netspec check": check}, args.runs),
            "import pydantic and yaml",
        )
    )
    if not args.peers:
        return
    print()
    peers = {"netspec check": check, "torchinfo.summary": python(TORCHINFO), "keras summary": python(KERAS)}
    print(table(side_by_side(peers, args.peers), "netspec check"))


if __name__ == "__main__":
    main()
