"""Networks with layers along an axis, in loops, and with copies that positions choose."""

from __future__ import annotations

EXPERT = """
  Expert:
    params: {hidden: int}
    layers:
      gate: {dense: $hidden, activation: silu}
      up: {dense: $hidden, from: input}
      product: {multiply: gate}
      down: {dense: 8}
"""
STEP = """
  Step:
    inputs: [x, h]
    layers:
      new: {dense: 5, from: x}
      old: {dense: 5, from: h}
      sum: {add: [new, old]}
      y: tanh
    outputs: {y: y, h: y}
"""
VIDEO = "input: {shape: [3, 4, 8], axes: [frames, sequence, channels]}"
TOKENS = "inputs: {x: [6, 8], index: {shape: [6, 2], dtype: int64}, shares: [6, 2]}"

HALF = """
  Half:
    layers:
      norm: {layer_norm, axis: -1}
      fc: {dense: 8, activation: gelu}
      gain: {parameter: [8], init: ones}
      gated: {multiply: [fc, gain]}
      same: {dense: 8, share: fc}
      sum: {add: input}
"""

SPECS: dict[str, str] = {
    "rows": f"{VIDEO}\nlayers: {{rows: {{lstm: 5, over: frames}}}}",
    "both axes": f"{VIDEO}\nlayers: {{fc: {{dense: 5, over: [frames, sequence], activation: relu}}}}",
    "images": "input: {shape: [2, 3, 6, 6], axes: [frames, channels, height, width]}\n"
    "layers: {conv: {conv2d: 4, kernel: 3, padding: same, over: frames}, norm: {batch_norm, over: frames}}",
    "columns": "input: [3, 5, 4]\nlayers: {conv: {conv1d: 4, kernel: 3, padding: same, over: width}}",
    "channels last": "layout: channels_last\ninput: {shape: [2, 6, 6, 3], axes: [frames, height, width, channels]}\n"
    "layers: {conv: {conv2d: 4, kernel: 3, padding: same, over: frames}}",
    "block": f"{VIDEO}\nblocks: {{Two: {{layers: {{a: {{dense: 6}}, b: layer_norm, c: {{softmax: 0}}}}}}}}\n"
    "layers: {two: {Two, over: frames}}",
    "same everywhere": "inputs: {x: {shape: [3, 4, 8], axes: [frames, sequence, channels]}, y: [4, 8]}\n"
    "layers: {sum: {add, over: frames, from: [x, y]}}",
    "parameter": f"{VIDEO}\nblocks: {{Sum: {{inputs: [x, w], layers: {{s: {{add: [x, w]}}}}}}}}\n"
    "layers: {w: {parameter: [8]}, sum: {Sum, over: frames, from: [input, w]}}",
    "loop": f"{VIDEO}\nblocks:{STEP}layers: {{loop: {{Step, over: frames, carry: {{h: [4, 5]}}}}}}\n"
    "outputs: {y: loop.y, h: loop.h}",
    "loop with the state first": "input: [5, 7]\nblocks:\n"
    "  Sum: {inputs: [h, x], layers: {y: {add: [h, x]}}, outputs: {y: y, h: y}}\n"
    "layers: {loop: {Sum, over: features, from: {x: input}, carry: {h: [5]}}}\noutputs: {y: loop.y, h: loop.h}",
    "loop from a parameter": f"{VIDEO}\nblocks:{STEP}  Rows:\n    inputs: [x, start]\n"
    "    layers: {loop: {Step, over: sequence, from: x, carry: {h: start}}}\n    output: loop.h\n"
    "layers: {start: {parameter: [5]}, rows: {Rows, over: frames, from: [input, start]}}",
    "loop in a loop": f"{VIDEO}\nblocks:{STEP}"
    "  Outer:\n    inputs: [x, h]\n    layers:\n"
    "      inner: {Step, over: sequence, from: {x: x}, carry: {h: h}}\n"
    "    outputs: {y: inner.y, h: inner.h}\n"
    "layers: {loop: {Outer, over: frames, carry: {h: [5]}}}\noutputs: {y: loop.y, h: loop.h}",
    "experts": f"{TOKENS}\nblocks:{EXPERT}layers: {{e: {{Expert: 16, from: x, repeat: 4, route: [index, shares]}}}}",
    "without shares": f"{TOKENS}\nblocks:{EXPERT}layers:\n  e: {{Expert: 16, from: x, repeat: 4, route: index}}\n"
    "  s: {multiply: [shares, shares]}\noutputs: [e, s]",
    "different": f"{TOKENS}\nblocks:{EXPERT}layers:\n"
    "  e: {Expert: $(4 + 4 * index), from: x, repeat: 4, route: [index, shares]}",
    "stacked": f"{TOKENS}\nblocks:{EXPERT}layers:\n"
    "  e: {Expert: 16, from: x, repeat: 4, route: [index, shares], stacked: true}",
    "in place": f"{TOKENS}\nlayers:\n  e: {{layers: [{{dense: 12, activation: gelu}}, {{dense: 8}}], from: x, repeat: 4, "
    "route: [index, shares]}",
    "pixels": "inputs: {x: [8, 3, 2], index: {shape: [2, 3, 2], dtype: int32}, shares: [2, 3, 2]}\n"
    f"blocks:{EXPERT}layers: {{e: {{Expert: 16, from: x, repeat: 4, route: [index, shares]}}}}",
    "experts of frames": "inputs: {x: {shape: [3, 6, 8], axes: [frames, sequence, channels]}, "
    "index: {shape: [3, 6, 2], dtype: int64, axes: [frames, sequence, channels]}}\n"
    f"blocks:{EXPERT}  Both: {{inputs: [x, i], layers: {{e: {{Expert: 16, from: x, repeat: 4, route: i}}}}}}\n"
    "layers: {b: {Both, over: frames, from: [x, index]}}",
    "experts in a loop": "inputs: {x: {shape: [3, 6, 8], axes: [frames, sequence, channels]}, "
    "index: {shape: [3, 6, 2], dtype: int64, axes: [frames, sequence, channels]}}\n"
    f"blocks:{EXPERT}  Both: {{inputs: [x, i, h], layers: {{s: {{add: [x, h]}}, "
    "e: {Expert: 16, repeat: 4, route: i, stacked: true}}, outputs: {y: s, h: e}}\n"
    "layers: {b: {Both, over: frames, from: {x: x, i: index}, carry: {h: [6, 8]}}}\noutputs: [b.y, b.h]",
    "stacked chain": f"input: [6, 8]\nblocks:{HALF}layers: {{halves: {{Half, repeat: 3, stacked: true}}}}",
    "stacked side by side": f"input: [6, 8]\nblocks:{HALF}layers:\n"
    "  halves: {Half, repeat: 3, parallel: true, stacked: true}\n  sum: {add: halves.*}",
    "stacks in stacks": f"inputs: {{x: [6, 8], y: [6, 8]}}\nblocks:{HALF}"
    "  Both: {layers: {halves: {Half, repeat: 2, stacked: true}, fc: {dense: 8}}}\n"
    "layers: {both: {Both, from: x, repeat: 3, stacked: true}, two: {Both, map: [both, y]}, sum: {add: [two.*]}}",
    "stacked in an axis": "input: {shape: [5, 6, 8], axes: [frames, sequence, features]}\n"
    f"blocks:{HALF}  Halves: {{layers: {{halves: {{Half, repeat: 2, stacked: true}}}}}}\n"
    "layers: {rows: {Halves, over: frames}}",
    "stacked experts of stacks": f"{TOKENS}\nblocks:{HALF}"
    "  Expert: {layers: {halves: {Half, repeat: 2, stacked: true}}}\n"
    "layers: {e: {Expert, from: x, repeat: 4, route: [index, shares], stacked: true}}",
}
"""Specs by what they try, without the line of the version."""
NAMED = {
    name: text.replace("[3, 4, 8]", "[f, s, 8]").replace("[6, 8]", "[s, 8]").replace("[6, 2]", "[s, 2]")
    for name, text in SPECS.items()
    if name in ("rows", "both axes", "block", "experts", "stacked", "different", "without shares")
}
"""The same with named dimensions."""


def document(text: str, dims: str = "") -> str:
    """The text of a spec."""
    return f"netspec: 1\nname: net\n{dims}{text}\n"
