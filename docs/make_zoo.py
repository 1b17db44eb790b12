"""Write ``docs/zoo.md``, a page for each folder and the pictures: ``python docs/make_zoo.py`` (``--text``: pages
only; ``--check``: compare the pages; names of networks: pages and their pictures).

Every family of the zoo with its variants: parameters, MACs, receptive field, published figures and a picture.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from netspec import zoo
from netspec.analysis import analyze
from netspec.analysis.legal_sizes import legal_sizes
from netspec.checking.expectations import check_expectations
from netspec.checking.spec import Spec, SpecResult
from netspec.diagnostics import clean
from netspec.report.table_columns import field_text

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # for zoo_figures

from zoo_figures import lines as published_figures  # noqa: E402 # beside this file, and in need of the line above

PICTURES = ROOT / "docs" / "images" / "zoo"
FURTHER_PICTURES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("resnet@50", "resnet50.svg", {"depth": 2}),
    ("lenet5", "lenet5_volumes.svg", {"style": "volumes"}),
    ("alexnet_2012", "alexnet_2012_volumes.svg", {"style": "volumes"}),
    ("vgg16", "vgg16_volumes.svg", {"style": "volumes"}),
    ("unet", "unet_volumes.svg", {"style": "volumes"}),
)
"""Pictures of the README and of docs/drawings.md."""
HEAD = """# The zoo

Networks that come with netspec: `netspec check NAME`, `netspec check NAME@VARIANT`, `netspec zoo show NAME`. Each is
one readable file in [`specs/`](../specs), and the tests check every figure in its `expect`. MACs are for one example of
the input size in the table; the receptive field is that of the first output ("all": the whole input).

Most networks take other sizes, too: `netspec check NAME --at H=256 --at W=192`. Below their table are the sizes of each
dimension at which they work with the same weights, the others as in the table; `netspec sizes NAME` says why.

Below each table are the figures that the authors, reference code or other libraries have published, as printed there.
The tests compare each of them with ours; a difference is explained.

`python docs/make_zoo.py` writes this page.
"""
FIELD_HEAD = """# The zoo: {field}

Networks of the folder `specs/{field}/`. A name needs no folder: `netspec check {example}`.
[The zoo](../zoo.md) says what the tables mean.
"""


def row(loaded: SpecResult) -> str:
    """The table row of a variant."""
    assert loaded.graph is not None
    analysis = analyze(loaded.graph)
    errors = [d.message for d in check_expectations(loaded, analysis) if d.severity == "error"]
    if errors:
        raise SystemExit(f"{loaded.spec}@{loaded.variant}: {errors[0]}")
    first = next(iter(loaded.graph.outputs.values()))
    field = field_text(analysis.receptive_fields.of(first))
    shape = "×".join(map(str, next(iter(loaded.graph.at_default.input_types.values())).shape))
    name = f"`{loaded.variant}`" if loaded.variant else "default"
    return f"| {name} | {shape} | {analysis.params:,} | {analysis.macs:,} | {field} |"


def sizes(variants: list[SpecResult]) -> list[str]:
    """A line for the named dimensions of a family, with the legal sizes of each; none if all sizes are numbers."""
    takers: dict[str, list[str]] = {}
    for loaded in variants:
        assert loaded.graph is not None
        names: dict[str, list[str]] = {}
        for name, legal in legal_sizes(loaded.graph).items():
            names.setdefault(legal.text(), []).append(name)
        text = "; ".join(f"{', '.join(group)}: {legal}" for legal, group in names.items())
        takers.setdefault(text, []).append(f"`{loaded.variant}`")
    if "" in takers:
        return []
    if len(takers) == 1:
        return ["", f"Sizes it takes: {', '.join(takers)}."]
    return ["", "Sizes it takes: " + ". ".join(f"{', '.join(who)}: {text}" for text, who in takers.items()) + "."]


def family(name: str, up: str = "") -> str:
    """The section of a family; ``up`` leads from its page to ``docs/``."""
    path = zoo.path(name)
    assert path is not None
    where = f"specs/{path.relative_to(zoo.folder()).as_posix()}"
    spec = Spec(str(path))
    assert spec.document is not None
    doc = spec.document
    lines = [f"## {name}", ""]
    if doc.doc:
        lines += [markdown(doc.doc), ""]
    lines += [f"[`{where}`]({up}../{where}). Source: {markdown(doc.cite or 'netspec')}.", ""]
    if (PICTURES / f"{name}.svg").exists():
        lines += [f'<img src="{up}images/zoo/{name}.svg" alt="{name}">', ""]
    lines += ["| variant | input | parameters | MACs | receptive field |", "|---|---|---:|---:|---|"]
    variants = list(spec.elaborate_variants("all"))
    lines += [*map(row, variants), *sizes(variants)]
    published = published_figures(name)
    if published:
        lines += ["", "Published figures:", "", *map(markdown, published)]
    return "\n".join(lines) + "\n"


def markdown(text: str) -> str:
    """A text of a spec on one line, with its markup escaped."""
    return clean(" ".join(text.split())).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def page() -> str:
    """The page of the networks outside of the folders by field, which links to the pages of those."""
    names = zoo.names("")
    contents = ", ".join(f"[{n}](#{n})" for n in names)
    links = [f"By field: {', '.join(f'[{f}](zoo/{f}.md)' for f in zoo.fields())}.", ""] if zoo.fields() else []
    return "\n".join([HEAD, *links, contents, "", *(family(n) for n in names)])


def field_page(field: str) -> str:
    """The page of a folder."""
    names = zoo.names(field)
    contents = ", ".join(f"[{n}](#{n})" for n in names)
    head = FIELD_HEAD.format(field=field, example=names[0])
    return "\n".join([head, contents, "", *(family(n, "../") for n in names)])


def pages() -> dict[Path, str]:
    """All pages, by file."""
    docs = ROOT / "docs"
    return {docs / "zoo.md": page()} | {docs / "zoo" / f"{f}.md": field_page(f) for f in zoo.fields()}


def pictures(names: list[str]) -> None:
    """Writes a figure of page width of families; without names, of all, and the further pictures."""
    import netspec

    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in names or zoo.names():
        path = zoo.path(name)
        assert path is not None
        spec = Spec(str(path))
        graph = spec.elaborate(spec.variants[0] if spec.variants else None).graph
        assert graph is not None
        netspec.draw(graph, width="page").save(PICTURES / f"{name}.svg")
    for spec_name, file, options in () if names else FURTHER_PICTURES:
        netspec.draw(netspec.load(spec_name), **options).save(PICTURES.parent / file)


def outdated() -> list[Path]:
    """Pages that differ from what would be written."""
    return [f for f, text in pages().items() if not f.is_file() or f.read_text(encoding="utf-8") != text]


def main() -> int:
    """Writes the pages and pictures, or with ``--check`` lists outdated pages; returns the exit status."""
    if "--check" in sys.argv:
        files = outdated()
        for file in files:
            print(f"{file.relative_to(ROOT)} is outdated: python docs/make_zoo.py --text")
        return 1 if files else 0
    if "--text" not in sys.argv:
        pictures(sys.argv[1:])
    for file, text in pages().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
