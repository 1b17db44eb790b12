"""Imports an ONNX file: determines its inputs and their batch axes, and reads graph and weights."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import TensorProto

from netspec.backend import BackendError
from netspec.diagnostics import clip
from netspec.free_names import free_name
from netspec.importing import DraftNetwork
from netspec.importing.batch import BatchAxis
from netspec.importing.problems import INPUTS
from netspec.importing.source import Comparison
from netspec.ir import Graph
from netspec.ops.argument import as_list, as_mapping
from netspec.shapes.named_sizes import NamedDim, NamedSizes
from netspec.shapes.sizes import Size
from netspec.weights.numpy_types import Array
from netspec.weights.weight_source import WeightSource

from .bias import fold_biases
from .composite_operators import recognise
from .declared_shapes import DeclaredShapes
from .graph_inputs import DeclaredInput, GraphInput
from .layout import cancel_permutations
from .module_scopes import place_in_scopes
from .nodes import NodeList
from .proof import Original, compare
from .tensor_reader import DTYPES, TensorReader, malformed, type_name
from .walk import GraphReader

_OF_SIZES = ("NS842", "NS843", "NS845", "NS846")
"""Codes of problems that may not occur with other input shapes."""
BATCH = "batch"
_BATCH_PRIME = 23
"""The default of the batch dimension: a prime that does not occur as another size."""
DEFAULTS: Mapping[int, tuple[int, ...]] = {4: (224, 32, 64, 28, 512), 3: (16, 64, 128), 2: (16, 64)}
"""Candidate sizes for dynamic axes, by the number of axes of the input."""
UNIT_TYPES = (TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16)


@dataclass(frozen=True, eq=False)
class OnnxSource:
    """An imported file."""

    network: DraftNetwork
    weights: Mapping[str, Array]
    original: Original

    @property
    def weight_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes of the tensors by name."""
        return {name: array.shape for name, array in self.weights.items()}

    def tensor(self, name: str) -> Array:
        """Returns a tensor as an array."""
        return self.weights[name]

    def compare(self, graph: Graph, weights: WeightSource) -> Comparison:
        """Compares the file with the one written for its spec, in ONNX Runtime; see :func:`.proof.compare`."""
        return compare(self.original, graph, weights)


def read_source(
    model: onnx.ModelProto,
    folder: Path | None,
    name: str,
    sizes: Mapping[str, Sequence[int | str]] | None = None,
    path: Path | None = None,
) -> OnnxSource:
    """Imports a model.

    The number of examples is dynamic if all inputs have a dynamic first axis, otherwise it is the number in the file.
    If the batch axis cannot be tracked, the model is imported for a single example.

    Args:
        model: the model.
        folder: folder of its external data.
        name: name of the network.
        sizes: shapes of inputs, without the batch, that replace those in the file, by input name.
        path: path of the file, if there is one.

    Raises:
        BackendError: the file is malformed or too large.
    """
    read = TensorReader(folder)
    inputs = declared_inputs(model.graph)
    best: OnnxSource | None = None
    for attempt in _attempts(inputs, _by_name(inputs, sizes or {}), declared_dims(model)):
        if best is not None and not attempt.fixed and any(p.code == "NS845" for p in best.network.problems):
            continue  # other defaults of named dimensions would not help
        source = attempt.read(model, folder, name, read, path)
        if best is None or len(source.network.problems) < len(best.network.problems):
            best = source
        if not source.network.problems or any(p.code not in _OF_SIZES for p in source.network.problems):
            break
    assert best is not None
    return best


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One interpretation of the inputs' shapes."""

    inputs: tuple[DeclaredInput, ...]
    single: bool
    batched: tuple[bool, ...]
    default: int
    """The index in :data:`DEFAULTS` for dynamic sizes."""
    fixed: bool
    """Whether that number is the size itself, instead of the default of a named dimension."""
    open_batch: bool
    """Whether the file has a dynamic number of examples."""

    def read(
        self, model: onnx.ModelProto, folder: Path | None, name: str, read: TensorReader, path: Path | None
    ) -> OnnxSource:
        """Imports the source with this interpretation, including its problems."""
        firsts = {i.shape[0] for i, b in zip(self.inputs, self.batched, strict=True) if b}
        literal = next((n for n in firsts if isinstance(n, int)), None) if firsts else None
        names = _Names(self.inputs, self.batched, self.single, self.default, declared_dims(model))
        batch: Size = 1 if self.single else names.sizes.size(names.batch)
        declared = DeclaredShapes(model, names.by_source(batch))
        is_own = model.producer_name == "netspec"
        reader = GraphReader(name, batch, literal, NodeList(model, read), read, declared, is_own=is_own)
        reader.buffers = declared_buffers(model)
        reader.run(model.graph, [names.graph_input(i, b) for i, b in zip(self.inputs, self.batched, strict=True)])
        network = reader.network
        network.dims = {name: _promises(names.sizes.dims[name]) for name in names.used}
        if not network.problems:
            cancel_permutations(reader)
            fold_biases(reader, keep_learned=is_own)
            cancel_permutations(reader)
            recognise(reader)
            place_in_scopes(network)
        _note_types(network, model, self.inputs)
        if self.open_batch and self.single:
            network.notes.append("the file leaves the batch size open, but was read for a batch of 1")
        if self.fixed:
            shapes = ", ".join(str(list(i.shape[1:])) for i in self.inputs)
            network.notes.append(f"the file leaves sizes open, but could only be read for inputs of shape {shapes}")
        examples = 1 if self.single else literal
        axes = tuple(network.batch_axes)
        original = Original(model, path, self.inputs, self.batched, examples, axes, self.open_batch and self.single)
        return OnnxSource(network, reader.weights, original)


def declared_inputs(graph: onnx.GraphProto) -> tuple[DeclaredInput, ...]:
    """Returns the inputs that are not initialisers.

    Raises BackendError NS846 for one that is not a tensor with a shape.
    """
    stored = {tensor.name for tensor in graph.initializer}
    out: list[DeclaredInput] = []
    for value in graph.input:
        if value.name in stored:
            continue
        kind = value.type.tensor_type
        if not value.type.HasField("tensor_type") or not kind.HasField("shape"):
            raise malformed(f"input '{clip(value.name)}' is not a tensor with a known number of axes")
        if kind.elem_type not in DTYPES:
            message = f"input '{clip(value.name)}' has the unsupported type {type_name(kind.elem_type)}"
            raise BackendError("NS844", message, "use a floating-point type, int64, int32 or bool")
        shape: list[int | str] = []
        for k, dim in enumerate(kind.shape.dim):
            if dim.HasField("dim_value") and dim.dim_value > 0:
                shape.append(dim.dim_value)
            elif dim.HasField("dim_value") and dim.dim_value == 0:
                raise malformed(f"input '{clip(value.name)}' has a size of 0")
            else:
                shape.append(dim.dim_param or f"{value.name}_{k}")
        out.append(DeclaredInput(value.name, tuple(shape), kind.elem_type))
    return tuple(out)


def _attempts(
    inputs: tuple[DeclaredInput, ...],
    sizes: Mapping[str, Sequence[int | str]],
    known: Mapping[str, Mapping[str, int]],
) -> Iterator[_Attempt]:
    """Yields interpretations of the inputs, the most likely first; the last ones have numbers for dynamic sizes."""
    sized = tuple(_with_sizes(i, sizes) for i in inputs)
    is_open = any(isinstance(n, str) for i in sized for n in i.shape[1:])
    tries = max((len(DEFAULTS.get(len(i.shape), (16,))) for i in sized), default=1) if is_open else 1
    for fixed in (False, True) if is_open else (False,):
        for default in range(tries):
            shaped = tuple(_fixed(i, default, known) for i in sized) if fixed else sized
            firsts = [i.shape[0] if i.shape else None for i in shaped]
            is_any = any(isinstance(n, str) for n in firsts)
            ranked = all(len(i.shape) > 1 or isinstance(next(iter(i.shape), None), str) for i in shaped)
            if shaped and ranked and len(set(firsts)) == 1 and firsts[0] != 1:
                yield _Attempt(shaped, False, (True,) * len(shaped), default, fixed, is_any)
            ones = tuple(len(i.shape) > 1 and (i.shape[0] == 1 or isinstance(i.shape[0], str)) for i in shaped)
            as_one = tuple(
                i._replace(shape=(1, *i.shape[1:])) if is_one else i for i, is_one in zip(shaped, ones, strict=True)
            )
            yield _Attempt(as_one, True, ones, default, fixed, is_any)


def _fixed(declared: DeclaredInput, number: int, known: Mapping[str, Mapping[str, int]]) -> DeclaredInput:
    """Replaces dynamic sizes of an input, except the batch, by declared defaults or by a number."""
    tries = DEFAULTS.get(len(declared.shape), (16,))
    size = tries[min(number, len(tries) - 1)]
    numbers = [known.get(n, {}).get("default", size) if isinstance(n, str) else n for n in declared.shape[1:]]
    return declared._replace(shape=(*declared.shape[:1], *numbers))


def _by_name(
    inputs: Sequence[DeclaredInput], sizes: Mapping[str, Sequence[int | str]]
) -> dict[str, Sequence[int | str]]:
    """Returns the user's shapes by input name; shapes without a name are assigned by position.

    Raises BackendError NS879 for an input that the model does not have.
    """
    names = [declared.name for declared in inputs]
    numbered = {str(k): name for k, name in enumerate(names)}
    unknown = next((name for name in sizes if name not in names and name not in numbered), None)
    if unknown is not None:
        only = f"only {len(names)} input{'s' if len(names) > 1 else ''}"
        what = only if unknown.isdigit() else f"no input '{clip(unknown)}'"
        raise BackendError(INPUTS, f"the model has {what}", f"its inputs: {', '.join(map(clip, names))}")
    return {name if name in names else numbered[name]: shape for name, shape in sizes.items()}


def _with_sizes(declared: DeclaredInput, sizes: Mapping[str, Sequence[int | str]]) -> DeclaredInput:
    """Replaces the shape of an input by the user's, which excludes the batch."""
    shape = sizes.get(declared.name)
    if shape is None:
        return declared
    if len(shape) != len(declared.shape) - 1:
        message = (
            f"input '{clip(declared.name)}' has {len(declared.shape) - 1} axes without the batch; found {len(shape)}"
        )
        raise BackendError(INPUTS, message, "give as many sizes, without the batch")
    return declared._replace(shape=(*declared.shape[:1], *shape))


class _Names:
    """The names of the dynamic sizes of a network's inputs."""

    def __init__(
        self,
        inputs: Sequence[DeclaredInput],
        batched: Sequence[bool],
        single: bool,
        default: int,
        known: Mapping[str, Mapping[str, int]],
    ) -> None:
        self.single = single
        self.names: dict[str, str] = {}
        self.firsts = [str(i.shape[0]) for i, b in zip(inputs, batched, strict=True) if b]
        """The file's names for the batch size."""
        dims: dict[str, NamedDim] = {}
        for declared, has_batch in zip(inputs, batched, strict=True):
            for k, size in enumerate(declared.shape):
                if isinstance(size, str) and not (k == 0 and has_batch):
                    name = self.names.setdefault(
                        size, _dim_name(size, len(declared.shape), k, set(self.names.values()))
                    )
                    tries = DEFAULTS.get(len(declared.shape), (16,))
                    dims.setdefault(name, _dim(name, known.get(size, {}), tries[min(default, len(tries) - 1)]))
        self.batch = BATCH
        while self.batch in dims:
            self.batch += "_"
        self.used = list(dims)
        self.sizes = NamedSizes([*dims.values(), NamedDim(self.batch, _BATCH_PRIME)])

    def by_source(self, batch: Size) -> dict[str, Size]:
        """Returns the sizes, including the batch size, by their names in the file."""
        return {source: self.sizes.size(name) for source, name in self.names.items()} | dict.fromkeys(
            self.firsts, batch
        )

    def graph_input(self, declared: DeclaredInput, has_batch: bool) -> GraphInput:
        """Returns the input with its sizes."""
        shape: list[Size] = []
        for k, size in enumerate(declared.shape):
            if k == 0 and has_batch:
                shape.append(1 if self.single else self.sizes.size(self.batch))
            else:
                shape.append(self.sizes.size(self.names[size]) if isinstance(size, str) else size)
        return GraphInput(declared.name, tuple(shape), DTYPES[declared.element], BatchAxis(0) if has_batch else None)


def declared_dims(model: onnx.ModelProto) -> dict[str, dict[str, int]]:
    """Returns the default and constraints of each named dimension from the metadata of files that netspec wrote."""
    dims: dict[str, dict[str, int]] = {}
    for name, entry in (as_mapping(_metadata(model, "netspec.dimensions", _METADATA)) or {}).items():
        promises = as_mapping(entry) or {}
        numbers = {k: n for k, n in promises.items() if k in _PROMISES and type(n) is int and 0 < n < 2**31}
        if len(numbers) == len(promises) and "default" in numbers:
            dims[name] = numbers
    return dims


def declared_buffers(model: onnx.ModelProto) -> frozenset[str]:
    """Returns the names of tensors that are not trained, from the metadata of files that netspec wrote."""
    names = as_list(_metadata(model, "netspec.buffers", _METADATA_OF_TENSORS))
    return frozenset(name for name in names if isinstance(name, str))


def _metadata(model: onnx.ModelProto, key: str, most: int) -> object:
    """Returns an entry of the metadata, parsed as JSON; None if it is missing, invalid or longer than ``most``."""
    text = next((p.value for p in model.metadata_props if p.key == key), "")
    try:
        return json.loads(text) if 0 < len(text) <= most else None
    except (ValueError, RecursionError):
        return None


def _promises(dim: NamedDim) -> dict[str, int]:
    promised = {"multiple_of": dim.multiple_of, "min": dim.min, "max": dim.max}
    return {"default": dim.default} | {k: n for k, n in promised.items() if n is not None and n != 1}


def _dim(name: str, known: Mapping[str, int], default: int) -> NamedDim:
    dim = NamedDim(name, **{"default": default, **known})
    return dim if dim.allows(dim.default) else NamedDim(name, default)


def _dim_name(name: str, rank: int, axis: int, used_names: set[str]) -> str:
    """Returns a valid name for a dimension: that in the file if possible, otherwise one by the meaning of the axis."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,30}", name) and not re.match(r"unk_|_|.*_dim_|dynamic_axes", name):
        stem = name
    elif rank == 4 and axis > 1:
        stem = "HW"[axis - 2]
    else:
        stem = "S" if rank > 1 else "D"
    return free_name(stem, {*used_names, *_RESERVED}, separator="")


_METADATA = 10_000
"""Maximum length of the metadata on named dimensions."""
_METADATA_OF_TENSORS = 1_000_000
"""Maximum length of the metadata that lists tensors."""
_PROMISES = ("default", "multiple_of", "min", "max")
_RESERVED = frozenset({"N", "input", "index", "row", "copies", "pi", "inf", "true", "false", "none", "incoming"})


def _note_types(network: DraftNetwork, model: onnx.ModelProto, inputs: Sequence[DeclaredInput]) -> None:
    """Notes that numbers of other precision become float32."""
    used = {t.data_type for t in model.graph.initializer} | {i.element for i in inputs}
    types = [type_name(t) for t in UNIT_TYPES if t in used]
    if types:
        network.notes.append(f"numbers of type {', '.join(types)} are float32 in the spec")
