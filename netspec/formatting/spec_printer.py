"""Prints a document in the style of the zoo: lines of 120 characters, one layer per line if it fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..text.document_tree import Comment, Entry, ValueNode, measure
from ..text.scalars import WIDTH, block_scalar, scalar_text
from ..text.writer import Spread, flow_entry, flow_text, to_value
from .commented_lines import Line, aligned
from .spec_parts import SPACED, Role, arrange, can_join, is_wrapped, role_within

INDENT = 2


def document_text(root: ValueNode) -> str:
    """Returns the text of a document."""
    arrange(root, "document")
    measure(root)
    printer = Printer()
    if root.kind in ("scalar", "alias") or not root.entries:
        printer.value("", root, 0, "data", None)
        printer.comments(root.tail, 0)
    else:
        if root.anchor:
            printer.lines.append(Line(f"&{root.anchor}"))
        printer.entries(root, 0, "document")
    return aligned(printer.lines)


def spec_text(sections: Mapping[str, Any], remark: str = "") -> str:
    """Returns the text of a spec from its sections, with an optional comment above."""
    root = to_value(Spread(sections))
    if remark:
        root.entries[0].above.append(Comment(f"# {remark}", 0, 0, alone=True))
    return document_text(root)


class Printer:
    """Prints values to lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    # -- lines -------------------------------------------------------------------------------------------------------
    def blank(self) -> None:
        """Print a blank line, unless there is one already or this is the first line."""
        if self.lines and self.lines[-1].code:
            self.lines.append(Line(""))

    def comments(self, comments: list[Comment], indent: int) -> None:
        """Print comments on separate lines."""
        for number, comment in enumerate(comments):
            if comment.after_blank and (number or self._is_inside(indent)):
                self.blank()
            self.lines.append(Line(" " * indent + comment.text))

    def _is_inside(self, indent: int) -> bool:
        """Whether the last line is not the one that opens the current indented part."""
        last = self.lines[-1].code if self.lines else ""
        return indent == 0 or len(last) - len(last.lstrip()) >= indent

    # -- mappings and lists ------------------------------------------------------------------------------------------
    def entries(self, value: ValueNode, indent: int, role: Role, first: str | None = None) -> None:
        """Print the entries of a mapping or list, one below the other.

        Args:
            value: the mapping or list.
            indent: columns before each entry.
            role: role of the mapping or list.
            first: start of the first line instead of spaces: the dash of an enclosing list.
        """
        spaced = False
        for number, entry in enumerate(value.entries):
            key = entry.key.text if entry.key is not None else None
            wants_blank = (role == "document") and (key in SPACED or spaced)
            self._above(entry, indent, wants_blank, is_first=number == 0)
            self.entry(entry, indent, role, first if number == 0 else None)
            spaced = key in SPACED
        self.comments(value.tail, indent)

    def _above(self, entry: Entry, indent: int, wants_blank: bool, *, is_first: bool) -> None:
        after_blank = entry.above[0].after_blank if entry.above else entry.after_blank
        if not is_first and (wants_blank or after_blank):
            self.blank()
        for number, comment in enumerate(entry.above):
            if number and comment.after_blank:
                self.blank()
            self.lines.append(Line(" " * indent + comment.text))
        if entry.above and entry.after_blank:
            self.blank()

    def entry(self, entry: Entry, indent: int, role: Role, start: str | None = None) -> None:
        """Print one entry of a mapping or list with a role; ``start`` is the start of its first line."""
        head = " " * indent if start is None else start
        key = None
        if entry.key is None:
            head += "-"
        else:
            key = entry.key.text
            head += scalar_text(entry.key, flow=False, key=True) + ":"
        self.value(head, entry.content, indent, role_within(role, key), entry.behind)

    def value(self, head: str, value: ValueNode, indent: int, role: Role, behind: Comment | None) -> None:
        """Print a value after its key or dash."""
        if value.kind in ("scalar", "alias"):
            self._scalar(head, value, indent, behind)
            return
        if not value.has_comments and (value.flow or not value.entries or can_join(value, role)):
            line = f"{head} {flow_text(value)}" if value.least <= WIDTH else ""
            if line and len(line) <= WIDTH:
                self.lines.append(Line(line, behind))
                return
            if value.flow and value.entries and is_wrapped(role):
                self._wrapped(head, value, behind)
                return
        if not value.entries:
            self.lines.append(Line(f"{head} {'{}' if value.kind == 'map' else '[]'}", behind))
            self.comments(value.tail, indent + INDENT)
            return
        if value.flow:
            _forget_columns(value, behind)
        inner = indent + INDENT if head else 0
        if head.endswith("-") and not value.anchor and behind is None and not value.entries[0].above:
            self.entries(value, inner, role, head + " ")
            return
        self.lines.append(Line(f"{head} &{value.anchor}" if value.anchor else head, behind))
        self.entries(value, inner, role)

    # -- scalars -----------------------------------------------------------------------------------------------------
    def _scalar(self, head: str, value: ValueNode, indent: int, behind: Comment | None) -> None:
        text = value.text
        anchor = f" &{value.anchor}" if value.anchor else ""
        if value.style in ("|", ">") or (value.kind == "scalar" and len(head) + len(anchor) + len(text) > WIDTH - 3):
            block = block_scalar(value, len(head) + len(anchor), indent + INDENT)
            if block is not None:
                self.lines.append(Line(f"{head}{anchor} {block[0]}", behind))
                self.lines += [Line(" " * (indent + INDENT) + line if line else "") for line in block[1:]]
                return
        self.lines.append(Line(f"{head} {scalar_text(value, flow=False)}".rstrip(), behind))

    # -- brackets ----------------------------------------------------------------------------------------------------
    def _wrapped(self, head: str, value: ValueNode, behind: Comment | None) -> None:
        """Print a mapping or list in brackets over several lines, aligned at the bracket."""
        lines = [f"{head} "]
        _wrap(lines, value, "")
        self.lines += [Line(line) for line in lines[:-1]]
        self.lines.append(Line(lines[-1], behind))


def _forget_columns(value: ValueNode, behind: Comment | None) -> None:
    """Reset the columns of comments in a value that had brackets, so that they are aligned close to the code."""
    if behind is not None:
        behind.column = -1
    for entry in value.entries:
        if entry.behind is not None:
            entry.behind.column = 0


def _wrap(lines: list[str], value: ValueNode, closing: str) -> None:
    """Append a bracketed value to the last line, broken where necessary, followed by ``closing``."""
    brackets = "{}" if value.kind == "map" else "[]"
    lines[-1] += (f"&{value.anchor} " if value.anchor else "") + brackets[0]
    column = len(lines[-1])
    for number, entry in enumerate(value.entries):
        is_last = number == len(value.entries) - 1
        after = brackets[1] + closing if is_last else ","
        content = entry.content
        text = flow_entry(entry) if content.least <= WIDTH else " " * WIDTH
        space = " " if number else ""
        if len(lines[-1]) + len(space) + len(text) + len(after) <= WIDTH:
            lines[-1] += space + text + after
            continue
        if number:
            lines.append(" " * column)
        if content.kind in ("scalar", "alias") and content.least > WIDTH:
            text = flow_entry(entry)
        if content.kind in ("scalar", "alias") or not content.entries or column + len(text) + len(after) <= WIDTH:
            lines[-1] += text + after
            continue
        key = entry.key
        lines[-1] += f"{scalar_text(key, flow=True, key=True)}: " if key is not None else ""
        _wrap(lines, content, after)
