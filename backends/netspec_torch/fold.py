"""Lines as ruff's formatter leaves them: split at brackets where too long, a trailing comma where one per line."""

from __future__ import annotations

import re
from itertools import pairwise

WIDTH = 88
"""Characters in a line: ruff's default, so that a file passes ``ruff format --check`` where nothing is configured."""

_TOKEN = re.compile(r"""[rbuf]?"(?:\\.|[^"\\])*"|[rbuf]?'(?:\\.|[^'\\])*'|[\[({]|[\])}]|,|.""", re.S)
_OPERATOR = re.compile(r"[-+*/@] ")
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
    if inside:
        parts = _parts(text)
        if len(parts) == 1:
            return _spread(text, indent, after)
        out = [line for part in parts[:-1] for line in fold(part, indent, inside=True)]
        return [*out, *fold(parts[-1], indent, after, inside=True)]
    start, value = _assigned(text)
    if not start or not (_groups(value) or len(_parts(value)) > 1):
        return _spread(text, indent, after)
    if not _needs_brackets(value):
        lines = _spread(text, indent, after)
        if len(lines[0]) <= WIDTH:
            return lines
    return [f"{pad}{start}(", *fold(value, indent + 4, inside=True), f"{pad}){after}"]


def _spread(text: str, indent: int, after: str) -> list[str]:
    """A text whose outermost brackets are opened, from the left, where what follows up to the next would not fit."""
    pad = " " * indent
    groups = _groups(text)[: 1 if text.startswith("def ") else None]
    out: list[str] = []
    line, done = pad, 0
    for i, (start, end) in enumerate(groups):
        stop = groups[i + 1][0] if i + 1 < len(groups) else len(text)
        rest = "" if i + 1 < len(groups) else after
        body = text[start:end].strip()
        if not _magic(text[start - 1 : end + 1]) and len(line) + stop - done + len(rest) <= WIDTH:
            line += text[done:stop]
        else:
            head = text[done:start]
            out += [f"{line}{head}", *_filled(body, indent + 4, f"{line}{head}")]
            line = pad + text[end:stop]
        done = stop
    return [*out, f"{line}{text[done:]}{after}"]


def _filled(body: str, indent: int, head: str) -> list[str]:
    """What stands between brackets that are opened, of which the first ends the head."""
    entries = [e for e in _split(body, ",") if e]
    collection = head[-1] != "(" or not re.search(r"[\w\])]$", head[:-1])
    single = len(entries) == 1
    magic = body.endswith(",") and not (collection and head[-1] == "(" and single)
    one_line = " " * indent + body
    looped = _comprehension(entries[0]) if single and not magic else []
    if looped and len(one_line) > WIDTH:
        return [line for part in looped for line in fold(part, indent, inside=True)]
    if not magic and (not collection or single) and not _magic(body) and len(one_line) <= WIDTH:
        return [one_line]
    if single and not magic:
        return fold(entries[0], indent, "," if body.endswith(",") else "", inside=True)  # which makes it a tuple
    return [line for entry in entries for line in fold(entry, indent, ",", inside=True)]


def _needs_brackets(value: str) -> bool:
    """Whether a value that is too long goes into brackets of its own, rather than one of those that it has be opened:
    it does where it is joined in several places, or ends in nothing that could be opened.
    """
    parts = _parts(value)
    if not _groups(value) or len(parts) != 2:
        return len(parts) > 1
    called = re.search(r"[\w\])]\(.*\)$", parts[1], re.S)
    return _OPERATOR.match(parts[1]) is not None and not called and _groups(parts[0])[:1] != [(1, len(parts[0]) - 1)]


def _parts(text: str) -> list[str]:
    """The pieces of an expression before which a line may begin: from the operators that bind least, or else from the
    links of a chain of calls, where there are two or more.
    """
    depth = at = 0
    before = " "
    marks: dict[str, list[int]] = {"+-": [], "*/@": [], ".": []}
    for token in tokens(text):
        depth += (token in OPEN) - (token in CLOSE)
        for signs, found in marks.items():
            begins = before in CLOSE if token == "." else text[at - 1 : at + 2] == f" {token} "
            if depth == 0 and token in signs and begins:
                found.append(at)
        before = token
        at += len(token)
    for signs, found in marks.items():
        if len(found) > (signs == "."):
            edges = [0, *found, len(text)]
            return [text[i:j].strip() for i, j in pairwise(edges)]
    return [text]


def _groups(text: str) -> list[tuple[int, int]]:
    """Where the outermost brackets that hold anything begin and end: after the first, and at the second."""
    depth = at = opened = 0
    out: list[tuple[int, int]] = []
    for token in tokens(text):
        if token in OPEN:
            if depth == 0:
                opened = at + 1
            depth += 1
        elif token in CLOSE:
            depth -= 1
            if depth == 0 and text[opened:at].strip():
                out.append((opened, at))
        at += len(token)
    return out


def _assigned(text: str) -> tuple[str, str]:
    """``return `` or what a value is assigned to, with the sign, and the value; nothing for other statements."""
    depth = at = 0
    if text.startswith("return "):
        return "return ", text.removeprefix("return ")
    for token in tokens(text):
        depth += (token in OPEN) - (token in CLOSE)
        if depth == 0 and token == "=" and text[at - 1] != "=" and text[at + 1 : at + 2] == " ":
            return text[: at + 2], text[at + 2 :]
        at += len(token)
    return "", text


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
