"""Train LeNet-5 on the handwritten digits that scikit-learn ships: ``python docs/examples/train_digits.py``."""

import torch
from sklearn.datasets import load_digits
from torch.nn import functional as F

import netspec


def digits() -> tuple[torch.Tensor, torch.Tensor]:
    """1,797 digits of 8x8, enlarged to LeNet's 32x32, from -0.1 (paper) to 1.175 (ink) as in the publication."""
    data = load_digits()
    images = torch.tensor(data.images / 16.0, dtype=torch.float32)[:, None]
    images = F.interpolate(images, size=28, mode="bilinear")
    return F.pad(images, (2, 2, 2, 2)) * 1.275 - 0.1, torch.tensor(data.target)


def main(epochs: int = 30) -> float:
    """Train, and return the fraction of held-out digits that are classified correctly."""
    torch.manual_seed(0)
    images, labels = digits()
    order = torch.randperm(len(labels))
    train, held_out = order[:1437], order[1437:]

    model = netspec.build("lenet5", seed=0)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, epochs=epochs, steps_per_epoch=23)
    for epoch in range(epochs):
        model.train()
        for batch in train[torch.randperm(len(train))].split(64):
            shift = torch.randint(-2, 3, (2,)).tolist()  # a digit stays what it is two pixels on
            distances = model(images[batch].roll(shift, (2, 3)))  # the output is a distance to each class's code
            loss = F.cross_entropy(-distances, labels[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        print(f"epoch {epoch + 1:2}: loss {loss.item():.3f}")

    model.eval()
    with torch.no_grad():
        right = (model(images[held_out]).argmin(1) == labels[held_out]).float().mean().item()
    print(f"{right:.1%} of {len(held_out)} held-out digits")
    return right


if __name__ == "__main__":
    main()
