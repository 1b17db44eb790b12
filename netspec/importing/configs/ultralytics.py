"""Imports Ultralytics' YAML files (``yolov8.yaml``): modules become blocks, and scales become variants."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple, cast

from ...diagnostics import clip
from ...text.writer import ALONE
from ...text.yaml_reader import Name
from ..import_refused import ImportRefused
from ..problems import ImportDiagnostic
from .config_text import read_yaml, refuse
from .imported_config import ImportedConfig, finished
from .layer_list import INPUT, LayerList, spec_text
from .ultralytics_blocks import BLOCKS, blocks_for, conv_block, detect_block

ROWS = 1_000
_REPEATING = ("C2", "C2f", "C3", "C3k2", "C2PSA")
"""Modules whose first argument after the channels is the number of repetitions."""
_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "Conv": ("kernel", "stride", "padding", "groups"),
    "DWConv": ("kernel", "stride"),
    "Bottleneck": ("shortcut", "groups"),
    "C2": ("shortcut",),
    "C2f": ("shortcut",),
    "C3": ("shortcut",),
    "C3k2": ("c3k", "e"),
    "C2PSA": ("e",),
    "SPP": ("kernels",),
    "SPPF": ("kernel",),
}
"""Names of the arguments after the number of channels."""
_KNOWN = (*_ARGUMENTS, "Concat", "Detect", "Classify", "nn.Upsample", "nn.MaxPool2d", "nn.ZeroPad2d", "nn.Identity")
_ACTIVATIONS = {"SiLU": "silu", "ReLU": "relu", "Mish": "mish", "GELU": "gelu", "Hardswish": "hard_swish", "ELU": "elu"}
_DEEP = ("m", "l", "x")
"""Scales at which every C3k2 consists of C3k."""


class Row(NamedTuple):
    """A row of the file."""

    number: int
    sources: list[int]
    repeats: int
    module: str
    arguments: list[Any]


def is_ultralytics(document: Mapping[str, Any]) -> bool:
    """Whether a YAML document is an Ultralytics model."""
    return "backbone" in document and "head" in document


def import_ultralytics(path: str, name: str | None = None) -> ImportedConfig:
    """Returns the spec of a YAML file.

    Args:
        path: the file.
        name: name of the network; by default that of the file.

    Raises:
        Error: NS890, it cannot be read; NS891, it is another kind of file; NS894, the network is not valid.
        ImportRefused: NS892, a module has no equivalent; NS893, a row is invalid.
    """
    document = read_yaml(path)
    if not is_ultralytics(document):
        refuse(path, "a YAML file of Ultralytics has 'backbone' and 'head'")
    model = _Model(document)
    if model.problems:
        raise ImportRefused(model.problems, path)
    file = PurePath(path).name
    text = model.text(name or PurePath(path).stem, f"Ultralytics, {file}")
    return finished(text, path, model.notes, list(model.scales))


class _Model:
    """Converts the rows of one file to layers."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.problems: list[ImportDiagnostic] = []
        self.notes: list[str] = []
        self.layers = LayerList()
        self.classes = self._integer("nc", document.get("nc", 80), 80)
        self.scales = self._scales(document.get("scales"))
        self.depth = self._number("depth_multiple", document.get("depth_multiple", 1.0))
        self.width = self._number("width_multiple", document.get("width_multiple", 1.0))
        self.activation = self._activation(document.get("activation"))
        self._require("reg_max", document, (16,))
        self._require("end2end", document, (None, False))
        rows = self._rows([document.get("backbone"), document.get("head")])
        self.channels = sorted({row.arguments[0] for row in rows if self._is_scaled(row)})
        self.counts = sorted({row.repeats for row in rows if row.repeats > 1})
        self.is_light = any(row.module == "C3k2" for row in rows)
        self.modules: set[str] = set()
        self.detects = 0
        """Number of levels of the head."""
        self.values: list[int] = []
        self.strides: dict[int, float] = {INPUT: 1}
        """The stride of each item, in pixels of the input."""
        for row in rows:
            self.values.append(self._layer(row))
            self._track_stride()
        if not self.layers.items and not self.problems:
            self.problems.append(ImportDiagnostic.of("NS892", "", "the file has no layers"))

    def _track_stride(self) -> None:
        """Records the stride of the most recent item."""
        number = len(self.layers.items) - 1
        if number < 0 or number in self.strides:
            return
        item = self.layers.items[number]
        stride = item.body.get("stride", item.body.get("max_pool2d", 1))
        factor = stride if type(stride) is int else 1
        up = item.body.get("upsample", 1)
        self.strides[number] = self.strides.get(item.inputs[0], 1) * factor / (up if type(up) is int and up else 1)

    # -- the file ----------------------------------------------------------------------------------------------------
    def _scales(self, value: Any) -> dict[str, tuple[float, float, float]]:
        scales: dict[str, tuple[float, float, float]] = {}
        items = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        for name, values in items.items():
            numbers = _items(values)
            if len(numbers) != 3 or not all(_is_number(n) for n in numbers) or not re.fullmatch(r"\w{1,20}", name):
                self._wrong(f"'scales: {clip(name)}'", "must be three numbers: depth, width, most channels")
            else:
                scales[name] = numbers[0], numbers[1], numbers[2]
        return scales

    def _wrong(self, what: str, reason: str, place: str = "") -> None:
        self.problems.append(ImportDiagnostic.of("NS893", what, reason, place))

    def _integer(self, field: str, value: Any, default: int) -> int:
        if type(value) is int and 0 < value < 10**6:
            return value
        self._wrong(f"'{field}'", f"must be a positive integer, not {clip(str(value))}")
        return default

    def _number(self, field: str, value: Any) -> float:
        if _is_number(value):
            return float(value)
        self._wrong(f"'{field}'", f"must be a number, not {clip(str(value))}")
        return 1.0

    def _require(self, field: str, document: Mapping[str, Any], values: Sequence[Any]) -> None:
        if field in document and document[field] not in values:
            reason = f"the head has no form for the value {clip(str(document[field]))}"
            self.problems.append(ImportDiagnostic.of("NS892", f"'{field}'", reason))

    def _activation(self, activation: Any) -> str:
        if activation is None:
            return "silu"
        match = re.fullmatch(r"(?:torch\.)?nn\.(\w+)\((?:inplace=(?:True|False))?\)", str(activation))
        known = _ACTIVATIONS.get(match[1]) if match else None
        if known is None:
            reason = f"{clip(str(activation))} has no equivalent here"
            self.problems.append(
                ImportDiagnostic.of("NS892", "'activation'", reason, help=f"known are {', '.join(_ACTIVATIONS)}")
            )
        return known or "silu"

    def _rows(self, parts: Sequence[Any]) -> list[Row]:
        rows: list[Row] = []
        for part in parts:
            if not isinstance(part, list):
                self._wrong("'backbone' and 'head'", "must be lists of rows")
                continue
            for entry in _items(cast("object", part))[:ROWS]:
                row = _row(len(rows), entry)
                if row is None:
                    self._wrong("a row", "must be [from, repeats, module, args]", f"row {len(rows)}")
                    row = Row(len(rows), [-1], 1, "nn.Identity", [])
                rows.append(row)
        return rows

    def _is_scaled(self, row: Row) -> bool:
        """Whether the first argument of a row is a number of channels, which the width multiplier scales."""
        return row.module in _ARGUMENTS and bool(row.arguments) and type(row.arguments[0]) is int

    # -- layers ------------------------------------------------------------------------------------------------------
    @property
    def is_scaled(self) -> bool:
        """Whether numbers depend on the scale."""
        return bool(self.scales) or self.depth != 1 or self.width != 1

    def _size(self, filters: int) -> Any:
        return f"$channels.{self.channels.index(filters)}" if self.is_scaled else filters

    def _count(self, repeats: int) -> Any:
        return f"$depths.{self.counts.index(repeats)}" if self.is_scaled and repeats > 1 else repeats

    def _layer(self, row: Row) -> int:
        place = f"row {row.number}"
        inputs = [self._read(source, place) for source in row.sources]
        arguments = row.arguments
        if row.module == "Concat":
            return self.layers.add("concat", {}, inputs, merge="concat")
        if row.module == "Detect":
            return self._detect(row, inputs)
        if row.module not in _KNOWN:
            self._cannot(row.module, "there is no equivalent block", place)
            return inputs[0]
        if len(inputs) != 1:
            self._wrong(f"'{clip(row.module)}'", "reads one layer", place)
            return INPUT
        if row.module == "nn.Upsample":
            factor = arguments[1] if len(arguments) > 1 else None
            if type(factor) is not int or factor < 1 or (len(arguments) > 2 and arguments[2] != "nearest"):
                self._cannot("nn.Upsample", f"with the arguments {clip(str(arguments))}", place)
            return self.layers.add("up", {"upsample": factor}, inputs)
        if row.module == "nn.MaxPool2d":
            return self._pool(arguments, inputs, place)
        if row.module == "nn.ZeroPad2d":
            amounts = _items(arguments[0]) if arguments else []
            if len(amounts) != 4:
                self._cannot("nn.ZeroPad2d", f"with the arguments {clip(str(arguments))}", place)
                return inputs[0]
            left, right, top, bottom = amounts
            return self.layers.add("pad", {"pad": [[top, bottom], [left, right]]}, inputs)
        if row.module == "nn.Identity":
            return inputs[0]
        if row.module == "Classify":
            self.modules.add("Classify")
            return self.layers.add("classify", {"Classify": Name("")}, inputs)
        return self._module(row, inputs, place)

    def _pool(self, arguments: Sequence[Any], inputs: Sequence[int], place: str) -> int:
        numbers = [*arguments, *(None,) * 3][:3]
        size, stride, padding = numbers[0], numbers[1] if numbers[1] is not None else numbers[0], numbers[2] or 0
        if not all(type(n) is int for n in (size, stride, padding)) or len(arguments) > 3:
            self._cannot("nn.MaxPool2d", f"with the arguments {clip(str(arguments))}", place)
        body: dict[str, Any] = {"max_pool2d": size}
        body |= {"stride": stride} if stride != size else {}
        body |= {"padding": padding} if padding else {}
        return self.layers.add("pool", body, inputs)

    def _module(self, row: Row, inputs: Sequence[int], place: str) -> int:
        names = _ARGUMENTS[row.module]
        if not self._is_scaled(row) or row.arguments[0] < 1 or len(row.arguments) > len(names) + 1:
            self._cannot(row.module, f"with the arguments {clip(str(row.arguments))}", place)
            return inputs[0]
        block = "Conv" if row.module == "DWConv" else row.module
        body: dict[str, Any] = {block: self._size(row.arguments[0])}
        if row.module in _REPEATING and row.repeats > 1:
            body["depth"] = self._count(row.repeats)
        usual: Mapping[str, Any] = BLOCKS[block]["params"] if block in BLOCKS else {"kernel": 1, "stride": 1}
        further: list[Any] = row.arguments[1:]
        for key, value in zip(names, further, strict=False):
            if not isinstance(value, (int, float, list)):
                self._cannot(row.module, f"with the argument {clip(str(cast('object', value)))}", place)
            if key == "c3k" and not value and self.is_scaled and self.scales:
                continue
            default: object = usual.get(key)
            if value != default or isinstance(value, bool) != isinstance(default, bool):
                body[key] = value
        if row.module == "C3k2" and not body.get("c3k") and self.scales:
            body["c3k"] = "$deep"
        if row.module == "DWConv":
            body["groups"] = self._size(row.arguments[0])
            self.notes.append(
                "DWConv has as many groups as channels here; with other channels before it, it is invalid"
            )
        self.modules.add(block)
        if row.repeats > 1 and row.module not in _REPEATING:
            body["repeat"] = self._count(row.repeats)
        return self.layers.add(block.lower(), body, inputs)

    def _detect(self, row: Row, inputs: list[int]) -> int:
        if row.arguments not in (["nc"], [self.classes]) or self.detects:
            self._cannot("Detect", f"with the arguments {clip(str(row.arguments))}", f"row {row.number}")
        self.detects = len(inputs)
        self.notes.append(
            "Detect gives its maps before boxes are made of them; the 16 fixed weights of DFL are left out"
        )
        self.modules.add("Detect")
        number = self.layers.add("detect", {"Detect": Name("")}, inputs)
        self.layers.outputs.append(number)
        return number

    def _cannot(self, module: str, reason: str, place: str) -> None:
        self.problems.append(ImportDiagnostic.of("NS892", clip(module), reason, place))

    def _read(self, source: int, place: str) -> int:
        number = source if source >= 0 else len(self.values) + source
        if number == -1:
            return INPUT
        if not 0 <= number < len(self.values):
            self._wrong("'from'", f"there is no row {source} before it", place)
            return INPUT
        return self.values[number]

    # -- the spec ----------------------------------------------------------------------------------------------------
    def text(self, name: str, cite: str) -> str:
        """Returns the text of the spec."""
        layers, _ = self.layers.spec_layers()
        if self.detects:
            sources = [str(source) for source in layers["detect"]["from"]] if self.detects > 1 else []
            source = layers["detect"].get("from", next(iter([*layers][-2:-1]), "input")) if self.detects == 1 else ""
            listed = ", ".join(f"'{source}'" for source in sources)
            first = sources[0] if sources else str(source)
            layers["detect"] = {"Detect": f"$({first}.channels)"}
            layers["detect"] |= {"from": f"$([{listed}][index])"} if sources else {"from": Name(first)}
            layers["detect"] |= {"repeat": self.detects, "parallel": True}
        if "classify" in layers:
            rest = {k: v for k, v in layers["classify"].items() if k != "Classify"}
            layers["classify"] = {"Classify": ALONE, **rest} if rest else Name("Classify")
        blocks: dict[str, Any] = {"Conv": conv_block(self.activation)} if self.modules else {}
        blocks |= blocks_for(self.modules - {"Conv", "Detect"})
        if "Detect" in self.modules:
            blocks["Detect"] = detect_block(self.is_light)
        sections: dict[str, Any] = {
            "netspec": 1,
            "name": Name(name),
            "cite": cite,
            "params": self._params(),
            "dims": {size: {"default": 640, "multiple_of": self._multiple()} for size in ("H", "W")},
            "input": [3, Name("H"), Name("W")],
        }
        if "Detect" in self.modules:  # Ultralytics only does this for detection models
            sections["defaults"] = {"batch_norm": {"eps": 0.001, "momentum": 0.03}}
        sections |= {"blocks": blocks} if blocks else {}
        sections["layers"] = layers
        if self.detects:
            sections["outputs"] = Name("detect.*")
        if self.scales:
            sections["variants"] = {scale: self._variant(scale) for scale in self.scales}
        return spec_text(f"made from {cite} by netspec import", sections)

    def _multiple(self) -> int:
        """Returns the number of which height and width must be multiples for maps of all strides to fit."""
        greatest = max(self.strides.values())
        return int(greatest) if greatest in (8, 16, 32, 64, 128) else 32

    def _variant(self, scale: str) -> dict[str, Any]:
        depth, width, most = self.scales[scale]
        return {"depth": depth, "width": width, "most": most, **({"deep": scale in _DEEP} if self.is_light else {})}

    def _params(self) -> dict[str, Any]:
        params: dict[str, Any] = {"classes": self.classes}
        if not self.is_scaled:
            return params
        if self.scales:
            params |= self._variant(next(iter(self.scales)))
        else:
            params |= {"depth": self.depth, "width": self.width}
        most = "min(c, most)" if self.scales else "c"
        params["channels"] = f"$([8 * ceil({most} * width / 8) for c in {self.channels}])"
        if self.counts:
            params["depths"] = f"$([max(round(n * depth), 1) for n in {self.counts}])"
        return params


def _items(value: object) -> list[Any]:
    """Returns the items of a list; an empty list for anything else."""
    return [*cast("list[object]", value)] if isinstance(value, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e6


def _row(number: int, entry: Any) -> Row | None:
    """Returns a row, or None if it is invalid."""
    cells = _items(entry)
    if len(cells) != 4:
        return None
    sources, arguments = _items(cells[0]) or [cells[0]], _items(cells[3])
    valid = (
        bool(sources)
        and all(isinstance(source, int) and abs(source) < 10**6 for source in sources)
        and type(cells[1]) is int
        and 0 < cells[1] < 10**4
        and isinstance(cells[2], str)
        and isinstance(cells[3], list)
    )
    if not valid:
        return None
    words = {"None": None, "True": True, "False": False}
    return Row(number, sources, cells[1], cells[2], [words.get(a, a) if isinstance(a, str) else a for a in arguments])
