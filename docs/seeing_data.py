"""Images and trained networks for docs/seeing.md: ``python docs/seeing_data.py [FOLDER]``.

The images come with scikit-learn: 1,797 handwritten digits of 8 by 8 pixels, and two photographs, from which patches of
six classes are cut. Training takes about three minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from sklearn.datasets import load_digits, load_sample_image
from torch.nn import functional as F

import netspec
import netspec_see as see

REGIONS = {
    "sky": ("china", (335, 0, 640, 195)),
    "water": ("china", (350, 235, 545, 300)),
    "tower": ("china", (85, 100, 330, 335)),
    "tree": ("china", (395, 300, 565, 427)),
    "petals": ("flower", (195, 105, 425, 340)),
    "leaves": ("flower", (0, 0, 165, 427)),
}
"""The classes: the photograph and the rectangle (left, top, right, bottom) that shows each."""
PATCHES = {"train": 256, "test": 48}
"""Number of patches per class; test patches are cut from the last third of the rectangle along its longer side."""
CORNER = (200, 60, 380, 240)
"""A corner of the tower in front of the sky, to locate each of the two classes."""
TRANSFORMER = {"size": 48, "patch": 6, "width": 48, "heads": 4, "depth": 4}
"""The parameters of the vision transformer."""
WITHOUT_SOFTMAX = ("vit",)
"""Networks whose outputs are not probabilities."""
MEAN, STD = 0.5, 0.25
"""Normalisation of pixels from 0 to 1 for the network of the photographs."""


def write_digits(folder: Path) -> None:
    """Writes the digits as PNG of 8 by 8 pixels, ``digits/train/7/0012.png``; every fifth is a test image."""
    data: Any = load_digits()
    for i, (image, label) in enumerate(zip(data.images, data.target, strict=True)):
        path = folder / "digits" / ("test" if i % 5 == 4 else "train") / str(label) / f"{i:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.rint(image / 16 * 255).astype(np.uint8)).save(path)


def write_photographs(folder: Path) -> None:
    """Writes both photographs, patches of 48 by 48 pixels, and the names of the six classes."""
    photographs = {name: Image.fromarray(load_sample_image(f"{name}.jpg")) for name in ("china", "flower")}
    (folder / "photographs").mkdir(parents=True, exist_ok=True)
    for name, image in photographs.items():
        image.save(folder / "photographs" / f"{name}.png")
    photographs["china"].crop(CORNER).save(folder / "photographs" / "corner.png")
    random = np.random.default_rng(0)
    for thing, (name, region) in REGIONS.items():
        for part, count in PATCHES.items():
            left, top, right, bottom = third(region, last=part == "test")
            for i in range(count):
                side = int(random.integers(28, min(160, bottom - top, right - left) + 1))
                x, y = int(random.integers(left, right - side + 1)), int(random.integers(top, bottom - side + 1))
                patch = photographs[name].crop((x, y, x + side, y + side)).resize((48, 48), Image.Resampling.BICUBIC)
                path = folder / "patches" / part / thing / f"{i:03}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                patch.save(path)
    (folder / "things.txt").write_text("\n".join(REGIONS) + "\n", encoding="utf-8")


def third(region: tuple[int, int, int, int], *, last: bool) -> tuple[int, int, int, int]:
    """The last third of a rectangle along its longer side, or all but that."""
    left, top, right, bottom = region
    if right - left >= bottom - top:
        border = right - (right - left) // 3
        return (border, top, right, bottom) if last else (left, top, border, bottom)
    border = bottom - (bottom - top) // 3
    return (left, border, right, bottom) if last else (left, top, right, border)


def read(prepared: see.Preparation, folder: Path, names: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """All images of a folder as inputs, and the numbers of their classes, which name the subfolders."""
    inputs: list[NDArray[np.float32]] = []
    labels: list[int] = []
    for number, name in enumerate(names):
        for path in sorted((folder / name).iterdir()):
            inputs.append(prepared.normalize(prepared.pixels(path)))
            labels.append(number)
    return torch.from_numpy(np.stack(inputs)), torch.tensor(labels)


def train(
    spec: str,
    folder: Path,
    names: list[str],
    *,
    epochs: int,
    rate: float,
    augment: bool,
    params: Mapping[str, int] | None = None,
    **normal: Any,
) -> None:
    """Trains a network on ``folder/train``, prints its accuracy on ``folder/test``, and writes its weights."""
    torch.manual_seed(0)
    graph = netspec.load(spec, classes=len(names), **(params or {}))
    model = netspec.build(graph, seed=0)
    prepared = see.preparation(see.network(graph), **normal)
    x, y = read(prepared, folder / "train", names)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate, weight_decay=1e-4)
    steps = epochs * -(-len(x) // 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3 * rate, total_steps=steps)
    for _ in range(epochs):
        for chosen in torch.randperm(len(x)).split(64):
            batch = x[chosen]
            if augment:
                batch = augment_batch(batch)
            out = model(batch)
            logarithms = F.log_softmax(out, 1) if spec in WITHOUT_SOFTMAX else out.clamp_min(1e-9).log()
            loss = F.nll_loss(logarithms, y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    model.eval()
    x, y = read(prepared, folder / "test", names)
    with torch.no_grad():
        right = (model(x).argmax(1) == y).float().mean().item()
    print(f"{graph.name}: {right:.1%} of {len(x)} test images")
    save_file(model.state_dict(), f"{folder.parent}/{graph.name}.safetensors")


def augment_batch(batch: torch.Tensor) -> torch.Tensor:
    """Random mirroring, brightness, contrast and saturation, so that the network does not rely on colour alone."""
    n = len(batch)
    batch = torch.where(torch.rand(n, 1, 1, 1) < 0.5, batch.flip(3), batch)
    grey = batch.mean(1, keepdim=True)
    batch = grey + (batch - grey) * torch.rand(n, 1, 1, 1)
    return batch * (0.6 + 0.8 * torch.rand(n, 1, 1, 1)) + 0.6 * torch.randn(n, 1, 1, 1)


def main(folder: Path) -> None:
    """Writes the images and trains the networks in a folder, with one thread, so that every machine trains alike."""
    torch.set_num_threads(1)
    write_digits(folder)
    write_photographs(folder)
    train("lenet", folder / "digits", [str(n) for n in range(10)], epochs=15, rate=1e-3, augment=False)
    of_patches: dict[str, Any] = {"epochs": 12, "rate": 4e-4, "augment": True, "mean": [MEAN], "std": [STD]}
    train("small_vgg", folder / "patches", list(REGIONS), **of_patches)
    train("vit", folder / "patches", list(REGIONS), params=TRANSFORMER, **of_patches)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
