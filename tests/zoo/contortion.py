"""Count what specs say: layers plus operators in expressions, with the shared blocks that they use.

    python -m tests.zoo.contortion ../drafts/*.yaml              # each against the network of the zoo of its name
    python -m tests.zoo.contortion ../drafts/vae.yaml=vq_vae     # or against others
    python -m tests.zoo.contortion ../drafts/vit.yaml=deit,beit  # the mean of several
    python -m tests.zoo.contortion siren nerf                    # networks of the zoo alone

Of files under `use`, the blocks count that are used, once. Variants, expectations and texts do not count.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml

from netspec import zoo
from netspec.language.reading.lexer import ExpressionError, tokenize

COUNTED = ("params", "input", "inputs", "dims", "dtype", "defaults", "blocks", "layers", "output", "outputs")
WORDS = ("if", "and", "or", "not", "in", "for")
OPERATORS = frozenset(["+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", *WORDS])
WORD = re.compile(r"\w+")


class Size(NamedTuple):
    """What a spec says."""

    layers: int
    operators: int

    @property
    def total(self) -> int:
        """The figure that is compared."""
        return self.layers + self.operators


def size_of(path: Path) -> Size:
    """The size of a spec and of the shared blocks that it uses."""
    whole = _read(path)
    shared = _shared_blocks(path, whole)
    parts: list[dict[str, Any]] = [{key: whole[key] for key in COUNTED if key in whole}]
    named = _words(parts[0])
    while used := sorted(named & shared.keys()):
        parts.append({"blocks": {name: shared.pop(name) for name in used}})
        named |= _words(parts[-1])
    return Size(sum(map(_layers_of_document, parts)), sum(_operators(t) for part in parts for t in _texts(part)))


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader))  # all scalars are texts


def _shared_blocks(path: Path, whole: Mapping[str, Any]) -> dict[str, Any]:
    """The blocks of all files under `use`, and of those that these use."""
    used = whole.get("use", [])
    blocks: dict[str, Any] = {}
    for name in [used] if isinstance(used, str) else used:
        file = zoo.part(name.removeprefix("zoo:")) if name.startswith("zoo:") else path.parent / name
        if file is None or not file.is_file():
            raise SystemExit(f"{path}: there is no {name}")
        inner = _read(file)
        blocks |= {**_shared_blocks(file, inner), **inner.get("blocks", {})}
    return blocks


def _layers_of_document(document: Mapping[str, Any]) -> int:
    blocks = document.get("blocks", {}).values()
    in_defaults = sum(_layers_in(arguments) for arguments in document.get("defaults", {}).values())
    return in_defaults + sum(_layers(b.get("layers", {})) for b in (*blocks, document))


def _layers(value: Any) -> int:
    """How many layers a mapping or list of layers writes, those in it included."""
    return sum(1 + _layers_in(item) for item in _members(value))


def _layers_in(layer: Any) -> int:
    """How many layers are written inside of a layer: a block in place, or what stands for a weight."""
    if isinstance(layer, list):
        return _layers(layer)  # pyright: ignore[reportUnknownArgumentType] - of YAML
    if not isinstance(layer, dict):
        return 0
    inside = cast("dict[str, Any]", layer)
    in_place = [w for w in _members(inside.get("weights")) if not isinstance(w, str)]
    own = sum(_layers(inside[key]) for key in ("layers", "inline") if key in inside)
    return own + sum(_layers_in(w) if isinstance(w, list) else 1 for w in in_place)


def _members(value: Any) -> list[Any]:
    """The values of a mapping, the items of a list; of a text none."""
    if isinstance(value, dict):
        return list(cast("dict[str, Any]", value).values())
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType] - of YAML


def _operators(text: str) -> int:
    """The operators and calls in the expressions of a text."""
    count = 0
    for part in text.split("$(")[1:]:
        depth, end = 1, 0
        while end < len(part) and depth:
            depth += {"(": 1, ")": -1}.get(part[end], 0)
            end += 1
        try:
            tokens = tokenize(part[: end - 1])
        except ExpressionError:
            continue
        for before, token in zip([None, *tokens], tokens, strict=False):
            is_call = (
                token.text == "(" and before is not None and before.kind == "name" and before.text not in OPERATORS
            )
            count += is_call or (token.kind in ("sign", "name") and token.text in OPERATORS)
    return count


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        return
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        value = [x for key, inner in entries.items() if key not in ("doc", "cite") for x in (key, inner)]
    for item in _members(value):
        yield from _texts(item)


def _words(value: Any) -> set[str]:
    return {word for text in _texts(value) for word in WORD.findall(text)}


def _network(name: str) -> Path:
    path = zoo.path(name)
    if path is None:
        raise SystemExit(f"the zoo has no {name}")
    return path


def main(arguments: list[str]) -> int:
    """Print a line for each spec, and the median of the ratios."""
    parser = argparse.ArgumentParser(prog="python -m tests.zoo.contortion", description=__doc__)
    parser.add_argument("specs", nargs="+", help="FILE, FILE=NETWORK,NETWORK, or NETWORK of the zoo")
    ratios: list[float] = []
    for given in parser.parse_args(arguments).specs:
        file, _, names = given.partition("=")
        if not file.endswith(".yaml"):
            size = size_of(_network(file))
            print(f"{file:<24} {size.layers:>4} layers {size.operators:>4} operators {size.total:>5}")
            continue
        path = Path(file)
        before = size_of(path)
        after = [size_of(_network(n)) for n in (names or path.stem).split(",")]
        ratios.append(statistics.mean(s.total for s in after) / before.total)
        now = " and ".join(f"{s.layers} + {s.operators} = {s.total}" for s in after)
        print(f"{path.stem:<24} {before.layers} + {before.operators} = {before.total}, now {now}: {ratios[-1]:.2f}")
    if ratios:
        print(f"{len(ratios)} specs, median ratio {statistics.median(ratios):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
