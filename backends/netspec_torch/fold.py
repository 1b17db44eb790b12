"""Lines as ruff's formatter leaves them: split at brackets where too long, a trailing comma where one per line."""

from __future__ import annotations

import re

WIDTH = 88
"""Characters in a line: ruff's default, so that a file passes ``ruff format --check`` where nothing is configured."""

_TOKEN = re.compile(r"""[rbuf]?"(?:\\.|[^"\\])*"|[rbuf]?'(?:\\.|[^'\\])*'|[\[({]|[\])}]|,|.""", re.S)
OPEN, CLOSE = "([{", ")]}"


def fold(text: str, indent: int = 0, after: str = "", comment: str = "", inside: bool = False) -> list[str]:
    """A statement or a part of one, without line breaks, as lines with an indent.

    Args:
        text: the statement; a comma before a closing bracket asks for one entry a line, as it does in ruff.
        indent: spaces before it.
        after: what follows on its last line.
        comment: put behind it where it fits on one line.
        inside: whether it stands in brackets, where a line may end anywhere.
    """
    pad = " " * indent
    if not _magic(text):
        line = f"{pad}{text}{after}"
        if comment and len(line) + len(comment) + 4 <= WIDTH:
            return [f"{line}  # {comment}"]
        if len(line) <= WIDTH:
            return [line]
    choice = _choice(text)
    if choice is not None and not inside:
        start, value, condition, other = choice
        whole = f"{pad}    {value} if {condition} else {other}"
        if len(whole) <= WIDTH and not _magic(text):
            return [f"{pad}{start}(", whole, f"{pad}){after}"]
        parts = [*fold(value, indent + 4, inside=True), f"{pad}    if {condition}", f"{pad}    else {other}"]
        return [f"{pad}{start}(", *parts, f"{pad}){after}"]
    split = _bracket(text)
    if split is None:
        return _operators(text, indent, after, inside)
    head, body, tail = split
    entries = [e for e in _split(body, ",") if e]
    inner = indent + 4
    out = [f"{pad}{head}"]
    collection = head[-1] != "(" or not re.search(r"[\w\])]$", head[:-1])
    magic = body.endswith(",") and not (collection and head[-1] == "(" and len(entries) == 1)
    one_line = " " * inner + body
    looped = len(entries) == 1 and not magic and _comprehension(entries[0])
    if looped and len(one_line) > WIDTH:
        for part in looped:
            out += fold(part, inner, inside=True)
    elif not magic and (not collection or len(entries) == 1) and not _magic(body) and len(one_line) <= WIDTH:
        out.append(one_line)
    elif not magic and len(entries) == 1:
        out += fold(entries[0], inner, inside=True)
    else:
        for entry in entries:
            out += fold(entry, inner, ",", inside=True)
    out.append(f"{pad}{tail}{after}")
    return out


def _choice(text: str) -> tuple[str, str, str, str] | None:
    """A statement ``start value if condition else other``, in these parts; None for any other."""
    match = re.match(r"(return |[\w.]+ = )", text)
    if match is None:
        return None
    depth = at = 0
    marks: list[int] = []
    for token in tokens(text):
        depth += (token in OPEN) - (token in CLOSE)
        if depth == 0 and (text.startswith(" if ", at) or text.startswith(" else ", at)):
            marks.append(at)
        at += len(token)
    if len(marks) != 2:
        return None
    return match[1], text[match.end() : marks[0]], text[marks[0] + 4 : marks[1]], text[marks[1] + 6 :]


def tokens(text: str) -> list[str]:
    """Strings, brackets, commas, and all other characters one by one."""
    return _TOKEN.findall(text)


def _magic(text: str) -> bool:
    """Whether a comma before a closing bracket asks for one entry a line; that of a tuple of one does not."""
    stack: list[tuple[bool, int]] = []
    before = ""
    for token in tokens(text):
        if token in OPEN:
            stack.append((token == "(" and not re.match(r"[\w\])]", before[-1:]), 0))
        elif token in CLOSE:
            tuple_like, commas = stack.pop()
            if before == "," and not (tuple_like and commas == 1):
                return True
        elif token == "," and stack:
            stack[-1] = (stack[-1][0], stack[-1][1] + 1)
        if not token.isspace():
            before = token
    return False


def _bracket(text: str) -> tuple[str, str, str] | None:
    """Text up to and with the last outermost opening bracket (the first of a ``def``), what it holds, and the rest."""
    depth = 0
    start = end = -1
    opened = at = 0
    for token in tokens(text):
        if token in OPEN:
            if depth == 0:
                opened = at + len(token)
            depth += 1
        elif token in CLOSE:
            depth -= 1
            if depth == 0 and text[opened:at].strip():
                start, end = opened, at
                if text.startswith("def "):
                    break
        at += len(token)
    if start < 0:
        return None
    return text[:start], text[start:end].strip(), text[end:]


def _split(text: str, sign: str) -> list[str]:
    """Parts between a sign that stands outside all brackets."""
    depth = 0
    out = [""]
    for token in tokens(text):
        depth += (token in OPEN) - (token in CLOSE)
        if token == sign and depth == 0:
            out.append("")
        else:
            out[-1] += token
    return [part.strip() for part in out]


def _comprehension(text: str) -> list[str]:
    """Element and clauses of a comprehension; empty for anything else."""
    depth = at = 0
    for token in tokens(text):
        depth += (token in OPEN) - (token in CLOSE)
        if depth == 0 and text.startswith(" for ", at):
            return [text[:at], text[at + 1 :]]
        at += len(token)
    return []


def _operators(text: str, indent: int, after: str, inside: bool) -> list[str]:
    """A line without brackets, split before its operators, within parentheses where there are none yet."""
    pad = " " * indent
    match = re.match(r"(return |\w+ = |)(.*)", text)
    assert match is not None
    parts = re.split(r" (?=[-+*/@] )", match[2])
    if len(parts) == 1 or not (inside or match[1]):
        return [f"{pad}{text}{after}"]
    if inside:
        return [*(pad + p for p in parts[:-1]), f"{pad}{parts[-1]}{after}"]
    return [f"{pad}{match[1]}(", *(f"{pad}    {p}" for p in parts), f"{pad}){after}"]
