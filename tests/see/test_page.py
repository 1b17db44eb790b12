"""docs/seeing.md: its commands are valid, its figures exist, and the weight files that it lists can be loaded."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

import netspec
from netspec.cli.main import parser
from netspec_see.layer_lookup import find_layer
from tests.vision import torchvision

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "seeing.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^(?:\$ )?netspec (see .*)$", PAGE.replace("\\\n", ""), re.MULTILINE)
FIGURES = re.findall(r"\]\((images/seeing/[\w.-]+)\)", PAGE)
FILES = re.findall(r"^\| (`[^|]*\.pth`) \| ([^|]*) \|", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_command(command: str) -> None:
    args = parser("see").parse_args(shlex.split(command))
    graph = netspec.load(args.spec)
    given: dict[str, Any] = vars(args)
    names: list[str] = [*(given.get("layers") or []), *([given["layer"]] if given.get("layer") else [])]
    for name in names:
        find_layer(graph, name)


def test_every_figure_is_made_by_a_command() -> None:
    created = set(re.findall(r"(?:-o|--plot) ([\w-]+\.(?:png|svg))", PAGE))
    assert {Path(f).name for f in FIGURES} <= created
    assert len(FIGURES) > 10
    for figure in FIGURES:
        if figure.endswith(".png"):
            with Image.open(DOCS / figure) as image:
                assert image.width < 1200
        assert (DOCS / figure).stat().st_size < 250_000
    assert {p.name for p in (DOCS / "images" / "seeing").iterdir()} == {Path(f).name for f in FIGURES}


def test_the_commands_run_with_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums of floating-point numbers depend on how threads divide them, so the figures would differ between machines."""
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    (tmp_path / "threads.py").write_text("import torch; print(torch.get_num_threads())", encoding="utf-8")
    make_seeing = runpy.run_path(str(DOCS / "make_seeing.py"))
    assert make_seeing["run"]("python threads.py", tmp_path) == "1\n"


@pytest.mark.parametrize(("files", "specs"), FILES)
def test_published_files(files: str, specs: str) -> None:
    """The state dict that torchvision publishes under that file name has the names and shapes of the network."""
    models = torchvision().models
    names, references = (re.findall(r"`([^`]+)`", text) for text in (files, specs))
    for file, reference in zip(names, references, strict=True):
        model = file.rpartition("-")[0]
        urls = [w.url for w in models.get_model_weights(model)]
        assert any(url.endswith(f"/{file}") for url in urls)
        with torch.device("meta"):
            state = getattr(models, model)().state_dict()
        requested = {p.name: p.shape for p in netspec.load(reference).parameters if p.persistent}
        assert {name: tuple(t.shape) for name, t in state.items()} == requested


def test_normalisation_is_that_of_the_files() -> None:
    models = torchvision().models
    for model in ("vgg16", "resnet50", "squeezenet1_0"):
        transforms = models.get_model_weights(model)["IMAGENET1K_V1"].transforms()
        mean, std = (",".join(f"{n:g}" for n in numbers) for numbers in (transforms.mean, transforms.std))
        assert f"--mean {mean} --std {std}" in PAGE


def test_in_order() -> None:
    with torch.device("meta"):
        state = torchvision().models.vgg16().state_dict()
    assert [tuple(t.shape) for t in state.values()] == [p.shape for p in netspec.load("vgg16").parameters]
