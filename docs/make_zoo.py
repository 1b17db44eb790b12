"""Write ``docs/zoo.md`` and its pictures: ``python docs/make_zoo.py`` (``--text``: the page alone).

Every family of the zoo with its variants: parameters, MACs, receptive field, where its figures come from, a picture.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from netspec import zoo
from netspec.analysis import analyze
from netspec.checking.expectations import checked
from netspec.checking.load import Loaded, Spec
from netspec.diagnostics import clean
from netspec.report.table_columns import field_text

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # for the tables of published figures, which the tests hold the zoo against

from zoo_figures import lines as published_figures  # noqa: E402 # beside this file, and in need of the line above

PICTURES = ROOT / "docs" / "images" / "zoo"
SHOWN: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("resnet@resnet50", "resnet50.svg", {"depth": 2}),
    ("lenet5", "lenet5_volumes.svg", {"style": "volumes"}),
    ("alexnet_2012", "alexnet_2012_volumes.svg", {"style": "volumes"}),
    ("vgg16", "vgg16_volumes.svg", {"style": "volumes"}),
    ("unet", "unet_volumes.svg", {"style": "volumes"}),
)
"""Pictures of the README and of docs/drawings.md."""
HEAD = """# The zoo

Networks that come with netspec: `netspec check NAME`, `netspec check NAME@VARIANT`, `netspec zoo show NAME`. Each is
one readable file in [`specs/`](../specs), and every figure in its `expect` is checked by the tests. MACs are for one
example of the size that the spec has; the receptive field is the first output's ("all": it sees the whole input).

Below each table stands what is published of the network, by its authors, in reference code or by other libraries, as
it is printed there; the tests hold our figures against each of these, and where one differs, it says why.

This page is written by `python docs/make_zoo.py`.
"""


def row(loaded: Loaded) -> str:
    """The line of a variant."""
    assert loaded.graph is not None
    analysis = analyze(loaded.graph)
    wrong = [d.message for d in checked(loaded, analysis) if d.severity == "error"]
    if wrong:
        raise SystemExit(f"{loaded.spec}@{loaded.variant}: {wrong[0]}")
    first = next(iter(loaded.graph.outputs.values()))
    field = field_text(analysis.receptive_fields.of(first))
    shape = "×".join(map(str, next(iter(analysis.graph.input_types.values())).shape))
    name = f"`{loaded.variant}`" if loaded.variant else "default"
    return f"| {name} | {shape} | {analysis.params:,} | {analysis.macs:,} | {field} |"


def family(name: str) -> str:
    """The section of a family."""
    path = zoo.path(name)
    assert path is not None
    spec = Spec(str(path))
    assert spec.document is not None
    doc = spec.document
    lines = [f"## {name}", ""]
    if doc.doc:
        lines += [markdown(doc.doc), ""]
    lines += [f"[`specs/{name}.yaml`](../specs/{name}.yaml). Source: {markdown(doc.cite or 'netspec')}.", ""]
    if (PICTURES / f"{name}.svg").exists():
        lines += [f'<img src="images/zoo/{name}.svg" alt="{name}" height="220">', ""]
    lines += ["| variant | input | parameters | MACs | receptive field |", "|---|---|---:|---:|---|"]
    lines += [row(loaded) for loaded in spec.graphs("all")]
    held = published_figures(name)
    if held:
        lines += ["", "Published figures:", "", *map(markdown, held)]
    return "\n".join(lines) + "\n"


def markdown(text: str) -> str:
    """A user's text on one line, without markup."""
    return clean(" ".join(text.split())).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def page() -> str:
    """The whole page."""
    names = zoo.names()
    contents = ", ".join(f"[{n}](#{n})" for n in names)
    return "\n".join([HEAD, contents, "", *(family(n) for n in names)])


def pictures() -> None:
    """A small picture of every family: its blocks closed."""
    import netspec

    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in zoo.names():
        path = zoo.path(name)
        assert path is not None
        spec = Spec(str(path))
        graph = spec.graph(spec.variants[0] if spec.variants else None).graph
        assert graph is not None
        depth = 1 if len(graph.nodes) < 60 else 0
        netspec.draw(graph, depth=depth, direction="right", legend=False).save(PICTURES / f"{name}.svg")
    for spec_name, file, options in SHOWN:
        netspec.draw(netspec.load(spec_name), **options).save(PICTURES.parent / file)


if __name__ == "__main__":
    if "--text" not in sys.argv:
        pictures()
    (ROOT / "docs" / "zoo.md").write_text(page(), encoding="utf-8")
