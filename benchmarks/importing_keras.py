"""The networks of keras.applications, imported: ``python -m benchmarks.importing_keras [--values] [NAME …]``.

Without ``--values``, each is imported from its configuration alone, at its usual size, and its shape and numbers of
parameters are compared with Keras's. With it, each is imported with weights and compared by value in double precision,
at a small size.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import sys
import time
from typing import Any

SIZES = {
    "ConvNeXtTiny": 64, "DenseNet121": 64, "EfficientNetB0": 64, "EfficientNetV2B0": 64, "InceptionResNetV2": 75,
    "InceptionV3": 75, "MobileNet": 64, "MobileNetV2": 64, "MobileNetV3Large": 64, "MobileNetV3Small": 64,
    "ResNet50": 64, "ResNet50V2": 64, "VGG16": 32, "Xception": 71,
}  # fmt: skip
"""Networks to compare by value, and the height and width of their inputs."""


def build(name: str, **given: Any) -> Any:
    """A network. Keras refuses to build NASNetMobile on PyTorch, whose function this is with its arguments."""
    import keras

    if name != "NASNetMobile":
        return getattr(keras.applications, name)(**given)
    from keras.src.applications.nasnet import NASNet

    sizes = {"penultimate_filters": 1056, "num_blocks": 4, "stem_block_filters": 32, "filter_multiplier": 2}
    given = {"input_shape": (224, 224, 3), "skip_reduction": False, "default_size": 224, **given}
    return NASNet(**sizes, **given)


def by_count(name: str, model: Any) -> dict[str, Any]:
    """A row: what is imported of a model's configuration, beside what Keras says of the model."""
    import keras

    from netspec.importing import import_source
    from netspec_keras.read import read_config

    config = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    start = time.perf_counter()
    source = read_config(config)
    read = time.perf_counter() - start
    imported = import_source(source, prove=False)
    parameters = imported.graph.parameters
    ours = (
        sum(p.elements for p in parameters if p.trainable and not p.buffer),
        sum(
            p.elements
            for p in parameters
            if p.buffer and p.persistent and p.name.endswith(("running_mean", "running_var"))
        ),
    )
    theirs = tuple(
        sum(math.prod(w.shape) for w in weights if w.path.rpartition("/")[2] != "count")
        for weights in (model.trainable_weights, model.non_trainable_weights)
    )
    (output,) = imported.graph.output_types.values()
    return {
        "name": name,
        "layers": len(imported.graph.layers),
        "lines": len(imported.text().splitlines()),
        "structure": imported.proof.structure,
        "parameters": ours[0],
        "equal counts": ours == theirs,
        "equal shape": list(output.shape) == list(model.output_shape[1:]),
        "seconds": round(read, 2),
        "all seconds": round(time.perf_counter() - start, 2),
    }


def by_value(name: str, model: Any) -> dict[str, Any]:
    """A row: how far the outputs of a model and of what is imported of it are apart."""
    import netspec

    start = time.perf_counter()
    outputs = netspec.from_keras(model).proof.outputs
    assert outputs is not None
    return {
        "name": name,
        "largest": f"{outputs.largest:.1e}",
        "dtype": outputs.dtype,
        "agrees": outputs.agrees,
        "seconds": round(time.perf_counter() - start, 1),
    }


def main() -> int:
    """Prints a table; returns the exit status: 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--values", action="store_true")
    parser.add_argument("--json", help="a file to which rows are added")
    args = parser.parse_args()
    os.environ.setdefault("KERAS_BACKEND", "torch")
    if not args.values:
        os.environ.setdefault("KERAS_TORCH_DEVICE", "meta")  # shapes alone
    import inspect

    import keras

    applications = [n for n, f in vars(keras.applications).items() if inspect.isfunction(f)]
    names = args.names or (list(SIZES) if args.values else sorted(applications))
    failed = 0
    for name in names:
        keras.backend.clear_session()
        gc.collect()
        given: dict[str, Any] = {"weights": None}
        if args.values:
            given |= {"input_shape": (SIZES[name], SIZES[name], 3), "classes": 10, "classifier_activation": None}
        try:
            model = build(name, **given)
            row = (by_value if args.values else by_count)(name, model)
            model = None
        except Exception as error:
            row = {"name": name, "error": " ".join(str(error).split())[:160]}
        failed += "error" in row or not all(v for v in row.values() if isinstance(v, bool))
        print("  ".join(f"{key} {value}" if key != "name" else f"{value:20}" for key, value in row.items()), flush=True)
        if args.json:
            with open(args.json, "a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    print(f"{len(names) - failed} of {len(names)}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
