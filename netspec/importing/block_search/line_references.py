"""References between the lines of a text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...blocks import ABSENT
from ...text.yaml_reader import Name
from .block_lines import BlockLine, BlockText, Ref


def previous(text: BlockText, position: int) -> Ref | None:
    """Returns the default input of a line, or None if ``from`` is required."""
    for n in range(position - 1, -1, -1):
        if text.lines[n].is_default_input:
            return (n, 0)
    return (-1, 0) if len(text.types) == 1 else None


class References:
    """Names the values of one text.

    Args:
        text: the text.
        inputs: names of its inputs.
        parameters: names of the parameters that its expressions may refer to.
    """

    def __init__(self, text: BlockText, inputs: Sequence[str], parameters: frozenset[str] = frozenset()) -> None:
        self.text, self.inputs, self.parameters = text, inputs, parameters

    def name(self, ref: Ref) -> Name:
        """Returns the name of a value."""
        number, output = ref
        if number < 0:
            return Name(self.inputs[output])
        line = self.text.lines[number]
        name = last_copy_name(line)
        if line.results == 1:
            return Name(name)
        names = line.output_names or output_names(line)
        if output == 0 and line.head.kind == "layer":
            return Name(name)
        return Name(f"{name}.{names[output]}")

    def names(self, refs: Sequence[Ref]) -> list[Name]:
        """Returns the names of several values; all outputs of one layer, in order, become ``split.*``."""
        number = refs[0][0]
        if number >= 0 and len(refs) > 1:
            line = self.text.lines[number]
            if line.head.kind == "layer" and list(refs) == [(number, n) for n in range(line.results)]:
                return [Name(f"{last_copy_name(line)}.*")]
        return [self.name(ref) for ref in refs]


def output_names(line: BlockLine) -> tuple[str, ...]:
    """Returns the names of the outputs of a use of a block, or of a group."""
    if line.head.is_use:
        names: tuple[str, ...] = line.head.block.outputs
        return names
    assert line.text is not None
    return text_output_names(line.text)


def input_name(number: int) -> str:
    """Returns the name of one of several inputs of a block or group: ``x``, ``y``, ``z``, ``x3``, …"""
    return "xyz"[number] if number < 3 else f"x{number}"


def text_output_names(text: BlockText) -> tuple[str, ...]:
    """Returns names for a text's outputs: those of the lines that produce them, if they are unique identifiers."""
    names: list[str] = []
    for n, (number, _) in enumerate(text.outputs):
        name = text.lines[number].name if number >= 0 else ""
        word = name.rpartition(".")[2]
        if not re.fullmatch(r"[A-Za-z]\w*", word) or word in names:
            word = f"out{n}"
        names.append(word)
    return tuple(names)


def last_copy_name(line: BlockLine) -> str:
    """Returns the name of a line, or that of its last copy if copies have their own names."""
    match = re.search(r"\$\(index(?: \+ (\d+))?\)", line.name)
    if match is None or line.copies is None:
        return line.name
    start, count = int(match[1] or 0), line.copies.count
    if count.expression is None:
        number = "0" if count.value is ABSENT else str(count.value - 1 + start)
        return line.name.replace(match[0], number)
    if start == 1:
        return line.name.replace(match[0], f"$({count.expression})")
    offset = f"+ {start - 1}" if start else "- 1"
    return line.name.replace(match[0], f"$({count.expression} {offset})")
