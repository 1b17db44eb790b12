"""Write ``docs/zoo.md`` and its pictures: ``python docs/make_zoo.py`` (``--text``: only the page).

Every family of the zoo with its variants: parameters, MACs, receptive field, published figures and a picture.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from netspec import zoo
from netspec.analysis import analyze
from netspec.checking.expectations import check_expectations
from netspec.checking.spec import Spec, SpecResult
from netspec.diagnostics import clean
from netspec.report.table_columns import field_text

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))  # for zoo_figures

from zoo_figures import lines as published_figures  # noqa: E402 # beside this file, and in need of the line above

PICTURES = ROOT / "docs" / "images" / "zoo"
FURTHER_PICTURES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("resnet@resnet50", "resnet50.svg", {"depth": 2}),
    ("lenet5", "lenet5_volumes.svg", {"style": "volumes"}),
    ("alexnet_2012", "alexnet_2012_volumes.svg", {"style": "volumes"}),
    ("vgg16", "vgg16_volumes.svg", {"style": "volumes"}),
    ("unet", "unet_volumes.svg", {"style": "volumes"}),
)
"""Pictures of the README and of docs/drawings.md."""
HEAD = """# The zoo

Networks that come with netspec: `netspec check NAME`, `netspec check NAME@VARIANT`, `netspec zoo show NAME`. Each is
one readable file in [`specs/`](../specs), and the tests check every figure in its `expect`. MACs are for one example of
the input size in the spec; the receptive field is that of the first output ("all": the whole input).

Below each table are the figures that the authors, reference code or other libraries have published, as printed there.
The tests compare each of them with ours; a difference is explained.

`python docs/make_zoo.py` writes this page.
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
    lines += [row(loaded) for loaded in spec.elaborate_variants("all")]
    published = published_figures(name)
    if published:
        lines += ["", "Published figures:", "", *map(markdown, published)]
    return "\n".join(lines) + "\n"


def markdown(text: str) -> str:
    """A text of a spec on one line, with its markup escaped."""
    return clean(" ".join(text.split())).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def page() -> str:
    """The whole page."""
    names = zoo.names()
    contents = ", ".join(f"[{n}](#{n})" for n in names)
    return "\n".join([HEAD, contents, "", *(family(n) for n in names)])


def pictures() -> None:
    """Writes a small picture of every family, with closed blocks."""
    import netspec

    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in zoo.names():
        path = zoo.path(name)
        assert path is not None
        spec = Spec(str(path))
        graph = spec.elaborate(spec.variants[0] if spec.variants else None).graph
        assert graph is not None
        depth = 1 if len(graph.nodes) < 60 else 0
        netspec.draw(graph, depth=depth, direction="right", legend=False).save(PICTURES / f"{name}.svg")
    for spec_name, file, options in FURTHER_PICTURES:
        netspec.draw(netspec.load(spec_name), **options).save(PICTURES.parent / file)


if __name__ == "__main__":
    if "--text" not in sys.argv:
        pictures()
    (ROOT / "docs" / "zoo.md").write_text(page(), encoding="utf-8")
