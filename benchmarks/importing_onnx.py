"""ONNX files of many origins, imported and compared with their sources: ``python -m benchmarks.importing_onnx``.

Sources are names of files, ``light:NAME`` (a model of the onnx package, with random weights in place of constants),
``zoo:NAME[@VARIANT]`` (a network of the zoo, written by netspec), and ``torch:NAME`` and ``dynamo:NAME`` (one of
torchvision, written by PyTorch's older or newer exporter). Each is imported in a process of its own.

    python -m benchmarks.importing_onnx light zoo model.onnx --out specs --json rows.jsonl
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .same_networks import differences

LIGHT = (
    "bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet", "vgg19",
    "zfnet512",
)  # fmt: skip
MOST_PARAMETERS = 130_000_000
MOST_MACS = 20_000_000_000
"""Networks of the zoo that are larger are left out: they take minutes."""


def light(name: str) -> Any:
    """A light model: its weights are constants; random ones take their place, at the scale of initial values."""
    import onnx
    from onnx import numpy_helper

    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    model = onnx.load(folder / f"light_{name}.onnx")
    graph, rng = model.graph, np.random.default_rng(0)
    stored = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    kept, tensors, shapes = [], [], set()
    for node in graph.node:
        if node.op_type != "ConstantOfShape" or node.input[0] not in stored:
            kept.append(node)
            continue
        shape, title = tuple(int(n) for n in stored[node.input[0]]), node.output[0].lower()
        numbers = rng.standard_normal(shape) * (1.4 / np.sqrt(max(np.prod(shape[1:]), 1)) if len(shape) > 1 else 0.1)
        if len(shape) == 1 and any(word in title for word in ("riv", "var")):
            numbers = 1 + rng.random(shape)
        elif len(shape) == 1 and any(word in title for word in ("scale", "_s_", "bn_w", "sc_w")):
            numbers = 1 + numbers
        tensors.append(numpy_helper.from_array(numbers.astype(np.float32), node.output[0]))
        shapes.add(node.input[0])
    inputs = [i for i in graph.input if i.name not in shapes and i.name not in stored]
    del graph.node[:], graph.input[:]
    graph.node.extend(kept)
    graph.initializer.extend(tensors)
    graph.input.extend(inputs)
    model.ir_version = 8
    return model


class Shaken:
    """Weights by seed, with statistics, gains and biases that are not all equal."""

    def values(self, parameter: Any, pool: Any = None) -> Any:
        """The values of a parameter."""
        from netspec.weights import initial_values

        numbers = initial_values.values(parameter, 0, pool)
        if parameter.dtype != "float32" or not parameter.persistent or len(parameter.shape) != 1:
            return numbers
        rng = np.random.default_rng(sum(map(ord, parameter.name)))
        noise = rng.standard_normal(parameter.shape) * 0.1
        local = parameter.name.rpartition(".")[2]
        if local == "running_var":
            return (0.5 + rng.random(parameter.shape)).astype(np.float32)
        return (numbers + noise).astype(np.float32)

    def pieces(self, parameter: Any, pool: Any = None) -> Iterator[Any]:
        """The values in one piece."""
        yield self.values(parameter, pool).reshape(-1)

    def fill(self, out: Any, parameter: Any, pool: Any = None) -> None:
        """The values, written into an array."""
        out[...] = self.values(parameter, pool).reshape(out.shape)


def source_file(source: str, folder: Path) -> tuple[Any, Any]:
    """What is imported, and the network of the zoo that it was written from, if it was."""
    import netspec

    kind, _, name = source.partition(":")
    if kind == "light":
        return light(name), None
    path = folder / f"{name.partition('@')[0]}.onnx"
    if kind == "zoo":
        from netspec_onnx import export

        graph = netspec.load(name)
        figures = netspec.analyze(graph)
        if figures.params > MOST_PARAMETERS or figures.macs > MOST_MACS:
            raise SystemExit("too large")
        export(graph, path, source=Shaken())
        return path, graph
    if kind in ("torch", "dynamo"):
        torchvision_file(name, path, dynamo=kind == "dynamo")
        return path, None
    return Path(source), None


def torchvision_file(name: str, path: Path, *, dynamo: bool) -> None:
    """A network of torchvision, written by one of PyTorch's exporters for any number of examples."""
    import logging
    import warnings

    import torch

    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    library = torch.library.Library("torchvision", "DEF")  # where torchvision was built for another version
    for operator in ("nms", "qnms", "roi_align", "roi_pool", "ps_roi_align", "ps_roi_pool", "deform_conv2d"):
        library.define(f"{operator}(Tensor x) -> Tensor")
    from torchvision import models

    torch.manual_seed(0)
    more = {"aux_logits": False, "init_weights": False} if name in ("googlenet", "inception_v3") else {}
    module = models.get_model(name, weights=None, **more).eval()
    for m in module.modules():
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 1.5)
    x = torch.randn(2, 3, *([299] * 2 if name == "inception_v3" else [224] * 2))
    if dynamo:
        shapes = ({0: torch.export.Dim("N")},)
        torch.onnx.export(module, (x,), path, dynamo=True, dynamic_shapes=shapes, external_data=False, verbose=False)
    else:
        torch.onnx.export(
            module, (x,), path, dynamo=False, opset_version=17, input_names=["x"], dynamic_axes={"x": {0: "N"}}
        )


def imported(source: str, out: Path | None, prove: bool) -> dict[str, Any]:
    """A row on one source."""
    from netspec.importing import ImportRefused
    from netspec.importing.readers import Request
    from netspec.importing.result import import_source
    from netspec_onnx.reading import reader

    row: dict[str, Any] = {"source": source}
    with tempfile.TemporaryDirectory() as folder:
        file, given = source_file(source, Path(folder))
        name = Path(source.rpartition(":")[2].partition("@")[0]).stem
        try:
            start = time.perf_counter()
            read = (
                reader.read(str(file), Request(name=name))
                if isinstance(file, Path)
                else reader.read_model(file, name=name)
            )
            row["read_s"] = round(time.perf_counter() - start, 2)
            result = import_source(read, prove=prove)
        except ImportRefused as error:
            return row | {
                "status": "refused",
                "problems": [f"{d.code} {d.message}" for d in error.diagnostics],
            }
        outputs = result.proof.outputs
        text = result.text()
        row |= {
            "status": "proven" if prove else "imported",
            "largest": outputs.largest if outputs else None,
            "batches": outputs.batch_sizes if outputs else (),
            "layers": len(result.graph.layers),
            "structure": result.proof.structure,
            "lines": text.count("\n"),
            "seconds": round(time.perf_counter() - start, 1),
            "notes": result.notes,
        }
        if given is not None:
            row["other"] = differences(result.graph, given)[:3]
            row["same"] = not row["other"]
        if out is not None:
            out.mkdir(exist_ok=True, parents=True)
            (out / f"{name}.yaml").write_text(text)
    return row


def expanded(names: list[str]) -> list[str]:
    """The sources: ``light`` and ``zoo`` stand for all of them."""
    from netspec import zoo

    every = {"light": [f"light:{n}" for n in LIGHT], "zoo": [f"zoo:{n}" for n in zoo.names()]}
    return [s for name in names for s in every.get(name, [name])]


def main() -> None:
    """Import the sources, print a line on each, and the number that was proven."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", default=["light"])
    parser.add_argument("--out", type=Path, help="folder for the specs")
    parser.add_argument("--json", type=Path, help="file to which a row on each is appended")
    parser.add_argument("--limit", type=float, default=240, help="seconds for one source")
    parser.add_argument("--no-proof", action="store_true", help="without comparing outputs")
    parser.add_argument("--here", action="store_true", help="in this process; prints the row")
    args = parser.parse_args()
    if args.here:
        print(json.dumps(imported(args.sources[0], args.out, not args.no_proof)))
        return
    rows: list[dict[str, Any]] = []
    for source in expanded(args.sources):
        command = [sys.executable, "-m", "benchmarks.importing_onnx", source, "--here"]
        command += ["--out", str(args.out)] if args.out else []
        command += ["--no-proof"] if args.no_proof else []
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=args.limit, check=False)
            last = (done.stdout.strip().splitlines() or [""])[-1]
            failed = {"source": source, "status": "left out" if "too large" in done.stderr else "crash"}
            row = json.loads(last) if last.startswith("{") else failed | {"problems": [done.stderr[-400:]]}
        except subprocess.TimeoutExpired:
            row = {"source": source, "status": f"not done after {args.limit:g} s"}
        rows.append(row)
        if args.json:
            with args.json.open("a") as file:
                file.write(json.dumps(row) + "\n")
        largest = f"{row['largest']:.1e}" if row.get("largest") is not None else ""
        same = {True: "same", False: "equal"}.get(row.get("same"), "")
        more = (row.get("problems") or row.get("other") or row.get("notes") or [""])[0].replace("\n", " ")[:110]
        print(
            f"{Path(source).name:44} {row['status']:9} {largest:8} {row.get('structure', ''):9} {same:6}"
            f"{row.get('lines', ''):>5} {row.get('seconds', ''):>6}  {more}",
            flush=True,
        )
    status = "imported" if args.no_proof else "proven"
    count = sum(row["status"] == status for row in rows)
    tried, same = (sum(row["status"] != "left out" for row in rows), sum(row.get("same", False) for row in rows))
    print(f"{count} of {tried} {status}; {same} the same")


if __name__ == "__main__":
    main()
