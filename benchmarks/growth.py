"""Growth of ``netspec check`` with the number of layers (goal: linear): ``python benchmarks/growth.py``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from harness import netspec, side_by_side, table


def chain(n: int) -> str:
    """A spec of n convolutions in a chain, each written out."""
    layers = "".join(f"  conv{i}: {{conv2d: 8, kernel: 3, padding: 1}}\n" for i in range(n))
    return f"netspec: 1\ninput: [8, 8, 8]\nlayers:\n{layers}"


def blocks(n: int) -> str:
    """A spec of a residual block with three layers, repeated n/3 times."""
    return (
        "netspec: 1\ninput: [8, 8, 8]\nblocks:\n  Unit:\n    layers:\n      conv: {conv2d: 8, kernel: 3, padding: 1}\n"
        f"      relu: relu\n      add: {{add: input}}\nlayers:\n  stage: {{Unit, repeat: {n // 3}}}\n"
    )


def main() -> None:
    """Run the benchmark and print its tables."""
    with tempfile.TemporaryDirectory() as folder:
        for name, make in (("written out", chain), ("repeated blocks", blocks)):
            commands = {}
            for n in (1_000, 10_000, 100_000):
                path = Path(folder) / f"{make.__name__}{n}.yaml"
                path.write_text(make(n), encoding="utf-8")
                commands[f"{n:,} layers, {name}"] = netspec("check", str(path), "--depth", "1")
            print(table(side_by_side(commands, 3), f"{10_000:,} layers, {name}"))
            print()


if __name__ == "__main__":
    main()
