"""Replaces patterns of several operators by single operations: layer norm, group norm and the exact gelu."""

from __future__ import annotations

import math

import numpy as np

from netspec.free_names import free_name
from netspec.importing import Draft
from netspec.weights.numpy_types import Array

from .emit import Emitter


def recognise(e: Emitter) -> None:
    """Replaces the patterns in a draft network."""
    for with_gains in (False, True):
        pattern = _Pattern(e)
        for draft in list(e.network.drafts):
            if with_gains:
                pattern.takes_gain(draft)
            else:
                pattern.replaces(draft)
        gone = {id(draft) for draft in pattern.gone}
        e.network.drafts = [draft for draft in e.network.drafts if id(draft) not in gone]
        e.network.remove_unread()


class _Pattern:
    """Matches patterns backwards from a draft."""

    def __init__(self, e: Emitter) -> None:
        self.e = e
        self.producers = e.network.producers()
        self.readers = e.network.readers()
        self.output_values = set(e.network.outputs.values())
        self.gone: list[Draft] = []
        """Drafts whose values are now produced by others."""

    def replaces(self, draft: Draft) -> bool:
        """Replaces a pattern that ends with a draft by one operation; returns whether it matched."""
        return self._layer_norm(draft) or self._gelu(draft) or self._group_norm(draft)

    def source(self, value: int, *operations: str) -> Draft | None:
        """Returns the producer of a value if it is one of these operations, else None."""
        producer = self.producers.get(value)
        return producer if producer is not None and producer.operation in operations else None

    def only_reader(self, value: int) -> Draft | None:
        """Returns the only reader of a value, or None."""
        readers = self.readers.get(value, [])
        return readers[0] if len(readers) == 1 and value not in self.output_values else None

    # -- layer norm --------------------------------------------------------------------------------------------------
    def _layer_norm(self, draft: Draft) -> bool:
        """``(x - mean) / sqrt(mean((x - mean) ** 2) + eps)``."""
        if draft.operation != "divide":
            return False
        root = self.source(draft.inputs[1], "sqrt")
        eps = self.source(root.inputs[0], "rescale") if root is not None else None
        mean = self.source(eps.inputs[0], "mean") if eps is not None else None
        power = self.source(mean.inputs[0], "square", "multiply") if mean is not None else None
        centred = self.source(draft.inputs[0], "subtract")
        if eps is None or mean is None or power is None or centred is None or set(eps.arguments) != {"offset"}:
            return False
        other = self.source(power.inputs[0], "subtract")
        if other is None or other.inputs != centred.inputs or len(set(power.inputs)) != 1:
            return False
        first = self.source(centred.inputs[1], "mean")
        if first is None or first.inputs[0] != centred.inputs[0] or first.arguments != mean.arguments:
            return False
        if not mean.arguments.get("keepdims"):
            return False
        axes = list(mean.arguments["axis"])
        draft.operation, draft.inputs = "layer_norm", [centred.inputs[0]]
        draft.arguments = {"axis": axes, "eps": eps.arguments["offset"], "affine": False}
        return True

    # -- gains and offsets -------------------------------------------------------------------------------------------
    def takes_gain(self, draft: Draft) -> bool:
        """Merges a gain, and an offset after it, into the previous normalisation; returns whether that was possible."""
        if (
            draft.operation not in ("layer_norm", "rms_norm", "group_norm")
            or draft.arguments.get("affine") is not False
        ):
            return False
        gain = self.only_reader(draft.outputs[0])
        weight = self._stored(gain, draft.outputs[0], "multiply", draft)
        if gain is None or weight is None:
            return False
        offset = self.only_reader(gain.outputs[0])
        bias = self._stored(offset, gain.outputs[0], "add", draft) if draft.operation != "rms_norm" else None
        if bias is None and draft.operation == "group_norm":
            return False
        del draft.arguments["affine"]
        if bias is None and draft.operation == "layer_norm":
            draft.arguments["bias"] = False
        name = weight[0].rpartition(".")[0] if weight[0].endswith(".weight") else f"{draft.stem or 'norm'}"
        if not weight[0].endswith(".weight"):
            stem = f"{draft.calls[-1].path}.{name}" if draft.calls else name
            name = free_name(stem, lambda name: any(full.startswith(f"{name}.") for full in self.e.weights))
        draft.weights = {}
        for local, tensor in (("weight", weight), ("bias", bias)):
            if tensor is not None:
                self.e.weights.pop(tensor[0], None)
                self.e.network.tables.pop(tensor[0], None)
                draft.weights[local] = f"{name}.{local}"
                self.e.weights[f"{name}.{local}"] = tensor[1]
        last = gain if bias is None or offset is None else offset
        self._take_over(draft, last, [gain] if bias is None or offset is None else [gain, offset])
        return True

    def _stored(self, reader: Draft | None, value: int, operation: str, norm: Draft) -> tuple[str, Array] | None:
        """Returns name and numbers of a stored operand, if it has one number per position of the norm's axes."""
        if reader is None or reader.operation != operation or len(reader.inputs) != 2:
            return None
        other = next((v for v in reader.inputs if v != value), value)
        stored = self.source(other, "parameter", "buffer")
        if stored is None or self.only_reader(other) is not reader or "" not in stored.weights:
            return None
        name = stored.weights[""]
        array = self.e.weights.get(name, self.e.network.tables.get(name))
        shape = self.e.network.shapes[norm.outputs[0]]
        axes = norm.arguments["axis"] if norm.operation != "group_norm" else [0]
        axes = [axes] if isinstance(axes, int) else axes
        sizes = tuple(shape[a] for a in axes)
        if array is None or array.size != math.prod(int(n) for n in sizes):
            return None
        item = self.e.network.shapes[other]
        aligned = (1,) * (len(shape) - len(item)) + tuple(item)
        if any(aligned[k] != (shape[k] if k in axes else 1) for k in range(len(shape))):
            return None
        return name, np.ascontiguousarray(array.reshape(sizes))

    def _take_over(self, draft: Draft, last: Draft, gone: list[Draft]) -> None:
        """Makes a draft produce the output of the last of the following drafts, which are removed."""
        draft.outputs = list(last.outputs)
        self.producers[draft.outputs[0]] = draft
        self.gone += gone

    # -- gelu --------------------------------------------------------------------------------------------------------
    def _gelu(self, draft: Draft) -> bool:
        """``x * (1 + erf(x / sqrt(2))) / 2`` in any order of the factors."""
        if draft.operation not in ("multiply", "rescale"):
            return False
        factors, scale, one_plus_erf = self._factors(draft), 1.0, None
        parts: list[int] = []
        for kind, number in factors:
            if kind == "number":
                scale *= number
            else:
                parts.append(int(number))
        for value in parts:
            rescaled = self.source(value, "rescale")
            if rescaled is not None and rescaled.arguments.get("offset"):
                ratio = rescaled.arguments["offset"] / rescaled.arguments.get("factor", 1.0)
                if math.isclose(ratio, 1.0, rel_tol=1e-6):
                    one_plus_erf = rescaled
                    scale *= rescaled.arguments["offset"]
        if one_plus_erf is None or len(parts) != 2 or not math.isclose(scale, 0.5, rel_tol=1e-6):
            return False
        (x,) = [v for v in parts if v != one_plus_erf.outputs[0]] or [-1]
        erf = self.source(one_plus_erf.inputs[0], "erf")
        inner = self.source(erf.inputs[0], "rescale") if erf is not None else None
        if inner is None or set(inner.arguments) != {"factor"} or inner.inputs[0] != x:
            return False
        if not math.isclose(inner.arguments["factor"], math.sqrt(0.5), rel_tol=1e-5):
            return False
        draft.operation, draft.inputs, draft.arguments = "gelu", [x], {}
        return True

    def _factors(self, draft: Draft, depth: int = 4) -> list[tuple[str, float]]:
        """Returns the factors of a product: values by number, and constants."""
        if draft.operation == "rescale" and set(draft.arguments) == {"factor"} and depth:
            return [("number", draft.arguments["factor"]), *self._of(draft.inputs[0], depth)]
        if draft.operation == "multiply" and depth:
            return [f for v in draft.inputs for f in self._of(v, depth)]
        return [("value", draft.outputs[0])]

    def _of(self, value: int, depth: int) -> list[tuple[str, float]]:
        source = self.producers.get(value)
        is_product = source is not None and source.operation in ("multiply", "rescale")
        if source is None or not is_product or self.only_reader(value) is None:
            return [("value", value)]
        return self._factors(source, depth - 1) if "offset" not in source.arguments else [("value", value)]

    # -- group norm --------------------------------------------------------------------------------------------------
    def _group_norm(self, draft: Draft) -> bool:
        """Matches groups reshaped to channels of one long axis, normalised and reshaped back."""
        if draft.operation != "reshape":
            return False
        norm = self.source(draft.inputs[0], "instance_norm")
        if norm is None or norm.arguments.get("affine", False) or self.only_reader(norm.outputs[0]) is not draft:
            return False
        groups = self.source(norm.inputs[0], "reshape")
        if groups is None or self.e.network.shapes[groups.inputs[0]] != self.e.network.shapes[draft.outputs[0]]:
            return False
        shape = self.e.network.shapes[norm.inputs[0]]
        if len(shape) != 2 or norm.arguments.get("axis", 0) != 0:
            return False
        draft.operation, draft.inputs = "group_norm", [groups.inputs[0]]
        draft.arguments = {"groups": shape[0], "eps": norm.arguments["eps"], "affine": False, "axis": 0}
        return True
