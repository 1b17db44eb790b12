"""Layers along an axis (``over``), and copies that positions choose (``route``)."""

from __future__ import annotations

from .code import Code

_EXPERTS = "inputs: {x: [16, 8], index: {shape: [16, 2], dtype: int64}}\n"
_EXPERT = "blocks: {Expert: {layers: {up: {dense: 32, activation: relu}, down: {dense: 8}}}}\n"
_CHOSEN = "layers:\n  experts: {Expert, from: x, repeat: 4, route: index}\n"
_VIDEO = "input: {shape: [5, 16, 8], axes: [frames, sequence, channels]}\n"
_STEP = (
    "blocks:\n  Step:\n    inputs: [x, h]\n    layers:\n      sum: {add: [x, h]}\n      t: tanh\n"
    "    outputs: {h: t, y: t}\n"
)
_LOOP = "layers:\n  loop: {Step, over: frames, carry: {h: [16, 8]}}\noutputs: {h: loop.h, y: loop.y}\n"

CODES: dict[str, Code] = {
    "NS326": Code(
        "keys that do not go together",
        "'carry' stands beside 'over', and 'route' beside 'repeat'; 'stacked' is for copies of one 'repeat' with "
        "the same weights. Layers with a state and copies that are chosen are blocks.",
        f"{_EXPERTS}{_EXPERT}layers:\n  experts: {{Expert, from: x, route: index}}\n",
        f"{_EXPERTS}{_EXPERT}{_CHOSEN}",
    ),
    "NS327": Code(
        "a tensor from outside that has the axis",
        "A layer that runs along an axis sees its inputs at one position. A tensor that it reads from the surrounding "
        "scope would still have the axis: name it in 'from'. A copy that positions choose cannot read the surrounding "
        "scope.",
        f"{_VIDEO}layers:\n  a: tanh\n  b: {{multiply: a, over: frames, from: input}}\n",
        f"{_VIDEO}layers:\n  a: tanh\n  b: {{multiply, over: frames, from: [input, a]}}\n",
    ),
    "NS328": Code(
        "a state without its input or output",
        "'carry' names inputs of a block. Each is, at the next position, the output of the same name.",
        f"{_VIDEO}{_STEP}{_LOOP.replace('carry: {h', 'carry: {state')}",
        f"{_VIDEO}{_STEP}{_LOOP}",
    ),
    "NS557": Code(
        "an invalid choice of copies",
        "'route' names a layer of integers with the numbers of the copies for each position, and optionally one with "
        "the share of each: both have the axes of the positions, with the choices in place of the channels. All "
        "copies output equally many channels.",
        f"{_EXPERTS.replace(', dtype: int64', '')}{_EXPERT}{_CHOSEN}",
        f"{_EXPERTS}{_EXPERT}{_CHOSEN}",
    ),
    "NS558": Code(
        "a choice among a different number of copies",
        "`top_k` chooses among the positions of an axis; there must be as many copies.",
        f"input: [16, 8]\n{_EXPERT}layers:\n  gate: {{dense: 5}}\n  top: {{top_k: 2}}\n"
        "  experts: {Expert, from: input, repeat: 4, route: top.index}\n",
        f"input: [16, 8]\n{_EXPERT}layers:\n  gate: {{dense: 4}}\n  top: {{top_k: 2}}\n"
        "  experts: {Expert, from: input, repeat: 4, route: top.index}\n",
    ),
    "NS559": Code(
        "a copy that does not work token by token",
        "Any tokens, and any number of them, may choose a copy: its input is (tokens, channels), and it must process "
        "each token by itself.",
        f"{_EXPERTS}blocks: {{Expert: {{layers: {{up: {{dense: 8}}, mean: {{softmax: 0}}}}}}}}\n{_CHOSEN}",
        f"{_EXPERTS}{_EXPERT}{_CHOSEN}",
    ),
    "NS594": Code(
        "an input without the axis",
        "'over' names an axis of the first input. The layout names the axes, or 'axes' of an input does.",
        "input: [16, 8]\nlayers: [{dense: 4, over: frames}]\n",
        f"{_VIDEO}layers: [{{dense: 4, over: frames}}]\n",
    ),
    "NS595": Code(
        "inputs of different lengths",
        "Inputs that have the axis of 'over' are read together, position by position.",
        "inputs: {a: [4, 8], b: [5, 8]}\nlayers:\n  sum: {add, over: sequence, from: [a, b]}\n",
        "inputs: {a: [5, 8], b: [5, 8]}\nlayers:\n  sum: {add, over: sequence, from: [a, b]}\n",
    ),
    "NS596": Code(
        "a state that changes its type",
        "The carried output is an input at the next position, so its shape and its type of elements must be those of "
        "the input.",
        f"{_VIDEO}{_STEP}{_LOOP.replace('[16, 8]', '[8]')}",
        f"{_VIDEO}{_STEP}{_LOOP}",
    ),
    "NS597": Code(
        "an input with only that axis",
        "Every input of the layer must have another axis besides that of 'over'.",
        "input: [8]\nlayers: [{relu, over: channels}]\n",
        "input: [8]\nlayers: [{unsqueeze: 1}, {relu, over: channels}]\n",
    ),
}
