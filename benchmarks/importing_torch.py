"""Imports PyTorch networks, proves them, and keeps a row for each in ``benchmarks/results/importing_torch.csv``.

    python -m benchmarks.importing_torch torchvision:all torchvision/segmentation:all torchvision/video:all
    python -m benchmarks.importing_torch torchvision/detection:all transformers:all timm:files --resume
    python -m benchmarks.importing_torch timm:all --no-proof --resume --time-budget 60 --shard 1/2
    python -m benchmarks.importing_torch timm:resnet50 transformers:llama --results rows.csv

``torchvision:all`` are its classifiers; of detectors the backbone is imported. ``timm:files`` is the smallest model of
each of timm's module files, ``timm:two`` the first two, ``timm:all`` all of them; ``transformers:all`` the families of
``transformers_configurations``. ``python -m benchmarks.importing_results`` prints the table of ``docs/importing.md``.
"""

# timm, torchvision and transformers have no types, or few.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingImports=false

from __future__ import annotations

import argparse
import multiprocessing
import time
import traceback
import warnings
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .importing_results import RESULTS, Row, read_rows, write_rows
from .importing_sources import Example, expanded, make

if TYPE_CHECKING:
    from netspec.importing.result import Import

FORK = multiprocessing.get_context("fork")
REASON = 200
"""Characters of a reason."""


def main() -> None:
    """Import what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="+", help="PACKAGE:NAME, PACKAGE:all, or @file")
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of rows, which are renewed or added")
    parser.add_argument("--resume", action="store_true", help="pass over sources that the file has a row of")
    parser.add_argument("--retry", action="store_true", help="as --resume, but import again what was not imported")
    parser.add_argument("--time-budget", type=float, default=1e9, metavar="MINUTES", help="for all of them")
    parser.add_argument("--limit", type=float, default=300, metavar="SECONDS", help="for one source")
    parser.add_argument(
        "--largest", type=float, default=150, metavar="MILLIONS", help="of parameters that are compared"
    )
    parser.add_argument("--shard", default="1/1", metavar="K/N", help="only every Nth source, from the Kth on")
    parser.add_argument("--no-proof", action="store_true", help="check names, shapes and types only")
    given = parser.parse_args()
    shard, shards = map(int, given.shard.split("/"))
    check = "shapes" if given.no_proof else "values"
    begin = time.monotonic()
    preload(given.sources)
    for source in expanded(given.sources)[shard - 1 :: shards]:
        known = read_rows(given.results).get((source, check))
        if known is not None and (given.resume or (given.retry and known.is_success)):
            continue
        if time.monotonic() - begin > given.time_budget * 60:
            print("the time is up; --resume goes on")
            return
        row = in_process(source, check, given.limit, 0 if given.no_proof else given.largest * 1e6)
        write_rows(read_rows(given.results) | {(source, check): row}, given.results)
        print(f"{source:55} {row.outcome:9} {row.seconds:>6} s  {row.reason[:110]}", flush=True)


def preload(sources: list[str]) -> None:
    """Import what the processes need, once."""
    import torch

    from tests.vision import torchvision

    torch.set_num_threads(1)  # a process that was forked has no other threads
    torchvision()
    packages = {source.partition(":")[0] for source in sources} & {"timm", "transformers"}
    for package in (*packages, "netspec_torch.reading.source", "netspec_torch.module", "netspec.importing.result"):
        import_module(package)


def in_process(source: str, check: str, limit: float, largest: float) -> Row:
    """The row of a source, which a process of its own makes: a fork of this one, which has imported the packages."""
    begin = time.monotonic()
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_send_row, args=(sender, source, largest))
    process.start()
    sender.close()
    values = {"outcome": "timeout", "reason": f"not done after {limit:.0f} s"}
    if receiver.poll(limit):
        try:
            values = receiver.recv()
        except EOFError:
            values = {"outcome": "fault", "reason": "the process ended"}
    process.kill()
    process.join()
    return Row(source, check, **values, seconds=f"{time.monotonic() - begin:.0f}")


def _send_row(sender: Any, source: str, largest: float) -> None:
    sender.send(row_of(source, largest))


def row_of(source: str, largest: float) -> dict[str, str]:
    """Import a source, in this process: the fields of its row. Networks of more parameters are not compared."""
    warnings.filterwarnings("ignore")
    import torch

    from netspec.diagnostics import Error
    from netspec.importing import ImportRefused

    torch.manual_seed(0)
    try:
        example = example_of(source, largest > 0)
    except Exception as error:
        return {"outcome": "not made", "reason": _short(f"{type(error).__name__}: {error}")}
    leaves = [*example.args, *example.kwargs.values()]
    values = {"input": "x".join(map(str, leaves[0].shape[1:]))}
    try:
        values |= imported(example, "".join(c if c.isalnum() else "_" for c in source.partition(":")[2]), largest)
    except ImportRefused as error:
        outcome = "differs" if error.code == "NS849" else "refused"
        values |= {
            "outcome": outcome,
            "reason": _short("; ".join(f"{d.code} {d.message}" for d in error.diagnostics[:3])),
        }
    except Error as error:
        values |= {"outcome": "refused", "reason": _short(str(error))}
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        values |= {"outcome": "fault", "reason": _short(f"{place}: {type(error).__name__}: {error}")}
    return values


def example_of(source: str, prove: bool) -> Example:
    """The module with its inputs; without a proof its parameters have no memory where possible."""
    from netspec_torch.reading.construction import allocate, parameters_on_meta

    try:
        with nullcontext() if prove else parameters_on_meta():
            example = make(source, reduced=prove)
        allocate(example.module)
    except (NotImplementedError, RuntimeError):  # a constructor that reads its parameters
        example = make(source, reduced=prove)
    return example


def imported(example: Example, name: str, largest: float) -> dict[str, str]:
    """Fields of a network that could be imported."""
    from netspec.importing.result import import_source
    from netspec_torch.reading.source import read_model

    count = sum(p.numel() for p in example.module.parameters())
    source = read_model(example.module, example.args, example.kwargs, name=name)
    result = import_source(source, prove=count <= largest)
    values = {
        "parameters": str(count),
        "names": names_of(example.module, result),
        "structure": result.proof.structure,
        "lines": str(result.text().count("\n")),
    }
    if result.proof.outputs is None:
        return values | {"outcome": "imported", "reason": "too large to be compared" if largest else ""}
    dtype = "" if result.proof.outputs.dtype == "float64" else result.proof.outputs.dtype
    return values | {"outcome": "proven", "difference": f"{result.proof.outputs.largest:.1e}", "reason": dtype}


def names_of(module: Any, result: Import) -> str:
    """``strict`` if the spec has the names of the module's state dict, else how many it adds and leaves out."""
    groups: dict[int, set[str]] = {}
    for name, tensor in module.state_dict(keep_vars=True).items():
        if not name.endswith("num_batches_tracked"):
            groups.setdefault(id(tensor), set()).add(name)
    source = set[str]().union(*groups.values())
    spec = {p.name for p in result.graph.parameters if p.persistent and not p.name.endswith("num_batches_tracked")}
    added, left_out = len(spec - source), sum(names.isdisjoint(spec) for names in groups.values())
    return " ".join([*([f"+{added}"] if added else []), *([f"-{left_out}"] if left_out else [])]) or "strict"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= REASON else f"{text[: REASON - 1]}…"


if __name__ == "__main__":
    main()
