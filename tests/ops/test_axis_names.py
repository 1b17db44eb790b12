"""Names of axes through the operations: which stay, which an operation determines, and which are guesses."""

from __future__ import annotations

from typing import Any

import pytest

from netspec.shapes.types import GuessedName, TensorType, input_type, is_known, learned_type

from .support import make, shape_error

C, S, H, W = "channels", "sequence", "height", "width"
Names = tuple[str, ...]


def guess(*names: str) -> Names:
    return tuple(GuessedName(name) if name else "" for name in names)


def typed(shape: tuple[int, ...], names: Names, dtype: str = "float32") -> TensorType:
    return TensorType(shape, dtype, names)


ROWS: list[tuple[str, dict[str, Any], list[TensorType], Names]] = [
    # Windows of several positions determine the names of axes that have none; those of one position do not.
    ("conv2d", {"filters": 8, "kernel": 3}, [typed((8, 6, 6), ("", "", ""))], (C, H, W)),
    ("conv2d", {"filters": 8, "kernel": 3}, [typed((8, 6, 6), (C, *guess(H, W)))], (C, H, W)),
    ("conv2d", {"filters": 8, "kernel": 1}, [typed((8, 6, 6), ("", "", ""))], (C, *guess(H, W))),
    ("conv2d", {"filters": 8, "kernel": [1, 3]}, [typed((8, 6, 6), ("", "", ""))], (C, *guess(H), W)),
    ("conv2d", {"filters": 8, "kernel": 3}, [typed((8, 6, 6), ("", S, "frequency"))], (C, S, "frequency")),
    ("conv2d", {"filters": 8, "kernel": 3}, [typed((8, 6, 6), ("", "", H))], (C, "", H)),
    ("max_pool2d", {"size": 2}, [typed((8, 6, 6), guess("", "", ""))], (C, H, W)),
    ("adaptive_avg_pool2d", {"size": 2}, [typed((8, 6, 6), guess("", "", ""))], (C, H, W)),
    ("conv_transpose2d", {"filters": 8, "kernel": 4}, [typed((8, 6, 6), ("", "", ""))], (C, H, W)),
    ("conv1d", {"filters": 8, "kernel": 3}, [input_type((16, 100))], (C, S)),
    ("conv1d", {"filters": 1, "kernel": 3, "padding": "same"}, [typed((1, 100), ("", C))], (C, S)),  # ECA-Net
    # Names that were guessed stay guesses, until an operation determines the name.
    ("relu", {}, [input_type((5, 8))], guess(S, C)),
    ("permute", {"order": [1, 0]}, [learned_type((5, 8))], guess(C, S)),
    ("select", {"index": 0, "axis": 0}, [learned_type((5, 8))], guess(C)),
    ("flatten", {}, [learned_type((5, 8))], guess(C)),
    ("flatten", {}, [typed((5, 8), (S, ""))], (C,)),
    ("flatten", {"start": 1}, [typed((3, 5, 8), (C, *guess(H, W)))], (C, *guess(S))),
    ("flatten", {"start": 1}, [typed((3, 5, 8), (C, H, W))], (C, S)),
    ("flatten", {"start": 1, "end": 1}, [typed((3, 5, 8), (C, H, W))], (C, H, W)),
    ("reshape", {"shape": [8, 4, 4]}, [typed((8, 16), (C, S))], (C, *guess(H, W))),
    ("dense", {"units": 4}, [input_type((5, 8))], (*guess(S), C)),
    ("dense", {"units": 4, "axis": 0}, [typed((5, 8), (S, C))], (S, C)),
    ("embedding", {"vocabulary": 9, "width": 4}, [input_type((5,), "int64")], (*guess(S), C)),
    ("lstm", {"width": 4}, [input_type((5, 8))], (*guess(S), C)),
    ("gather", {"axis": 0, "index": True}, [typed((9, 4), (S, C)), input_type((5,), "int64")], (S, C)),
    ("gather", {"axis": 0, "index": True}, [typed((9, 4), (S, C)), typed((5,), (H,), "int64")], (H, C)),
    ("gather", {"axis": 0, "index": True}, [typed((9, 4), (S, C)), typed((5, 6), (H, C), "int64")], (H, "", C)),
    ("unsqueeze", {"axis": -1}, [typed((8,), (C,))], (C, "")),
    ("pixel_shuffle", {"factor": 2}, [typed((8, 3, 3), (C, H, W))], (C, H, W)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "inputs", "expected"), ROWS, ids=lambda v: v if isinstance(v, str) else None)
def test_names_of_the_result(name: str, args: dict[str, Any], inputs: list[TensorType], expected: Names) -> None:
    axes = make(name, *inputs, **args).axes
    assert axes == expected
    assert [is_known(a) for a in axes] == [is_known(a) for a in expected]


def test_with_channels_last_a_sequence_of_features_is_no_guess() -> None:
    assert all(map(is_known, input_type((100, 16), channels_last=True).axes))
    assert not any(map(is_known, input_type((100, 16)).axes))


def test_a_1d_window_does_not_slide_over_the_features_of_a_sequence() -> None:
    tokens = make("embedding", input_type((100,), "int64"), vocabulary=9, width=16).outputs[0]
    message = "NS502: 'conv1d' takes axis 0 as channels; in (100, 16) they are axis 1"
    assert shape_error("conv1d", tokens, filters=4, kernel=3) == message
