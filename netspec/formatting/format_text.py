"""Formats a spec's text in the style of the zoo."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import yaml

from ..diagnostics import LocatedError, pack
from ..text.document_tree import QUOTED, Comment, Entry, ValueNode
from ..text.yaml_reader import is_type, parse_scalar, read
from .parse import parse
from .spec_parts import Role, arranged, role_within
from .spec_printer import document_text

REPORT_IT = "this is a fault of netspec: please report it with the file, which stays as it is"
_SEPARATOR = re.compile("[\r\x85\u2028\u2029]")
"""Characters that end a line in YAML but not in editors."""


PASSES = 4
"""Maximum number of passes over a formatted text until nothing changes."""


def format_text(text: str) -> str:
    """Formats a text in the style of the zoo: the same values in the same order, except for the keys of layers.

    Comments and blank lines stay. The line ends stay CR LF if the first line has them.

    Raises:
        LocatedError: the text is not YAML, uses what netspec excludes from it, or exceeds a limit; NS112, it has a
            character that ends a line only in YAML; NS113, the result has another content.
    """
    windows = text[: text.find("\n") + 1].endswith("\r\n")
    text = text.replace("\r\n", "\n")
    _check_separators(text)
    if read(text) is None:
        raise LocatedError("NS110", "the file is empty")
    root, comments = parse(text)
    formatted = text
    for _ in range(1 + PASSES):  # a moved comment may make room for a shorter form
        assert root is not None
        before, (formatted, root, comments) = formatted, _arranged(root, comments)
        if formatted == before:
            break
    return formatted.replace("\n", "\r\n") if windows else formatted


def quote_beyond_ascii(text: str) -> str:
    """Returns the document with quotes around each scalar that is not ASCII, so that its characters can be escaped.

    Raises:
        yaml.YAMLError: the text is not YAML.
    """
    root, _ = parse(text)
    assert root is not None
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if node.kind == "scalar" and not node.text.isascii():
            node.style = QUOTED
        nodes += [part for entry in node.entries for part in (entry.key, entry.value) if part is not None]
    return document_text(root)


def _arranged(root: ValueNode, comments: Iterable[Comment]) -> tuple[str, ValueNode, list[Comment]]:
    """Formats a document and parses the result. Raises LocatedError NS113 if their contents differ."""
    formatted = document_text(root)
    try:
        again, comments_again = parse(formatted)
    except yaml.YAMLError:
        again, comments_again = None, list[Comment]()
    if again is None or not _same(root, again, "document") or _texts(comments) != _texts(comments_again):
        message = "formatting this file would change what it says, or lose a comment"
        raise LocatedError("NS113", message, help=REPORT_IT)
    return formatted, again, comments_again


def _check_separators(text: str) -> None:
    match = _SEPARATOR.search(text)
    if match is None:
        return
    line = text.count("\n", 0, match.start())
    column = match.start() - (text.rfind("\n", 0, match.start()) + 1)
    message = f"the character U+{ord(match[0]):04X} ends a line for YAML, but not in an editor"
    help = "a line feed in its place; within quotes, an escape"
    raise LocatedError("NS112", message, pack(0, line, column), help=help)


def _texts(comments: Iterable[Comment]) -> Counter[str]:
    return Counter(comment.text for comment in comments)


def _same(a: ValueNode, b: ValueNode, role: Role) -> bool:
    """Whether two documents have equal keys, values, anchors and aliases, after sorting the keys of layers."""
    if (a.kind, a.anchor, len(a.entries)) != (b.kind, b.anchor, len(b.entries)):
        return False
    if a.kind in ("scalar", "alias"):
        return a.text == b.text and (a.kind == "alias" or _resolved(a) == _resolved(b))
    return all(_same_entry(x, y, role) for x, y in zip(*(arranged(v, role) for v in (a, b)), strict=True))


def _same_entry(a: Entry, b: Entry, role: Role) -> bool:
    if a.key is None or b.key is None:
        return a.key is b.key and _same(a.content, b.content, role_within(role, None))
    same_key = (a.key.kind, a.key.text, a.key.anchor) == (b.key.kind, b.key.text, b.key.anchor)
    is_merge = (a.key.text == "<<" and a.key.style == "") == (b.key.text == "<<" and b.key.style == "")
    return same_key and is_merge and _same(a.content, b.content, role_within(role, a.key.text))


def _resolved(value: ValueNode) -> tuple[str, bool]:
    """Returns the value of a scalar, as text, and whether it depends on quotes."""
    if value.style:
        return repr(value.text), is_type(value.text)
    return repr(parse_scalar(value.text)), False
