"""Imports ``config.json`` of Hugging Face's transformers: the zoo's spec of the family with its sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from ... import zoo
from ...diagnostics import clip, did_you_mean
from ...formatting.edits import find_entry, remove, set_at
from ...formatting.parse import parse
from ...formatting.spec_printer import document_text
from ...text.document_tree import Comment, ValueNode
from ...text.writer import to_entry
from ...text.yaml_reader import parse_scalar
from ..import_refused import ImportRefused
from ..problems import ImportDiagnostic
from .config_changes import IGNORED, Config, Family, Fixed, Rotary, Setting
from .families import FAMILIES
from .further_families import FURTHER_FAMILIES
from .imported_config import ImportedConfig, finished

KNOWN = {**FAMILIES, **FURTHER_FAMILIES}
"""Families by the ``model_type`` of their configurations."""
_TYPES = ("float32", "float16", "bfloat16", "float64")


def import_hugging_face(config: Config, source: str, name: str | None = None) -> ImportedConfig:
    """Returns the spec of a configuration.

    Args:
        config: the object in ``config.json``.
        source: the file, for messages.
        name: name of the network; by default that of the family.

    Raises:
        ImportRefused: NS891, the model type is unknown; NS892, the spec does not support a field that changes the
            parameters; NS893, a field has an invalid value.
        Error: NS894, the network is not valid.
    """
    kind = config.get("model_type")
    family = KNOWN.get(kind) if isinstance(kind, str) else None
    if family is None:
        raise ImportRefused([_unknown(kind)], source)
    return _Writer(config, family, source).spec(name)


def _unknown(kind: Any) -> ImportDiagnostic:
    known = f"known are {', '.join(sorted(KNOWN))}"
    if not isinstance(kind, str):
        return ImportDiagnostic.of("NS891", "", "the configuration has no 'model_type'", help=known)
    help = did_you_mean(kind, KNOWN)
    return ImportDiagnostic.of(
        "NS891", "", f"the model type '{clip(kind)}' is not known", help=f"{help}; {known}" if help else known
    )


class _Writer:
    """Applies one configuration to the zoo's spec."""

    def __init__(self, config: Config, family: Family, source: str) -> None:
        defaults = {s.field: s.default for s in family.settings if s.field}
        self.config = config
        self.full: Config = {**defaults, **config}
        """The configuration, completed by transformers' defaults."""
        self.family = family
        self.source = source
        self.problems: list[ImportDiagnostic] = []
        self.notes: list[str] = [family.note] if family.note else []
        path = zoo.path(family.spec)
        assert path is not None
        root, _ = parse(path.read_text(encoding="utf-8"))
        assert root is not None
        self.root: ValueNode = root

    def spec(self, name: str | None) -> ImportedConfig:
        for setting in self.family.settings:
            self._set(setting, self.full)
        for fixed in self.family.fixed:
            self._require(fixed, self.full)
        if self.family.rotary is not None:
            self._rotary(self.family.rotary)
        self._length()
        self._dtype()
        self._head()
        self._unknown_fields()
        if self.problems:
            raise ImportRefused(self.problems, self.source)
        remove(self.root, "variants")
        set_at(self.root, ("name",), name or self.family.spec)
        origin = (
            f"# {self.family.model} of a configuration of Hugging Face transformers, after the zoo's {self.family.spec}"
        )
        self.root.entries[0].above.append(Comment(origin, 0, 0, alone=True))
        return finished(document_text(self.root), self.source, self.notes)

    # -- fields ------------------------------------------------------------------------------------------------------
    def _set(self, setting: Setting, config: Config) -> None:
        value = config.get(setting.field, setting.default) if setting.field else setting.default
        if not _is_like(value, setting.default):
            kind = "true or false" if isinstance(setting.default, bool) else "a number"
            reason = f"must be {kind}, not {clip(str(value))}"
            self.problems.append(ImportDiagnostic.of("NS893", f"'{setting.field}'", reason))
            return
        in_spec = setting.in_spec(config) if callable(setting.in_spec) else setting.in_spec
        if setting.convert is not None:
            converted = setting.convert(value, config)
            if converted is None:
                self.problems.append(_cannot_follow(setting.field, value, self.family))
                return
            value = converted
        if value is None or _equal(value, in_spec) or _equal(value, self._default(setting.path)):
            return
        set_at(self.root, setting.path, int(value) if _is_whole(value) else value)

    def _default(self, path: tuple[str, ...]) -> Any:
        """Returns the number at a path in the spec, or None."""
        value: ValueNode | None = self.root
        for key in path:
            entry = find_entry(value, key) if value is not None and value.kind == "map" else None
            value = entry.content if entry is not None else None
        if value is None or value.kind != "scalar":
            return None
        return parse_scalar(value.text) if not value.style else value.text

    def _require(self, fixed: Fixed, config: Mapping[str, Any]) -> None:
        if fixed.field not in config:
            return
        value = config[fixed.field]
        if any(_equal(value, v(config) if callable(v) else v) for v in fixed.values):
            return
        if fixed.counts:
            self.problems.append(_cannot_follow(fixed.field, value, self.family))
        else:
            self.notes.append(
                f"'{clip(fixed.field)}: {clip(str(value))}' is not followed: parameters and shapes are the same, "
                "outputs are not"
            )

    def _rotary(self, rotary: Rotary) -> None:
        parameters: Any = self.config.get("rope_parameters") or self.config.get("rope_scaling") or {}
        if not isinstance(parameters, dict):
            self.problems.append(ImportDiagnostic.of("NS893", "'rope_scaling'", "must be an object"))
            return
        settings = cast("Config", parameters)
        theta = settings.get("rope_theta", self.config.get("rope_theta", rotary.theta.default))
        self._set(rotary.theta, {rotary.theta.field: theta})
        kind = settings.get("rope_type", settings.get("type", "default"))
        for fixed in self.family.fixed:
            if fixed.field in settings:
                self._require(fixed, settings)
        if kind == "default":
            return
        known = rotary.kinds.get(kind) if isinstance(kind, str) else None
        if known is None:
            self.notes.append(
                f"'rope_type: {clip(str(kind))}' is not followed: parameters and shapes are the same, outputs are not"
            )
            return
        for setting in known.settings:
            self._set(setting, settings)
        for fixed in known.fixed:
            self._require(fixed, settings)

    # -- what is the same for all families ---------------------------------------------------------------------------
    def _length(self) -> None:
        longest = self.config.get(self.family.length)
        for path in (("dims", "n"), ("dims", "n", "default")):
            usual = self._default(path)
            if type(longest) is int and isinstance(usual, int) and 0 < longest < usual:
                set_at(self.root, path, longest)

    def _dtype(self) -> None:
        dtype = self.config.get("torch_dtype", self.config.get("dtype")) or "float32"
        dtype = str(dtype).removeprefix("torch.")
        if dtype not in _TYPES:
            self.notes.append(f"'{clip(dtype)}' is not a supported type of weights: they are float32")
            dtype = "float32"
        params = find_entry(self.root, "params")
        if params is not None and find_entry(params.content, "precision") is not None:
            set_at(self.root, ("params", "precision"), dtype)
        elif dtype != "float32":
            number = next(i for i, e in enumerate(self.root.entries) if e.key is not None and e.key.text == "params")
            self.root.entries.insert(number, to_entry("dtype", dtype))

    def _head(self) -> None:
        classes: Any = self.config.get("architectures")
        names = cast("list[object]", classes) if isinstance(classes, list) else []
        if names and self.family.model not in names:
            self.notes.append(
                f"the configuration is of {clip(str(names[0]))}; the spec is {self.family.model}, whose head may differ"
            )
        if self.config.get("quantization_config") is not None:
            self.notes.append("'quantization_config' is ignored: the weights are those before quantisation")

    def _unknown_fields(self) -> None:
        rotary = self.family.rotary
        known = {*IGNORED, *self.family.ignored, "quantization_config", self.family.length}
        known.update(s.field for s in self.family.settings)
        known.update(f.field for f in self.family.fixed)
        if rotary is None:
            known -= {"rope_theta", "rope_scaling", "rope_parameters"}
        unknown = sorted(_field_text(key) for key in self.config if key not in known)
        if unknown:
            listed = ", ".join(unknown[:12]) + (f" and {len(unknown) - 12} more" if len(unknown) > 12 else "")
            self.notes.append(f"fields that are not known, and were left out: {listed}")


def _field_text(key: str) -> str:
    return clip(key) if re.fullmatch(r"\w+", key, re.ASCII) else repr(clip(key))


def _cannot_follow(field: str, value: Any, family: Family) -> ImportDiagnostic:
    reason = f"the zoo's '{family.spec}' has no form for the value {clip(str(value))}"
    return ImportDiagnostic.of(
        "NS892", f"'{clip(field)}'", reason, help="a spec by hand can begin with `netspec zoo show " + family.spec + "`"
    )


def _is_like(value: Any, default: Any) -> bool:
    """Whether a value has the type of its default."""
    if value is None or default is None:
        return not isinstance(value, (list, dict))
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, (int, float)):
        return isinstance(value, (int, float))
    return isinstance(value, str)


def _is_whole(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) < 1e15


def _equal(a: Any, b: Any) -> bool:
    """Whether two JSON values are equal; booleans differ from numbers."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b
