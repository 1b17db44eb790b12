"""``netspec new``: a starter spec, with a line that refers editors to the schema."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .output_files import write_text

SCHEMA = "netspec.schema.json"
STARTER = """\
netspec: 1
name: {name}
doc: A small convolutional network for images of 32 x 32 pixels.
params: {{classes: 10, width: 32}}
input: [3, 32, 32]               # channels, height, width; the batch axis is implied

blocks:
  Unit:                          # two convolutions, then half the resolution
    params: {{filters: int}}
    layers:
      conv1: {{conv2d: $filters, kernel: 3, padding: same, bias: false}}
      bn1: batch_norm
      relu1: relu
      conv2: {{conv2d: $filters, kernel: 3, padding: same, bias: false}}
      bn2: batch_norm
      relu2: relu
      pool: {{max_pool2d: 2}}

layers:
  unit1: {{Unit: $width}}
  unit2: {{Unit: $(2 * width)}}
  unit3: {{Unit: $(4 * width)}}
  pool: global_avg_pool
  classifier: {{dense: $classes, activation: softmax}}

expect:
  output: [10]
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("file", metavar="FILE.yaml", help="the spec to write; an existing file is not replaced")
    parser.add_argument("--from", dest="model", metavar="NAME", help="start from a network of the zoo")
    parser.add_argument("--no-schema", action="store_true", help=f"do not write {SCHEMA} next to it")


def run(args: argparse.Namespace) -> int:
    """Write the spec, and the schema next to it if there is none yet."""
    from ..diagnostics import clip
    from ..files import FileWriteError

    path = Path(args.file)
    if path.suffix not in (".yaml", ".yml"):
        raise FileWriteError(args.file, "a spec's name ends in .yaml", f"netspec new {clip(args.file)}.yaml")
    if os.path.lexists(path):
        raise FileWriteError(args.file, "there is a file of that name already", "another name, or remove it first")
    text = starter_spec(path.stem) if args.model is None else _copy_of(args.model)
    schema = path.parent / SCHEMA
    line = "" if args.no_schema else f"# yaml-language-server: $schema={SCHEMA}\n"
    write_text(args.file, line + text)
    print(f"wrote {args.file}")
    if not args.no_schema and not schema.exists():
        from ..schema import rendered

        write_text(str(schema), rendered())
        print(f"wrote {schema}, which editors complete and check it with")
    print(f"next: netspec check {args.file}")
    return 0


def starter_spec(name: str) -> str:
    """Returns the text of a first spec."""
    from ..text.writer import flow_style
    from ..text.yaml_reader import Name

    return STARTER.format(name=flow_style(Name(name)))


def _copy_of(model: str) -> str:
    """Returns the text of a network of the zoo, without its schema line."""
    from ..checking.spec_names import find_network

    lines = find_network(model).read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("# yaml-language-server:"))
