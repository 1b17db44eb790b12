"""Random networks over many operations: predicted facts are PyTorch's, and the text alone gives the same.

``NETSPEC_EXAMPLES=10000 pytest tests/torch_backend/test_random.py`` runs as many.
"""

# torch is typed in part:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import netspec_torch
from netspec.ir import Graph
from netspec.ops.argument import ArgumentError
from netspec.shapes.shape_error import ShapeError
from netspec.shapes.types import TensorType
from tests.drafts import Draft

from .support import check_facts, check_macs, check_source, check_training, random_inputs

EXAMPLES = int(os.environ.get("NETSPEC_EXAMPLES", "200"))
WINDOWS: list[tuple[str, dict[str, Any]]] = [
    ("conv2d", {"filters": 4, "kernel": 3, "padding": "same"}),
    ("conv2d", {"filters": 6, "kernel": [1, 2], "stride": [2, 1], "bias": False}),
    ("conv2d", {"filters": 4, "kernel": 2, "padding": [[0, 1], [1, 0]], "dilation": 2}),
    ("depthwise_conv2d", {"kernel": 3, "padding": 1, "multiplier": 2}),
    ("separable_conv2d", {"filters": 4, "kernel": 3, "padding": 1}),
    ("conv_transpose2d", {"filters": 3, "kernel": 3, "stride": 2, "padding": "same"}),
    ("max_pool2d", {"size": 2, "ceil_mode": True}),
    ("avg_pool2d", {"size": 3, "stride": 2, "padding": "same", "count_include_pad": False}),
    ("adaptive_avg_pool2d", {"size": [3, 4]}),
    ("upsample", {"scale": 2, "mode": "bilinear"}),
    ("pad", {"amount": [0, 1], "mode": "replicate"}),
    ("crop", {"amount": [1, 0]}),
    ("batch_norm", {}), ("group_norm", {"groups": 2}), ("instance_norm", {"affine": True}),
    ("local_response_norm", {"size": 3}), ("channel_shuffle", {"groups": 2}), ("pixel_unshuffle", {"factor": 2}),
    ("spatial_dropout", {"rate": 0.2}), ("drop_path", {"rate": 0.2}), ("channel_scale", {}),
]  # fmt: skip
ANYWHERE: list[tuple[str, dict[str, Any]]] = [
    ("relu", {}), ("silu", {}), ("gelu", {"approximate": "tanh"}), ("leaky_relu", {"slope": 0.2}), ("sigmoid", {}),
    ("prelu", {}), ("softmax", {}), ("rescale", {"factor": 0.5, "offset": 0.1}), ("clamp", {"low": -1, "high": 2}),
    ("dropout", {"rate": 0.1}), ("layer_norm", {}), ("rms_norm", {"eps": 1e-6}), ("l2_normalize", {}), ("square", {}),
    ("identity", {}), ("glu", {}), ("split", {"parts": 2}), ("slice", {"axis": "channels", "stop": 2}),
    ("dense", {"units": 4, "axis": "channels"}), ("mean", {"axis": -1}), ("max", {"axis": 0, "keepdims": True}),
    ("unsqueeze", {"axis": 0}), ("roll", {"shift": 1, "axis": -1}), ("flatten", {"start": 1}), ("flatten", {}),
]  # fmt: skip
TOKENS: list[tuple[str, dict[str, Any]]] = [
    ("attention", {"heads": 2}),
    ("attention", {"heads": 1, "causal": True}),
    ("permute", {"order": [1, 0]}),
    ("conv1d", {"filters": 4, "kernel": 2, "padding": "causal"}),
    ("max_pool1d", {"size": 2}),
    ("reshape", {"shape": [2, -1]}),
    ("select", {"index": 0, "axis": 0}),
]
JOINS = ("add", "multiply", "average", "maximum", "concat", "matmul")
ACTIVATIONS = (None, None, "relu", "tanh", "silu", "hard_swish")


class Growing:
    """A network that grows by one layer at a time; what the rules refuse is left out."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.draft = Draft("random")
        self.at = [self.draft.input(*data.draw(st.sampled_from([(4, 9, 8), (6, 7, 7), (4, 12), (8,)])))]
        self.scopes = 0

    def type(self, value: int) -> TensorType:
        return self.draft.values[value]

    def name(self) -> str:
        scope = self.draft.scope.name
        kind = self.data.draw(st.sampled_from(["layer", "part.", "block1-", ""]))
        name = f"{kind}{len(self.draft.nodes)}"
        return f"{scope}.{name}" if scope else name

    def step(self) -> None:
        if self.data.draw(st.integers(0, 7)) == 0:
            self.scopes += 1
            self.draft.enter(f"scope{self.scopes}", block=self.data.draw(st.sampled_from([None, "Block"])))
        elif self.draft.scope.parent is not None and self.data.draw(st.integers(0, 3)) == 0:
            self.draft.leave()
        value = self.at[-1] if self.data.draw(st.booleans()) else self.data.draw(st.sampled_from(self.at))
        rank = self.type(value).rank
        rows = ANYWHERE + (WINDOWS * 2 if rank == 3 else TOKENS * 3 if rank == 2 else [])
        try:
            if self.data.draw(st.integers(0, 3)) == 0:
                other = self.data.draw(st.sampled_from(self.at))
                created = self.draft.add(self.name(), self.data.draw(st.sampled_from(JOINS)), value, other)
            else:
                op, args = self.data.draw(st.sampled_from(rows))
                activation = self.data.draw(st.sampled_from(ACTIVATIONS))
                created = self.draft.add(self.name(), op, value, activation=activation, **args)
        except (ArgumentError, ShapeError):
            return
        if self.type(created).elements <= 4096:
            self.at.append(created)

    def graph(self) -> Graph:
        used = {v for node in self.draft.nodes for v in node.inputs}
        ends = [v for v in range(len(self.draft.values)) if v not in used]
        return self.draft.graph(*ends)


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.data())
def test_random_networks(data: st.DataObject) -> None:
    growing = Growing(data)
    for _ in range(data.draw(st.integers(1, 12))):
        growing.step()
    graph = growing.graph()
    if not graph.nodes:
        return
    model = netspec_torch.build(graph)
    inputs = random_inputs(graph)
    expected = check_facts(graph, model, inputs)
    check_source(graph, model, inputs, expected)
    check_macs(graph, model, inputs)
    check_training(graph, model, random_inputs(graph, 3))
