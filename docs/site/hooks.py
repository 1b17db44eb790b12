"""Hooks of MkDocs: pages made from the code, links to files outside of ``docs/``, the zoo, the playground."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.append(str(HERE))  # for the modules beside this file

from bundle import write_vendor  # noqa: E402 - beside this file, which the line above makes known
from notebooks import notebook  # noqa: E402 - as above
from reference import command_line_page, diagnostics_page  # noqa: E402 - as above

import netspec  # noqa: E402 - after the standard library and what is beside this file
from netspec import zoo  # noqa: E402 - as above

OUTSIDE = {"../CONTRIBUTING.md": "contributing.md", "../README.md": "index.md", "../specs": "zoo.md"}
"""Links from ``docs/`` to what the site shows elsewhere; those to a spec lead to its text."""
NOTEBOOKS = ("course/", "howto/")
"""Folders whose pages are notebooks, too."""
EXPLORE = "<!-- pages to explore -->"
"""Where the gallery lists the interactive pages of the zoo."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that are made from the code, and for each network of the zoo its spec and a page to explore."""
    contributing = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    pages = {
        "contributing.md": re.sub(r"\]\(docs/", "](", contributing),
        "command-line.md": command_line_page(),
        "diagnostics.md": diagnostics_page(),
    }
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    for file in files.documentation_pages():
        if file.src_uri.startswith(NOTEBOOKS):
            name = file.src_uri.removesuffix(".md")
            text = notebook(file.content_string, name.replace("/", "-"))
            files.append(File.generated(config, f"{name}.ipynb", content=text))
    for name in zoo.names():
        path = zoo.path(name)
        assert path is not None
        where = f"specs/{path.relative_to(zoo.folder()).as_posix()}"
        files.append(File.generated(config, where, abs_src_path=str(path)))
        files.append(File.generated(config, f"explore/{name}.html", content=netspec.draw(name).page()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Leads links out of ``docs/`` to their place on the site."""
    for link, target in OUTSIDE.items():
        markdown = markdown.replace(f"]({link})", f"]({target})")
    markdown = re.sub(r"\]\(((?:\.\./)*)\.\./specs/", r"](\1specs/", markdown)
    if page.file.src_uri.startswith(NOTEBOOKS):
        link = page.file.src_uri.rpartition("/")[2].removesuffix(".md") + ".ipynb"
        markdown += f"\n---\n\n[This page as a notebook]({link})\n"
    links = (f"[{name}](explore/{name}.html)" for name in zoo.names())
    return markdown.replace(EXPLORE, " · ".join(links))


def on_post_build(config: MkDocsConfig) -> None:
    """Writes the files that the playground loads, unless ``extra.playground`` is false."""
    if config.extra["playground"]:
        write_vendor(Path(config.site_dir) / "playground" / "vendor")
