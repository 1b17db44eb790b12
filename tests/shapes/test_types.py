"""Types of tensors: the meaning of their axes."""

from __future__ import annotations

import pytest

from netspec.shapes.types import TensorType, axis_names, input_type, learned_type, shape_text, type_with_axes


@pytest.mark.parametrize(("rank", "last", "expected"), [
    (0, False, ()), (1, False, ("channels",)), (2, False, ("sequence", "channels")),
    (3, False, ("channels", "height", "width")), (3, True, ("height", "width", "channels")),
    (4, False, ("channels", "depth", "height", "width")), (5, False, ("channels", "", "", "", "")),
])  # fmt: skip
def test_axis_names(rank: int, last: bool, expected: tuple[str, ...]) -> None:
    assert axis_names(rank, last) == expected


def test_inputs_of_integers_are_sequences() -> None:
    assert input_type((7,), "int64").axes == ("sequence",)
    assert input_type((7, 3), "int64").axes == ("", "")
    assert input_type((7,)).axes == ("channels",)


def test_learned_tensors_are_no_images() -> None:
    assert learned_type((4, 6)).axes == ("sequence", "channels")
    assert learned_type((3, 8, 8)).axes == ("", "", "")


@pytest.mark.parametrize(("axes", "last", "expected"), [
    (("channels", "", ""), False, ("channels", "height", "width")),
    (("", "", "channels"), True, ("height", "width", "channels")),
    (("", "channels", ""), False, ("", "channels", "")),
    (("", "", ""), False, ("", "", "")),
    (("channels", "height", ""), False, ("channels", "height", "")),
])  # fmt: skip
def test_an_image_is_recognised_by_its_channels(axes: tuple[str, ...], last: bool, expected: tuple[str, ...]) -> None:
    assert type_with_axes((3, 8, 8), "float32", axes, last).axes == expected


def test_properties() -> None:
    x = TensorType((3, 8, 6), "float32", ("channels", "height", "width"))
    assert (x.rank, x.channel, x.elements) == (3, 0, 144)
    assert (x.axis("features"), x.axis("width"), x.axis("sequence")) == (0, 2, None)
    assert x.with_shape((1, 2, 3)).axes == x.axes
    assert TensorType((3,), "float32", ("",)).channel is None


def test_text() -> None:
    assert [shape_text(s) for s in ((256, 28, 28), (10,), ())] == ["(256, 28, 28)", "(10)", "()"]
