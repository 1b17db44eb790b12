"""A list of layers that is converted to a spec: connections, names, and runs of equal residual units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...formatting.spec_printer import document_text
from ...text.document_tree import Comment, ValueNode
from ...text.writer import ALONE, to_entry
from ...text.yaml_reader import Name

INPUT = -1
"""The number of the network's input."""


@dataclass(slots=True)
class ListedLayer:
    """One layer."""

    stem: str
    """The prefix of its name: ``conv`` becomes ``conv1``, ``conv2``, …"""
    body: Mapping[str, Any]
    """Its operation and arguments."""
    inputs: list[int]
    """Numbers of the items that are its inputs."""
    merge: str = ""
    """The operation, if it is a merge that names all its inputs."""
    name: str = ""
    """An explicit name, instead of one derived from the stem."""


@dataclass(slots=True)
class _Line:
    """One or several items that form one entry of ``layers``."""

    items: list[int]
    units: int = 0
    """Number of equal residual units; 0 for a plain layer."""


@dataclass(slots=True)
class LayerList:
    """The layers of a network, in order."""

    items: list[ListedLayer] = field(default_factory=list[ListedLayer])
    outputs: list[int] = field(default_factory=list[int])

    def add(self, stem: str, body: Mapping[str, Any], inputs: Sequence[int], *, merge: str = "", name: str = "") -> int:
        """Append a layer; returns its number."""
        self.items.append(ListedLayer(stem, body, list(inputs), merge, name))
        return len(self.items) - 1

    def spec_layers(self, input_name: str = "input") -> tuple[dict[str, Any], list[str]]:
        """Returns the mapping ``layers`` of the spec, and the names of the outputs."""
        lines = self._lines()
        names = self._names(lines)

        def name(number: int) -> Name:
            return Name(names.get(number, input_name))

        layers: dict[str, Any] = {}
        previous = INPUT
        for line in lines:
            last = line.items[-1]
            if line.units:
                size = len(line.items) // line.units
                layer = self._unit(line.items[:size], name(self.items[line.items[0]].inputs[0]), previous)
                if line.units > 1:
                    layer["repeat"] = line.units
                layers[names[last]] = layer["layers"] if list(layer) == ["layers"] else layer
            else:
                layers[names[last]] = self._layer(self.items[last], previous, name)
            previous = last
        return layers, [name(number) for number in dict.fromkeys(self.outputs)]

    def _layer(self, item: ListedLayer, previous: int, name: Any) -> Any:
        layer = dict(item.body)
        if item.merge:
            layer = {item.merge: [name(v) for v in item.inputs], **layer}
            if item.inputs[0] == previous and len(item.inputs) == 2 and item.merge == "add":
                layer[item.merge] = name(item.inputs[1])
        elif item.inputs != [previous]:
            layer["from"] = name(item.inputs[0]) if len(item.inputs) == 1 else [name(v) for v in item.inputs]
        return _short(layer)

    def _unit(self, numbers: Sequence[int], source: Name, previous: int) -> dict[str, Any]:
        """Returns a residual unit as an inline block."""
        inner: list[Any] = [_short(dict(self.items[n].body)) for n in numbers[:-1]]
        inner.append({"add": Name("input"), **self.items[numbers[-1]].body})
        first = self.items[numbers[0]].inputs[0]
        return {"layers": inner, **({} if first == previous else {"from": source})}

    # -- residual units ----------------------------------------------------------------------------------------------
    def _lines(self) -> list[_Line]:
        readers = Counter(v for item in self.items for v in item.inputs)
        readers.update(self.outputs)
        by_end = {unit[-1]: unit for end in range(len(self.items)) if (unit := self._residual(end, readers))}
        begins = {unit[0]: unit for unit in by_end.values()}
        lines: list[_Line] = []
        number = 0
        while number < len(self.items):
            unit = begins.get(number)
            if unit is None:
                lines.append(_Line([number]))
                number += 1
                continue
            items, units = list(unit), 1
            while (further := begins.get(items[-1] + 1)) and self._continues(unit, further, items[-1], readers):
                items += further
                units += 1
            lines.append(_Line(items, units))
            number = items[-1] + 1
        return lines

    def _residual(self, end: int, readers: Mapping[int, int]) -> list[int] | None:
        """Returns the items of the residual unit that ends with an addition, or None."""
        item = self.items[end]
        if item.merge != "add" or len(item.inputs) != 2 or item.inputs[0] != end - 1:
            return None
        source, first = item.inputs[1], end - 1
        while first >= 0 and first > source and self.items[first].inputs == [first - 1] and first - 1 != source:
            if self.items[first].name or readers[first] != 1:
                return None
            first -= 1
        if first < 0 or self.items[first].inputs != [source] or readers[first] != 1 or self.items[first].merge:
            return None
        return list(range(first, end + 1)) if source == first - 1 else None

    def _continues(self, unit: list[int], further: list[int], last: int, readers: Mapping[int, int]) -> bool:
        """Whether a unit equals the previous one, whose result nothing else reads."""
        same = len(unit) == len(further) and all(
            self.items[a].body == self.items[b].body for a, b in zip(unit, further, strict=True)
        )
        return same and self.items[further[0]].inputs == [last] and readers[last] == 2

    def _names(self, lines: Sequence[_Line]) -> dict[int, str]:
        """Returns the name by which each item is referred to."""
        used_names = {item.name for item in self.items if item.name}
        stems = Counter("residual" if line.units else self.items[line.items[-1]].stem for line in lines)
        counts: Counter[str] = Counter()
        names: dict[int, str] = {}
        for line in lines:
            item = self.items[line.items[-1]]
            name = item.name
            while not name or (name in used_names and name != item.name):
                stem = "residual" if line.units else item.stem
                counts[stem] += 1
                gap = "_" if stem[-1].isdigit() else ""
                name = stem if stems[stem] == 1 and counts[stem] == 1 else f"{stem}{gap}{counts[stem]}"
            names[line.items[-1]] = name
        return names


def _short(layer: dict[str, Any]) -> Any:
    """Replaces an operation without arguments by its name."""
    return Name(next(iter(layer))) if len(layer) == 1 and next(iter(layer.values())) is ALONE else layer


def spec_text(comment: str, sections: Mapping[str, Any]) -> str:
    """Returns the text of a spec, preceded by a comment."""
    root = ValueNode("map", entries=[to_entry(key, value) for key, value in sections.items()])
    for entry in root.entries:
        if entry.key is not None and entry.key.text in ("layers", "blocks", "variants"):
            entry.content.flow = False
        if entry.key is not None and entry.key.text == "blocks":
            for block in entry.content.entries:
                block.content.flow = False
                for part in block.content.entries:
                    if part.key is not None and part.key.text == "layers":
                        part.content.flow = part.content.kind == "list"
    root.entries[0].above.append(Comment(f"# {comment}", 0, 0, alone=True))
    return document_text(root)
