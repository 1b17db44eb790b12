"""The modules of Ultralytics as blocks of a spec, with the original names of their parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...text.writer import ALONE
from ...text.yaml_reader import Name

_INT, _INPUT = Name("int"), Name("input")
_INNER = "$(floor(e * filters))"


def _names(*names: str) -> list[Name]:
    return [Name(name) for name in names]


def _branches(kernel: int, depth: int) -> dict[str, Any]:
    """Returns ``C3``, or ``C3k`` with other kernels: bottlenecks parallel to a convolution."""
    return {
        "params": {"filters": _INT, "depth": depth, "shortcut": True, "e": 0.5, "inner": _INNER},
        "layers": {
            "cv1": {"Conv": "$inner"},
            "m": {"Bottleneck": "$inner", "shortcut": "$shortcut", "k1": kernel, "e": 1, "repeat": "$depth"},
            "cv2": {"Conv": "$inner", "from": _INPUT},
            "concat": {"concat": _names("m", "cv2")},
            "cv3": {"Conv": "$filters"},
        },
    }


_PART = {"cv1": {"Conv": "$(2 * inner)"}, "part": {"split": 2}}
_ALL = {"concat": {"concat": _names("part.0", "part.1", "m.*")}, "cv2": {"Conv": "$filters"}}
BLOCKS: dict[str, Mapping[str, Any]] = {
    "Bottleneck": {
        "params": {"filters": _INT, "shortcut": True, "k1": 3, "k2": 3, "e": 0.5, "groups": 1},
        "layers": {
            "cv1": {"Conv": _INNER, "kernel": "$k1"},
            "cv2": {"Conv": "$filters", "kernel": "$k2", "groups": "$groups"},
            "add": {"add": _INPUT, "when": "$(shortcut and input.channels == filters)"},
        },
    },
    "C2": {
        "params": {"filters": _INT, "depth": 1, "shortcut": True, "e": 0.5, "inner": _INNER},
        "layers": {
            **_PART,
            "m": {"Bottleneck": "$inner", "shortcut": "$shortcut", "e": 1, "from": Name("part.0"), "repeat": "$depth"},
            "concat": {"concat": _names("m", "part.1")},
            "cv2": {"Conv": "$filters"},
        },
    },
    "C2f": {
        "params": {"filters": _INT, "depth": 1, "shortcut": False, "e": 0.5, "inner": _INNER},
        "layers": {
            **_PART,
            "m": {"Bottleneck": "$inner", "shortcut": "$shortcut", "e": 1, "from": Name("part.1"), "repeat": "$depth"},
            **_ALL,
        },
    },
    "C3": _branches(1, 1),
    "C3k": _branches(3, 2),
    "C3k2": {
        "params": {
            "filters": _INT,
            "depth": 1,
            "c3k": False,
            "e": 0.5,
            "inner": _INNER,
            "unit": "$('C3k' if c3k else 'Bottleneck')",
        },
        "layers": {**_PART, "m": {"$unit": "$inner", "from": Name("part.1"), "repeat": "$depth"}, **_ALL},
    },
    "SPPF": {
        "params": {"filters": _INT, "kernel": 5},
        "layers": {
            "cv1": {"Conv": "$(input.channels // 2)"},
            "m": {"max_pool2d": "$kernel", "stride": 1, "padding": "$(kernel // 2)", "repeat": 3},
            "concat": {"concat": _names("cv1", "m.*")},
            "cv2": {"Conv": "$filters"},
        },
    },
    "SPP": {
        "params": {"filters": _INT, "kernels": [5, 9, 13]},
        "layers": {
            "cv1": {"Conv": "$(input.channels // 2)"},
            "m": {
                "max_pool2d": "$k",
                "stride": 1,
                "padding": "$(k // 2)",
                "parallel": True,
                "each": {"columns": Name("k"), "rows": "$kernels"},
            },
            "concat": {"concat": _names("cv1", "m.*")},
            "cv2": {"Conv": "$filters"},
        },
    },
    "Attention": {
        "params": {
            "dim": "$(input.channels)",
            "heads": "$(max(dim // 64, 1))",
            "size": "$(dim // heads)",
            "key": "$(size // 2)",
        },
        "layers": {
            "qkv": {"Conv": "$(dim + 2 * key * heads)", "act": Name("identity")},
            "heads": {"rearrange": "(n d) h w -> n d (h w)", "n": "$heads"},
            "part": {"split": ["$key", "$key", "$size"], "axis": 1},
            "scores": {"einsum": "n d q, n d k -> n q k", "from": _names("part.0", "part.1")},
            "scaled": {"rescale": "$(key ** -0.5)"},
            "shares": {"softmax": ALONE, "axis": -1},
            "mixed": {"einsum": "n q k, n d k -> n d q", "from": _names("shares", "part.2")},
            "map": {"rearrange": "n d (h w) -> (n d) h w", "h": "$(input.height)"},
            "values": {"rearrange": "n d (h w) -> (n d) h w", "h": "$(input.height)", "from": Name("part.2")},
            "pe": {"Conv": "$dim", "kernel": 3, "groups": "$dim", "act": Name("identity")},
            "add": {"add": Name("map")},
            "proj": {"Conv": "$dim", "act": Name("identity")},
        },
    },
    "PSABlock": {
        "params": {"dim": "$(input.channels)"},
        "layers": {
            "attn": Name("Attention"),
            "add1": {"add": _INPUT},
            "ffn": [{"Conv": "$(2 * dim)"}, {"Conv": "$dim", "act": Name("identity")}],
            "add2": {"add": Name("add1")},
        },
    },
    "C2PSA": {
        "params": {"filters": _INT, "depth": 1, "e": 0.5, "inner": _INNER},
        "layers": {
            **_PART,
            "m": {"PSABlock": ALONE, "from": Name("part.1"), "repeat": "$depth"},
            "concat": {"concat": _names("part.0", "m")},
            "cv2": {"Conv": "$filters"},
        },
    },
    "Classify": {
        "layers": {
            "conv": {"Conv": 1280},
            "pool": Name("global_avg_pool"),
            "drop": {"dropout": 0.0},
            "linear": {"dense": "$classes"},
        },
    },
}
"""Blocks by the names of Ultralytics' modules; ``Conv`` and ``Detect`` depend on the file."""
_USES = {
    "C2": ("Bottleneck",),
    "C2f": ("Bottleneck",),
    "C3": ("Bottleneck",),
    "C3k": ("Bottleneck",),
    "C3k2": ("Bottleneck", "C3k"),
    "C2PSA": ("Attention", "PSABlock"),
}


def conv_block(activation: str) -> dict[str, Any]:
    """Returns ``Conv``: a convolution with normalisation and activation."""
    conv = {"conv2d": "$filters", "kernel": "$kernel", "stride": "$stride", "padding": "$padding", "groups": "$groups"}
    params = {"kernel": 1, "stride": 1, "padding": "$(kernel // 2)", "groups": 1, "act": Name(activation)}
    return {
        "params": {"filters": _INT, **params},
        "layers": {"conv": {**conv, "bias": False}, "bn": Name("batch_norm"), "act": "$act"},
    }


def detect_block(light: bool) -> dict[str, Any]:
    """Returns one level of ``Detect``: distances to the edges of a box, as distributions over 16 steps, and class
    scores.

    Args:
        light: whether the scores use depthwise convolutions, as since YOLO11.
    """
    last = {"conv2d": "$classes", "kernel": 1}
    if light:
        scores: list[Any] = [
            [{"Conv": f"${size}", "kernel": 3, "groups": f"${size}"}, {"Conv": "$cls"}] for size in ("own", "cls")
        ]
    else:
        scores = [{"Conv": "$cls", "kernel": 3}, {"Conv": "$cls", "kernel": 3}]
    channels = {"own": "$(input.channels)"} if light else {}
    return {
        "doc": "Distances to the four edges of a box, each as 16 steps, then scores of classes.",
        "params": {
            "first": _INT,
            "box": "$(max(64, first // 4))",
            "cls": "$(max(first, min(classes, 100)))",
            **channels,
        },
        "layers": {
            "cv2": [{"Conv": "$box", "kernel": 3}, {"Conv": "$box", "kernel": 3}, {"conv2d": 64, "kernel": 1}],
            "cv3": {"layers": [*scores, last], "from": _INPUT},
            "concat": {"concat": _names("cv2", "cv3")},
        },
    }


def blocks_for(used: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Returns the blocks that some blocks use, in the order of :data:`BLOCKS`."""
    names = set(used)
    names.update(inner for name in list(names) for inner in _USES.get(name, ()))
    return {name: block for name, block in BLOCKS.items() if name in names}
