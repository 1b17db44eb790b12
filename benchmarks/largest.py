"""The largest specs that the limits allow, each near one limit: ``python benchmarks/largest.py [--scale 0.1] [CASE…]``.

The goal is 60 s of CPU time and 2 GB for every command. With ``--scale`` the specs are so much smaller.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from harness import netspec, once

HEAD = "netspec: 1\ninput: [8, 8, 8]\n"
WIDE = "n" * 97
USED = 100
"""Files that a spec may use."""


def chain(n: int) -> str:
    """Most layers, written out: 3 + 4 steps each for a convolution with its two weights."""
    return HEAD + "layers:\n" + "".join(f"  c{i}: {{conv2d: 8, kernel: 3, padding: 1}}\n" for i in range(n))


def plain(n: int) -> str:
    """Most layers of all: without weights."""
    return HEAD + "layers:\n" + "- relu\n" * n


def copies(n: int) -> str:
    """Most copies."""
    return HEAD + f"layers:\n  s: {{relu, repeat: {n}}}\n"


def blocks(n: int) -> str:
    """Most uses of a block."""
    return HEAD + f"blocks: {{B: {{layers: {{r: relu}}}}}}\nlayers:\n  s: {{B, repeat: {n}}}\n"


def distinct_blocks(n: int) -> str:
    """Most blocks."""
    declared = "".join(f"  B{i}: {{layers: {{r: relu}}}}\n" for i in range(n))
    return HEAD + f"blocks:\n{declared}layers:\n" + "".join(f"  s{i}: B{i}\n" for i in range(n))


def nested(n: int) -> str:
    """Deepest nesting: 60 blocks within one another."""
    declared = "".join(f"  B{i}: {{layers: {{b: B{i + 1}}}}}\n" for i in range(59)) + "  B59: {layers: {b: relu}}\n"
    return HEAD + f"blocks:\n{declared}layers: {{s: {{B0, repeat: {n}}}}}\n"


def dense_net(n: int) -> str:
    """Most edges: every layer reads all before it."""
    rows = "".join(f"  c{i}: {{add: [{', '.join(f'c{k}' for k in range(i))}]}}\n" for i in range(2, n))
    return HEAD + f"layers:\n  c0: relu\n  c1: relu\n{rows}"


def sums(n: int) -> str:
    """Most edges: sums of the same values."""
    return HEAD + f"layers:\n  s: {{relu, repeat: 1000}}\n  m: {{add: [s.*], repeat: {n}}}\n"


def parts(n: int) -> str:
    """Most values."""
    names = ", ".join(f"s{i}.9999" for i in range(n))
    splits = "".join(f"  s{i}: {{split: 10000, axis: 0, from: input}}\n" for i in range(n))
    return f"netspec: 1\ninput: [10000, 2]\nlayers:\n{splits}  m: {{add: [{names}]}}\n"


def axes(n: int) -> str:
    """Most axes."""
    return f"netspec: 1\ninput: [{', '.join(['2'] * 30)}]\nlayers:\n  s: {{relu, repeat: {n}}}\n"


def weights(n: int) -> str:
    """Most weights."""
    return f"netspec: 1\ninput: [5, 8]\nlayers:\n  s: {{lstm: 8, num_layers: 1000, repeat: {n}}}\n"


def long_names(n: int) -> str:
    """Longest names."""
    declared = "".join(f"  B{i}: {{layers: {{{WIDE}: B{i + 1}}}}}\n" for i in range(8))
    declared += f"  B8: {{layers: {{{WIDE}: {{conv2d: 8, kernel: 1, repeat: {n}}}}}}}\n"
    return HEAD + f"blocks:\n{declared}layers: {{s: B0}}\n"


def docs(n: int) -> str:
    """Longest texts of layers."""
    return HEAD + f"layers:\n  s: {{relu, repeat: {n}, doc: {'x' * 1000}}}\n"


def table(n: int) -> str:
    """Widest tables."""
    columns = ", ".join(f"c{i}" for i in range(100))
    rows = ", ".join([f"[{', '.join(['3'] * 100)}]"] * n)
    return f"netspec: 1\ninput: [8]\nlayers:\n  s: {{dense: $c7, each: {{columns: [{columns}], rows: [{rows}]}}}}\n"


def parameters(n: int) -> str:
    """Most parameters of blocks."""
    declared = ", ".join(f"p{i}: {i + 1}" for i in range(100))
    text = f"blocks: {{B: {{params: {{{declared}}}, layers: {{d: {{dense: $p7}}}}}}}}\n"
    return f"netspec: 1\ninput: [8]\n{text}layers: {{s: {{B, repeat: {n}}}}}\n"


def expressions(n: int) -> str:
    """Most steps of expressions."""
    expression = "$(sum([i*i for i in range(9000)]) >= 0)"
    return HEAD + f'layers:\n  s: {{relu, repeat: {n}, when: "{expression}"}}\n'


def fields(n: int) -> str:
    """Receptive fields with the longest periods."""
    layers = "".join(
        f"  r{i}: {{roll: {i * 37 % 1000 + 1}, axis: -1}}\n"
        f"  c{i}: {{conv1d: 3, kernel: {2 * (i % 50) + 3}, padding: same}}\n"
        for i in range(n)
    )
    return f"netspec: 1\ninput: [3, 4096]\nlayers:\n{layers}"


def left_out(n: int) -> str:
    """Most layers that are left out."""
    return HEAD + f"layers:\n  - {{relu, when: false, repeat: {n}}}\n  - relu\n"


def variants(n: int) -> str:
    """Most variants."""
    rows = "".join(f"  v{i}: {{p: {i + 1}}}\n" for i in range(n))
    return f"netspec: 1\ninput: [8]\nparams: {{p: 1}}\nvariants:\n{rows}layers: [{{dense: $p}}]\n"


def values(n: int) -> str:
    """Most values in the text."""
    return HEAD + f"params: {{a: [{','.join(['1'] * n)}]}}\nlayers: [relu]\n"


def keys(n: int) -> str:
    """Most keys in the text."""
    return HEAD + f"params:\n  a: {{default: {{{','.join(f'{i}: 1' for i in range(n))}}}}}\nlayers: [relu]\n"


def unused(n: int) -> str:
    """Most text of layers that are not used."""
    declared = "".join(f"  B{i}: {{layers: {{r: {{conv2d: 8, kernel: 3}}}}}}\n" for i in range(n))
    return HEAD + f"blocks:\n{declared}layers: [relu]\n"


def files(n: int) -> str:
    """Most files, each of which uses the one before it."""
    return HEAD + f"use: f{USED - 1}.yaml\nlayers: [B{USED - 1}x0]\n"


def used_files(n: int) -> dict[str, str]:
    """The files of :func:`files`, with n blocks in all."""
    texts: dict[str, str] = {}
    for i in range(USED):
        declared = "".join(
            f"  B{i}x{k}: {{layers: {{r: {{conv2d: 8, kernel: 3}}}}}}\n" for k in range(max(n // USED, 1))
        )
        use = f"use: f{i - 1}.yaml\n" if i else ""
        texts[f"f{i}.yaml"] = f"netspec: 1\n{use}blocks:\n{declared}"
    return texts


def expectations(n: int) -> str:
    """Most expectations."""
    rows = "".join(f"    s.{i}: [8,8,8]\n" for i in range(n))
    return HEAD + f"layers:\n  s: {{relu, repeat: {n}}}\nexpect:\n  shapes:\n{rows}"


def problems(n: int) -> str:
    """Most problems."""
    return HEAD + "layers:\n" + "".join(f"  l{i}: {{relu, from: x{i}}}\n" for i in range(n))


CASES: dict[Callable[[int], str], int] = {
    chain: 142_000,
    plain: 199_000,
    copies: 166_000,
    blocks: 66_000,
    distinct_blocks: 71_000,
    nested: 1_700,
    dense_net: 990,
    sums: 490,
    parts: 95,
    axes: 76_000,
    weights: 240,
    long_names: 24_000,
    docs: 62_000,
    table: 9_000,
    parameters: 7_700,
    expressions: 158,
    fields: 70_000,
    left_out: 980_000,
    variants: 9_000,
    values: 1_990_000,
    keys: 900_000,
    unused: 200_000,
    files: 190_000,
    expectations: 160_000,
    problems: 19_000,
}
"""The cases with the largest size that the limits allow."""
INVALID = frozenset((problems,))
"""Cases with problems."""
LAYERS: dict[Callable[[int], str], str] = {
    chain: "c7",
    plain: "7",
    distinct_blocks: "s7.r",
    blocks: "s.7.r",
    nested: f"s.7{'.b' * 60}",
    dense_net: "c7",
    sums: "m.7",
    parts: "s7",
    long_names: f"s.{'.'.join([WIDE] * 9)}.7",
    parameters: "s.7.d",
    fields: "c7",
    left_out: "0",
    unused: "0",
    files: "0.r",
    values: "0",
    keys: "0",
}
"""A layer to explain, unless it is ``s.7``."""


def commands(case: Callable[[int], str], path: Path) -> dict[str, list[str]]:
    """The commands to measure for a case, by the heading of their column."""
    spec = f"{path}@all" if case is variants else str(path)
    chosen = {"check": netspec("check", spec), "json": netspec("check", spec, "--format", "json")}
    if case in INVALID or case is variants:
        return chosen
    out = {name: str(path.with_suffix(f".{name}")) for name in ("py", "onnx", "dot", "html")}
    return chosen | {
        "expand": netspec("expand", spec),
        "explain": netspec("explain", spec, LAYERS.get(case, "s.7")),
        "py": netspec("export", spec, "-o", out["py"]),
        "onnx": netspec("export", spec, "--no-weights", "-o", out["onnx"]),
        "dot": netspec("draw", spec, "--depth", "1", "-o", out["dot"]),
        "page": netspec("draw", spec, "-o", out["html"]),
    }


def main() -> None:
    """Run the benchmark and print a row for each case: CPU seconds and peak MiB of each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the specs, relative to the largest")
    parser.add_argument("--commands", default="", help="names of commands, with commas between them")
    parser.add_argument("cases", nargs="*", help="names of cases")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for case, largest in CASES.items():
            if arguments.cases and case.__name__ not in arguments.cases:
                continue
            path = Path(folder) / f"{case.__name__}.yaml"
            n = max(int(largest * arguments.scale), 1)
            path.write_text(case(n), encoding="utf-8")
            for name, text in used_files(n).items() if case is files else ():
                (path.parent / name).write_text(text, encoding="utf-8")
            row: list[str] = []
            for name, command in commands(case, path).items():
                if arguments.commands and name not in arguments.commands.split(","):
                    continue
                try:
                    run = once(command)
                    row.append(f"{name} {run.cpu:.1f} s {run.peak:.0f} MiB")
                except RuntimeError as error:
                    row.append(f"{name}: {str(error)[-60:]!r}" if case not in INVALID else f"{name} invalid")
            print(f"{case.__name__:16}", "; ".join(row), flush=True)


if __name__ == "__main__":
    main()
