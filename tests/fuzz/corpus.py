"""The specs that mutations start from, with their cost."""

from __future__ import annotations

import ast
import contextlib
import pickle
import re
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from netspec.checking.spec import Spec
from netspec.diagnostics import Error
from netspec.diagnostics.codes import catalogue
from netspec.ops import TABLE
from netspec.ops.reference import spec_of
from tests.random_networks import network
from tests.regions.specs import NAMED, SPECS, document

from .mutators import document_of

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"```yaml\n(netspec: 1\n.*?)```", re.DOTALL)
_LARGE = re.compile(r"\d{4,}")
LIBRARIES = {
    "lib.yaml": "netspec: 1\nparams: {w: 4}\nblocks:\n  Lib: {params: {n: $w}, layers: {c: {conv2d: $n, kernel: 1}, r: relu}}\n",
    "other.yaml": "netspec: 1\nuse: lib.yaml\nlayout: channels_last\nblocks:\n  Other: {layers: [Lib, {softmax: channels}]}\n"
    "  Two: {inputs: [a, b], layers: {s: {add: [a, b]}, t: {relu, from: a}}, outputs: {s: s, t: t}}\n",
    "loop.yaml": "netspec: 1\nuse: loop.yaml\nblocks: {Loop: {layers: [relu]}}\n",
    "broken.yaml": "netspec: 1\nblocks: {Lib: {layers: [unknown, {conv2d: 3}]}}\n",
    "text.yaml": "this is {no spec\n",
}
"""Files that mutants may name under ``use``, by their names."""
_USES = (
    "netspec: 1\nuse: lib.yaml\ninput: [3, 8, 8]\nlayers: {a: Lib, b: {Lib: 2, repeat: 2}}\n",
    "netspec: 1\nuse: [other.yaml, lib.yaml]\ninput: [3, 8, 8]\nlayers: {a: Lib, b: {Two, from: [a, a]}, c: {add: [b.s, b.t]}}\n",
)
SMALL = 60
"""The largest cost of a seed whose network is lowered."""


class Seed(NamedTuple):
    """A spec from which mutants are made."""

    text: str
    document: bytes | None
    """Its values, pickled so that each mutant gets a copy of its own; None if the text is not YAML."""
    cost: int
    """The work that a check takes, in units of a layer."""

    @property
    def weight(self) -> float:
        """How often it is chosen, relative to others: the cheaper, the more often."""
        return 1 / (20 + self.cost)


def seed_of(text: str, nodes: int) -> Seed:
    """The seed of a text whose network has a number of nodes (0 if it is invalid)."""
    document = document_of(text)
    pickled = pickle.dumps(document, pickle.HIGHEST_PROTOCOL) if document is not None else None
    return Seed(text, pickled, nodes + len(text) // 100)


def written_specs() -> Iterator[str]:
    """The zoo, the invalid specs of the tests, the specs in the documentation, and one for each operation and code."""
    files = [path for folder in ("specs", "tests/invalid", "docs") for path in sorted((ROOT / folder).rglob("*.yaml"))]
    for path in files:
        yield path.read_bytes().decode("utf-8", errors="replace")
    for page in sorted((ROOT / "docs").rglob("*.md")):
        yield from _BLOCK.findall(page.read_text(encoding="utf-8"))
    for name in TABLE:
        yield spec_of(name)
    for code in catalogue().values():
        yield from (code.spec(example) for example in (code.wrong, code.corrected) if example is not None)
    yield from _USES
    yield from (document(text) for text in SPECS.values())
    yield from (document(text, "dims: {f: 3, s: 6}\n" if "f," in text else "dims: {s: 6}\n") for text in NAMED.values())
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        yield from _specs_in(path)


def _specs_in(path: Path) -> Iterator[str]:
    """The small specs among the texts of a file of tests; what they lack at their beginning is added."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        text = node.value if isinstance(node, ast.Constant) else None
        if not isinstance(text, str) or "layers:" not in text or _LARGE.search(text):
            continue
        if "\ninput" not in text:
            text = f"input: [3, 16, 16]\n{text}"
        yield text if "netspec: 1" in text else f"netspec: 1\n{text}"


@contextlib.contextmanager
def working_folder() -> Generator[Path]:
    """Work in a temporary folder that contains the libraries, because standard input uses files from there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for library, text in LIBRARIES.items():
            (folder / library).write_text(text, encoding="utf-8")
        with contextlib.chdir(folder):
            yield folder


def corpus(*, backends: bool) -> list[Seed]:
    """All written specs as seeds; only the small ones if networks will be lowered."""
    seeds: list[Seed] = []
    for text in dict.fromkeys(written_specs()):
        try:
            graph = Spec("seed.yaml", text, folder=ROOT / "specs").elaborate().graph
        except Error:
            graph = None
        seed = seed_of(text, len(graph.nodes) if graph is not None else 0)
        if not backends or (seed.cost <= SMALL and graph is not None):
            seeds.append(seed)
    return seeds


def random_seed(r: Random) -> Seed:
    """A random network as a seed."""
    layers = r.randint(1, 6)
    return seed_of(network(r, layers), layers)
