"""Darknet's sections that combine earlier outputs by concatenation, addition or multiplication."""

from __future__ import annotations

from typing import Any

from ...text.yaml_reader import Name
from .darknet_file import Section
from .darknet_network import Network, Shape


def route(net: Network, s: Section) -> int:
    """Concatenates earlier outputs, or groups of their channels."""
    numbers = [net.item_at(s, index) for index in s.integers("layers")] or [net.current]
    groups, group = s.integer("groups", 1), s.integer("group_id", 0)
    if groups > 1:
        numbers = [_part(net, s, number, groups, group) for number in numbers]
    if len(numbers) == 1:
        return numbers[0]
    shapes = [net.shapes[number] for number in numbers]
    if any(shape[1:] != shapes[0][1:] for shape in shapes):
        net.add_problem(s, "[route]", f"it joins maps of {' and '.join('x'.join(map(str, x)) for x in shapes)}")
    return net.add("concat", {}, (sum(x[0] for x in shapes), *shapes[0][1:]), numbers, merge="concat")


def _part(net: Network, s: Section, number: int, groups: int, group: int) -> int:
    """Selects a group of the channels of an item."""
    channels = net.shapes[number][0]
    if channels % groups or not 0 <= group < groups:
        net.add_problem(s, "[route]", f"{channels} channels have no part {group} of {groups}")
        return number
    size = channels // groups
    body: dict[str, Any] = {"slice": Name("channels")}
    body |= {"start": group * size} if group else {}
    body |= {"stop": (group + 1) * size} if group + 1 < groups else {}
    return net.add("part", body, (size, *net.shapes[number][1:]), [number])


def shortcut(net: Network, s: Section) -> int:
    """Adds earlier outputs to the previous layer."""
    sources = [net.item_at(s, index) for index in s.integers("from")] or [net.current]
    if s.options.get("weights_type", "none") != "none":
        net.add_problem(s, "'weights_type'", "weighted shortcuts have no equivalent")
    activation = net.activation(s, "linear")
    before = net.current
    shape = net.shapes[before]
    fitted = [_fitted(net, s, source, shape) for source in sources]
    body = {"activation": Name(activation)} if activation != "identity" else {}
    return net.add("add", body, shape, [before, *fitted], merge="add")


def _fitted(net: Network, s: Section, source: int, shape: Shape) -> int:
    """Adapts a source of a shortcut to the shape to which it is added: subsampled, and padded with zero channels."""
    actual = net.shapes[source]
    if actual == shape:
        return source
    if len(actual) != 3 or len(shape) != 3 or actual[1] < shape[1] or actual[2] < shape[2]:
        net.add_problem(s, "[shortcut]", "its two maps do not fit")
        return source
    step = actual[1] // shape[1]
    if step != actual[2] // shape[2] or any(-(-g // step) != n for g, n in zip(actual[1:], shape[1:], strict=True)):
        net.add_problem(s, "[shortcut]", "its two maps do not fit")
        return source
    if step > 1:
        body = {"slice": [Name("height"), Name("width")], "step": step}
        source = net.add("every", body, (actual[0], *shape[1:]), [source])
    if actual[0] < shape[0]:
        body = {"pad": [0, shape[0] - actual[0]], "axis": Name("channels")}
        return net.add("padded", body, shape, [source])
    if actual[0] > shape[0]:
        return net.add("part", {"slice": Name("channels"), "stop": shape[0]}, shape, [source])
    return source


def scale(net: Network, s: Section) -> int:
    """Multiplies an earlier output by the previous layer."""
    source = net.item_at(s, (s.integers("from") or [-1])[0])
    if s.integer("scale_wh", 0):
        net.add_problem(s, "'scale_wh'", "a scale for each position has no equivalent")
    activation = net.activation(s, "linear")
    body = {"activation": Name(activation)} if activation != "identity" else {}
    return net.add("scaled", body, net.shapes[source], [net.current, source], merge="multiply")
