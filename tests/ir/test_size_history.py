"""How a size came about."""

from __future__ import annotations

from netspec.diagnostics.location import Location
from netspec.ir.size_history import Change, history_text, size_history
from tests.drafts import Draft


def changes(net: Draft, value: int, axis: int) -> list[Change]:
    makers = {v: node for node in net.nodes for v in node.values}
    return size_history(value, axis, makers.get, lambda v: net.values[v])


def of(net: Draft, value: int, axis: int) -> str:
    return history_text(changes(net, value, axis))


def test_changes_from_the_input_on() -> None:
    net = Draft()
    x = net.input(1, 109, 80)
    x = net.add("conv1", "conv2d", x, filters=4, kernel=3, padding=1, activation="relu")
    x = net.add("pool1", "max_pool2d", x, size=2)
    x = net.add("conv2", "conv2d", x, filters=8, kernel=3, padding="same")
    x = net.add("pool2", "max_pool2d", x, size=2)
    assert of(net, x, 1) == "109 -> 54 (pool1, line 11) -> 27 (pool2, line 13)"
    assert of(net, x, 0) == "8 (conv2d 'conv2', line 12)"
    assert changes(net, x, 2) == [
        Change(None, 80, "", "", None),
        Change(80, 40, "pool1", "max_pool2d", Location(0, 11, 3)),
        Change(40, 20, "pool2", "max_pool2d", Location(0, 13, 3)),
    ]


def test_a_name_that_does_not_mention_the_operation_follows_it() -> None:
    net = Draft()
    x = net.input(8, 14, 14)
    x = net.add("up", "conv_transpose2d", x, filters=4, kernel=2, stride=2)
    assert of(net, x, 1) == "14 -> 28 (conv_transpose2d 'up', line 10)"


def test_an_input_size_without_changes() -> None:
    net = Draft()
    x = net.input(3, 7, 7)
    x = net.add("relu", "relu", x)
    assert of(net, x, 1) == "7"


def test_permuted_axes_are_followed() -> None:
    net = Draft()
    x = net.input(3, 12, 10)
    x = net.add("pool", "max_pool2d", x, size=2)
    x = net.add("turned", "permute", x, order=[1, 2, 0])
    assert of(net, x, 0) == "12 -> 6 (pool, line 10)"


def test_a_history_starts_at_the_layer_that_sets_the_size() -> None:
    net = Draft()
    x = net.input(3, 12, 10)
    x = net.add("pooled", "global_avg_pool", x)
    x = net.add("fc", "dense", x, units=5)
    x = net.add("act", "relu", x)
    assert of(net, x, 0) == "5 (dense 'fc', line 11)"


def test_the_branch_that_is_not_broadcast_is_followed() -> None:
    net = Draft()
    x = net.input(3, 12, 12)
    gate = net.add("gate", "global_avg_pool", x, keepdims=True)
    half = net.add("half", "max_pool2d", x, size=2)
    scaled = net.add("scaled", "multiply", gate, half)
    assert of(net, scaled, 1) == "12 -> 6 (max_pool2d 'half', line 11)"


def test_further_outputs_are_followed() -> None:
    net = Draft()
    x = net.input(6, 8)
    first = net.add("parts", "split", x, parts=[2, 4], axis=0)
    assert of(net, first + 1, 0) == "6 -> 4 (split 'parts', line 10)"


def test_the_middle_of_a_long_history_is_left_out() -> None:
    net = Draft()
    x = net.input(1, 2**10)
    for i in range(8):
        x = net.add(f"pool{i}", "max_pool1d", x, size=2)
    assert of(net, x, 1) == (
        "1024 -> 512 (pool0, line 10) -> 256 (pool1, line 11) -> 128 (pool2, line 12) -> … "
        "-> 16 (pool5, line 15) -> 8 (pool6, line 16) -> 4 (pool7, line 17)"
    )
