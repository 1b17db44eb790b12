"""Pages of ``docs/course`` and ``docs/howto`` as notebooks: text, cells that write files, cells that run commands.

The outputs are those on the page, which a test compares with what the commands print.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat import v4

BLOCK = re.compile(r"(?ms)(?:^`(?P<path>[\w./-]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<content>.*?)^```\n?")
IMAGE = re.compile(r'<img src="images/([^"]+)" alt="([^"]*)"[^>]*>')


def notebook(page: str, name: str) -> str:
    """A page as the JSON text of a notebook.

    Args:
        page: the text of the page.
        name: its name, from which the identifiers of the cells are made.
    """
    cells = list(_cells(page))
    for number, cell in enumerate(cells):
        cell["id"] = f"{name}-{number}"[-64:]
    out = v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )
    nbformat.validate(out)
    return str(nbformat.writes(out))


def _cells(page: str) -> Iterator[Any]:
    """The cells of a page, in order; pictures are shown from the files that the commands have written."""
    end = 0
    yield v4.new_code_cell("!mkdir -p images")
    for match in BLOCK.finditer(page):
        yield from _text(page[end : match.start()])
        end = match.end()
        path, kind, content = match["path"], match["kind"], match["content"].rstrip("\n")
        if path is not None:
            yield v4.new_code_cell(f"%%writefile {path}\n{content}")
        elif kind == "console":
            for part in re.split(r"(?m)^\$ ", content)[1:]:
                command, _, printed = part.partition("\n")
                outputs = [v4.new_output("stream", name="stdout", text=printed)] if printed else []
                yield v4.new_code_cell(f"!{_escaped(command)}", outputs=outputs)
        elif kind == "sh":
            yield v4.new_code_cell("\n".join(f"!{_escaped(line)}" for line in content.split("\n")))
        else:
            yield v4.new_markdown_cell(match[0])
    yield from _text(page[end:])


def _escaped(command: str) -> str:
    """A command after ``!``, where IPython replaces names in braces, and after ``$`` outside of single quotes."""
    parts = command.replace("{", "{{").replace("}", "}}").split("'")
    return "'".join(part if quoted % 2 else part.replace("$", "$$") for quoted, part in enumerate(parts))


def _text(text: str) -> Iterator[Any]:
    """A passage of text; its pictures are those that the cells before have written."""
    text = IMAGE.sub(lambda m: f"![{m[2]}](images/{m[1]})", text).strip()
    if text:
        yield v4.new_markdown_cell(text)
