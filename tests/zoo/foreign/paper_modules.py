"""Modules written after papers, for networks that no package has."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def perceptron(sizes: Sequence[int], *last: nn.Module) -> nn.Sequential:
    """Dense layers, each followed by ReLU, and what comes last."""
    layers: list[nn.Module] = []
    for a, b in pairwise(sizes):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers, *last)


class Parts(nn.Module):
    """Layers by name, and a function of them and the inputs."""

    def __init__(self, run: Any, **layers: Any) -> None:
        super().__init__()
        self.run = run
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, *inputs: Tensor) -> Any:
        """What the function makes of the inputs."""
        return self.run(self, *inputs)


def learned(*shape: int) -> nn.Parameter:
    """A parameter of random numbers."""
    return nn.Parameter(torch.randn(shape))


def alphazero(planes: int, board: int, width: int, depth: int) -> nn.Module:
    """Silver et al. 2017: a tower of residual blocks, and two heads."""

    def conv(a: int, b: int, kernel: int) -> nn.Conv2d:
        return nn.Conv2d(a, b, kernel, padding=kernel // 2)

    def residual(block: Any, x: Tensor) -> Tensor:
        return F.relu(x + block.bn2(block.conv2(F.relu(block.bn1(block.conv1(x))))))

    def run(net: Any, x: Tensor) -> list[Tensor]:
        x = net.stem(x)
        for block in net.tower:
            x = block(x)
        return [net.policy(x), net.value(x)]

    square = board**2
    tower = [
        Parts(
            residual,
            conv1=conv(width, width, 3),
            bn1=nn.BatchNorm2d(width),
            conv2=conv(width, width, 3),
            bn2=nn.BatchNorm2d(width),
        )
        for _ in range(depth)
    ]
    single = (conv(width, 1, 1), nn.BatchNorm2d(1), nn.ReLU(), nn.Flatten())
    two = (conv(width, 2, 1), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten())
    return Parts(
        run,
        stem=nn.Sequential(conv(planes, width, 3), nn.BatchNorm2d(width), nn.ReLU()),
        tower=nn.ModuleList(tower),
        policy=nn.Sequential(*two, nn.Linear(2 * square, square + 1)),
        value=nn.Sequential(*single, nn.Linear(square, 256), nn.ReLU(), nn.Linear(256, 1), nn.Tanh()),
    )


def dueling(actions: int) -> nn.Module:
    """Wang et al. 2016, Equation 9."""

    def run(net: Any, x: Tensor) -> Tensor:
        x = net.features(x)
        advantage = net.advantage(x)
        values: Tensor = net.value(x) + advantage - advantage.mean(-1, keepdim=True)
        return values

    convolutions = (nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 64, 3))
    return Parts(
        run,
        features=nn.Sequential(*convolutions, nn.ReLU(), nn.Flatten()),
        advantage=perceptron([3136, 512], nn.Linear(512, actions)),
        value=perceptron([3136, 512], nn.Linear(512, 1)),
    )


def deepfm(fields: int, vocabulary: int, width: int, hidden: Sequence[int]) -> nn.Module:
    """Guo et al. 2017: all pairs of fields, one by one."""

    def run(net: Any, x: Tensor) -> Tensor:
        e = net.embedding(x)
        i, j = torch.triu_indices(fields, fields, 1)
        pairs = (e[:, i] * e[:, j]).sum((1, 2))[:, None]
        return torch.sigmoid(net.bias + net.first(x).sum(1) + pairs + net.mlp(e.flatten(1)))

    return Parts(
        run,
        first=nn.Embedding(vocabulary, 1),
        embedding=nn.Embedding(vocabulary, width),
        bias=learned(1),
        mlp=perceptron([fields * width, *hidden], nn.Linear(hidden[-1], 1)),
    )


def ncf(users: int, items: int, factors: int, hidden: Sequence[int]) -> nn.Module:
    """He et al. 2017: NeuMF."""

    def run(net: Any, user: Tensor, item: Tensor) -> Tensor:
        deep = net.mlp(torch.cat([net.mlp_user(user), net.mlp_item(item)], -1))
        return torch.sigmoid(net.out(torch.cat([net.mf_user(user) * net.mf_item(item), deep], -1)))

    half = hidden[0] // 2
    return Parts(
        run,
        mf_user=nn.Embedding(users, factors),
        mf_item=nn.Embedding(items, factors),
        mlp_user=nn.Embedding(users, half),
        mlp_item=nn.Embedding(items, half),
        mlp=perceptron(hidden),
        out=nn.Linear(factors + hidden[-1], 1),
    )


def wide_deep(crosses: int, fields: int, vocabulary: int, width: int, hidden: Sequence[int]) -> nn.Module:
    """Cheng et al. 2016."""

    def run(net: Any, wide: Tensor, chosen: Tensor) -> Tensor:
        return torch.sigmoid(net.linear(wide) + net.deep(net.embedding(chosen).flatten(1)))

    return Parts(
        run,
        linear=nn.Linear(crosses, 1),
        embedding=nn.Embedding(vocabulary, width),
        deep=perceptron([fields * width, *hidden], nn.Linear(hidden[-1], 1)),
    )


def dlrm(numbers: int, width: int, tables: Sequence[int], bottom: Sequence[int], top: Sequence[int]) -> nn.Module:
    """Naumov et al. 2019, with PyTorch's tables of bags."""

    def run(net: Any, dense: Tensor, categories: Tensor) -> Tensor:
        x = net.bot_l(dense)
        rows = torch.stack([x, *(table(categories[:, i]) for i, table in enumerate(net.emb_l))], 1)
        i, j = torch.tril_indices(len(tables) + 1, len(tables) + 1, -1)
        chances: Tensor = net.top_l(torch.cat([x, (rows @ rows.transpose(1, 2))[:, i, j]], 1))
        return chances

    n = len(tables) + 1
    return Parts(
        run,
        bot_l=perceptron([numbers, *bottom, width]),
        emb_l=nn.ModuleList(nn.EmbeddingBag(v, width, mode="sum") for v in tables),
        top_l=perceptron([width + n * (n - 1) // 2, *top], nn.Linear(top[-1], 1), nn.Sigmoid()),
    )


def plain_rows(name: str) -> str:
    """PyTorch's bags are tables without a layer around them; activations are layers of their own."""
    return dense_numbers(name.replace(".table.", "."))


def dense_numbers(name: str) -> str:
    """Numbers of dense layers, between which theirs have an activation, in the lists named here."""
    first, _, rest = name.partition(".")
    number, dot, last = rest.partition(".")
    if first in {"mlp", "deep", "bot_l", "top_l", "advantage", "value"} and dot:
        return f"{first}.{2 * int(number)}.{last}"
    return f"{first}.{2 * int(number)}.{last}" if first == "features" else name


def numbers_alone(name: str) -> str:
    """The same for a network that is a list."""
    return dense_numbers(f"mlp.{name}").removeprefix("mlp.")


def gcn(features: int, width: int, classes: int) -> nn.Module:
    """Kipf & Welling 2016: messages along edges are gathered and added up."""

    def send(a: Tensor, x: Tensor) -> Tensor:
        target, source = a.nonzero().T
        return torch.zeros_like(x).index_add_(0, target, a[target, source][:, None] * x[source])

    def single(net: Any, x: Tensor, a: Tensor) -> Tensor:
        x = F.relu(send(a, net.conv1.linear(x)) + net.conv1.bias)
        scores: Tensor = send(a, net.conv2.linear(x)) + net.conv2.bias
        return scores

    def run(net: Any, x: Tensor, a: Tensor) -> Tensor:
        return torch.stack([single(net, *pair) for pair in zip(x, a, strict=True)])

    def conv(a: int, b: int) -> nn.Module:
        return Parts(None, linear=nn.Linear(a, b, bias=False), bias=learned(b))

    return Parts(run, conv1=conv(features, width), conv2=conv(width, classes))


def gat(features: int, width: int, heads: int, classes: int) -> nn.Module:
    """Velickovic et al. 2017: node by node, its neighbours alone."""

    def attend(conv: Any, x: Tensor, edges: Tensor) -> Tensor:
        h, w = conv.source.shape
        wh = conv.w(x).view(len(x), h, w)
        source, target = (wh * conv.source).sum(-1), (wh * conv.target).sum(-1)
        out = torch.zeros_like(wh)
        for i, near in enumerate(edges):
            share = F.leaky_relu(source[i] + target[near], 0.2).softmax(0)
            out[i] = (share[..., None] * wh[near]).sum(0)
        total: Tensor = out.flatten(1) + conv.bias
        return total

    def single(net: Any, x: Tensor, edges: Tensor) -> Tensor:
        return attend(net.conv2, F.elu(attend(net.conv1, x, edges)), edges)

    def run(net: Any, x: Tensor, edges: Tensor) -> Tensor:
        return torch.stack([single(net, *pair) for pair in zip(x, edges, strict=True)])

    def conv(a: int, w: int, h: int) -> nn.Module:
        dense = nn.Linear(a, h * w, bias=False)
        return Parts(None, w=dense, source=learned(h, w), target=learned(h, w), bias=learned(h * w))

    return Parts(run, conv1=conv(features, width, heads), conv2=conv(heads * width, classes, 1))


def with_loops(inputs: dict[str, Tensor]) -> None:
    """Some of the edges, and every node's to itself."""
    inputs["edges"] = (inputs["edges"] > 0.5) | torch.eye(inputs["edges"].shape[-1], dtype=torch.bool)


def highway(inputs: int, width: int, depth: int, classes: int) -> nn.Module:
    """Srivastava et al. 2015, Equation 3."""

    def run(net: Any, x: Tensor) -> Tensor:
        x = F.relu(net.plain(x))
        for layer in net.layers:
            x = torch.lerp(x, F.relu(layer.h(x)), torch.sigmoid(layer.t(x)))
        scores: Tensor = net.out(x)
        return scores

    def layer() -> nn.Module:
        return Parts(None, h=nn.Linear(width, width), t=nn.Linear(width, width))

    layers = nn.ModuleList(layer() for _ in range(depth))
    return Parts(run, plain=nn.Linear(inputs, width), layers=layers, out=nn.Linear(width, classes))


def mdn(width: int, mixtures: int, targets: int) -> nn.Module:
    """Bishop 1994: shares, deviations and means of normal distributions."""

    def run(net: Any, x: Tensor) -> list[Tensor]:
        pi, sigma, mu = net.z(torch.tanh(net.hidden(x))).split([mixtures, mixtures, mixtures * targets], -1)
        return [pi.softmax(-1), sigma.exp(), mu.unflatten(-1, (mixtures, targets))]

    return Parts(run, hidden=nn.Linear(1, width), z=nn.Linear(width, mixtures * (targets + 2)))


def pinn(width: int, depth: int) -> nn.Module:
    """Raissi et al. 2019: dense layers with hyperbolic tangents."""
    sizes = [2, *[width] * depth]
    return nn.Sequential(*(m for a, b in pairwise(sizes) for m in (nn.Linear(a, b), nn.Tanh())), nn.Linear(width, 1))


def vae(hidden: int, latent: int, pixels: int) -> nn.Module:
    """Kingma & Welling 2013, with the noise as an input."""

    def run(net: Any, x: Tensor, noise: Tensor) -> list[Tensor]:
        h = F.relu(net.fc1(x))
        mu, logvar = net.mu(h), net.logvar(h)
        z = mu + noise * logvar.exp().sqrt()
        return [torch.sigmoid(net.fc4(F.relu(net.fc3(z)))), mu, logvar]

    return Parts(
        run,
        fc1=nn.Linear(pixels, hidden),
        mu=nn.Linear(hidden, latent),
        logvar=nn.Linear(hidden, latent),
        fc3=nn.Linear(latent, hidden),
        fc4=nn.Linear(hidden, pixels),
    )


def ft_transformer(
    numbers: int, categories: Sequence[int], width: int, depth: int, heads: int, targets: int
) -> nn.Module:
    """Gorishniy et al. 2021, with PyTorch's attention."""
    hidden = width * 4 // 3

    def layer(block: Any, x: Tensor) -> Tensor:
        h = block.attention_norm(x)
        x = x + block.attention(h, h, h, need_weights=False)[0]
        a, b = block.ffn1(block.ffn_norm(x)).chunk(2, -1)
        total: Tensor = x + block.ffn2(a * F.relu(b))
        return total

    def run(net: Any, x: Tensor, c: Tensor) -> Tensor:
        of_categories = torch.stack([table(c[:, i]) for i, table in enumerate(net.tables)], 1)
        features = torch.cat([net.weight * x[..., None], of_categories], 1) + net.bias
        tokens = torch.cat([net.cls.expand(len(x), 1, -1), features], 1)
        for block in net.layers:
            tokens = layer(block, tokens)
        outputs: Tensor = net.head(F.relu(net.norm(tokens[:, 0])))
        return outputs

    blocks = (
        Parts(
            None,
            attention_norm=nn.LayerNorm(width) if i else nn.Identity(),
            attention=nn.MultiheadAttention(width, heads, batch_first=True),
            ffn_norm=nn.LayerNorm(width),
            ffn1=nn.Linear(width, 2 * hidden),
            ffn2=nn.Linear(hidden, width),
        )
        for i in range(depth)
    )
    return Parts(
        run,
        weight=learned(numbers, width),
        bias=learned(numbers + len(categories), width),
        cls=learned(1, width),
        tables=nn.ModuleList(nn.Embedding(n, width) for n in categories),
        layers=nn.ModuleList(blocks),
        norm=nn.LayerNorm(width),
        head=nn.Linear(width, targets),
    )


def nbeats(
    back: int, ahead: int, widths: Sequence[int], count: int, degree: int, harmonics: int, theta: int
) -> nn.Module:
    """Oreshkin et al. 2019, Equations 1 to 3."""

    def shapes(n: int, name: str) -> Tensor:
        t = torch.arange(n, dtype=torch.float64) / n
        if name == "trend":
            return torch.stack([t**p for p in range(degree)])
        angles = 2 * torch.pi * torch.arange(harmonics)[:, None] * t
        return torch.cat([angles.cos(), angles.sin()])

    def run(net: Any, x: Tensor) -> Tensor:
        forecast = torch.zeros(ahead, dtype=x.dtype)
        for name in ("trend", "season", "generic"):
            for block in getattr(net, name):
                h = block.fc(x)
                b, f = block.theta_b(h), block.theta_f(h)
                learns = name == "generic"
                x = x - (block.backcast_fc(b) if learns else b @ shapes(back, name).to(x))
                forecast = forecast + (block.forecast_fc(f) if learns else f @ shapes(ahead, name).to(x))
        return forecast

    def stack(width: int, numbers: int, *, learns: bool) -> nn.Module:
        further = {"backcast_fc": nn.Linear(numbers, back), "forecast_fc": nn.Linear(numbers, ahead)}
        return nn.ModuleList(
            Parts(
                None,
                fc=perceptron([back, width, width, width, width]),
                theta_b=nn.Linear(width, numbers, bias=False),
                theta_f=nn.Linear(width, numbers, bias=False),
                **(copy.deepcopy(further) if learns else {}),
            )
            for _ in range(count)
        )

    return Parts(
        run,
        trend=stack(widths[0], degree, learns=False),
        season=stack(widths[1], 2 * harmonics, learns=False),
        generic=stack(widths[2], theta, learns=True),
    )


def every_second(name: str) -> str:
    """Activations are layers of their own there."""
    head, separator, rest = name.partition(".fc.")
    number, _, last = rest.partition(".")
    return f"{head}.fc.{2 * int(number)}.{last}" if separator else name
