"""Mutants of files of small Keras models: each is imported or refused with a diagnostic, in bounded time and memory.

python -m tests.keras_backend.fuzz --seconds 60 --seed 1

Nothing in a file is run: no code of a ``Lambda``, no module that a configuration names, no pickled object. Keras itself
is not imported.
"""

# h5py has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import argparse
import io
import json
import resource
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, cast

import numpy as np

from netspec.diagnostics import Error
from netspec.diagnostics.sanitize import is_hidden
from netspec.formatting import format_text
from netspec.importing import Request, import_source
from netspec_keras import reader
from netspec_keras.read import read_config

from .configs import dense, entry, functional, layer, operation, sequential
from .refused_layers import FAMILIES

SECONDS = 5.0
"""The most that one mutant may take, which has a few layers."""
MEGABYTES = 400
"""The most that a mutant may add to the memory of the process."""
PLANTED = ("os_system_of_a_model", "my.package", "antigravity")
"""Modules that configurations name, which nothing may import."""
IMAGE, SEQUENCE = (8, 8, 3), (4, 6)
VALID: list[dict[str, Any]] = [
    functional(entry("x", 6), dense("f", 4, "x", activation="relu"), dense("g", 2, "f")),
    sequential(entry("x", *IMAGE), layer("Conv2D", "c", filters=4, kernel_size=3), layer("Flatten", "f"), dense("d", 2)),
    functional(entry("x", *IMAGE), layer("BatchNormalization", "b", "x"), layer("Activation", "a", "b", activation="relu")),
    functional(entry("x", *SEQUENCE), layer("LSTM", "l", "x", units=3, return_sequences=True), layer("GRU", "g", "l", units=2)),
    functional(entry("x", *SEQUENCE), layer("Bidirectional", "b", "x", layer=layer("LSTM", "inner", units=3))),
    functional(entry("x", 5, dtype="int32"), layer("Embedding", "e", "x", input_dim=9, output_dim=4)),
    functional(entry("x", *IMAGE), layer("Add", "s", ["x", "x"]), layer("ZeroPadding2D", "p", "s", padding=[[1, 0], [0, 2]])),
    functional(entry("x", *IMAGE), layer("Reshape", "r", "x", target_shape=[64, 3]), layer("Permute", "p", "r", dims=[2, 1])),
    functional(entry("x", *IMAGE), layer("MaxPooling2D", "m", "x", pool_size=2), layer("GlobalAveragePooling2D", "g", "m")),
    functional(entry("x", 6), functional(entry("y", 6), dense("h", 3, "y"), name="inner") | {
        "name": "inner", "inbound_nodes": [{"args": [
            {"class_name": "__keras_tensor__", "config": {"shape": [None, 6], "dtype": "float32", "keras_history": ["x", 0, 0]}}
        ], "kwargs": {}}]}),
    functional(entry("x", 6), operation("Add", "a", "x", 2.0), layer("Normalization", "n", "a", mean=[1.0] * 6, variance=[1.0] * 6)),
    functional(entry("x", 6), layer("Lambda", "f", "x", function={"class_name": "__lambda__", "config": {"code": "4wEAAAAA"}})),
    functional(entry("x", 6), layer("Dense", "f", "x", module=PLANTED[0], units=2)),
]  # fmt: skip
"""Models from which mutants are made, besides those of :data:`.refused_layers.FAMILIES`."""
VALUES: tuple[Callable[[], Any], ...] = tuple(
    (lambda value=value: value)  # type: ignore[misc] # of one argument with a default
    for value in (
        None, True, False, 0, 1, -1, 2, 3, 7, 1000, 1 << 20, 1 << 31, 1 << 40, 1 << 62, 10**400, -(10**30), 0.5, -0.0,
        1e300, float("nan"), float("inf"), "", "x", "same", "relu", "float16", "complex64", "\x1b[31m\n", "a.b/c",
        "$(1)", "{}", "\ud7ff", "输入", "x" * 500, "input", "0", "..", PLANTED[1], "__lambda__", "Functional", "Dense",
        [], [0], [1, 1], [[1, 0], [0, 1]], [None], ["x", 0, 0], ["f", 0, 0], ["f", 1 << 40, -1], [1] * 70, {}, {"a": 1},
        {"class_name": "__tuple__", "items": [1, 2]}, {"class_name": "__ellipsis__", "config": {}},
        {"class_name": "__numpy__", "config": {"value": [[1], [2, 3]], "dtype": "float32"}},
        {"module": "builtins", "class_name": "function", "config": "my>f", "registered_name": "function"},
        {"module": PLANTED[2], "class_name": "Dense", "config": {}, "registered_name": "Own>Dense"},
        {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "int8_from_float32"}},
    )
)  # fmt: skip


def base(random: Random) -> Any:
    """The configuration of a model, which may be changed."""
    if random.random() < 0.5:
        return json.loads(json.dumps(random.choice(VALID)))
    return json.loads(json.dumps(random.choice(list(FAMILIES[random.choice(list(FAMILIES))].values())).config()))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container within a configuration, with every key of it."""
    pairs: list[tuple[Any, Any]] = []
    pending: list[Any] = [value]
    while pending:
        container = pending.pop()
        keys: Any = container.keys() if hasattr(container, "keys") else range(len(container))
        for key in keys:
            pairs.append((container, key))
            inner: Any = container[key]
            if isinstance(inner, (dict, list)):
                pending.append(inner)
    return pairs


def change_config(random: Random, config: Any) -> None:
    """Another value, a key or an item less, a name more, or a part of the model in another place."""
    every = places(config)
    if not every:
        return
    settings = [place for place in every if isinstance(place[0], dict) and "trainable" in place[0]]
    container, key = random.choice(settings if settings and random.random() < 0.5 else every)
    kind = random.randrange(7)
    if kind == 0 and isinstance(container, dict):
        container[random.choice(["units", "config", "name", "layers", "module", "\n", "axis", "dtype", "items"])] = (
            container.pop(key) if random.random() < 0.5 else random.choice(VALUES)()
        )
    elif kind == 1:
        del container[key]
    elif kind == 2:
        other, part = random.choice(every)
        container[key] = json.loads(json.dumps(other[part]))
    elif kind == 3 and isinstance(container, list):
        container.append(json.loads(json.dumps(container[key])))
    elif kind == 4 and type(container[key]) in (int, float):
        container[key] = random.choice([-1, 0, 1, 1 << 31, 1 << 39, container[key] + 1, -container[key], 0.5])
    elif kind == 5 and random.random() < 0.2:
        deep: Any = container[key]
        for _ in range(random.choice([5, 90, 99, 300])):
            deep = [deep]
        container[key] = deep
    else:
        container[key] = random.choice(VALUES)()


def weights(random: Random, config: Any) -> bytes | None:
    """HDF5 data for a model: right, wrong, damaged or hostile; None for none."""
    import h5py  # type: ignore[import-untyped, unused-ignore] # it has no types

    kind = random.randrange(10)
    if kind == 0:
        return None
    if kind == 1:
        return random.randbytes(random.choice([0, 7, 600]))
    file = io.BytesIO()
    with h5py.File(file, "w") as hdf5:
        for variable in variables(config):
            shape = variable.shape
            if random.random() < 0.1:
                continue
            if random.random() < 0.1:
                shape = tuple(random.choice([0, 1, n, n + 1]) for n in shape)
            path = f"{variable.store}/vars/{variable.number}"
            if any(n <= 0 for n in shape) or np.prod(shape, dtype=float) > 1e5:
                if all(n > 0 for n in shape):  # the size that the model says, without any data
                    hdf5.create_dataset(path, shape, np.float32)
                continue
            what = random.randrange(12)
            if what == 0:
                hdf5[path] = h5py.SoftLink("/")
            elif what == 1:
                hdf5[path] = h5py.ExternalLink("/etc/passwd", "/")
            elif what == 2:
                hdf5.create_group(path)
            elif what == 3:
                hdf5.create_dataset(path, shape, np.float32, external=[("/etc/passwd", 0, 1 << 20)])
            elif what == 4:
                hdf5[path] = np.full(shape, "x", dtype=object)
            elif what == 5:
                hdf5[path] = np.zeros(shape, random.choice(["c8", "f2", "i8", "V3", "f8", "?"]))
            elif path not in hdf5:
                hdf5[path] = np.ones(shape, np.float32)
    data = bytearray(file.getvalue())
    if random.random() < 0.4:
        if random.random() < 0.3:
            data = data[: random.randrange(len(data))]
        for _ in range(random.randint(1, 30) if data else 0):
            data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


def variables(config: Any) -> list[Any]:
    """The variables of a model, if it can be read."""
    try:
        return list(read_config(config).variables)
    except Exception:  # what is wrong with it is found again
        return []


def hdf5_model(random: Random, text: str, config: Any) -> bytes:
    """An HDF5 file of a whole model, as Keras 2 writes it."""
    import h5py

    file = io.BytesIO()
    with h5py.File(file, "w") as hdf5:
        hdf5.attrs["model_config"] = random.choice([text, text, text, np.bytes_(text.encode()), 3])
        for variable in variables(config):
            if np.prod(variable.shape, dtype=float) > 1e5 or "/" in variable.top or "\0" in variable.top:
                continue
            group = hdf5.require_group(f"model_weights/{variable.top or '_'}")
            names: list[Any] = list(cast("Any", group.attrs.get("weight_names", [])))
            name = random.choice([f"w{len(names)}", f"w{len(names)}", "w0", "../w", "/", ""])
            if name and name not in group and name[0] == "w":
                group[name] = np.ones(variable.shape, np.float32)
            group.attrs["weight_names"] = [*names, name]
    data = bytearray(file.getvalue())
    for _ in range(random.randint(1, 30) if random.random() < 0.4 else 0):
        data[random.randrange(len(data))] = random.randrange(256)
    return bytes(data)


def mutant(seed: int) -> tuple[str, bytes]:
    """The file extension and the bytes of a mutant."""
    random = Random(seed)
    config = base(random)
    for _ in range(random.choice([0, 1, 1, 1, 2, 3, 6])):
        change_config(random, config)
    text = json.dumps(config, ensure_ascii=random.random() < 0.5)
    if random.random() < 0.05:
        text = text[: random.randrange(len(text))]
    if random.random() < 0.25:
        return ".h5", hdf5_model(random, text, config)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        metadata = random.choice([*['{"keras_version": "3.1"}'] * 40, "[]", "{", '{"keras_version": [1]}', "\x00"])
        archive.writestr("metadata.json", metadata)
        archive.writestr("config.json", text.encode("utf-8", "replace"))
        if (data := weights(random, config)) is not None:
            archive.writestr("model.weights.h5", data)
        if random.random() < 0.02:
            archive.writestr("model.weights.h5.bomb", bytes(1 << 22))
    content = bytearray(file.getvalue())
    if random.random() < 0.15:
        for _ in range(random.randint(1, 8)):
            content[random.randrange(len(content))] = random.randrange(256)
    return ".keras", bytes(content)


def outcome(extension: str, data: bytes, folder: Path) -> str:
    """What comes of a file: ``imported``, or the code that it is refused with. Raises whatever else happens."""
    path = folder / f"model{extension}"
    path.write_bytes(data)
    start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    modules = set(sys.modules)
    try:
        imported = import_source(reader.read(str(path), Request()), prove=False)
        for text in (imported.text(), imported.text(flat=True)):
            assert format_text(text) == text, text
        for name in imported.weights:
            assert imported.weights[name] is not None
    except Error as error:
        text = str(error)
        assert text.startswith("error[NS"), text
        assert not any(is_hidden(c) for c in text.replace("\n", "")), repr(text)
        assert len(text) < 20_000, len(text)
        result = text[6:11]
    else:
        result = "imported"
    seconds = time.process_time() - start
    assert seconds < SECONDS, f"{seconds:.1f} s"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < MEGABYTES, f"{grown:.0f} MB"
    imported_now = sys.modules.keys() - modules
    assert imported_now.isdisjoint((*PLANTED, "keras", "tensorflow")), "a module that a file names was imported"
    return result


def main() -> None:
    """Try mutants until the time is over; print each failure with its number."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, help="print what comes of a mutant, and write it to the current folder")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.show is not None:
            extension, data = mutant(args.show)
            Path(f"mutant_{args.show}{extension}").write_bytes(data)
            print(outcome(extension, data, folder))
            return
        run(args.seconds, args.seed * 1_000_000, folder)


def run(seconds: float, first: int, folder: Path) -> None:
    """Try mutants from a seed on."""
    end, counts, failures = time.monotonic() + seconds, dict[str, int](), dict[str, int]()
    seed = first
    while time.monotonic() < end:
        try:
            result = outcome(*mutant(seed), folder)
            counts[result] = counts.get(result, 0) + 1
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            key = f"{type(error).__name__} {where.filename.rpartition('/')[2]}:{where.lineno} {str(error)[:100]!r}"
            if key not in failures:
                print(f"{seed}: {key}", flush=True)
            failures[key] = failures.get(key, 0) + 1
        seed += 1
    print(f"{seed - first:,} mutants: {counts}; {sum(failures.values())} failures of {len(failures)} kinds")


if __name__ == "__main__":
    main()
