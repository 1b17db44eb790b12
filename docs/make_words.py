"""Write docs/words.md, the terms of Keras, PyTorch, ONNX and netspec side by side: ``python docs/make_words.py``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from netspec.ops import TABLE
from netspec.ops.reference import FAMILIES
from netspec.text.writer import flow_style
from netspec.words import argument_names, lookup, operation_names, value_names, without_equivalent

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# Terms of Keras, PyTorch and ONNX

<!-- Written by `python docs/make_words.py` from `netspec/words/`; a test keeps it so. -->

What operations, arguments and values are called elsewhere. A spec has the words of the first column only; a message
about any other of these words names the one of the first column, and shows the whole layer where it can be translated:

```text
error[NS206]: there is no operation 'Conv2D'
  = help: write {conv2d: 32, kernel: 3, stride: 2, activation: relu}
```

Case, `_` and prefixes such as `nn.`, `F.` and `tf.keras.layers.` do not count. A word for several operations, such as
`conv`, means the one that fits the tensor that arrives. Axes are counted without the batch axis: PyTorch's `dim=1` is
`axis: 0`, also in methods and functions such as `x.mean(1)`. The last axis of a layer of Keras, `axis=-1`, is that of
the channels. What Keras and PyTorch both have, such as `LSTM`, is read by its arguments and by the modules before its
name.

- [Operations](#operations), [arguments](#arguments), [values](#values), [keys of a spec](#keys-of-a-spec)
- [Arguments that are not needed](#arguments-that-are-not-needed)
- [Layers without an equivalent](#layers-without-an-equivalent)
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD, *operation_tables(), *argument_table(), *value_table(), *key_table(), *unneeded(), *without()]
    return "\n".join(parts) + "\n"


def code(words: Iterable[str]) -> str:
    """Words as code."""
    return " ".join(f"`{word}`" for word in words)


def spelled(text: str, row: operation_names.Row | None = None) -> list[str]:
    """The words of a text, for every number of window axes that its operation has."""
    window_ranks = [n for n in lookup.WINDOW_RANKS if row is None or row.netspec.replace("{n}", str(n)) in TABLE]
    return [w.replace("{n}", str(n)) for w in text.split() for n in (window_ranks if "{n}" in w else [0])]


def table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    """A table."""
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {' | '.join(row)} |" for row in rows), ""]


def operation_tables() -> list[str]:
    """A table of operations for every family."""
    out = ["## Operations", ""]
    for family, title in FAMILIES.items():
        rows = [row for row in operation_names.ROWS if TABLE[spelled(row.netspec, row)[0]].family == family]
        out += [f"### {title}", ""]
        out += table(
            ["netspec", "Keras", "PyTorch", "ONNX", "also"],
            (
                [
                    written(row) + (f" ({row.note})" if row.note else ""),
                    code(spelled(row.keras, row)),
                    code([*spelled(row.torch, row), *(f"F.{w}" for w in spelled(row.functional, row))]),
                    code(spelled(row.onnx, row)),
                    code(spelled(row.other, row)),
                ]
                for row in rows
            ),
        )
    return out


def written(row: operation_names.Row) -> str:
    """The operation of a row, with the arguments that its other names imply."""
    names = spelled(row.netspec, row)
    if not row.implied:
        return code(names)
    implied = ", ".join(f"{argument}: {flow_style(value)}" for argument, value in row.implied.items())
    return code(f"{{{name}, {implied}}}" for name in names)


def argument_table() -> list[str]:
    """The arguments."""
    rows = (
        [
            code(r.netspec.split()),
            code(r.keras.split()),
            code(r.torch.split()),
            code(r.onnx.split()),
            code(r.other.split()),
        ]
        for r in argument_names.ROWS
    )
    intro = "Of several arguments in the first column, an operation has one.\n"
    return ["## Arguments", "", intro, *table(["netspec", "Keras", "PyTorch", "ONNX", "also"], rows)]


def value_table() -> list[str]:
    """The values."""
    rows = (
        [f"`{argument}: {printed(row.netspec)}`", code(row.words.split())]
        for argument, listed in value_names.BY_ARGUMENT.items()
        for row in listed
    )
    return ["## Values", "", *table(["netspec", "elsewhere"], rows)]


def printed(value: Any) -> str:
    """A value as a spec has it."""
    return flow_style(value)


def key_table() -> list[str]:
    """The keys of documents, blocks and other mappings."""
    rows = ([f"`{key}`", code(words.split())] for key, words in value_names.DOCUMENT.items())
    return ["## Keys of a spec", "", *table(["netspec", "elsewhere"], rows)]


def unneeded() -> list[str]:
    """The arguments that are not needed, and those without an equivalent."""
    rows = ([code(row.words.split()), row.why] for row in argument_names.UNNEEDED)
    absent = ([code(row.words.split()), row.why] for row in argument_names.ABSENT)
    return [
        *("## Arguments that are not needed", "", *table(["argument", "why"], rows)),
        *("These have no equivalent:", "", *table(["argument", "instead"], absent)),
    ]


def without() -> list[str]:
    """The layers without an equivalent."""
    rows = (
        [code(word for _, words in lookup.words(row) for word in spelled(words)), escaped(row.instead)]
        for row in without_equivalent.ROWS
    )
    return ["## Layers without an equivalent", "", *table(["layer", "instead"], rows)]


def escaped(text: str) -> str:
    """A phrase with its specs as code: what is in quotes or braces."""
    import re

    return re.sub(r"'([\w. ]+)'|(\{[^}]*\}+)", lambda m: f"`{m[1] or m[2]}`", text)


if __name__ == "__main__":
    (ROOT / "docs" / "words.md").write_text(page(), encoding="utf-8")
