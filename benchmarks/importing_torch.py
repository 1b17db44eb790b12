"""Imports PyTorch networks and proves them: one row of JSON each.

    python benchmarks/importing_torch.py torchvision:resnet18 timm:vit_tiny_patch16_224 transformers:bert
    python benchmarks/importing_torch.py torchvision:all --rows rows.jsonl --limit 120 --minutes 60
    python benchmarks/importing_torch.py timm:files --no-proof

``torchvision:all`` are its classifiers, ``torchvision:segmentation`` and ``torchvision:video`` the others;
``timm:files`` is the smallest model of each of timm's module files, ``timm:all`` all models;
``transformers:all`` the families of ``transformers_configurations``. Each runs in a process of its own; sources that a
file of rows has already are passed over.
"""

# timm, torchvision and transformers have no types, or few.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingImports=false

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
import warnings
from contextlib import nullcontext
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netspec.importing import Problem

ROOT = Path(__file__).parents[1]
sys.path[0:1] = [str(ROOT), str(ROOT / "backends")]  # not this folder: files here have the names of packages

FORK = multiprocessing.get_context("fork")
SIZES = {"inception_v3": 299}
WITHOUT_AUXILIARY: dict[str, Any] = {"aux_logits": False, "init_weights": False}


def main() -> None:
    """Import what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", help="torchvision:NAME, timm:NAME, transformers:FAMILY, or @file")
    parser.add_argument("--rows", type=Path, help="file of rows, to which new ones are added")
    parser.add_argument("--limit", type=float, default=180, help="seconds for one source")
    parser.add_argument("--minutes", type=float, default=1e9, help="for all of them")
    parser.add_argument("--no-proof", action="store_true")
    given = parser.parse_args()
    done = set()
    if given.rows is not None and given.rows.exists():
        done = {json.loads(line)["source"] for line in given.rows.read_text().splitlines()}
    begin = time.monotonic()
    sources = expanded(given.sources)
    preload({source.partition(":")[0] for source in sources})
    for source in sources:
        if source in done:
            continue
        if time.monotonic() - begin > given.minutes * 60:
            break
        row = in_process(source, given.limit, not given.no_proof)
        if given.rows is not None:
            with given.rows.open("a") as file:
                file.write(json.dumps(row) + "\n")
        reasons = [p["reason"] for p in row.get("problems", ())]
        print(f"{source:55} {row['status']:9} {row['seconds']:6.1f} s  {(reasons or [''])[0][:110]}", flush=True)


def preload(packages: set[str]) -> None:
    """Import what the processes need, once."""
    import torch

    from tests.vision import torchvision

    torch.set_num_threads(1)  # a process that was forked has no other threads
    torchvision()
    for package in (*(packages - {"torchvision"}), "netspec_torch.reading.source", "netspec.importing.result"):
        import_module(package)


def expanded(sources: list[str]) -> list[str]:
    """The sources, with files and words for many of them resolved."""
    resolved: list[str] = []
    for source in sources:
        package, _, name = source.partition(":")
        if source.startswith("@"):
            resolved += Path(source[1:]).read_text().split()
        elif name in ("all", "files", "segmentation", "video", "quantization", "detection"):
            resolved += [f"{package}:{each}" for each in names_of(package, name)]
        else:
            resolved.append(source)
    return resolved


def names_of(package: str, which: str) -> list[str]:
    """The names of many networks of a package."""
    if package == "torchvision":
        from tests.vision import torchvision

        models = torchvision().models
        module = models if which == "all" else getattr(models, which)
        return list(models.list_models(module=module))
    if package == "timm":
        return timm_names(which)
    from benchmarks.transformers_configurations import FAMILIES

    return list(FAMILIES)


def timm_names(which: str) -> list[str]:
    """All models of timm, or the one with the fewest parameters of each module file."""
    from tests.vision import torchvision

    torchvision()
    import timm
    import torch

    if which == "all":
        return list(timm.list_models())
    smallest: list[str] = []
    for file in timm.list_modules():
        best: tuple[int, str] | None = None
        for name in timm.list_models(module=file)[:6]:
            with torch.device("meta"):
                try:
                    count = sum(p.numel() for p in timm.create_model(name).parameters())
                except (RuntimeError, NotImplementedError, ValueError):
                    continue
            best = min(best, (count, name)) if best is not None else (count, name)
        if best is not None:
            smallest.append(best[1])
    return smallest


def in_process(source: str, limit: float, prove: bool) -> dict[str, Any]:
    """The row of a source, which a process of its own makes: a fork of this one, which has imported the packages."""
    begin = time.monotonic()
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_send_row, args=(sender, source, prove))
    process.start()
    sender.close()
    row = failed(source, "timeout", f"not done after {limit:.0f} s")
    if receiver.poll(limit):
        try:
            row = receiver.recv()
        except EOFError:
            row = failed(source, "crash", "the process ended")
    process.kill()
    process.join()
    return row | {"seconds": round(time.monotonic() - begin, 1)}


def _send_row(sender: Any, source: str, prove: bool) -> None:
    sender.send(row_of(source, prove))


def failed(source: str, status: str, reason: str) -> dict[str, Any]:
    """The row of a source that has no figures."""
    return {"source": source, "status": status, "problems": [{"reason": reason}]}


def row_of(source: str, prove: bool) -> dict[str, Any]:
    """Import a source, in this process."""
    warnings.filterwarnings("ignore")
    import torch

    from netspec.diagnostics import Error
    from netspec.importing import ImportRefused
    from netspec.importing.result import import_source
    from netspec_torch.reading.construction import allocate, parameters_on_meta
    from netspec_torch.reading.source import read_model

    package, _, name = source.partition(":")
    torch.manual_seed(0)
    row: dict[str, Any] = {"source": source}
    try:
        try:
            with nullcontext() if prove else parameters_on_meta():
                module, args, kwargs = build(package, name)
            allocate(module)
        except (NotImplementedError, RuntimeError):  # a constructor that reads its parameters
            module, args, kwargs = build(package, name)
    except Exception as error:
        return failed(source, "not made", f"{type(error).__name__}: {error}"[:300])
    stages: list[tuple[str, float]] = []
    try:
        begin = time.monotonic()
        read = read_model(module, args, kwargs, name="".join(c if c.isalnum() else "_" for c in name))
        row["read_s"] = round(time.monotonic() - begin, 2)
        row["drafts"], row["tables"] = len(read.network.drafts), len(read.network.tables)
        imported = import_source(read, prove=prove, stage=lambda stage: stages.append((stage, time.monotonic())))
        stages.append(("", time.monotonic()))
        row |= {f"{a[0]} s": round(b[1] - a[1], 2) for a, b in pairwise(stages)}
        row |= {"layers": len(imported.graph.layers), "lines": imported.text().count("\n"), "notes": imported.notes}
        row["structure"] = imported.proof.structure
        outputs = imported.proof.outputs
        if outputs is None:
            return row | {"status": "imported"}
        row |= {"largest": outputs.largest, "dtype": outputs.dtype, "sizes": len(outputs.sizes)}
        return row | {"status": "proven"}
    except ImportRefused as error:
        status = "differs" if error.problems[0].code == "NS849" else "refused"
        return row | {"status": status, "problems": [_problem(p) for p in error.problems[:8]]}
    except Error as error:
        return row | failed(source, "error", str(error)[:400])
    except Exception as error:
        import traceback

        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
        return row | failed(source, "fault", reason[:400])


def _problem(problem: Problem) -> dict[str, Any]:
    kind = {"code": problem.code, "operation": problem.operation, "reason": problem.reason[:300]}
    return kind | {"count": problem.count, "place": problem.places[:1]}


def build(package: str, name: str) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """A module with its example inputs."""
    import torch

    if package == "transformers":
        from benchmarks.transformers_configurations import make

        return make(name)
    from tests.vision import torchvision

    models = torchvision().models
    if package == "timm":
        import timm

        module: Any = timm.create_model(name)
        return module, (torch.randn(2, *module.pretrained_cfg.get("input_size", (3, 224, 224))),), {}
    more: dict[str, Any] = WITHOUT_AUXILIARY if name in ("googlenet", "inception_v3") else {}
    if name in models.list_models(module=models.segmentation):
        more = {"weights_backbone": None}
        return models.get_model(name, **more), (torch.randn(2, 3, 224, 224),), {}
    if name in models.list_models(module=models.video):
        size = 224 if name.startswith(("swin", "mvit", "s3d")) else 112
        return models.get_model(name), (torch.randn(2, 3, 16, size, size),), {}
    size = SIZES.get(name, 224)
    return models.get_model(name, **more), (torch.randn(2, 3, size, size),), {}


if __name__ == "__main__":
    main()
